package masker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// batch is a batch of the source on its way to the masked one.
type batch struct {
	binding *binding
	frame   *frame
	scratch *scratch
	values  []cells                         // by leaf of the binding
	told    [][]counted                     // by leaf: what its masking has told a noter; nil where it has not
	count   func(leaf int, notes []counted) // takes what is told at once; nil where it is not known yet what is counted
}

func (b *binding) newBatch(rows int, s *scratch, o Options) *batch {
	return &batch{binding: b, frame: newFrame(b.plan, rows, o.Allocator), scratch: s, values: make([]cells, len(b.leaves))}
}

// begin takes a batch apart, down to its values, and finds the owners of its records.
func (b *binding) begin(in arrow.RecordBatch, s *scratch, o Options) (*batch, []*opened, error) {
	x := b.newBatch(int(in.NumRows()), s, o)
	members := make([]*opened, len(b.root.members))
	for i, m := range b.root.members {
		var whole arrow.Array
		if m.source >= 0 {
			whole = in.Column(m.source)
		}
		var err error
		if members[i], err = m.open(x, whole, x.frame.records); err != nil {
			x.frame.release()
			return nil, nil, err
		}
	}
	if err := x.own(o); err != nil {
		x.frame.release()
		return nil, nil, err
	}
	return x, members, nil
}

// own finds the owners of the records, and makes the scratch ready for them.
func (x *batch) own(o Options) error {
	if owner := x.binding.owner; owner != "" {
		x.frame.belong(owner)
	}
	if err := x.frame.own(o.Tenant); err != nil {
		return err
	}
	x.scratch.begin(x.frame)
	return nil
}

// fork is a batch with the same columns for another goroutine: what it adds and finds out is its own.
func (x *batch) fork(s *scratch) *batch {
	out := &batch{binding: x.binding, frame: x.frame.fork(), scratch: s, values: slices.Clone(x.values)}
	for i := range out.values {
		out.values[i].frame = out.frame
	}
	s.begin(out.frame)
	return out
}

func (x *batch) put(leaf int, c cells) {
	ready(c.array)
	x.values[leaf] = c
	if field := x.binding.leaves[leaf].field; field >= 0 {
		x.frame.columns[field] = c
	}
}

// ready lets an array find out what Arrow puts off until it is first asked, and then notes without a lock: how many
// nulls there are, and the entries of a dictionary. Forks of a batch will ask at the same time.
func ready(a arrow.Array) {
	if a == nil {
		return
	}
	a.NullN()
	if d, ok := a.(*array.Dictionary); ok {
		d.Dictionary().NullN()
	}
}

// forget takes the values of a branch out of the batch.
func (x *batch) forget(b *branch) {
	for _, leaf := range b.leaves(nil) {
		c := x.value(leaf)
		c.array = nil
		x.put(leaf, c)
	}
}

// value is the cells of a leaf; those of a column that the masker makes are known to the frame alone.
func (x *batch) value(leaf int) cells {
	if field := x.binding.leaves[leaf].field; field >= 0 {
		return x.frame.columns[field]
	}
	return x.values[leaf]
}

// mask masks the values of one leaf.
func (x *batch) mask(leaf int) (arrow.Array, error) {
	l := x.binding.leaves[leaf]
	clear(x.scratch.searched)
	if n := x.scratch.noter; n != nil && l.field >= 0 && x.binding.plan.fields[l.field].noting.tells {
		n.tell = &x.binding.plan.fields[l.field].noting
		if x.count != nil {
			n.count = func(notes []counted) { x.count(leaf, notes) }
		}
		defer func() { n.tell, n.count = nil, nil }()
	}
	out, err := l.operator.mask(x.scratch, x.value(leaf))
	if err == nil {
		if err = x.heard(leaf); err != nil {
			out.Release()
			return nil, err
		}
		return out, nil
	}
	var bad *fault
	if errors.As(err, &bad) {
		bad.field = l.path
		return nil, err
	}
	return nil, fmt.Errorf("treat field %s: %w", l.path, err)
}

// heard keeps what was told of a leaf, if anything was.
func (x *batch) heard(leaf int) (err error) {
	n := x.scratch.noter
	if n == nil || !n.heard {
		return nil
	}
	if x.told == nil {
		x.told = make([][]counted, len(x.binding.leaves))
	}
	n.heard = false
	x.told[leaf], err = n.taken()
	return err
}

// finish masks all columns and puts them together.
func (x *batch) finish(ctx context.Context, members []*opened) (arrow.RecordBatch, error) {
	var out []arrow.Array
	defer func() {
		for _, c := range out {
			c.Release()
		}
	}()
	for _, m := range members {
		if m.out == nil {
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c, err := m.build(x, x.frame.records.slots)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return array.NewRecordBatch(x.binding.schema, out, int64(x.frame.records.slots)), nil
}
