package columnar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// CSV is a dialect of RFC 4180. The zero value means DefaultCSV. Delimiter,
// quote and escape are different ASCII characters, none of them NUL, CR or LF.
//
// An unquoted empty cell is null, a quoted one is the empty string. Lines end
// with LF or CR LF.
type CSV struct {
	Delimiter rune // 0 means a comma and a header, whatever Header says
	Header    bool // the first record names the columns; otherwise Options.Columns do, in order
	Quote     rune // 0 means '"'; NoQuote means that quotes are ordinary characters

	// Escape makes the character after it part of the cell, in quotes and outside:
	// a delimiter, a quote, a line break or itself. Before any other character it
	// is an error, as dialects differ in what they mean by it, unless the whole
	// cell is one of Null, as \N of MySQL is. 0 means that only a doubled quote
	// escapes, which it does in any case.
	Escape rune

	// Null are texts that mean null where they are a whole unquoted cell, beside
	// the empty one. Null is always written as an empty cell.
	Null []string

	// Encoding is that of the text read: "" or "utf-8"; "utf-16", by its byte order
	// mark; "utf-16le" and "utf-16be", with or without one; "windows-1252";
	// "iso-8859-1". A byte that it does not define is an error. Written is UTF-8
	// alone.
	Encoding string
}

// NoQuote as CSV.Quote is a dialect without quotes: no cell holds a delimiter or
// a line break, unless it is escaped.
const NoQuote rune = -1

// DefaultCSV is comma separated with a header.
func DefaultCSV() CSV { return CSV{Delimiter: ',', Header: true, Quote: '"'} }

// withDefaults returns the dialect with every default written out, or what is
// wrong with it.
func (c CSV) withDefaults() (CSV, error) {
	if c.Delimiter == 0 {
		c.Delimiter, c.Header = ',', true
	}
	if c.Quote == 0 {
		c.Quote = '"'
	}
	if c.Escape == c.Quote {
		c.Escape = 0
	}
	switch {
	case !csvMark(c.Delimiter) || c.Delimiter == c.Quote:
		return c, errors.New("columnar: csv delimiter must be one ASCII character other than quote, CR and LF")
	case c.Quote != NoQuote && !csvMark(c.Quote):
		return c, errors.New("columnar: csv quote must be one ASCII character other than CR and LF, or none")
	case c.Escape != 0 && (!csvMark(c.Escape) || c.Escape == c.Delimiter):
		return c, errors.New("columnar: csv escape must be one ASCII character other than the delimiter, CR and LF")
	case !slices.Contains(csvEncodings, c.Encoding):
		return c, fmt.Errorf("columnar: csv encoding must be one of %s", strings.Join(csvEncodings[1:], ", "))
	}
	for i, text := range c.Null {
		if !c.unquotedCell(text) {
			return c, fmt.Errorf("columnar: csv null text %d cannot be an unquoted cell: it holds a delimiter, a quote, a line break, or no UTF-8", i+1)
		}
	}
	return c, nil
}

func csvMark(r rune) bool { return r > 0 && r < utf8.RuneSelf && r != '\r' && r != '\n' }

// unquotedCell says whether text stands for itself in a file. An escape may
// stand before a character that needs none.
func (c CSV) unquotedCell(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	s := newCSVScanner(strings.NewReader(text), CSV{Delimiter: c.Delimiter, Quote: c.Quote, Escape: c.Escape}, DefaultLimits())
	err := s.next()
	return text == "" || err == nil && len(s.cells) == 1 && s.cells[0].literal() && string(s.record) == text
}
