package exporter

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

// sweep compares the raw bucket with what has ended in each environment and announces what is missing. It makes an
// event no more than a way to be fast: lost events, and a bus that lost everything, cost time and no rows.
//
// An object is missing in an environment when it has no terminal state there; what is parked has one. An object that
// was announced not long ago is on its way and no gap, see Config.Grace. What no environment has goes to all of them;
// what only some lack goes to those, as a replay.
type sweep struct {
	*Service
	states  *run.States
	since   map[string]time.Time // by environment; nil until join has succeeded
	flights flights

	sections []*section // of the bucket, in the order of keys
	full     time.Time  // when the bucket was last listed as a whole
}

func newSweep(s *Service, states *run.States) *sweep {
	return &sweep{Service: s, states: states, flights: newFlights(s.config.Grace), sections: sections(s.routes)}
}

// eventLag is how long an object is left to its event, so that a sweep that comes between the two does not announce
// what is about to announce itself.
const eventLag = 5 * time.Second

// run sweeps at once and then at the interval, until ctx ends; sooner when it left objects to their events. A sweep that
// fails is made good by the next.
func (s *sweep) run(ctx context.Context) {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-wait.C:
		case <-ctx.Done():
			return
		}
		start := time.Now()
		r, err := s.once(ctx)
		log := s.deps.Telemetry.Log()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.WarnContext(ctx, "sweep failed, the next one tries again", "error", err.Error())
		case r.failed > 0:
			log.WarnContext(ctx, "sweep could not announce every object, the next one tries again",
				"announced", r.announced, "failed", r.failed, "error", r.err.Error())
		case r.announced > 0:
			log.InfoContext(ctx, "sweep announced objects that no event told of, or that did not arrive",
				"objects", r.objects, "announced", r.announced, "rejected", r.rejected)
		}
		s.deps.Telemetry.Record(ctx, "maskrail.sweep.duration", time.Since(start).Seconds())
		if r.young > 0 {
			wait.Reset(min(eventLag, s.config.Sweep))
		} else {
			wait.Reset(s.config.Sweep)
		}
	}
}

// result is what a sweep did.
type result struct {
	objects   int // seen
	young     int // left to their events
	announced int
	rejected  int
	failed    int
	err       error // one of the failures
}

// gap is an object that environments lack.
type gap struct {
	at           blob.Location
	environments []string // nil means all
}

// once sweeps the bucket once.
func (s *sweep) once(ctx context.Context) (result, error) {
	if s.since == nil {
		since, err := s.join(ctx)
		if err != nil {
			return result{}, err
		}
		s.since = since
	}
	ended := make(map[string]map[string]bool, len(s.since))
	for env := range s.since {
		known, err := s.states.Known(ctx, env)
		if err != nil {
			return result{}, err
		}
		ended[env] = known
	}
	if err := s.flights.update(ctx, s.deps.Bus); err != nil {
		return result{}, err
	}

	gaps := make(chan gap)
	var rejected, announced, failed atomic.Int64
	var failure atomic.Value
	var workers sync.WaitGroup
	for range s.config.Workers {
		workers.Go(func() {
			for g := range gaps {
				switch done, err := s.fill(ctx, g); {
				case err != nil:
					failed.Add(1)
					failure.CompareAndSwap(nil, fmt.Errorf("%w", err)) // one type, as atomic.Value wants it
				case done == filledRejected:
					rejected.Add(1)
				case done == filledAnnounced:
					announced.Add(1)
				}
			}
		})
	}
	objects, young, err := s.find(ctx, ended, gaps)
	close(gaps)
	workers.Wait()
	r := result{objects: objects, young: young, announced: int(announced.Load()), rejected: int(rejected.Load()), failed: int(failed.Load())}
	r.err, _ = failure.Load().(error)
	return r, err
}

// find lists the bucket and hands over each gap.
func (s *sweep) find(ctx context.Context, ended map[string]map[string]bool, gaps chan<- gap) (objects, young int, err error) {
	now := time.Now()
	runs := runs{now: now}
	whole := now.Sub(s.full) >= daily || slices.ContainsFunc(s.sections, func(sec *section) bool { return sec.forgotten(ended) })
	for _, sec := range s.sections {
		sec.begin(whole)
		for o, err := range sec.list(ctx, s.deps.Store, s.raw) {
			if err != nil {
				return objects, young, err
			}
			runs.see(o)
			if s.skips(o.Key, o.Bytes) {
				continue
			}
			objects++
			g, due, settled := s.gap(o, ended, now)
			sec.pass(o, settled, ended, now)
			switch {
			case !due:
				continue
			case now.Sub(o.Modified) < eventLag:
				young++
				continue
			}
			select {
			case gaps <- g:
			case <-ctx.Done():
				return objects, young, context.Cause(ctx)
			}
		}
	}
	if whole {
		s.full = now
		err = s.tellStrays(ctx, runs)
	}
	return objects, young, err
}

// gap says which environments lack the object and are not waiting for it. It is settled when there is none and none will
// come.
func (s *sweep) gap(o blob.Object, ended map[string]map[string]bool, now time.Time) (g gap, ok, settled bool) {
	identity := objref.From(o).Identity()
	var due []string
	alone := false // a gap that an announcement to all would not fill
	landed, settled := true, true
	for _, env := range s.config.Environments {
		if ended[env][identity] {
			continue
		}
		landed = false
		if o.Modified.Before(s.since[env]) {
			continue
		}
		settled = false
		if !s.flights.held(env, identity, s.since[env], now) {
			due = append(due, env)
			alone = alone || s.flights.missed(identity, s.since[env])
		}
	}
	switch {
	case landed:
		s.flights.landed(identity)
		return gap{}, false, true
	case len(due) == 0:
		return gap{}, false, settled
	case len(due) == len(s.config.Environments) && !alone:
		return gap{at: o.Location}, true, false
	default:
		return gap{at: o.Location, environments: due}, true, false
	}
}
