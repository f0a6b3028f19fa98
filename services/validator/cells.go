package validator

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/validator/internal/naive"
)

// cells is what was found in the cells of one object. look runs in several goroutines, add in one.
type cells struct {
	*leaves
	hash *keyHash

	rows    int64
	keys    keys
	tenants tenants
	tallies []tally // by leaf
	quasi   quasi

	wanted    *wanted   // nil where there is no sketch
	survivors []remains // by leaf
	counting  *counting
	shapes    []leafShape // by leaf
}

// tally is what was found in one leaf.
type tally struct {
	looked     int64 // cells that detectors have read
	proven     int64 // cells whose shape leaves no room for a finding
	values     int64 // cells with a value
	nulls      int64 // and without
	refused    hits  // cells by class
	expected   hits  // of classes that the policy expects
	suspected  hits  // of classes that rest on context, which refuse nothing
	naive      shapeHits
	unreadable int64 // cells of a type that has no text
	untreated  int64 // cells that do not look as the column's treatment leaves them
}

func (t *tally) and(u tally) {
	t.looked += u.looked
	t.proven += u.proven
	t.values += u.values
	t.nulls += u.nulls
	t.unreadable += u.unreadable
	t.untreated += u.untreated
	t.refused.and(u.refused)
	t.expected.and(u.expected)
	t.suspected.and(u.suspected)
	for i, n := range u.naive {
		t.naive[i] += n
	}
}

// shapeHits counts cells by shape of the second set of detectors.
type shapeHits [naive.Shapes]int64

// newCells prepares for the columns of s. p may be nil.
func newCells(s *arrow.Schema, p *policy.Policy, d *detectors) *cells {
	c := &cells{
		leaves:  findLeaves(s, p, d),
		hash:    newKeyHash(),
		tenants: tenants{column: -1, rows: map[string]int64{}},
	}
	c.tallies = make([]tally, len(c.all))
	c.counting = newCounting(c.all)
	c.survivors, c.shapes = make([]remains, len(c.all)), make([]leafShape, len(c.all))
	if p == nil {
		return c
	}
	at := func(name string) int {
		if found := s.FieldIndices(name); len(found) == 1 {
			return found[0]
		}
		return -1
	}
	if p.Tenant != nil {
		c.tenants.column = at(p.TenantColumn())
	}
	for _, k := range p.KeyColumns() {
		c.keys.columns = append(c.keys.columns, at(k))
	}
	c.keys.empty = make([]int64, len(p.Key))
	if q := p.Quasi; q != nil {
		c.quasi.groups = groups{}
		for _, column := range q.Columns {
			c.quasi.columns = append(c.quasi.columns, at(policy.ColumnName(column)))
		}
	}
	return c
}

// looked is a batch with what was found in it.
type looked struct {
	arrow.RecordBatch
	tallies  []tally
	ids      []rowID // of the rows that have a key
	empty    []int64 // rows without that part of the key
	names    []string
	tenantOf []int32   // by row; nil without a tenant column
	groups   []groupID // by row; nil where none are counted

	left   []remains   // by leaf
	tokens [][]uint64  // by domain
	shapes []leafShape // by leaf
}

// look reads a batch.
func (c *cells) look(ctx context.Context, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	l := &looked{RecordBatch: in, tallies: make([]tally, len(c.all)), left: make([]remains, len(c.all)), shapes: make([]leafShape, len(c.all))}
	var around *surroundings
	if slices.ContainsFunc(c.all, func(l leaf) bool { return l.guards != nil }) {
		around = &surroundings{kept: map[string]view{}}
		for i, at := range c.columns {
			around.see(c.all, at, in.Column(i))
		}
	}
	for i, at := range c.columns {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		l.look(c, at, in.Column(i), around)
	}
	l.own(in, c.tenants.column)
	l.identify(in, c.keys.columns, c.hash)
	l.groups = c.quasi.group(in)
	l.tokens = c.counting.look(l, c.columns, in)
	if err := l.survive(ctx, c, in); err != nil {
		return nil, err
	}
	in.Retain()
	return l, nil
}

// look looks at the values of one place. What the schema does not lead to is counted by the next leaf above it. around is
// nil where no conditions are to be checked.
func (l *looked) look(c *cells, at *place, a arrow.Array, around *surroundings) {
	if list, ok := a.(*array.List); ok {
		a = list.ListValues()
		if around != nil {
			defer around.enter(list)()
			around.see(c.all, at, a)
		}
		l.look(c, at, a, around)
		return
	}
	if at.leaf >= 0 {
		leaf := &c.all[at.leaf]
		s := scan{column: &leaf.column, tally: &l.tallies[at.leaf]}
		s.tally.nulls += int64(a.NullN())
		s.tally.values += present(a)
		s.array(a)
		if leaf.guards != nil {
			around.conditions(&s, leaf.guards, a)
		}
		return
	}
	object := a.(*array.Struct)
	for i, m := range at.members {
		l.look(c, m, object.Field(i), around)
	}
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
		c.survivors[i].and(&l.left[i])
		c.shapes[i].and(l.shapes[i])
	}
	c.counting.add(l.tokens, l.NumRows())
	c.tenants.add(l)
	c.keys.add(l)
	c.quasi.add(l)
	return nil
}
