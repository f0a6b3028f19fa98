package scan

import (
	"bytes"
	"context"
	"slices"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/detect"
)

// looked is a batch with what was found in it.
type looked struct {
	arrow.RecordBatch
	found []found // by field
}

// found is what one batch holds in a field.
type found struct {
	cells, unreadable int64
	classes           []Class // rows are those of the batch, from 0
}

// look looks through a batch.
func (t *table) look(ctx context.Context, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	l := &looked{RecordBatch: in, found: make([]found, len(t.fields))}
	s := &scanner{set: t.options.Set, found: l.found}
	for i, p := range t.columns {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.place(p, in.Column(i), func(i int) int64 { return int64(i) })
	}
	in.Retain()
	return l, nil
}

// scanner looks at the cells of a batch.
type scanner struct {
	set   *detect.Set
	found []found
	spans []detect.Span
	text  []byte
}

// place looks at the values of one place. rowOf is the row that an element belongs to.
func (s *scanner) place(p *place, a arrow.Array, rowOf func(int) int64) {
	switch list := a.(type) {
	case *array.Map:
		s.entries(&s.found[p.field], list, rowOf)
		return
	case array.ListLike:
		values := list.ListValues()
		rows := rowsOf(list, values.Len(), rowOf)
		s.place(p, values, func(i int) int64 { return rows[i] })
		return
	}
	if p.field < 0 {
		object := a.(*array.Struct)
		for i, m := range p.members {
			s.place(m, object.Field(i), rowOf)
		}
		return
	}
	s.cells(&s.found[p.field], a, rowOf)
}

// rowsOf are the rows of the elements of lists; -1 for an element that is in none.
func rowsOf(lists array.ListLike, elements int, rowOf func(int) int64) []int64 {
	rows := slices.Repeat([]int64{-1}, elements)
	for i := range lists.Len() {
		if lists.IsNull(i) {
			continue
		}
		for from, to := lists.ValueOffsets(i); from < to; from++ {
			rows[from] = rowOf(i)
		}
	}
	return rows
}

// entries looks at the keys and values of open maps.
func (s *scanner) entries(f *found, m *array.Map, rowOf func(int) int64) {
	rows := rowsOf(m, m.Keys().Len(), rowOf)
	of := func(i int) int64 { return rows[i] }
	s.cells(f, m.Keys(), of)
	s.cells(f, m.Items(), of)
}

func (s *scanner) cells(f *found, a arrow.Array, rowOf func(int) int64) {
	look, opaque := s.kind(a.DataType())
	if look == nil {
		return
	}
	for i := range a.Len() {
		row := rowOf(i)
		if row < 0 {
			continue
		}
		text, ok, err := columnar.AppendText(s.text[:0], a, i)
		s.text = text
		switch {
		case err != nil, ok && opaque && (!utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0):
			f.unreadable++
		case ok:
			f.cells++
			look(f, text, row)
		}
	}
}

// kind is how cells of a type are looked at, nil for those in which there is no room for anything. opaque are bytes that
// need not be text.
func (s *scanner) kind(t arrow.DataType) (look func(*found, []byte, int64), opaque bool) {
	switch d := t.(type) {
	case *arrow.DictionaryType:
		return s.kind(d.ValueType)
	case arrow.ExtensionType:
		return s.kind(d.StorageType())
	}
	switch id := t.ID(); {
	case id == arrow.FIXED_SIZE_BINARY:
		return s.find, t.(*arrow.FixedSizeBinaryType).ByteWidth != 16 // a UUID has 16 bytes, and a text
	case id == arrow.BINARY, id == arrow.LARGE_BINARY, id == arrow.BINARY_VIEW:
		return s.find, true
	case arrow.IsInteger(id), arrow.IsFloating(id), arrow.IsDecimal(id):
		return s.number, false
	case id == arrow.BOOL, id == arrow.NULL, id == arrow.DATE32, id == arrow.DATE64, id == arrow.TIMESTAMP, id == arrow.TIME32, id == arrow.TIME64,
		id == arrow.DURATION:
		return nil, false
	}
	return s.find, false
}

// number looks at numbers that are long enough to be a card's (ISO/IEC 7812-1: 13 to 19 digits). Shorter ones are
// amounts, counts and ids far more often than anything else.
func (s *scanner) number(f *found, text []byte, row int64) {
	if whole, _, _ := bytes.Cut(text, []byte(".")); len(whole) >= 13 && len(whole) <= 19 {
		s.look(f, whole, row, func(span detect.Span) bool { return span.Class == detect.Card })
	}
}

func (s *scanner) find(f *found, text []byte, row int64) {
	s.look(f, text, row, func(detect.Span) bool { return true })
}

// look counts every class in a text once.
func (s *scanner) look(f *found, text []byte, row int64, counts func(detect.Span) bool) {
	s.spans = s.set.Find(s.spans[:0], text)
	for i, span := range s.spans {
		if !counts(span) || slices.ContainsFunc(s.spans[:i], func(before detect.Span) bool { return before.Class == span.Class }) {
			continue
		}
		at := slices.IndexFunc(f.classes, func(c Class) bool { return c.Class == span.Class })
		if at < 0 {
			f.classes = append(f.classes, Class{Class: span.Class})
			at = len(f.classes) - 1
		}
		c := &f.classes[at]
		c.Cells++
		if span.Score >= detect.Sure {
			c.Sure++
		}
		if len(c.Rows) < MaxRows && !slices.Contains(c.Rows, row) {
			c.Rows = append(c.Rows, row)
		}
	}
}
