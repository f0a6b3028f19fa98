package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Project keeps the states of one environment up to date until ctx ends: it reads what was loaded, rejected and
// given up, from the first stored message on, and goes on where it was when it starts again. What the exporter
// stops has no environment yet and counts for each. The states never hold a value from the data: they are made of
// references and reasons alone.
//
// Messages that are no references are passed over; the operator finds them in their streams.
func Project(ctx context.Context, b bus.Bus, states *States, environment string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	env := objref.Token(environment)
	streams := ends(environment)
	var wg sync.WaitGroup
	for stream, filters := range streams {
		wg.Go(func() {
			cancel(b.Consume(ctx, bus.Consumer{
				Stream: stream, Durable: "state-" + env + "-" + strings.ToLower(stream), Filters: filters,
				Workers: 1, AckWait: ackWait, All: true,
			}, func(ctx context.Context, d bus.Delivery) { project(ctx, d, states, environment) }))
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// ends are the subjects on which the ends of an environment's objects are told, by stream.
func ends(environment string) map[string][]string {
	env, every := objref.Token(environment), objref.Token("")
	return map[string][]string{
		bus.Loaded:   {"maskrail.loaded." + env + ".>"},
		bus.Rejected: {"maskrail.rejected." + env + ".>", "maskrail.rejected." + every + ".>"},
		bus.Dead:     {"maskrail.dead.*." + env, "maskrail.dead.*." + every},
	}
}

// End is one end of an object's way through an environment, or a decision about it, as a message told it.
type End struct {
	Ref objref.Ref
	Entry
}

// Ends calls fn for every end that the streams still hold, each stream's oldest first. Messages that are no references are
// passed over.
func Ends(ctx context.Context, b bus.Bus, environment string, fn func(End)) error {
	for stream, filters := range ends(environment) {
		err := b.Read(ctx, bus.Query{Stream: stream, Filters: filters}, func(m bus.Message) error {
			if ref, e, err := entry(m); err == nil {
				fn(End{ref, e})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read stream %s: %w", stream, err)
		}
	}
	return nil
}

// ackWait is how soon a state comes again that a killed process was writing. To write one takes milliseconds.
const ackWait = 5 * time.Second

// retryDelay is how soon a state that could not be written is tried again.
const retryDelay = time.Second

// project settles one message. When settling fails the message comes again, and to project it twice is harmless.
func project(ctx context.Context, d bus.Delivery, states *States, environment string) {
	ref, e, err := entry(d.Message())
	if err != nil {
		_ = d.Term(ctx, "malformed reference")
		return
	}
	if err := states.Merge(ctx, environment, ref.Origin().Identity(), e); err != nil {
		if ctx.Err() == nil {
			_ = d.Nak(ctx, retryDelay)
		}
		return
	}
	_ = d.Ack(ctx)
}

var errNotTerminal = errors.New("reference without an outcome")

// entry reads the end of an object's way.
func entry(m bus.Message) (r objref.Ref, e Entry, err error) {
	r, _, err = objref.Decode(m)
	if err != nil {
		return objref.Ref{}, Entry{}, err
	}
	if r.Outcome == nil {
		return objref.Ref{}, Entry{}, errNotTerminal
	}
	e = Entry{
		State: r.Outcome.State, Loaded: r.Outcome.Loaded, Skipped: r.Outcome.Skipped, Reason: r.Outcome.Reason,
		Run: r.Run, Entity: r.Entity, Rows: r.Rows, Rejects: r.Rejects, Policy: r.Policy, KeyEpoch: r.KeyEpoch,
		Trace: telemetry.HeaderTraceID(m.Header), Time: m.Time,
	}
	if r.Source != nil {
		masked := r.Object
		e.Masked = &masked
	}
	return r, e, nil
}
