package masker

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// keep hands the column on.
type keep struct{}

func (keep) output(in arrow.DataType) (arrow.DataType, bool) { return in, !nested(in) }

func (keep) mask(_ *scratch, f *frame, field int) (arrow.Array, error) {
	c := f.columns[field]
	c.Retain()
	return c, nil
}

// null keeps the column's name and type and no value.
type null struct{}

func (null) output(in arrow.DataType) (arrow.DataType, bool) {
	if nested(in) {
		return arrow.BinaryTypes.String, true
	}
	return in, true
}

func (n null) mask(_ *scratch, f *frame, field int) (arrow.Array, error) {
	t, _ := n.output(f.columns[field].DataType())
	return array.MakeArrayOfNull(f.mem, t, f.rows), nil
}

// constant replaces every value. It reads none, so that it works on any column.
type constant struct{ with string }

func (constant) output(arrow.DataType) (arrow.DataType, bool) { return arrow.BinaryTypes.String, true }

func (o constant) mask(_ *scratch, f *frame, field int) (arrow.Array, error) {
	b := array.NewStringBuilder(f.mem)
	defer b.Release()
	b.Reserve(f.rows)
	b.ReserveData(f.rows * len(o.with))
	c := f.columns[field]
	for row := range f.rows {
		if c.IsNull(row) {
			b.AppendNull()
		} else {
			b.Append(o.with)
		}
	}
	return b.NewArray(), nil
}
