package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvScanner splits RFC 4180 text into records. Unlike encoding/csv it tells an
// empty cell from a quoted empty one, and keeps line breaks inside quotes bit
// for bit.
type csvScanner struct {
	r         io.Reader
	buf       []byte
	pos, end  int
	special   [256]bool // ends a run of unquoted bytes
	delimiter byte
	limits    Limits

	record []byte // the cells' bytes, one after the other
	cells  []csvCell
	start  int // where the current cell begins
}

type csvCell struct {
	end    int
	quoted bool
}

var (
	errBareQuote  = errors.New("a quote inside an unquoted cell: quote the whole cell and double the quote")
	errAfterQuote = errors.New("text after a closing quote: double a quote that belongs to the cell")
	errOpenQuote  = errors.New("the file ends inside a quoted cell: it is cut off, or a quote is not closed")
	errBareCR     = errors.New("a carriage return without line feed outside quotes: end lines with LF or CR LF")
	errNotUTF8    = errors.New("not valid UTF-8: convert the file to UTF-8")
)

func newCSVScanner(r io.Reader, delimiter byte, limits Limits) *csvScanner {
	s := &csvScanner{r: r, buf: make([]byte, 256<<10), delimiter: delimiter, limits: limits}
	for _, c := range []byte{delimiter, '"', '\r', '\n'} {
		s.special[c] = true
	}
	return s
}

// fill reads more bytes, io.EOF if there are none.
func (s *csvScanner) fill() error {
	n, err := io.ReadAtLeast(s.r, s.buf, 1)
	s.pos, s.end = 0, n
	return err
}

// cell returns cell i of the current record.
func (s *csvScanner) cell(i int) []byte {
	from := 0
	if i > 0 {
		from = s.cells[i-1].end
	}
	return s.record[from:s.cells[i].end]
}

// blank says whether the record is an empty line.
func (s *csvScanner) blank() bool {
	return len(s.cells) == 1 && len(s.record) == 0 && !s.cells[0].quoted
}

func (s *csvScanner) take(run []byte) error {
	s.record = append(s.record, run...)
	if len(s.record)-s.start > s.limits.MaxCellBytes {
		return fmt.Errorf("a cell is larger than %d bytes", s.limits.MaxCellBytes)
	}
	if len(s.record) > s.limits.MaxRowBytes {
		return fmt.Errorf("a row is larger than %d bytes", s.limits.MaxRowBytes)
	}
	return nil
}

func (s *csvScanner) endCell(quoted bool) error {
	if len(s.cells) >= s.limits.MaxColumns {
		return fmt.Errorf("more than %d columns", s.limits.MaxColumns)
	}
	s.cells = append(s.cells, csvCell{len(s.record), quoted})
	s.start = len(s.record)
	return nil
}

type csvState uint8

const (
	atCell     csvState = iota // before a cell
	inCell                     // in an unquoted cell
	inQuotes                   // in a quoted cell
	afterQuote                 // after a quote in a quoted cell
	afterCR                    // after a carriage return that must be a line's end
)

// next reads one record; io.EOF after the last.
func (s *csvScanner) next() error {
	s.record, s.cells, s.start = s.record[:0], s.cells[:0], 0
	state, quoted, began := atCell, false, false
	for {
		if s.pos == s.end {
			if err := s.fill(); err == io.EOF {
				return s.last(state, quoted, began)
			} else if err != nil {
				return err
			}
		}
		began = true
		if state == inQuotes {
			run := s.buf[s.pos:s.end]
			n := bytes.IndexByte(run, '"')
			if n < 0 {
				s.pos = s.end
			} else {
				run, state = run[:n], afterQuote
				s.pos += n + 1
			}
			if err := s.take(run); err != nil {
				return err
			}
			continue
		}
		c := s.buf[s.pos]
		switch {
		case state == afterCR:
			if c != '\n' {
				return errBareCR
			}
			s.pos++
			return s.endCell(quoted)
		case c == s.delimiter:
			s.pos++
			if err := s.endCell(quoted); err != nil {
				return err
			}
			state, quoted = atCell, false
		case c == '\n':
			s.pos++
			return s.endCell(quoted)
		case c == '\r':
			s.pos++
			state = afterCR
		case c == '"':
			s.pos++
			switch state {
			case atCell:
				state, quoted = inQuotes, true
			case afterQuote:
				state = inQuotes
				if err := s.take([]byte{'"'}); err != nil {
					return err
				}
			default:
				return errBareQuote
			}
		case state == afterQuote:
			return errAfterQuote
		default:
			state = inCell
			from := s.pos
			for s.pos < s.end && !s.special[s.buf[s.pos]] {
				s.pos++
			}
			if err := s.take(s.buf[from:s.pos]); err != nil {
				return err
			}
		}
	}
}

// last ends the record at the end of the file.
func (s *csvScanner) last(state csvState, quoted, began bool) error {
	switch {
	case state == inQuotes:
		return errOpenQuote
	case state == afterCR:
		return errBareCR
	case !began:
		return io.EOF
	}
	return s.endCell(quoted)
}

// checkText says whether every cell is UTF-8. Two halves of a character in
// neighbouring cells are not.
func (s *csvScanner) checkText() (bad int, err error) {
	if isASCII(s.record) {
		return 0, nil
	}
	for i := range s.cells {
		if !utf8.Valid(s.cell(i)) {
			return i, errNotUTF8
		}
	}
	return 0, nil
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
