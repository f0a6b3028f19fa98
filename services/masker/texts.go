package masker

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/columnar"
)

// texts reads a column as canonical text, without a copy where the column is text already. It is not safe for
// concurrent use.
type texts struct {
	column  arrow.Array
	bytes   []byte  // of a text column
	offsets []int32 // of its rows in bytes, all shifted by the first
	buf     []byte
}

func newTexts(column arrow.Array) *texts {
	t := &texts{column: column}
	if s, ok := column.(*array.String); ok && s.Len() > 0 {
		t.bytes, t.offsets = s.ValueBytes(), s.ValueOffsets()
	}
	return t
}

// at is the text of row i, false when it is null. The bytes are valid until the next call.
func (t *texts) at(i int) ([]byte, bool, error) {
	if t.offsets != nil {
		if t.column.IsNull(i) {
			return nil, false, nil
		}
		base := t.offsets[0]
		return t.bytes[t.offsets[i]-base : t.offsets[i+1]-base], true, nil
	}
	var ok bool
	var err error
	t.buf, ok, err = columnar.AppendText(t.buf[:0], t.column, i)
	return t.buf, ok, err
}
