package document

import (
	"errors"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how many arrays and objects may lie in each other.
const MaxDepth = 64

// maxKept is from how many values on the memory of a document is not used again.
const maxKept = 1 << 16

// Why a text is refused. None of them repeats the text.
var (
	errCut     = errors.New("it ends before it is complete, and may have been cut off")
	errSyntax  = errors.New("it breaks the grammar of RFC 8259")
	errEscape  = errors.New("a string has a wrong escape")
	errControl = errors.New("a string has a control character that is not escaped")
	errHalf    = errors.New("a string has half of a surrogate pair, which is no Unicode text")
	errBytes   = errors.New("it has bytes that are no UTF-8")
	errTwice   = errors.New("an object has two members of one name")
	errDeep    = errors.New("its arrays and objects lie more than 64 deep")
	errAfter   = errors.New("something stands behind its value")
	errLarge   = errors.New("it is larger than 2 GiB")
)

// Parse takes a text apart (RFC 8259), which must not change while the document is in use. It refuses what the RFC leaves
// open and readers disagree on: names that an object has twice, halves of surrogate pairs, bytes that are no UTF-8; and
// what is deeper than MaxDepth. Time and memory are bounded by the text's size. Errors say what is wrong, without the text.
func (d *Document) Parse(text []byte) error {
	if cap(d.nodes) > maxKept || cap(d.decoded) > 32*maxKept {
		*d = Document{}
	}
	d.text, d.nodes, d.decoded = text, d.nodes[:0], d.decoded[:0]
	if len(text) > math.MaxInt32 {
		return errLarge
	}
	if !utf8.Valid(text) {
		return errBytes
	}
	p := parser{Document: d}
	if err := p.value(span{}, 0); err != nil {
		return err
	}
	if p.peek(); p.i < len(text) {
		return errAfter
	}
	return nil
}

type parser struct {
	*Document
	i int
}

// peek skips white space and returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	for ; p.i < len(p.text); p.i++ {
		switch c := p.text[p.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// wrong is the error of a byte that cannot stand here.
func (p *parser) wrong() error {
	if p.i >= len(p.text) {
		return errCut
	}
	return errSyntax
}

// value reads a value; depth is the number of arrays and objects around it.
func (p *parser) value(name span, depth int) error {
	at := len(p.nodes)
	p.nodes = append(p.nodes, node{name: name})
	var err error
	c := p.peek()
	switch {
	case c == '"':
		p.nodes[at].kind = String
		p.nodes[at].at, err = p.string()
	case c == '{':
		p.nodes[at].kind = Object
		err = p.children('}', depth)
	case c == '[':
		p.nodes[at].kind = Array
		err = p.children(']', depth)
	case c == '-' || c >= '0' && c <= '9':
		p.nodes[at].kind = Number
		p.nodes[at].at, err = p.number()
	case c == 't':
		p.nodes[at].kind = Bool
		p.nodes[at].at, err = p.word("true")
	case c == 'f':
		p.nodes[at].kind = Bool
		p.nodes[at].at, err = p.word("false")
	case c == 'n':
		p.nodes[at].at, err = p.word("null")
	default:
		err = p.wrong()
	}
	p.nodes[at].next = int32(len(p.nodes))
	if err == nil && c == '{' && p.repeats(int32(at)) {
		err = errTwice
	}
	return err
}

// children reads the elements or members up to the closing bracket.
func (p *parser) children(end byte, depth int) error {
	if depth >= MaxDepth {
		return errDeep
	}
	p.i++
	for first := true; ; first = false {
		switch c := p.peek(); {
		case c == end && first:
			p.i++
			return nil
		case first:
		case c == end:
			p.i++
			return nil
		case c == ',':
			p.i++
		default:
			return p.wrong()
		}
		var name span
		if end == '}' {
			var err error
			if name, err = p.memberName(); err != nil {
				return err
			}
		}
		if err := p.value(name, depth+1); err != nil {
			return err
		}
	}
}

func (p *parser) memberName() (span, error) {
	if p.peek() != '"' {
		return span{}, p.wrong()
	}
	name, err := p.string()
	if err != nil {
		return span{}, err
	}
	if p.peek() != ':' {
		return span{}, p.wrong()
	}
	p.i++
	return name, nil
}

func (p *parser) word(word string) (span, error) {
	for i := range len(word) {
		if p.i+i >= len(p.text) {
			return span{}, errCut
		}
		if p.text[p.i+i] != word[i] {
			return span{}, errSyntax
		}
	}
	p.i += len(word)
	return span{from: int32(p.i - len(word)), to: int32(p.i)}, nil
}

func (p *parser) number() (span, error) {
	from := p.i
	p.accept("-")
	if !p.accept("0") && p.digits() == 0 {
		return span{}, p.wrong()
	}
	if p.accept(".") && p.digits() == 0 {
		return span{}, p.wrong()
	}
	if p.accept("eE") {
		p.accept("+-")
		if p.digits() == 0 {
			return span{}, p.wrong()
		}
	}
	return span{from: int32(from), to: int32(p.i)}, nil
}

// accept steps over one byte if it is one of these.
func (p *parser) accept(these string) bool {
	for i := range len(these) {
		if p.i < len(p.text) && p.text[p.i] == these[i] {
			p.i++
			return true
		}
	}
	return false
}

func (p *parser) digits() int {
	from := p.i
	for p.i < len(p.text) && p.text[p.i] >= '0' && p.text[p.i] <= '9' {
		p.i++
	}
	return p.i - from
}

// string reads the string at the current quote. One without escapes stays where it is.
func (p *parser) string() (span, error) {
	p.i++
	from := p.i
	p.i = special(p.text, from)
	if p.i == len(p.text) {
		return span{}, errCut
	}
	switch p.text[p.i] {
	case '"':
		p.i++
		return span{from: int32(from), to: int32(p.i - 1)}, nil
	case '\\':
		return p.escaped(from)
	}
	return span{}, errControl
}

// escaped reads a string that begins at from and has an escape at the current byte.
func (p *parser) escaped(from int) (span, error) {
	begin := len(p.decoded)
	out := append(p.decoded, p.text[from:p.i]...)
	defer func() { p.decoded = out }()
	for {
		to := special(p.text, p.i)
		out = append(out, p.text[p.i:to]...)
		if p.i = to; p.i == len(p.text) {
			return span{}, errCut
		}
		c := p.text[p.i]
		p.i++
		switch {
		case c == '"':
			return span{from: int32(begin), to: int32(len(out)), decoded: true}, nil
		case c < ' ':
			return span{}, errControl
		}
		if p.i >= len(p.text) {
			return span{}, errCut
		}
		c = p.text[p.i]
		p.i++
		switch c {
		case '"', '\\', '/':
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, err := p.escapedRune()
			if err != nil {
				return span{}, err
			}
			out = utf8.AppendRune(out, r)
			continue
		default:
			return span{}, errEscape
		}
		out = append(out, c)
	}
}

// escapedRune reads the four digits behind \u, and the second half of a pair.
func (p *parser) escapedRune() (rune, error) {
	r, err := p.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !p.accept("\\") {
		return 0, errHalf
	}
	if !p.accept("u") {
		return 0, errHalf
	}
	low, err := p.hex()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, errHalf
	}
	return r, nil
}

func (p *parser) hex() (rune, error) {
	var r rune
	for range 4 {
		if p.i >= len(p.text) {
			return 0, errCut
		}
		c := p.text[p.i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, errEscape
		}
		p.i++
		r = r<<4 | rune(c)
	}
	return r, nil
}
