package masker

import (
	"errors"

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
	if r, ok := o.rewriter.(scrub); ok {
		if column, ok := c.array.(*array.String); ok && column.Len() > 0 {
			return r.column(s, c, column)
		}
	}
	if d, ok := c.array.(*array.Dictionary); ok && o.perValue() {
		known := s.translation
		if known == nil {
			known = newTranslation(false)
		}
		if known.begin(c.frame, d) {
			return o.entries(s, c, d, known)
		}
	}
	view := c.texts()
	a := newTextArray(c, o.room(c.level.slots-c.array.NullN(), len(view.bytes)))
	rewrite := o.rewrite
	later, waits := o.rewriter.(deferred)
	if waits {
		rewrite = later.lay
	}
	told := s.noter.hear(c)
	var repeated *repeats
	if told == nil { // who is told is told of each
		repeated = s.repeats.begin(o.rewriter, c, view)
	}
	made := 0 // the slots in front of this one have all of their texts
	for slot := range c.level.slots {
		value, ok, err := view.at(slot)
		switch {
		case err != nil:
		case !ok:
			a.null(slot)
			continue
		case len(value) == 0:
			err = a.end(slot)
		default:
			if earlier, ok := repeated.before(slot, made, value); ok {
				err = a.repeat(slot, earlier)
				break
			}
			from := len(a.out)
			var out []byte
			if out, err = rewrite(s, c.at(slot), a.out, value); err == nil && !waits {
				err = view.verify(slot, out[from:])
			}
			if err == nil {
				a.out = out
				err = a.end(slot)
				repeated = repeated.keep(slot)
				if told != nil && err == nil {
					err = told.told(c, slot, value, s.told)
				}
			} else if err = c.orNull(slot, err); err == nil {
				a.null(slot)
			}
			switch {
			case !waits:
				made = slot + 1
			case err == nil && s.pending.full():
				err = s.pending.settle(a.out)
				made = slot + 1
			}
		}
		if err != nil {
			s.pending.forget()
			a.release()
			return nil, err
		}
	}
	if err := s.pending.settle(a.out); err != nil {
		a.release()
		return nil, err
	}
	return a.finish()
}

// entries masks a dictionary column: each entry once for every tenant that uses it. The answer is a dictionary array
// where the scratch keeps a translation, else texts.
func (o text) entries(s *scratch, c cells, d *array.Dictionary, known *translation) (arrow.Array, error) {
	view, index := newTexts(d.Dictionary()), newIndices(d)
	number := func(slot int) (int32, error) {
		if d.IsNull(slot) {
			return nothing, nil
		}
		at := c.at(slot)
		entry := index.at(slot)
		to := &known.batch[at.tenant()][entry]
		if *to == untold {
			masked, err := o.entry(s, at, view, entry)
			if err != nil {
				return nothing, c.orNull(slot, err) // for every record that has the entry
			}
			if *to, err = known.add(masked); err != nil {
				return nothing, err
			}
		}
		return *to, nil
	}
	if s.translation != nil {
		return known.numbered(c, number)
	}
	a := newTextArray(c, o.room(c.level.slots-d.NullN(), len(view.bytes)))
	for slot := range c.level.slots {
		n, err := number(slot)
		if err != nil {
			a.release()
			return nil, err
		}
		if n == nothing {
			a.null(slot)
			continue
		}
		a.out = append(a.out, known.at(n)...)
		if err := a.end(slot); err != nil {
			a.release()
			return nil, err
		}
	}
	return a.finish()
}

// entry is the masked form of an entry as it is used at a place.
func (o text) entry(s *scratch, at place, view *texts, entry int) ([]byte, error) {
	value, ok, err := view.at(entry)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errNull
	case len(value) == 0:
		return value, nil
	}
	if s.out, err = o.rewrite(s, at, s.out[:0], value); err == nil {
		err = view.verify(at.slot, s.out)
	}
	return s.out, err
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
