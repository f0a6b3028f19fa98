package columnar

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// csvRows writes a dialect with LF so that it reads back equal: null is an
// unquoted empty cell, the empty string is a quoted one.
type csvRows struct {
	dialect CSV
	class   [256]csvClass
	first   bool // the next cell is the first of its row
	begun   bool // a cell of the file has been written

	// names is what the first row must not be without a header: it would be taken
	// for one.
	names []string
}

var (
	errNoColumns = errors.New("columnar: write csv: a csv needs at least one column")
	errNoQuotes  = errors.New("the cell needs quotes, which the dialect does not have: set a quote, or write Parquet")
	errLikeNames = errors.New("the first row equals the column names, which reads as a header: write one")
)

func newCSVRows(dialect CSV) *csvRows {
	return &csvRows{dialect: dialect, class: dialect.classes(), first: true}
}

func (r *csvRows) header(s *arrow.Schema) ([]byte, error) {
	if s.NumFields() == 0 {
		return nil, errNoColumns
	}
	var line []byte
	seen := map[string]bool{}
	for i, f := range s.Fields() {
		if !r.dialect.Header {
			r.names = append(r.names, f.Name)
			continue
		}
		err := headerFault(f.Name, seen)
		if err == nil {
			line, err = r.text(line, []byte(f.Name))
		}
		if err != nil {
			return nil, &Error{Op: opWriteCSV, Column: ShowName(f.Name, i), Err: err}
		}
	}
	if r.dialect.Header {
		line = r.end(line)
	}
	return line, nil
}

// headerFault says why a name could not be read from a header.
func headerFault(name string, seen map[string]bool) error {
	switch {
	case seen[name]:
		return errTwice
	case name == "":
		return errors.New("a column has no name")
	case strings.IndexByte(name, 0) >= 0:
		return errors.New("a NUL byte in the name of a column")
	}
	seen[name] = true
	return nil
}

func (r *csvRows) cell(dst []byte, i int, text []byte, null bool) ([]byte, error) {
	if r.names != nil {
		if null || string(text) != r.names[i] {
			r.names = nil
		} else if i == len(r.names)-1 {
			return dst, errLikeNames
		}
	}
	if null {
		return r.begin(dst), nil
	}
	return r.text(dst, text)
}

// begin writes the delimiter before a cell.
func (r *csvRows) begin(dst []byte) []byte {
	if !r.first {
		dst = append(dst, byte(r.dialect.Delimiter))
	}
	r.first, r.begun = false, true
	return dst
}

func (r *csvRows) text(dst, text []byte) ([]byte, error) {
	// What looks like a byte order mark would be taken off the file.
	mark := !r.begun && bytes.HasPrefix(text, utf8BOM)
	dst = r.begin(dst)
	if !utf8.Valid(text) {
		return dst, errNotUTF8
	}
	special := r.special(text)
	alone := len(text) == 0 || mark || len(r.dialect.Null) > 0 && slices.Contains(r.dialect.Null, string(text)) // only quotes help
	switch {
	case !special && !alone:
		return append(dst, text...), nil
	case r.dialect.Quote != NoQuote:
		dst = append(dst, byte(r.dialect.Quote))
		dst = r.escape(dst, text, csvQuote)
		return append(dst, byte(r.dialect.Quote)), nil
	case special && !mark && r.dialect.Escape != 0:
		return r.escape(dst, text, csvDelimiter, csvQuote, csvCR, csvLF), nil
	}
	return dst, errNoQuotes
}

// special says whether text has a byte that means something.
func (r *csvRows) special(text []byte) bool {
	for _, c := range text {
		if r.class[c] != csvPlain {
			return true
		}
	}
	return false
}

// escape writes text with an escape before each escape and each of the classes
// given. A quote is escaped by itself where the dialect has no other way.
func (r *csvRows) escape(dst, text []byte, classes ...csvClass) []byte {
	mark := byte(r.dialect.Escape)
	if mark == 0 {
		mark = byte(r.dialect.Quote)
	}
	for _, c := range text {
		if class := r.class[c]; class == csvEscape || slices.Contains(classes, class) {
			dst = append(dst, mark)
		}
		dst = append(dst, c)
	}
	return dst
}

func (r *csvRows) end(dst []byte) []byte {
	r.first = true
	return append(dst, '\n')
}
