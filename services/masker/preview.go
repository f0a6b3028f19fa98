package masker

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// Compared is one field of a batch before and after it was masked. Both arrays have as many values; they are valid until
// the function that got them returns.
type Compared struct {
	Path, Treatment string
	Before, After   arrow.Array // After is nil for what is dropped
	level           *level
}

// Values are the places in the arrays that belong to one record of the batch, from and to.
func (c Compared) Values(record int) (from, to int) { return c.level.slotsOf(record) }

// Compare masks a file and shows each batch to show, field by field, clear values included: it is for a person who looks
// at their own data. ErrEnough from show ends the reading. Rows that a masked object would leave out are shown as well, the
// values that no treatment can read as null. Data at fault is a *stage.Rejection.
func (p *Plan) Compare(ctx context.Context, src columnar.Source, name string, o Options, show func(records int, fields []Compared) error) error {
	err := p.compare(ctx, src, name, o, show)
	switch {
	case errors.Is(err, ErrEnough):
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		err = context.Cause(ctx)
	}
	return verdict(err)
}

// ErrEnough ends a comparison.
var ErrEnough = errors.New("enough was shown")

func (p *Plan) compare(ctx context.Context, src columnar.Source, name string, o Options, show func(int, []Compared) error) (err error) {
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	input, err := p.input(name, src, o)
	if err != nil {
		return err
	}
	r, err := columnar.Open(src, input)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b, err := p.bind(r.Schema(), "")
	if err != nil {
		return err
	}
	s := newScratch(p)
	for {
		in, err := r.Next(ctx)
		if err == io.EOF { //nolint:errorlint // the end is io.EOF itself; one that is wrapped is damage
			return nil
		}
		if err != nil {
			return err
		}
		before := r.Rows() - in.NumRows()
		err = b.compare(in, s, o, show)
		in.Release()
		var bad *fault
		if errors.As(err, &bad) {
			return bad.rejection(before)
		}
		if err != nil {
			return err
		}
	}
}

func (b *binding) compare(in arrow.RecordBatch, s *scratch, o Options, show func(int, []Compared) error) error {
	x, _, err := b.begin(in, s, o)
	if err != nil {
		return err
	}
	defer x.frame.release()
	x.frame.rejected = map[int]*fault{}
	var fields []Compared
	for i, l := range b.leaves {
		c := x.value(i)
		if c.array == nil {
			continue
		}
		f := Compared{Path: l.path, Treatment: b.treatment(l), Before: c.array, level: c.level}
		if l.operator != nil {
			if f.After, err = x.mask(i); err != nil {
				return err
			}
			x.frame.made = append(x.frame.made, f.After)
		}
		fields = append(fields, f)
	}
	return show(x.frame.records.slots, fields)
}
