package validator

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/policy"
)

// cells is what was found in the cells of one object. look runs in several goroutines, add in one.
type cells struct {
	columns []column
	hash    *keyHash

	rows    int64
	keys    keys
	tenants tenants
	tallies []tally // by column
}

// tally is what was found in one column.
type tally struct {
	looked     int64 // cells that detectors have read
	refused    hits  // cells by class
	expected   hits
	unreadable int64 // cells of a type that has no text
	untreated  int64 // cells that do not look as the column's treatment leaves them
}

func (t *tally) and(u tally) {
	t.looked += u.looked
	t.unreadable += u.unreadable
	t.untreated += u.untreated
	for i := range t.refused {
		t.refused[i] += u.refused[i]
		t.expected[i] += u.expected[i]
	}
}

// newCells prepares for the columns of s. p may be nil.
func newCells(s *arrow.Schema, p *policy.Policy, d *detectors) *cells {
	c := &cells{
		columns: make([]column, s.NumFields()),
		tallies: make([]tally, s.NumFields()),
		hash:    newKeyHash(),
		tenants: tenants{column: -1, rows: map[string]int64{}},
	}
	for i, f := range s.Fields() {
		c.columns[i] = d.of(f.Name)
	}
	if p == nil {
		return c
	}
	for i, f := range s.Fields() {
		if field, ok := p.Field(f.Name); ok {
			c.columns[i].treated = treatmentOf(field.Treatment)
		}
	}
	at := func(name string) int {
		if found := s.FieldIndices(name); len(found) == 1 {
			return found[0]
		}
		return -1
	}
	if p.Tenant != nil {
		c.tenants.column = at(p.Tenant.Path)
	}
	for _, k := range p.Key {
		c.keys.columns = append(c.keys.columns, at(k))
	}
	c.keys.empty = make([]int64, len(p.Key))
	return c
}

// looked is a batch with what was found in it.
type looked struct {
	arrow.RecordBatch
	tallies  []tally
	ids      []rowID // of the rows that have a key
	empty    []int64 // rows without that part of the key
	names    []string
	tenantOf []int32 // by row; nil without a tenant column
}

// look reads a batch.
func (c *cells) look(ctx context.Context, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	l := &looked{RecordBatch: in, tallies: make([]tally, in.NumCols())}
	for i := range c.columns {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s := scan{column: &c.columns[i], tally: &l.tallies[i]}
		s.array(in.Column(i))
	}
	l.own(in, c.tenants.column)
	l.identify(in, c.keys.columns, c.hash)
	in.Retain()
	return l, nil
}

// add adds what was found in a batch.
func (c *cells) add(batch arrow.RecordBatch) error {
	l, ok := batch.(*looked)
	if !ok {
		return errors.New("add batch: nobody has looked at it")
	}
	c.rows += l.NumRows()
	for i, t := range l.tallies {
		c.tallies[i].and(t)
	}
	c.tenants.add(l)
	c.keys.add(l)
	return nil
}
