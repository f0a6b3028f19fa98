package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Classes of failures, in the audit log and in metrics.
const (
	ClassTooLarge    = "too-large"     // the provider has more in a window that cannot be split any more, or fails on it
	ClassRefused     = "refused"       // by the provider: it needs an operator
	ClassDrift       = "drift"         // the provider's schema has fields that the policy does not treat
	ClassUnavailable = "not-available" // the provider's data has become incomplete again
	ClassFailing     = "failing"       // anything else, after all tries
)

// patience is how often a window is tried before its run rests: for an hour and a half.
var patience = retry.Policy{Initial: 2 * time.Second, Max: 10 * time.Minute, Factor: 2, Jitter: 0.25, Attempts: 18}

// Errors of a window that no retry mends soon.
var (
	errTooLarge  = errors.New("the provider has more than it gives at once, or fails, in a window that cannot be split any more")
	errNotYet    = errors.New("the provider's data is not complete up to the end of the window")
	errRestarted = errors.New("the job was lost, and the window begins anew")
)

// export exports one window, or splits it. An error means that it is not done; it is noted already.
func (w *work) export(ctx context.Context, next *Window) (err error) {
	ctx, end := w.Telemetry.Root(ctx, "export window", telemetry.String("maskrail.source", w.Name), telemetry.String("maskrail.run", w.j.Run))
	defer func() { end(err) }()
	err = retry.Do(ctx, w.retries(ctx), func(ctx context.Context) error {
		if err := w.try(ctx, next); !lasting(err) {
			return err
		} else {
			return retry.Permanent(err)
		}
	})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		return w.done(ctx, next)
	case errors.Is(err, source.ErrSplit):
		if a, b, ok := halves(next.Window); ok {
			return w.split(ctx, next, &Window{Window: a}, &Window{Window: b})
		}
		// A job that has failed has failed for ever: the next try begins with another one.
		w.abandon(ctx, next)
		w.mu.Lock()
		next.State = nil
		w.mu.Unlock()
		err = fmt.Errorf("%w: %w", errTooLarge, err)
	}
	return w.fail(ctx, next, err)
}

// retries is how a part of the run is tried again.
func (w *work) retries(ctx context.Context) retry.Policy {
	policy := patience
	policy.Notify = func(err error, attempt int, wait time.Duration) {
		w.count(ctx, "maskrail.export.failures", telemetry.String("maskrail.class", failure(err)))
		w.Telemetry.Log().WarnContext(ctx, "an export does not go on, and is tried again", "source", w.Name, "run", w.j.Run, "attempt", attempt, "wait", wait, "error", err.Error())
	}
	return policy
}

// lasting reports an error that another try soon does not mend.
func lasting(err error) bool {
	return errors.Is(err, source.ErrSplit) || errors.Is(err, source.ErrRefused) || is[*drifted](err)
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// failure is the class of an error.
func failure(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return ClassTooLarge
	case errors.Is(err, source.ErrRefused):
		return ClassRefused
	case is[*drifted](err):
		return ClassDrift
	case errors.Is(err, errNotYet):
		return ClassUnavailable
	}
	return ClassFailing
}

// try asks the source for the window once.
func (w *work) try(ctx context.Context, next *Window) error {
	available, err := w.available(ctx)
	if err != nil {
		return err
	}
	if next.To.After(available) {
		return errNotYet
	}
	if err := w.compare(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	next.Tries++
	w.mu.Unlock()
	if err := w.note(ctx, w.j, next, WindowBegun, counts(map[string]int64{"try": int64(next.Tries)})); err != nil {
		return err
	}
	err = w.src.Export(ctx, w.task(next), &sink{w, next})
	if !errors.Is(err, source.ErrRestart) {
		return err
	}
	if err := w.note(ctx, w.j, next, WindowRestarted); err != nil {
		return err
	}
	if err := w.keep(ctx, next, func() { next.State = nil }); err != nil {
		return err
	}
	return fmt.Errorf("%w: %w", errRestarted, err)
}

// available is the time before which the provider's data is complete, and never later than now.
func (f *feed) available(ctx context.Context) (time.Time, error) {
	at, err := f.src.Available(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask up to when the data is complete: %w", err)
	}
	return earliest(floor(at), floor(time.Now())), nil
}

// done notes a window that was exported.
func (w *work) done(ctx context.Context, next *Window) error {
	objects, rows := int64(len(next.Objects)), int64(0)
	for _, o := range next.Objects {
		rows += o.Rows
	}
	if err := w.note(ctx, w.j, next, WindowDone, counts(map[string]int64{"objects": objects, "rows": rows})); err != nil {
		return err
	}
	err := w.change(ctx, func() { next.Done, next.State, next.Failed = true, nil, "" })
	if err == nil {
		w.outcome(ctx, "done")
	}
	telemetry.Set(ctx, telemetry.Int("maskrail.objects", objects), telemetry.Int("maskrail.rows", rows))
	return err
}

// split puts halves in the place of a window. What it delivered stays with the run: the halves deliver it again, and the
// sandbox has it once.
func (w *work) split(ctx context.Context, next, a, b *Window) error {
	w.abandon(ctx, next)
	if err := w.note(ctx, w.j, next, WindowSplit); err != nil {
		return err
	}
	err := w.change(ctx, func() {
		next.Split, next.State, next.Failed = true, nil, ""
		at := slices.Index(w.j.Windows, next) + 1
		w.j.Windows = slices.Insert(w.j.Windows, at, a, b)
	})
	if err == nil {
		w.outcome(ctx, "split")
	}
	return err
}

// fail notes a window that is not done. What state it has stays, and it is tried again with its run.
func (w *work) fail(ctx context.Context, next *Window, cause error) error {
	c := failure(cause)
	w.count(ctx, "maskrail.export.failures", telemetry.String("maskrail.class", c))
	w.outcome(ctx, "failed")
	w.Telemetry.Log().ErrorContext(ctx, "a window could not be exported", "source", w.Name, "run", w.j.Run,
		"from", next.From, "to", next.To, "class", c, "error", cause.Error())
	var fields []string
	if d, ok := errors.AsType[*drifted](cause); ok {
		fields = d.fields[:min(len(d.fields), maxFields)]
	}
	if err := w.note(ctx, w.j, next, WindowFailed, class(c, fields...)); err != nil {
		return errors.Join(cause, err)
	}
	if err := w.change(ctx, func() { next.Failed = c }); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

func (w *work) count(ctx context.Context, name string, labels ...telemetry.Attr) {
	w.Telemetry.Count(ctx, name, 1, append(labels, telemetry.String("maskrail.source", w.Name))...)
}

func (w *work) outcome(ctx context.Context, outcome string) {
	w.count(ctx, "maskrail.export.windows", telemetry.String("maskrail.outcome", outcome))
}
