package exporter

import (
	"context"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const source = "/" + Name

// filled is what became of a gap.
type filled int

const (
	filledNothing filled = iota // the object is gone
	filledAnnounced
	filledRejected
)

// fill announces one object. Nobody told of it, so its trace begins here.
func (s *sweep) fill(ctx context.Context, g gap) (done filled, err error) {
	loc := blob.Location{Bucket: s.raw, Key: g.key}
	ctx, end := s.deps.Telemetry.Root(ctx, "sweep object", telemetry.String("maskrail.object", loc.ShortID()))
	defer func() { end(err) }()
	ref, ok, err := s.describe(ctx, g.key)
	if reason, rejected := stage.Rejected(err); rejected {
		return filledRejected, s.reject(ctx, loc, reason)
	}
	if err != nil || !ok {
		return filledNothing, err
	}
	telemetry.Set(ctx, telemetry.String("maskrail.run", ref.Run), telemetry.String("maskrail.entity", ref.Entity))
	if g.environments == nil {
		err = s.publish(ctx, ref, objref.AtRaw, ref.Subject(objref.AtRaw), "maskrail.raw.{entity}.{tenant}")
	}
	for _, env := range g.environments {
		// The environment makes the message id of each its own: all replays share a stream.
		ref.Environment = env
		if err == nil {
			err = s.publish(ctx, ref, objref.AtRaw, ref.ReplaySubject(env, objref.AtRaw), "maskrail.replay.{environment}.raw.{entity}.{tenant}")
		}
	}
	if err != nil {
		return filledNothing, err
	}
	s.deps.Telemetry.Count(ctx, "maskrail.sweep.announced", 1, telemetry.String("maskrail.entity", ref.Entity))
	return filledAnnounced, nil
}

// reject parks an object that cannot be announced, as the runner does with one that an event told of. It then has a
// terminal state and the next sweep leaves it alone.
func (s *sweep) reject(ctx context.Context, loc blob.Location, reason objref.Reason) error {
	head, err := s.deps.Store.Head(ctx, loc)
	if errors.Is(err, blob.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	o := objref.From(head)
	reason.Service = Name
	ref := objref.Ref{
		Entity: unnamed, Tenant: objref.Several, Run: objref.DropRun(o), Object: o,
		Outcome: &objref.Outcome{State: objref.Rejected, Reason: &reason},
	}
	return s.publish(ctx, ref, objref.AtRejected, ref.Subject(objref.AtRejected), "maskrail.rejected.{environment}.{entity}.{tenant}")
}

func (s *sweep) publish(ctx context.Context, ref objref.Ref, at objref.Stage, subject, template string) error {
	m, err := objref.Encode(ref, at, subject, source)
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
