package analytics

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// The entities that the source writes.
const (
	Conversation = "conversation" // records as they were delivered
	Interaction  = "interaction"  // their flat form
)

// partBytes is how many bytes of records make a part full. A page of ordinary conversations is a quarter of that.
const partBytes = 32 << 20

// parts makes the objects of one page. Equal pages make equal parts under equal names.
type parts struct {
	s       *Source
	task    source.Task
	sink    source.Sink
	name    string // of the page
	full    int    // so many parts of the page are put
	bytes   int
	entries []entry
	count   counts
}

// entry is a record that waits for the part to be full.
type entry struct {
	record []byte
	conversation
	bad *fault // why it is held
}

// counts are of records. Each record of a page is in one of them.
type counts struct {
	Delivered int64 `json:"delivered,omitempty"`
	Held      int64 `json:"held,omitempty"`
	Repeated  int64 `json:"repeated,omitempty"` // was on an earlier page, or twice on this one
	Changed   int64 `json:"changed,omitempty"`  // the same with other content: the first stays
	Elsewhere int64 `json:"elsewhere,omitempty"`
}

func (c *counts) add(other counts) {
	c.Delivered += other.Delivered
	c.Held += other.Held
	c.Repeated += other.Repeated
	c.Changed += other.Changed
	c.Elsewhere += other.Elsewhere
}

// add takes a record, which it keeps.
func (p *parts) add(ctx context.Context, e entry) error {
	p.entries = append(p.entries, e)
	if p.bytes += len(e.record) + 1; p.bytes < p.s.partBytes {
		return nil
	}
	return p.put(ctx)
}

// put makes the parts of what has come together.
func (p *parts) put(ctx context.Context) error {
	if len(p.entries) == 0 {
		return nil
	}
	p.full++
	sheaf := sheaf{}
	for i := range p.entries {
		e := &p.entries[i]
		if err := p.lay(ctx, sheaf, e); err != nil {
			return err
		}
		e.record = nil // it is copied
	}
	p.entries, p.bytes = p.entries[:0], 0
	name := p.name
	if p.full > 1 {
		name += fmt.Sprintf("-%d", p.full)
	}
	for _, key := range slices.SortedFunc(maps.Keys(sheaf), slip.compare) {
		if err := p.sink.Put(ctx, sheaf[key].part(key, name)); err != nil {
			return fmt.Errorf("put %s of a page: %w", key.entity, err)
		}
	}
	return nil
}

// lay adds the record to the bodies where it belongs.
func (p *parts) lay(ctx context.Context, to sheaf, e *entry) error {
	var who owner
	if e.bad == nil {
		var err error
		if who, e.bad, err = p.s.tenants.resolve(ctx, &e.conversation); err != nil {
			return err
		}
	}
	switch {
	case e.bad != nil:
		b := to.body(slip{entity: Conversation, held: e.bad.class})
		b.why = e.bad
		b.line(e.record, objref.Several)
		p.count.Held++
		return nil
	case p.task.Tenants != nil && !slices.Contains(p.task.Tenants, who.tenant):
		p.count.Elsewhere++
		return nil
	}
	p.count.Delivered++
	if p.s.writes(Conversation) {
		// The masker finds the tenant in the attribute of the record. Where the record has none, it must take our word for it, in an
		// object of that tenant alone.
		key := slip{entity: Conversation}
		if who.source != FromAttribute {
			key.tenant = who.tenant
		}
		to.body(key).line(e.record, who.tenant)
	}
	if p.s.writes(Interaction) {
		b := to.body(slip{entity: Interaction})
		var err error
		if b.text, err = p.s.Projection.append(b.text, &e.conversation, who); err != nil {
			return err
		}
		b.count(who.tenant)
	}
	return nil
}

// sheaf are the bodies of one part of a page.
type sheaf map[slip]*body

func (s sheaf) body(key slip) *body {
	if s[key] == nil {
		s[key] = &body{}
	}
	return s[key]
}

// slip tells the bodies of a sheaf apart.
type slip struct {
	entity string
	tenant string // where only this one's may be in it
	held   string // the class of the reason
}

func (s slip) compare(o slip) int {
	return slices.Compare([]string{s.entity, s.held, s.tenant}, []string{o.entity, o.held, o.tenant})
}

// body are lines.
type body struct {
	text   []byte
	rows   int64
	tenant string // of all rows, or objref.Several
	why    *fault
}

func (b *body) line(record []byte, tenant string) {
	b.text = append(append(b.text, record...), '\n')
	b.count(tenant)
}

func (b *body) count(tenant string) {
	if b.rows++; b.rows > 1 && b.tenant != tenant {
		tenant = objref.Several
	}
	b.tenant = tenant
}

func (b *body) part(key slip, name string) source.Part {
	p := source.Part{Entity: key.entity, Tenant: b.tenant, Name: name, Format: "jsonl", Rows: b.rows, Body: b.text}
	switch {
	case key.held != "":
		p.Name += "-" + key.held
		p.Held = b.why.reason(b.rows)
	case key.tenant != "":
		p.Name += "-" + source.Tag(key.tenant)
	}
	return p
}
