package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonScanner walks the members of one flat JSON object. The line must be valid
// UTF-8.
type jsonScanner struct {
	line    []byte
	i       int
	first   bool
	limits  Limits
	scratch [2][]byte // unescaped name and value
}

// jsonMember is one member; its slices live until the next call.
type jsonMember struct {
	name   []byte
	text   []byte // what a string says, or the literal
	null   bool
	nested bool // an object or array, of which only the beginning was read
}

var (
	errObject  = errors.New("not a JSON object: JSON Lines has one object per line")
	errCut     = errors.New("the object does not end on its line: the file is cut off, or the object spans lines")
	errSyntax  = errors.New("not valid JSON")
	errEscape  = errors.New("not valid JSON: a wrong escape in a string")
	errControl = errors.New("not valid JSON: a control character in a string must be escaped")
	errHalf    = errors.New("a string has half of a surrogate pair, which is no Unicode text")
	errAfter   = errors.New("text after the object: JSON Lines has one object per line")
)

func (s *jsonScanner) begin(line []byte) error {
	s.line, s.i, s.first = line, 0, true
	s.blanks()
	if s.i >= len(line) || line[s.i] != '{' {
		return errObject
	}
	s.i++
	return nil
}

func (s *jsonScanner) blanks() {
	for s.i < len(s.line) {
		switch s.line[s.i] {
		case ' ', '\t', '\r':
			s.i++
		default:
			return
		}
	}
}

// peek skips blanks and returns the next byte, 0 at the end of the line.
func (s *jsonScanner) peek() byte {
	s.blanks()
	if s.i < len(s.line) {
		return s.line[s.i]
	}
	return 0
}

// wrong is a syntax error at the current byte.
func (s *jsonScanner) wrong() error {
	if s.i >= len(s.line) {
		return errCut
	}
	return errSyntax
}

// member returns the next member, more = false after the last.
func (s *jsonScanner) member() (m jsonMember, more bool, err error) {
	c := s.peek()
	switch {
	case c == '}':
		s.i++
		if s.peek(); s.i < len(s.line) {
			return m, false, errAfter
		}
		return m, false, nil
	case s.first:
		s.first = false
	case c == ',':
		s.i++
		c = s.peek()
	default:
		return m, false, s.wrong()
	}
	if c != '"' {
		return m, false, s.wrong()
	}
	if m.name, err = s.text(0); err != nil {
		return m, false, err
	}
	if s.peek() != ':' {
		return m, false, s.wrong()
	}
	s.i++
	err = s.value(&m)
	return m, true, err
}

func (s *jsonScanner) value(m *jsonMember) (err error) {
	c := s.peek()
	rest := s.line[s.i:]
	switch {
	case c == '"':
		m.text, err = s.text(1)
		return err
	case c == '{' || c == '[':
		m.nested = true
		return nil
	case c == '-' || c >= '0' && c <= '9':
		n := numberLen(rest, false)
		if n == 0 {
			return fmt.Errorf("%w: a number is malformed", errSyntax)
		}
		m.text = rest[:n]
	case bytes.HasPrefix(rest, []byte("null")):
		m.null, m.text = true, rest[:4]
	case bytes.HasPrefix(rest, []byte("true")):
		m.text = rest[:4]
	case bytes.HasPrefix(rest, []byte("false")):
		m.text = rest[:5]
	default:
		return s.wrong()
	}
	s.i += len(m.text)
	if len(m.text) > s.limits.MaxCellBytes {
		return s.tooLarge()
	}
	return nil
}

func (s *jsonScanner) tooLarge() error {
	return fmt.Errorf("a value is larger than %d bytes", s.limits.MaxCellBytes)
}

// text reads the string at the current quote, into scratch only if it has
// escapes.
func (s *jsonScanner) text(slot int) ([]byte, error) {
	s.i++
	from := s.i
	for ; s.i < len(s.line); s.i++ {
		switch c := s.line[s.i]; {
		case c == '"':
			s.i++
			if s.i-1-from > s.limits.MaxCellBytes {
				return nil, s.tooLarge()
			}
			return s.line[from : s.i-1], nil
		case c == '\\':
			return s.unescape(slot, from)
		case c < ' ':
			return nil, errControl
		}
	}
	return nil, errCut
}

func (s *jsonScanner) unescape(slot, from int) ([]byte, error) {
	out := append(s.scratch[slot][:0], s.line[from:s.i]...)
	defer func() { s.scratch[slot] = out }()
	for s.i < len(s.line) {
		c := s.line[s.i]
		s.i++
		switch {
		case c == '"':
			if len(out) > s.limits.MaxCellBytes {
				return nil, s.tooLarge()
			}
			return out, nil
		case c < ' ':
			return nil, errControl
		case c != '\\':
			out = append(out, c)
			continue
		}
		if s.i >= len(s.line) {
			return nil, errCut
		}
		c = s.line[s.i]
		s.i++
		if c == 'u' {
			r, err := s.escapedRune()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
			continue
		}
		n := bytes.IndexByte([]byte(`"\/bfnrt`), c)
		if n < 0 {
			return nil, errEscape
		}
		out = append(out, "\"\\/\b\f\n\r\t"[n])
	}
	return nil, errCut
}

// escapedRune reads the four digits after \u, and the second half of a pair.
func (s *jsonScanner) escapedRune() (rune, error) {
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !bytes.HasPrefix(s.line[s.i:], []byte(`\u`)) {
		return 0, errHalf
	}
	s.i += 2
	low, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, errHalf
	}
	return r, nil
}

func (s *jsonScanner) hex4() (rune, error) {
	if s.i+4 > len(s.line) {
		return 0, errCut
	}
	var r rune
	for _, c := range s.line[s.i : s.i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, errEscape
		}
		r = r<<4 | rune(c)
	}
	s.i += 4
	return r, nil
}
