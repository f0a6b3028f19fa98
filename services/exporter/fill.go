package exporter

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// publisher is the exporter's name in the messages that it publishes.
const publisher = "/" + Name

// filled is what became of a gap.
type filled int

const (
	filledNothing filled = iota // the object is gone, or left out by its route
	filledAnnounced
	filledRejected
)

// fill announces one object. Nobody told of it, so its trace begins here.
func (s *sweep) fill(ctx context.Context, g gap) (done filled, err error) {
	ctx, end := s.deps.Telemetry.Root(ctx, "sweep object", telemetry.String("maskrail.object", g.at.ShortID()))
	defer func() { end(err) }()
	done, entity, err := s.tell(ctx, g.at, g.environments)
	if done == filledAnnounced {
		s.deps.Telemetry.Count(ctx, "maskrail.sweep.announced", 1, telemetry.String("maskrail.entity", entity))
	}
	return done, err
}

// tell announces the object at loc, to the environments or, when they are nil, to all, and parks one that cannot be
// announced. It publishes what an event of the object makes the runner publish, under the same message ids: the bus
// keeps one.
func (s *Service) tell(ctx context.Context, loc blob.Location, environments []string) (done filled, entity string, err error) {
	ref, ok, err := s.describe(ctx, loc)
	if reason, rejected := stage.Rejected(err); rejected {
		return filledRejected, ref.Entity, s.reject(ctx, ref, reason)
	}
	if err != nil || !ok {
		return filledNothing, "", err
	}
	telemetry.Set(ctx, telemetry.String("maskrail.run", ref.Run), telemetry.String("maskrail.entity", ref.Entity))
	if environments == nil {
		err = s.publish(ctx, ref, objref.AtRaw, ref.Subject(objref.AtRaw), "maskrail.raw.{entity}.{tenant}")
	}
	for _, env := range environments {
		// The environment makes the message id of each its own: all replays share a stream.
		ref.Environment = env
		if err == nil {
			err = s.publish(ctx, ref, objref.AtRaw, ref.ReplaySubject(env, objref.AtRaw), "maskrail.replay.{environment}.raw.{entity}.{tenant}")
		}
	}
	if err != nil {
		return filledNothing, "", err
	}
	return filledAnnounced, ref.Entity, nil
}

// reject parks an object that cannot be announced, as the runner does with one that an event told of. It then has a
// terminal state and the next sweep leaves it alone.
func (s *Service) reject(ctx context.Context, ref objref.Ref, reason objref.Reason) error {
	reason.Service = Name
	ref.Outcome = &objref.Outcome{State: objref.Rejected, Reason: &reason}
	return s.publish(ctx, ref, objref.AtRejected, ref.Subject(objref.AtRejected), "maskrail.rejected.{environment}.{entity}.{tenant}")
}

func (s *Service) publish(ctx context.Context, ref objref.Ref, at objref.Stage, subject, template string) error {
	m, err := objref.Encode(ref, at, subject, publisher)
	if err != nil {
		return fmt.Errorf("announce %s: %w", ref.Object, err)
	}
	end := telemetry.Publish(ctx, subject, template, m.Header)
	err = s.deps.Bus.Publish(ctx, m)
	end(err)
	if err != nil {
		return fmt.Errorf("announce %s: %w", ref.Object, err)
	}
	return nil
}
