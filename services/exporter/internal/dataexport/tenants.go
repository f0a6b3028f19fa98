package dataexport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
	"github.com/maskrail/maskrail/services/exporter/internal/tables"
)

const (
	// tenantsAtOnce is how many tenants are read at the same time. The quota sets the pace; this many keep it busy while
	// each waits for answers.
	tenantsAtOnce = 64
	partRows      = 10_000
	partBytes     = 4 << 20 // of one tenant, in memory
)

// exportTenants reads the rows of each tenant by queries of its own, which overlap with no other's.
func (s *Source) exportTenants(ctx context.Context, t source.Task, sink source.Sink) error {
	p, err := readProgress(t.State, sink)
	if err != nil {
		return err
	}
	tenants := slices.Clone(t.Tenants)
	slices.Sort(tenants)
	tenants = slices.Compact(tenants)
	errs := make([]error, len(tenants))
	var group errgroup.Group
	group.SetLimit(tenantsAtOnce)
	for i, tenant := range tenants {
		group.Go(func() error { // one that fails stops none of the others
			errs[i] = s.exportTenant(ctx, t, tenant, p, sink)
			return nil
		})
	}
	_ = group.Wait()
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) > 0 {
		return fmt.Errorf("export of %d tenants, %d of them failed: %w", len(tenants), len(errs), errs[0])
	}
	return nil
}

// exportTenant reads the pages of one tenant and stores them as parts of some size.
func (s *Source) exportTenant(ctx context.Context, t source.Task, tenant string, p *progress, sink source.Sink) error {
	for at := p.of(tenant); !at.Done; {
		ask := tables.Ask{Tenants: []string{tenant}, Window: t.Window, Filters: s.config.Filters, Columns: s.config.Fields, Cursor: at.Cursor}
		got, next, err := s.collect(ctx, ask)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%05d", windowName(t.Window), at.Parts)
		for _, part := range got.parts(name, tenant) {
			part.Entity, part.Format = s.config.Entity, "jsonl"
			if err := sink.Put(ctx, part); err != nil {
				return err
			}
		}
		at = reached{Cursor: next, Parts: at.Parts + 1, Done: next == ""}
		if err := p.save(ctx, tenant, at); err != nil {
			return err
		}
	}
	return nil
}

// lines are rows as JSON Lines.
type lines struct {
	rows int64
	body bytes.Buffer
}

func (l *lines) add(row json.RawMessage) error {
	l.rows++
	if err := json.Compact(&l.body, row); err != nil { // it was read as JSON before
		return fmt.Errorf("write row: %w", err)
	}
	return l.body.WriteByte('\n')
}

// haul are the rows of some pages: the tenant's, those that are not known to be, and those of the tenant that are too long.
type haul struct{ own, strange, large lines }

func (h *haul) rows() int64 { return h.own.rows + h.strange.rows + h.large.rows }
func (h *haul) bytes() int  { return h.own.body.Len() + h.strange.body.Len() + h.large.body.Len() }

func (h *haul) add(p tables.Page) error {
	for _, to := range []struct {
		lines *lines
		rows  []json.RawMessage
	}{{&h.own, p.Rows}, {&h.strange, p.Strange}, {&h.large, p.Large}} {
		for _, row := range to.rows {
			if err := to.lines.add(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parts are those of the rows; what is not the tenant's beyond doubt, and what nobody can read, is held.
func (h *haul) parts(name, tenant string) (all []source.Part) {
	add := func(l *lines, p source.Part) {
		if p.Rows, p.Body = l.rows, l.body.Bytes(); p.Rows == 0 {
			return
		}
		if p.Held != nil {
			p.Held.Count = p.Rows
		}
		all = append(all, p)
	}
	add(&h.own, source.Part{Tenant: tenant, Name: name})
	add(&h.strange, source.Part{Tenant: objref.Several, Name: name + "-" + source.Tag(tenant), Held: &objref.Reason{
		Class:  source.ClassHeld,
		Field:  tables.TenantField,
		Detail: "asked for the rows of one tenant, the provider gave these, of another or of none: see whose they are",
	}})
	add(&h.large, source.Part{Tenant: tenant, Name: name + "-large", Held: &objref.Reason{
		Class:  source.ClassMalformed,
		Detail: fmt.Sprintf("rows of more than %d MiB, or with a text of more than %d MiB: leave out the field that holds so much", source.MaxRecord>>20, source.MaxText>>20),
	}})
	return all
}

// collect reads pages until there is enough for a part, or no more.
func (s *Source) collect(ctx context.Context, ask tables.Ask) (got *haul, next string, err error) {
	got = &haul{}
	for {
		page, err := tables.Read(ctx, s.client, ask)
		if err != nil {
			return nil, "", err
		}
		if err := got.add(page); err != nil {
			return nil, "", err
		}
		if page.Next == "" || got.rows() >= partRows || got.bytes() >= partBytes {
			return got, page.Next, nil
		}
		ask.Cursor, ask.Size = page.Next, page.Size
	}
}

// reached is how far a tenant's pages are stored.
type reached struct {
	Cursor string `json:"cursor,omitempty"`
	Parts  int    `json:"parts"`
	Done   bool   `json:"done,omitempty"`
}

// progress is how far all tenants are: the state of the task.
type progress struct {
	sink source.Sink

	mu      sync.Mutex         // also while it is saved, so that no older state overtakes a newer
	Tenants map[string]reached `json:"tenants"`
}

func readProgress(b []byte, sink source.Sink) (*progress, error) {
	p := &progress{sink: sink}
	if b != nil && json.Unmarshal(b, p) != nil {
		return nil, fmt.Errorf("read state of export: %w: it is not one of this version", source.ErrRestart)
	}
	if p.Tenants == nil {
		p.Tenants = map[string]reached{}
	}
	return p, nil
}

func (p *progress) of(tenant string) reached {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Tenants[tenant]
}

func (p *progress) save(ctx context.Context, tenant string, at reached) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Tenants[tenant] = at
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return p.sink.Save(ctx, b)
}
