// Package follow watches objects on their way through the pipeline by reading the bus, as any operator may: it asks
// nothing of the workers and moves no durable.
package follow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Object is one object that is followed, and what is known of it.
type Object struct {
	Raw objref.Object
	// Run, when set, is the only run whose messages count: a replay of an object that ended before.
	Run string

	At       map[objref.Stage]time.Time // when it reached the stage; AtRaw is when it was announced
	Rows     int64                      // rows of the masked object
	Rejects  int64                      // rows that the masker dropped and counted
	Masked   *objref.Object
	Outcome  *objref.Outcome
	Trace    string // hex trace id of the way it took
	Finished bool
}

// Follower follows objects of one environment.
type Follower struct {
	bus   bus.Bus
	env   string
	since time.Time

	mu      sync.Mutex
	objects map[string]*Object // by identity of the raw object
	order   []string           // their identities as they were added
	changed chan struct{}
}

// New makes a follower that looks at messages from since on.
func New(b bus.Bus, environment string, since time.Time) *Follower {
	return &Follower{bus: b, env: environment, since: since, objects: map[string]*Object{}, changed: make(chan struct{}, 1)}
}

// Add follows an object; Wait returns objects in the order they were added. Objects that were announced before they were added are found as well.
func (f *Follower) Add(raw objref.Object, run string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.objects[raw.Identity()] == nil {
		f.order = append(f.order, raw.Identity())
	}
	f.objects[raw.Identity()] = &Object{Raw: raw, Run: run, At: map[objref.Stage]time.Time{}}
}

// Len is how many objects are followed.
func (f *Follower) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.objects)
}

// Progress is how many of the followed objects have reached each stage.
type Progress struct {
	Objects int
	Reached map[objref.Stage]int
	Settled int
}

// Wait returns when every object has come to an end, or when ctx ends or stopped yields an error. progress is
// called after each change.
func (f *Follower) Wait(ctx context.Context, stopped <-chan error, progress func(Progress)) ([]Object, error) {
	ctx, cancel := context.WithCancel(ctx)
	failed := make(chan error, 8)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for _, q := range f.queries() { // what has happened by now, stage by stage: nothing is told of an object that has ended
		q.Follow = false
		if err := f.bus.Read(ctx, q, func(m bus.Message) error { f.note(m); return nil }); err != nil {
			return f.snapshot(), fmt.Errorf("read stream %s: %w", q.Stream, err)
		}
	}
	for _, q := range f.queries() {
		readers.Go(func() {
			err := f.bus.Read(ctx, q, func(m bus.Message) error { f.note(m); return nil })
			if err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("read stream %s: %w", q.Stream, err)
			}
		})
	}
	for {
		p := f.progress()
		if progress != nil {
			progress(p)
		}
		if p.Settled == p.Objects {
			return f.snapshot(), nil
		}
		select {
		case <-f.changed:
		case err := <-failed:
			return f.snapshot(), err
		case err := <-stopped:
			if err == nil {
				err = errors.New("the workers stopped before every object was settled")
			}
			return f.snapshot(), err
		case <-ctx.Done():
			return f.snapshot(), context.Cause(ctx)
		}
	}
}

func (f *Follower) queries() []bus.Query {
	env := objref.Token(f.env)
	q := func(stream string, filters ...string) bus.Query {
		return bus.Query{Stream: stream, Filters: filters, Since: f.since, Follow: true}
	}
	return []bus.Query{
		q(bus.Raw),
		q(bus.Replay, "maskrail.replay."+env+".>"),
		q(bus.Masked, "maskrail.masked."+env+".>"),
		q(bus.Validated, "maskrail.validated."+env+".>"),
		q(bus.Loaded, "maskrail.loaded."+env+".>"),
		q(bus.Rejected, "maskrail.rejected."+env+".>", "maskrail.rejected._.>"), // the exporter's belong to no environment
		q(bus.Dead, "maskrail.dead.*."+env, "maskrail.dead.exporter.>"),
	}
}

// note takes a message in. What is not a reference, or not of a followed object, is somebody else's.
func (f *Follower) note(m bus.Message) {
	ref, stage, err := objref.Decode(m)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.objects[ref.Origin().Identity()]
	if o == nil || o.Finished || (o.Run != "" && ref.Run != o.Run) {
		return
	}
	if _, seen := o.At[stage]; !seen {
		o.At[stage] = m.Time
	}
	o.Rejects = max(o.Rejects, ref.Rejects)
	if stage != objref.AtRaw {
		o.Rows = max(o.Rows, ref.Rows)
	}
	if stage == objref.AtMasked || stage == objref.AtValidated {
		masked := ref.Object
		o.Masked = &masked
	}
	if trace := telemetry.HeaderTraceID(m.Header); trace != "" {
		o.Trace = trace
	}
	if ref.Outcome != nil && ref.Outcome.State != objref.Released {
		o.Outcome, o.Finished = ref.Outcome, true
	}
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func (f *Follower) progress() Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := Progress{Objects: len(f.objects), Reached: map[objref.Stage]int{}}
	for _, o := range f.objects {
		for s := range o.At {
			p.Reached[s]++
		}
		if o.Finished {
			p.Settled++
		}
	}
	return p
}

func (f *Follower) snapshot() []Object {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Object, 0, len(f.objects))
	for _, id := range f.order {
		out = append(out, *f.objects[id])
	}
	return out
}
