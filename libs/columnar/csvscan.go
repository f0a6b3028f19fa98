package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvScanner splits text of a dialect into records. Unlike encoding/csv it tells
// an empty cell from a quoted empty one, and keeps line breaks inside quotes bit
// for bit.
type csvScanner struct {
	r        io.Reader
	buf      []byte
	pos, end int
	class    [256]csvClass
	quote    byte
	escape   byte // 0 where the dialect has none
	nulls    map[string]bool
	limits   Limits

	record []byte // the cells' bytes, one after the other
	cells  []csvCell
	start  int     // where the current cell begins
	now    csvCell // the current cell
}

// csvCell is where a cell ends in the record, and how it was written.
type csvCell struct {
	end     int
	quoted  bool
	escaped bool // a character was escaped
	stray   bool // the escape character stands before one that needs none
}

// literal says whether the cell's bytes are those of the file.
func (c csvCell) literal() bool { return !c.quoted && !c.escaped }

// csvClass is what a byte means to the scanner. All but plain end a run of
// unquoted bytes, and may be escaped.
type csvClass uint8

const (
	csvPlain csvClass = iota
	csvDelimiter
	csvQuote
	csvEscape
	csvCR
	csvLF
)

var (
	errBareQuote  = errors.New("a quote inside an unquoted cell: quote the whole cell and double the quote")
	errAfterQuote = errors.New("text after a closing quote: double a quote that belongs to the cell")
	errOpenQuote  = errors.New("the file ends inside a quoted cell: it is cut off, or a quote is not closed")
	errOpenEscape = errors.New("the file ends after an escape character: it is cut off")
	errStray      = errors.New("an escape character before a character that needs none: double an escape character that belongs to the cell")
	errBareCR     = errors.New("a carriage return without line feed outside quotes: end lines with LF or CR LF")
	errNotUTF8    = errors.New("not valid UTF-8: convert the file to UTF-8")
)

func newCSVScanner(r io.Reader, dialect CSV, limits Limits) *csvScanner {
	s := &csvScanner{r: r, buf: make([]byte, 256<<10), limits: limits, class: dialect.classes(), escape: byte(dialect.Escape)}
	if dialect.Quote != NoQuote {
		s.quote = byte(dialect.Quote)
	}
	for _, text := range dialect.Null {
		if s.nulls == nil {
			s.nulls = map[string]bool{}
		}
		s.nulls[text] = true
	}
	return s
}

// classes is the class of every byte in a dialect with its defaults.
func (c CSV) classes() (class [256]csvClass) {
	class['\r'], class['\n'] = csvCR, csvLF
	class[byte(c.Delimiter)] = csvDelimiter
	if c.Quote != NoQuote {
		class[byte(c.Quote)] = csvQuote
	}
	if c.Escape != 0 {
		class[byte(c.Escape)] = csvEscape
	}
	return class
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

// null says whether cell i of the record stands for null.
func (s *csvScanner) null(i int) bool {
	if !s.cells[i].literal() {
		return false
	}
	text := s.cell(i)
	return len(text) == 0 || s.nulls != nil && s.nulls[string(text)]
}

// blank says whether the record is an empty line.
func (s *csvScanner) blank() bool {
	return len(s.cells) == 1 && len(s.record) == 0 && s.cells[0].literal()
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

func (s *csvScanner) endCell() error {
	if len(s.cells) >= s.limits.MaxColumns {
		return fmt.Errorf("more than %d columns", s.limits.MaxColumns)
	}
	s.now.end = len(s.record)
	s.cells = append(s.cells, s.now)
	s.start, s.now = len(s.record), csvCell{}
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
	s.record, s.cells, s.start, s.now = s.record[:0], s.cells[:0], 0, csvCell{}
	state, escaping, began := atCell, false, false
	for {
		if s.pos == s.end {
			if err := s.fill(); err == io.EOF {
				return s.last(state, escaping, began)
			} else if err != nil {
				return err
			}
		}
		began = true
		c := s.buf[s.pos]
		class := s.class[c]
		switch {
		case class == csvPlain && state <= inCell && !escaping:
			state = inCell
			from := s.pos
			for s.pos < s.end && s.class[s.buf[s.pos]] == csvPlain {
				s.pos++
			}
			if err := s.take(s.buf[from:s.pos]); err != nil {
				return err
			}
		case escaping:
			escaping = false
			if err := s.unescape(c, class); err != nil {
				return err
			}
		case state == inQuotes:
			run := s.quotedRun()
			if err := s.take(run); err != nil {
				return err
			}
			if s.pos += len(run); s.pos == s.end {
				continue
			}
			state, escaping = afterQuote, false
			if s.buf[s.pos] != s.quote {
				state, escaping = inQuotes, true
			}
			s.pos++
		case state == afterCR:
			if class != csvLF {
				return errBareCR
			}
			s.pos++
			return s.endCell()
		case class == csvDelimiter:
			s.pos++
			if err := s.endCell(); err != nil {
				return err
			}
			state = atCell
		case class == csvLF:
			s.pos++
			return s.endCell()
		case class == csvCR:
			s.pos++
			state = afterCR
		case class == csvQuote:
			s.pos++
			switch state {
			case atCell:
				state, s.now.quoted = inQuotes, true
			case afterQuote:
				state = inQuotes
				if err := s.take([]byte{c}); err != nil {
					return err
				}
			default:
				return errBareQuote
			}
		case state == afterQuote:
			return errAfterQuote
		default: // an escape
			s.pos++
			state, escaping = inCell, true
		}
	}
}

// quotedRun is what is there of a quoted cell up to a quote or an escape.
func (s *csvScanner) quotedRun() []byte {
	run := s.buf[s.pos:s.end]
	if s.escape == 0 {
		if n := bytes.IndexByte(run, s.quote); n >= 0 {
			run = run[:n]
		}
		return run
	}
	for i, c := range run {
		if c == s.quote || c == s.escape {
			return run[:i]
		}
	}
	return run
}

// unescape takes the character after an escape. One that needs none stays
// where it is, and the escape belongs to the cell.
func (s *csvScanner) unescape(c byte, class csvClass) error {
	if class == csvPlain {
		s.now.stray = true
		return s.take([]byte{s.escape})
	}
	s.pos++
	s.now.escaped = true
	return s.take([]byte{c})
}

// last ends the record at the end of the file.
func (s *csvScanner) last(state csvState, escaping, began bool) error {
	switch {
	case escaping:
		return errOpenEscape
	case state == inQuotes:
		return errOpenQuote
	case state == afterCR:
		return errBareCR
	case !began:
		return io.EOF
	}
	return s.endCell()
}

// check says whether every cell is text. Two halves of a character in
// neighbouring cells are not.
func (s *csvScanner) check() (bad int, err error) {
	ascii := isASCII(s.record)
	if ascii && s.escape == 0 {
		return 0, nil
	}
	for i, c := range s.cells {
		if !ascii && !utf8.Valid(s.cell(i)) {
			return i, errNotUTF8
		}
		if c.stray && !s.null(i) {
			return i, errStray
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
