package export

import (
	"context"
	"time"

	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const (
	// rest is how long a run that failed is left alone, unless the next one begins before.
	rest = time.Hour
	// look is how soon the objects of sealed runs are looked at again; twice as long each time that nothing has changed, up to
	// maxLook.
	look    = 2 * time.Second
	maxLook = 15 * time.Minute
	// again is how soon a round that failed is tried again.
	again = 30 * time.Second
	// Scheduled is who asks for a run when its time has come.
	Scheduled = "schedule"
)

// run exports the source until ctx ends.
func (f *feed) run(ctx context.Context) {
	for {
		wait := again
		err := f.lock.Hold(ctx, func(ctx context.Context) (err error) {
			wait, err = f.round(ctx)
			return err
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			f.Telemetry.Log().WarnContext(ctx, "export of a source cannot go on now, and tries again", "source", f.Name, "error", err.Error())
		}
		select {
		case <-time.After(wait):
		case <-f.wake:
		case <-ctx.Done():
			return
		}
	}
}

// round does what there is to do: first what was begun, then what is due, until nothing is left. It returns how long to wait
// for more.
func (f *feed) round(ctx context.Context) (wait time.Duration, err error) {
	tried := map[string]bool{}
	for {
		journals, err := f.journals(ctx, f.Name)
		if err != nil {
			return again, err
		}
		j, err := f.pick(ctx, journals, tried)
		if err != nil {
			return again, err
		}
		if j == nil {
			return f.settle(ctx, journals)
		}
		tried[j.Run], f.pause = true, look
		switch err := f.work(ctx, j); {
		case ctx.Err() != nil:
			return again, context.Cause(ctx)
		case err != nil:
			f.resting[j.Run] = time.Now().Add(rest)
			f.Telemetry.Log().ErrorContext(ctx, "a run is not complete, and is tried again later", "source", f.Name, "run", j.Run, "error", err.Error())
		default:
			delete(f.resting, j.Run)
		}
	}
}

// pick is the run to go on with: the oldest that is not over, then a new one if its time has come; nil for none.
func (f *feed) pick(ctx context.Context, journals []*Journal, tried map[string]bool) (*Journal, error) {
	marks, err := f.readMarks(ctx, f.Name, journals)
	if err != nil {
		return nil, err
	}
	f.show(marks)
	skips, err := f.skips(ctx, f.Name)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	tick := f.last(now)
	due := tick.After(marks.Tick)
	for _, j := range journals {
		if !j.Sealed && !tried[j.Run] && (due || !now.Before(f.resting[j.Run]) || j.decided(skips)) {
			return j, nil
		}
	}
	if !due {
		return nil, nil
	}
	j := &Journal{Run: run.NewID(), Source: f.Name, By: Scheduled, Created: now.UTC().Truncate(grain), Tick: tick}
	return j, f.begin(ctx, j)
}

// settle looks which sealed runs have ended everywhere, moves the watermark, and forgets those runs.
func (f *feed) settle(ctx context.Context, journals []*Journal) (wait time.Duration, err error) {
	marks, err := f.readMarks(ctx, f.Name, journals)
	if err != nil {
		return again, err
	}
	wait, comes := f.next(time.Now())
	if !comes {
		wait = rest
	}
	open := false
	watermark := marks.Exported
	var over []*Journal
	for _, j := range journals {
		ended := false
		if j.Sealed {
			if ended, err = f.ended(ctx, j); err != nil {
				return again, err
			}
		}
		switch {
		case ended:
			over = append(over, j)
			continue
		case j.Marks != nil:
			watermark = earliest(watermark, j.Base)
		}
		open = true
	}
	if open {
		wait = min(wait, f.pause)
	}
	wait = max(wait, time.Second)
	if len(over) == 0 {
		f.pause = min(2*f.pause, maxLook)
		f.show(marks)
		return wait, nil
	}
	f.pause = look
	marks.Watermark = latest(marks.Watermark, watermark)
	for _, j := range over {
		if err := f.note(ctx, j, nil, RunSettled); err != nil {
			return again, err
		}
	}
	if err := f.writeMarks(ctx, marks); err != nil {
		return again, err
	}
	for _, j := range over {
		if err := f.forget(ctx, f.Name, j.Run); err != nil {
			return again, err
		}
	}
	f.show(marks)
	return wait, nil
}

// ended reports that every object of the run has ended well in every environment, or was given up by an operator.
func (f *feed) ended(ctx context.Context, j *Journal) (bool, error) {
	m := f.manifest(j)
	for _, env := range f.Environments {
		r, err := run.Status(ctx, m, f.states, env)
		if err != nil {
			return false, err
		}
		if !r.Settled() || r.Rejected+r.Dead > 0 {
			return false, nil
		}
	}
	return true, nil
}

// show lets the gauge of the watermark's age know.
func (f *feed) show(m *Marks) {
	if !m.Watermark.IsZero() {
		f.watermark.Store(m.Watermark.Unix())
	}
}

// gauge shows how old the watermark is, in seconds; 0 before there is one.
func (f *feed) gauge() {
	f.Telemetry.Gauge("maskrail.export.watermark.age", func() int64 {
		at := f.watermark.Load()
		if at == 0 {
			return 0
		}
		return time.Now().Unix() - at
	}, telemetry.String("maskrail.source", f.Name))
}
