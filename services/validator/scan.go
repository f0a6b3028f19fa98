package validator

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/columnar"
)

// kind is how a type is looked at.
type kind uint8

const (
	unknownKind  kind = iota // nobody can say what is in there
	textKind                 // text and bytes
	numberKind               // a card number can be in there
	temporalKind             // dates and times
	emptyKind                // booleans and nothing: no room for anything
	nestedKind
)

func kindOf(t arrow.DataType) kind {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		if k := kindOf(t.ValueType); k != nestedKind {
			return k
		}
		return unknownKind
	case arrow.ExtensionType:
		return kindOf(t.StorageType())
	}
	switch id := t.ID(); {
	case arrow.IsBaseBinary(id), id == arrow.STRING_VIEW, id == arrow.BINARY_VIEW, id == arrow.FIXED_SIZE_BINARY:
		return textKind
	case arrow.IsInteger(id), arrow.IsFloating(id), arrow.IsDecimal(id):
		return numberKind
	case id == arrow.DATE32, id == arrow.DATE64, id == arrow.TIMESTAMP, id == arrow.TIME32, id == arrow.TIME64:
		return temporalKind
	case id == arrow.BOOL, id == arrow.NULL:
		return emptyKind
	case id == arrow.STRUCT, id == arrow.LIST, id == arrow.LARGE_LIST, id == arrow.FIXED_SIZE_LIST, id == arrow.MAP:
		return nestedKind
	}
	return unknownKind
}

// scan looks at the cells of one column of one batch.
type scan struct {
	*column
	tally *tally
	find  finder
	memo  memo
	buf   []byte
}

// array looks at every cell that is not null, however deep it lies.
func (s *scan) array(a arrow.Array) {
	switch kindOf(a.DataType()) {
	case textKind:
		if opaque(a.DataType()) {
			s.each(a, s.bytes)
		} else {
			s.texts(a)
		}
	case numberKind:
		s.numbers(a)
	case temporalKind:
		if s.treated != nil {
			s.each(a, s.holds)
		}
	case emptyKind:
		if s.treated != nil {
			s.tally.untreated += present(a)
		}
	case nestedKind:
		if m, ok := a.(*array.Map); ok && len(s.maps) > 0 {
			s.entries(m)
		} else if s.treated != nil {
			s.tally.untreated += present(a)
		}
		s.children(a)
	default:
		s.tally.unreadable += present(a)
	}
}

func present(a arrow.Array) int64 { return int64(a.Len() - a.NullN()) }

// children looks at the keys and values of an open map; the treatment is that of the whole.
func (s *scan) children(a arrow.Array) {
	m, ok := a.(*array.Map)
	if !ok {
		s.tally.unreadable += present(a)
		return
	}
	inner := *s.column
	inner.treated, inner.maps, inner.proven = nil, nil, false
	child := &scan{column: &inner, tally: s.tally}
	child.array(m.Keys())
	child.array(m.Items())
}

// entries holds every map against its treatment, key by key.
func (s *scan) entries(m *array.Map) {
	for row := range m.Len() {
		if m.IsValid(row) && !slices.ContainsFunc(s.maps, func(t openMap) bool { return s.treatedEntries(m, row, t) }) {
			s.tally.untreated++
		}
	}
}

func (s *scan) treatedEntries(m *array.Map, row int, t openMap) bool {
	from, to := m.ValueOffsets(row)
	known := make(map[string]bool, to-from)
	for i := int(from); i < int(to); i++ {
		key, named, err := s.textAt(m.Keys(), i)
		if !named || err != nil || known[string(key)] {
			return false
		}
		name := string(key)
		known[name] = true
		text, ok, err := s.textAt(m.Items(), i)
		if err != nil || !t.entry(name, string(text), !ok) {
			return false
		}
	}
	return true
}

// each calls look with the text of every cell. The text is valid until look returns.
func (s *scan) each(a arrow.Array, look func([]byte)) {
	for row := range a.Len() {
		text, ok, err := s.textAt(a, row)
		switch {
		case err != nil:
			s.tally.unreadable++
			continue
		case !ok:
			continue
		}
		look(text)
	}
}

// holds counts a text that is not as its treatment leaves it.
func (s *scan) holds(text []byte) {
	if !s.treated(text) {
		s.tally.untreated++
	}
}

// textAt is the cell's text until the next call; ok is false for null.
func (s *scan) textAt(a arrow.Array, row int) (text []byte, ok bool, err error) {
	s.buf, ok, err = columnar.AppendText(s.buf[:0], a, row)
	return s.buf, ok, err
}

// found counts what was found in one cell, of classes that are refused and of those that are expected.
func (s *scan) found(of, expected found) {
	if of == (found{}) && expected == (found{}) {
		return
	}
	refused, suspected := s.judge(of)
	s.tally.refused.count(refused)
	s.tally.suspected.count(suspected)
	s.tally.expected.count(expected.sure | expected.weak)
}

// opaque reports whether a type's bytes need not be text. A UUID's never are.
func opaque(t arrow.DataType) bool {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	switch id := t.ID(); id {
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW:
		return true
	case arrow.FIXED_SIZE_BINARY:
		return t.(*arrow.FixedSizeBinaryType).ByteWidth != 16
	}
	return false
}

// bytes looks at a cell that may be anything: an encoding that the detectors do not know hides what is in it.
func (s *scan) bytes(text []byte) {
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		s.tally.unreadable++
		return
	}
	s.count(s.judgement(text))
}

// Card numbers have 13 to 19 digits (ISO/IEC 7812-1).
const (
	minCard = 13
	maxCard = 19
)

// numbers looks for cards among numbers. Most integers are too short to be formatted.
func (s *scan) numbers(a arrow.Array) {
	if ints, ok := a.(*array.Int64); ok && s.treated == nil {
		for row, v := range ints.Int64Values() {
			if (v >= 1e12 || v <= -1e12) && ints.IsValid(row) {
				s.number(a, row)
			} else {
				s.tally.looked++
			}
		}
		s.tally.looked -= int64(a.NullN())
		return
	}
	s.each(a, s.digits)
}

func (s *scan) number(a arrow.Array, row int) {
	text, ok, err := s.textAt(a, row)
	if ok && err == nil {
		s.digits(text)
	}
}

// digits looks at a number's text when it is whole and as long as a card number.
func (s *scan) digits(text []byte) {
	if s.treated != nil && !s.treated(text) {
		s.tally.untreated++
	} else if s.proven {
		s.tally.proven++
		return
	}
	s.tally.looked++
	whole, fraction, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("-")), []byte("."))
	if len(whole) < minCard || len(whole) > maxCard || len(bytes.Trim(fraction, "0")) > 0 {
		return
	}
	s.found(s.find.in(s.card, whole), s.find.in(s.expectedCard, whole))
}
