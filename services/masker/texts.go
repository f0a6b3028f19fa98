package masker

import (
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"

	"github.com/maskrail/maskrail/libs/columnar"
)

// texts reads a column as canonical text, without a copy where the column or its dictionary is text already. It is not
// safe for concurrent use.
type texts struct {
	column  arrow.Array
	valid   []byte  // bitmap of the rows that are not null, where some are; of a text or dictionary column
	first   int     // place of the first row in valid
	bytes   []byte  // of a text column
	offsets []int32 // of its rows in bytes, all shifted by the first
	indices []int32 // of a dictionary column, into entries
	entries *texts
	buf     []byte
}

func newTexts(column arrow.Array) *texts {
	t := &texts{column: column}
	if column.Len() == 0 {
		return t
	}
	switch a := column.(type) {
	case *array.String:
		t.bytes, t.offsets = a.ValueBytes(), a.ValueOffsets()
	case *array.Dictionary:
		indices, ok := a.Indices().(*array.Int32)
		if entries, text := a.Dictionary().(*array.String); ok && text && entries.Len() > 0 {
			t.indices, t.entries = indices.Int32Values(), newTexts(entries)
		}
	}
	if (t.offsets != nil || t.entries != nil) && column.NullN() > 0 {
		t.valid, t.first = column.NullBitmapBytes(), column.Data().Offset()
	}
	return t
}

// at is the text of row i, false when it is null. The bytes are valid until the next call.
func (t *texts) at(i int) ([]byte, bool, error) {
	if t.valid != nil && bitutil.BitIsNotSet(t.valid, t.first+i) {
		return nil, false, nil
	}
	if t.offsets != nil {
		return t.text(i), true, nil
	}
	if t.entries != nil {
		return t.entries.at(int(t.indices[i]))
	}
	var ok bool
	var err error
	t.buf, ok, err = columnar.AppendText(t.buf[:0], t.column, i)
	return t.buf, ok, err
}

// text is the text of row i of a text column, which is not null.
func (t *texts) text(i int) []byte {
	base := t.offsets[0]
	return t.bytes[t.offsets[i]-base : t.offsets[i+1]-base]
}

// verify refuses what was made of a text of row i when it is no text any more. Columns of text were checked when they
// were read, others may hold any bytes.
func (t *texts) verify(i int, made []byte) error {
	if t.offsets != nil || t.entries != nil || utf8.Valid(made) {
		return nil
	}
	return faultf(ClassBadValue, "", i, "bytes that are no UTF-8 text, of which the treatment keeps a part: drop, redact or tokenise the field")
}

// indices are the entries of a dictionary column by row.
type indices struct {
	column  *array.Dictionary
	entries []int32 // nil where they are written in another type
}

func newIndices(d *array.Dictionary) indices {
	x := indices{column: d}
	if i, ok := d.Indices().(*array.Int32); ok {
		x.entries = i.Int32Values()
	}
	return x
}

// at is the entry of a row that is not null.
func (x *indices) at(row int) int {
	if x.entries != nil {
		return int(x.entries[row])
	}
	return x.column.GetValueIndex(row)
}
