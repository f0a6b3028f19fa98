package masker

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// keep hands the column on.
type keep struct{}

func (keep) output(in arrow.DataType) (arrow.DataType, bool) { return in, !nested(in) }

func (keep) mask(_ *scratch, c cells) (arrow.Array, error) {
	c.array.Retain()
	return c.array, nil
}

func (keep) perValue() bool { return true }

func (keep) room(_, size int) int { return size }

func (keep) rewrite(_ *scratch, _ place, dst, value []byte) ([]byte, error) {
	return append(dst, value...), nil
}

// null keeps the column's name and type and no value.
type null struct{}

func (null) output(in arrow.DataType) (arrow.DataType, bool) {
	if nested(in) {
		return arrow.BinaryTypes.String, true
	}
	return in, true
}

func (n null) mask(_ *scratch, c cells) (arrow.Array, error) {
	t, _ := n.output(c.array.DataType())
	return array.MakeArrayOfNull(c.frame.mem, t, c.level.slots), nil
}

func (null) perValue() bool { return true }

func (null) room(int, int) int { return 0 }

func (null) rewrite(_ *scratch, _ place, dst, _ []byte) ([]byte, error) { return dst, errNull }

// constant replaces every value. It reads none, so that it works on any column.
type constant struct{ with string }

func (constant) output(arrow.DataType) (arrow.DataType, bool) { return arrow.BinaryTypes.String, true }

func (o constant) mask(s *scratch, c cells) (arrow.Array, error) {
	if s.translation != nil {
		return s.translation.always(c, o.with)
	}
	a := newTextArray(c, o.room(c.level.slots-c.array.NullN(), 0))
	for slot := range c.level.slots {
		if !c.array.IsNull(slot) {
			a.out = append(a.out, o.with...)
		}
		if err := a.end(slot); err != nil {
			a.release()
			return nil, err
		}
	}
	return a.finish()
}

func (constant) perValue() bool { return true }

func (o constant) room(n, _ int) int { return n * len(o.with) }

func (o constant) rewrite(_ *scratch, _ place, dst, _ []byte) ([]byte, error) {
	return append(dst, o.with...), nil
}
