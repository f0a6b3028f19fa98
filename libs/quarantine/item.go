// Package quarantine is the operator's side of what was stopped: which objects wait in an environment and why, and the two
// ways out, to be released or discarded. Everything is read from the streams, which hold references and reasons; nothing
// here ever sees a value.
package quarantine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

// Item is a raw object that was stopped in an environment at least once.
type Item struct {
	ID     string        `json:"id"`     // objref.Object.Identity of the raw object
	Object string        `json:"object"` // its short id, as in logs and traces
	Entity string        `json:"entity"`
	Tenant string        `json:"tenant"`
	State  objref.State  `json:"state"`  // how it stands now; rejected and dead ones wait
	Reason objref.Reason `json:"reason"` // why it was stopped the last time
	Rows   int64         `json:"rows,omitempty"`
	First  time.Time     `json:"first"` // stopped for the first time
	Last   time.Time     `json:"last"`  // and for the last
	Times  int           `json:"times"`
	Trace  string        `json:"trace,omitempty"` // of the last time

	ref objref.Ref // with which it was stopped the last time
}

// Waits reports an object that nobody has decided about.
func (i Item) Waits() bool { return i.State == objref.Rejected || i.State == objref.Dead }

// Store is what an operator works with.
type Store struct {
	Bus         bus.Bus
	Blobs       blob.Store
	Quarantine  string // the bucket
	Environment string
}

// List returns every object that was stopped and that the streams still hold, the one that was stopped last at the end.
func (s Store) List(ctx context.Context) ([]Item, error) {
	type object struct {
		item    Item
		stopped run.Entry
		now     run.Entry
	}
	objects := map[string]*object{}
	err := run.Ends(ctx, s.Bus, s.Environment, func(e run.End) {
		raw := e.Ref.Origin()
		o := objects[raw.Identity()]
		if o == nil {
			o = &object{item: Item{ID: raw.Identity(), Object: raw.ShortID()}}
			objects[raw.Identity()] = o
		}
		if o.now.State == "" || e.Supersedes(o.now) {
			o.now = e.Entry
		}
		if e.State != objref.Rejected && e.State != objref.Dead {
			return
		}
		o.item.Times++
		if o.item.First.IsZero() || e.Time.Before(o.item.First) {
			o.item.First = e.Time
		}
		if o.stopped.State == "" || !e.Time.Before(o.stopped.Time) {
			o.stopped, o.item.ref = e.Entry, e.Ref
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list the quarantine: %w", err)
	}
	var items []Item
	for _, o := range objects {
		if o.stopped.State == "" {
			continue
		}
		i := o.item
		i.Entity, i.Tenant, i.Rows, i.Trace, i.Last, i.State = i.ref.Entity, i.ref.Tenant, i.ref.Rows, o.stopped.Trace, o.stopped.Time, o.now.State
		if o.stopped.Reason != nil {
			i.Reason = *o.stopped.Reason
		}
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b Item) int { return cmp.Or(a.Last.Compare(b.Last), strings.Compare(a.ID, b.ID)) })
	return items, nil
}

// Drift is the report on the fields that stopped the object, or drift.ErrNoReport.
func (s Store) Drift(ctx context.Context, i Item) (drift.Report, error) {
	if !strings.HasPrefix(i.Reason.Report, drift.Prefix) {
		return drift.Report{}, drift.ErrNoReport
	}
	return drift.Read(ctx, s.Blobs, s.Quarantine, i.Reason.Report)
}

// Filter selects items; an empty part selects all.
type Filter struct {
	IDs    []string // identities, short ids, or beginnings of them that are unique
	Reason string   // class
	Field  string   // path, of the reason or of its report on drift
	Entity string
	Tenant string
}

// Empty reports a filter that selects all.
func (f Filter) Empty() bool {
	return len(f.IDs) == 0 && f.Reason == "" && f.Field == "" && f.Entity == "" && f.Tenant == ""
}

// Errors callers can test for with errors.Is.
var (
	ErrNotFound  = errors.New("no such object in quarantine")
	ErrAmbiguous = errors.New("several objects in quarantine begin like this")
)

// Select returns the items that f selects, in their order. Each id must name one.
func (s Store) Select(ctx context.Context, items []Item, f Filter) ([]Item, error) {
	named := map[string]bool{}
	for _, id := range f.IDs {
		found, err := find(items, id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		named[found] = true
	}
	var out []Item
	for _, i := range items {
		ok := (len(f.IDs) == 0 || named[i.ID]) && (f.Reason == "" || i.Reason.Class == f.Reason) &&
			(f.Entity == "" || i.Entity == f.Entity) && (f.Tenant == "" || i.Tenant == f.Tenant)
		if ok && f.Field != "" {
			var err error
			if ok, err = s.about(ctx, i, f.Field); err != nil {
				return nil, err
			}
		}
		if ok {
			out = append(out, i)
		}
	}
	return out, nil
}

func find(items []Item, id string) (string, error) {
	found := ""
	for _, i := range items {
		switch {
		case i.ID == id, i.Object == id && found == "":
			found = i.ID
		case id != "" && (strings.HasPrefix(i.ID, id) || strings.HasPrefix(i.Object, id)):
			if found != "" && found != i.ID {
				return "", ErrAmbiguous
			}
			found = i.ID
		}
		if i.ID == id {
			return i.ID, nil
		}
	}
	if found == "" {
		return "", ErrNotFound
	}
	return found, nil
}

// about reports an object that was stopped because of a field.
func (s Store) about(ctx context.Context, i Item, field string) (bool, error) {
	for name := range strings.SplitSeq(i.Reason.Field, ", ") {
		if strings.ReplaceAll(name, `"`, "") == strings.ReplaceAll(field, `"`, "") {
			return true, nil
		}
	}
	r, err := s.Drift(ctx, i)
	if errors.Is(err, drift.ErrNoReport) {
		return false, nil
	}
	return slices.ContainsFunc(r.Fields, func(f drift.Field) bool { return f.Waits && (f.Path == field || f.Policy == field) }), err
}

// Reports are the keys under which the validator's report on a masked object may lie.
func (i Item) Reports() []string {
	if i.ref.Source == nil {
		return nil
	}
	const suffix = ".report.json"
	return []string{i.ref.Object.Key + "." + i.ref.Object.Identity() + suffix, i.ref.Object.Key + suffix}
}
