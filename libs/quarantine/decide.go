package quarantine

import (
	"context"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// source names the operator's program in messages.
const source = "/maskrail"

// Release sends objects through the environment's workers again, from the raw object on, under a run of their own. By is who
// decided so. The decision is in the audit log before anything moves; an error leaves the objects behind it as they were.
func (s Store) Release(ctx context.Context, items []Item, run, by string) error {
	for _, i := range items {
		if err := s.release(ctx, i, run, by); err != nil {
			return fmt.Errorf("release object %s: %w", i.Object, err)
		}
	}
	return nil
}

func (s Store) release(ctx context.Context, i Item, run, by string) error {
	if err := s.decide(ctx, i, Released, objref.Released, run, by); err != nil {
		return err
	}
	ref := i.Raw(run)
	ref.Environment = s.Environment
	m, err := objref.Encode(ref, objref.AtRaw, ref.ReplaySubject(s.Environment, objref.AtRaw), source)
	if err != nil {
		return err
	}
	return s.Bus.Publish(ctx, m)
}

// Raw is the reference to the raw object, for another run.
func (i Item) Raw(run string) objref.Ref {
	tenant := i.ref.Tenant
	if tenant == "" {
		tenant = objref.Several
	}
	return objref.Ref{Entity: i.ref.Entity, Run: run, Tenant: tenant, Object: i.ref.Origin(), Window: i.ref.Window}
}

// Discard gives objects up: no refresh waits for them any more. What lies in the buckets stays until their lifecycle takes it.
func (s Store) Discard(ctx context.Context, items []Item, by string) error {
	for _, i := range items {
		if err := s.decide(ctx, i, Discarded, objref.Discarded, i.ref.Run, by); err != nil {
			return fmt.Errorf("discard object %s: %w", i.Object, err)
		}
	}
	return nil
}

// decide writes a decision into the audit log and tells the bus, from which the states of objects follow.
func (s Store) decide(ctx context.Context, i Item, action Action, state objref.State, run, by string) error {
	id, err := s.record(ctx, Record{
		At: time.Now().UTC(), Action: action, By: by, Environment: s.Environment, Entity: i.Entity, Tenant: i.Tenant,
		ID: i.ID, Object: i.Object, Reason: i.Reason, Run: run,
	})
	if err != nil {
		return err
	}
	ref := i.ref
	reason := i.Reason
	ref.Run, ref.Environment = run, s.Environment
	ref.Outcome = &objref.Outcome{State: state, Reason: &reason}
	m, err := objref.Encode(ref, objref.AtRejected, ref.Subject(objref.AtRejected), source)
	if err != nil {
		return err
	}
	m.ID += "/" + id // the same decision again, after another, is another message
	m.Header["ce-id"] = m.ID
	return s.Bus.Publish(ctx, m)
}
