package masker

import (
	"errors"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/policy"
)

// operator is a treatment compiled for one field. It is shared by the goroutines of a plan and keeps no state;
// what it needs per goroutine is in scratch.
type operator interface {
	// output is the type of the masked column made of one of type in, false when the treatment does not work on it.
	output(in arrow.DataType) (arrow.DataType, bool)
	// mask makes the masked array of the cells, one value for each. The caller releases the result.
	mask(s *scratch, c cells) (arrow.Array, error)
}

// compile makes the operator of a field. Drop has none.
func (p *Plan) compile(f policy.Field) (operator, error) {
	r, err := p.rewriter(f.Treatment)
	if err != nil || r == nil {
		return nil, err
	}
	if o, ok := r.(operator); ok {
		return o, nil
	}
	return text{r}, nil
}

// Rewriters that do more with a column than with its texts.
var _ = []operator{keep{}, null{}, constant{}, dated{}, bucket{}, zip3{}, mapping{}}

// rewriter makes one masked text out of one text that is neither null nor empty.
type rewriter interface {
	// rewrite appends the masked form of value, the text at a place, to dst. A value that it cannot read is a *fault, and
	// errNull is the answer where null stands for the value.
	rewrite(s *scratch, at place, dst, value []byte) ([]byte, error)
	// perValue says that the result depends on value and on the record's tenant alone, so that it can be reused.
	perValue() bool
	// room is about how many bytes the masked form of n values of together size bytes has.
	room(n, size int) int
}

// text is an operator that makes text of any column that has a text. Null stays null, empty stays empty.
type text struct{ rewriter }

func (text) output(in arrow.DataType) (arrow.DataType, bool) {
	return arrow.BinaryTypes.String, !nested(in)
}

func (o text) mask(s *scratch, c cells) (arrow.Array, error) {
	b := array.NewStringBuilder(c.frame.mem)
	defer b.Release()
	b.Reserve(c.level.slots)
	if d, ok := c.array.(*array.Dictionary); ok && o.perValue() {
		return o.entries(s, c, d, b)
	}
	view := c.texts()
	b.ReserveData(o.room(c.level.slots, len(view.bytes)))
	for slot := range c.level.slots {
		value, ok, err := view.at(slot)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			b.AppendNull()
			continue
		case len(value) == 0:
			b.Append("")
			continue
		}
		s.out, err = o.rewrite(s, c.at(slot), s.out[:0], value)
		if err == nil && view.offsets == nil && !utf8.Valid(s.out) { // text columns were checked when they were read
			err = faultf(ClassBadValue, "", slot, "bytes that are no UTF-8 text, of which the treatment keeps a part: drop, redact or tokenise the field")
		}
		if err != nil {
			if err = c.orNull(slot, err); err != nil {
				return nil, err
			}
			b.AppendNull()
			continue
		}
		b.BinaryBuilder.Append(s.out)
	}
	return b.NewArray(), nil
}

// entries masks a dictionary column: each entry once for every tenant that uses it.
func (o text) entries(s *scratch, c cells, d *array.Dictionary, b *array.StringBuilder) (arrow.Array, error) {
	type use struct {
		entry  int
		tenant int32
	}
	done := map[use]string{}
	view := newTexts(d.Dictionary())
	for slot := range c.level.slots {
		if d.IsNull(slot) {
			b.AppendNull()
			continue
		}
		u := use{d.GetValueIndex(slot), c.at(slot).tenant()}
		masked, seen := done[u]
		if !seen {
			value, ok, err := view.at(u.entry)
			switch {
			case err != nil:
				return nil, err
			case !ok:
				b.AppendNull()
				continue
			case len(value) > 0:
				if s.out, err = o.rewrite(s, c.at(slot), s.out[:0], value); err != nil {
					if err = c.orNull(slot, err); err != nil {
						return nil, err
					}
					b.AppendNull()
					continue
				}
				masked = string(s.out)
			}
			done[u] = masked
		}
		b.Append(masked)
	}
	return b.NewArray(), nil
}

// orNull is nil when null stands for a value: as its treatment says, or because its record is left out.
func (c cells) orNull(slot int, err error) error {
	if errors.Is(err, errNull) {
		return nil
	}
	return c.fail(slot, err)
}

func nested(t arrow.DataType) bool {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	if e, ok := t.(arrow.ExtensionType); ok {
		t = e.StorageType()
	}
	return arrow.IsNested(t.ID())
}
