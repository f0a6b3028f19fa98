package columnar

import (
	"errors"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// csvRows writes RFC 4180 with LF: null is an unquoted empty cell, the empty
// string is "".
type csvRows struct {
	dialect CSV
	first   bool // the next cell is the first of its row
}

var errNoColumns = errors.New("columnar: write csv: a csv needs at least one column")

func (r *csvRows) header(s *arrow.Schema) ([]byte, error) {
	if s.NumFields() == 0 {
		return nil, errNoColumns
	}
	r.first = true
	if !r.dialect.Header {
		return nil, nil
	}
	var line []byte
	for i, f := range s.Fields() {
		var err error
		if line, err = r.cell(line, i, []byte(f.Name), false); err != nil {
			return nil, &Error{Op: opWriteCSV, Column: ShowName(f.Name, i), Err: err}
		}
	}
	return r.end(line), nil
}

func (r *csvRows) cell(dst []byte, _ int, text []byte, null bool) ([]byte, error) {
	if !r.first {
		dst = append(dst, byte(r.dialect.Delimiter))
	}
	r.first = false
	if null {
		return dst, nil
	}
	if !utf8.Valid(text) {
		return dst, errNotUTF8
	}
	if len(text) > 0 && !r.needsQuotes(text) {
		return append(dst, text...), nil
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"'), nil
}

// needsQuotes: a byte order mark would be taken off the first cell of a file.
func (r *csvRows) needsQuotes(text []byte) bool {
	for _, c := range text {
		if c == '"' || c == '\n' || c == '\r' || c == byte(r.dialect.Delimiter) || c == utf8BOM[0] {
			return true
		}
	}
	return false
}

func (r *csvRows) end(dst []byte) []byte {
	r.first = true
	return append(dst, '\n')
}
