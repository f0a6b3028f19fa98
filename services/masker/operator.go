package masker

import (
	"fmt"
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
	// mask makes the masked column of the field's column, which is there. The caller releases the result.
	mask(s *scratch, f *frame, field int) (arrow.Array, error)
}

// compile makes the operator of a field. Drop has none.
func (p *Plan) compile(f policy.Field) (operator, error) {
	switch t := f.Treatment.(type) {
	case policy.Keep:
		return keep{}, nil
	case policy.Drop:
		return nil, nil
	case policy.Null:
		return null{}, nil
	case policy.Redact:
		return constant{with: t.With}, nil
	case policy.Mask:
		return text{newPartial(t)}, nil
	case policy.Card:
		return text{card{keep: t.Keep}}, nil
	case policy.Token:
		return text{p.newToken(t)}, nil
	case policy.Date:
		return truncate{unit: t.Truncate}, nil
	case policy.Scrub:
		s, err := p.newScrub(t)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Path, err)
		}
		return text{s}, nil
	}
	return nil, fmt.Errorf("field %q: the treatment %s is not supported by this version", f.Path, f.Treatment.Name())
}

// rewriter makes one masked text out of one text that is neither null nor empty.
type rewriter interface {
	// rewrite appends the masked form of value, row's text, to dst.
	rewrite(s *scratch, f *frame, row int, dst, value []byte) ([]byte, error)
	// perValue says that the result depends on value and on the row's tenant alone, so that it can be reused.
	perValue() bool
	// room is about how many bytes the masked form of n values of together size bytes has.
	room(n, size int) int
}

// text is an operator that makes text of any column that has a text. Null stays null, empty stays empty.
type text struct{ rewriter }

func (text) output(in arrow.DataType) (arrow.DataType, bool) {
	return arrow.BinaryTypes.String, !nested(in)
}

func (o text) mask(s *scratch, f *frame, field int) (arrow.Array, error) {
	b := array.NewStringBuilder(f.mem)
	defer b.Release()
	b.Reserve(f.rows)
	if d, ok := f.columns[field].(*array.Dictionary); ok && o.perValue() {
		return o.entries(s, f, d, b)
	}
	view := f.texts(field)
	b.ReserveData(o.room(f.rows, len(view.bytes)))
	for row := range f.rows {
		value, ok, err := view.at(row)
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
		if s.out, err = o.rewrite(s, f, row, s.out[:0], value); err != nil {
			return nil, err
		}
		if view.offsets == nil && !utf8.Valid(s.out) { // text columns were checked when they were read
			return nil, faultf(ClassBadValue, "", row, "bytes that are no UTF-8 text, of which the treatment keeps a part: drop, redact or tokenise the field")
		}
		b.BinaryBuilder.Append(s.out)
	}
	return b.NewArray(), nil
}

// entries masks a dictionary column: each entry once for every tenant that uses it.
func (o text) entries(s *scratch, f *frame, d *array.Dictionary, b *array.StringBuilder) (arrow.Array, error) {
	type use struct {
		entry  int
		tenant int32
	}
	done := map[use]string{}
	view := newTexts(d.Dictionary())
	for row := range f.rows {
		if d.IsNull(row) {
			b.AppendNull()
			continue
		}
		u := use{d.GetValueIndex(row), f.tenantOf[row]}
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
				if s.out, err = o.rewrite(s, f, row, s.out[:0], value); err != nil {
					return nil, err
				}
				masked = string(s.out)
			}
			done[u] = masked
		}
		b.Append(masked)
	}
	return b.NewArray(), nil
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
