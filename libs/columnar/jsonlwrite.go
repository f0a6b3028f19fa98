package columnar

import (
	"errors"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// jsonObjects writes one object per line, members in the schema's order, nulls
// as null. Numbers and booleans are literals, everything else is a string. Only
// what JSON requires is escaped.
type jsonObjects struct {
	names    [][]byte // quoted, with the punctuation before and the colon
	literal  []bool
	floating []bool
}

var errNotANumber = errors.New("NaN and infinity have no JSON number: write CSV or Parquet")

func (o *jsonObjects) header(s *arrow.Schema) ([]byte, error) {
	for i, f := range s.Fields() {
		if !utf8.ValidString(f.Name) {
			return nil, &Error{Op: opWriteJSONL, Column: ShowName(f.Name, i), Err: errNotUTF8}
		}
		name := []byte{','}
		if i == 0 {
			name[0] = '{'
		}
		name = append(appendQuoted(name, []byte(f.Name)), ':')
		o.names = append(o.names, name)
		t := f.Type
		if d, ok := t.(*arrow.DictionaryType); ok {
			t = d.ValueType
		}
		floating := arrow.IsFloating(t.ID())
		o.floating = append(o.floating, floating)
		o.literal = append(o.literal, floating || arrow.IsInteger(t.ID()) || arrow.IsDecimal(t.ID()) || t.ID() == arrow.BOOL)
	}
	return nil, nil
}

func (o *jsonObjects) cell(dst []byte, i int, text []byte, null bool) ([]byte, error) {
	dst = append(dst, o.names[i]...)
	switch {
	case null:
		return append(dst, "null"...), nil
	case o.floating[i] && (text[len(text)-1] == 'N' || text[len(text)-1] == 'f'):
		return dst, errNotANumber
	case o.literal[i]:
		return append(dst, text...), nil
	case !utf8.Valid(text):
		return dst, errNotUTF8
	}
	return appendQuoted(dst, text), nil
}

func (o *jsonObjects) end(dst []byte) []byte {
	if len(o.names) == 0 {
		dst = append(dst, '{')
	}
	return append(dst, '}', '\n')
}

const hexDigits = "0123456789abcdef"

func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	clean := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[clean:i]...)
		clean = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, text[clean:]...), '"')
}
