package columnar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// What is scanned here is a buffer of jsonFrames: text with zeros behind it.

var (
	errCut       = errors.New("the object does not end: the file is cut off, or a bracket or quote is missing")
	errSyntax    = errors.New("not valid JSON")
	errNumber    = errors.New("not valid JSON: a number is malformed")
	errEscape    = errors.New("not valid JSON: a wrong escape in a string")
	errControl   = errors.New("not valid JSON: a control character in a string must be escaped, or the quote that ends it is missing")
	errHalf      = errors.New("a string has half of a surrogate pair, which is no Unicode text")
	errEmptyName = errors.New("a member has an empty name")
)

// wrong is a syntax error at b[i].
func wrong(b []byte, i int) error {
	if i >= len(b)-jsonPad {
		return errCut
	}
	return errSyntax
}

// blanks returns where the next byte that is not blank stands.
func blanks(b []byte, i int) int {
	if b[i] > ' ' {
		return i
	}
	return manyBlanks(b, i)
}

func manyBlanks(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t' {
		i++
	}
	return i
}

// afterString returns where a string ends whose text begins at i, 0 if it is cut
// off. It does not look at the text.
func afterString(b []byte, i int) int {
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return 0
		}
		i += n + 1
		back := i - 2
		if b[back] != '\\' {
			return i
		}
		for b[back] == '\\' {
			back--
		}
		if (i-2-back)%2 == 0 {
			return i
		}
	}
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// attention marks the high bit of the bytes of w that need some in a string:
// quotes, backslashes and control characters. Bits above the lowest may be wrong.
func attention(w uint64) uint64 {
	quote, slash := w^('"'*lows), w^('\\'*lows)
	return ((quote-lows)&^quote | (slash-lows)&^slash | (w-' '*lows)&^w) & highs
}

// unplain marks what attention does, and what is not ASCII. Each of the three
// differences has the high bit of a byte that is too small for it; a byte that has
// that bit itself keeps it in at least one.
func unplain(w uint64) uint64 {
	return ((w - ' '*lows) | ((w ^ '"'*lows) - lows) | ((w ^ '\\'*lows) - lows)) & highs
}

// plainText returns where the text from i on stops being plain, and whether it may
// have more than ASCII.
func plainText(b []byte, i int) (end int, ascii bool) {
	var all uint64
	for {
		w := binary.LittleEndian.Uint64(b[i:])
		all |= w
		if m := attention(w); m != 0 {
			return i + bits.TrailingZeros64(m)/8, all&highs == 0
		}
		i += 8
	}
}

// unescape appends to dst what the string says whose text goes on at i, and
// returns where it ends.
func unescape(dst, b []byte, i int) (out []byte, end int, err error) {
	for {
		stop, _ := plainText(b, i)
		dst = append(dst, b[i:stop]...)
		i = stop
		switch c := b[i]; {
		case c == '"':
			return dst, i + 1, nil
		case c != '\\' && i >= len(b)-jsonPad:
			return dst, i, errCut
		case c != '\\':
			return dst, i, errControl
		}
		c := b[i+1]
		i += 2
		if c == 'u' {
			var r rune
			if r, i, err = escapedRune(b, i); err != nil {
				return dst, i, err
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		said := escapes[c]
		if said == 0 {
			if i > len(b)-jsonPad {
				return dst, i, errCut
			}
			return dst, i, errEscape
		}
		dst = append(dst, said)
	}
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escapedRune reads the four digits after \u at i, and the second half of a pair.
func escapedRune(b []byte, i int) (rune, int, error) {
	r, i, err := hex4(b, i)
	if err != nil || !utf16.IsSurrogate(r) {
		return r, i, err
	}
	if b[i] != '\\' || b[i+1] != 'u' {
		if i >= len(b)-jsonPad-1 {
			return 0, i, errCut
		}
		return 0, i, errHalf
	}
	low, i, err := hex4(b, i+2)
	if err != nil {
		return 0, i, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, i, errHalf
	}
	return r, i, nil
}

func hex4(b []byte, i int) (rune, int, error) {
	if i+4 > len(b)-jsonPad {
		return 0, i, errCut
	}
	var r rune
	for _, c := range b[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, i, errEscape
		}
		r = r<<4 | rune(c)
	}
	return r, i + 4, nil
}

// literal returns the number, true, false or null at i.
func literal(b []byte, i int) (text []byte, end int, err error) {
	var n int
	switch c := b[i]; {
	case c == '-' || c >= '0' && c <= '9':
		if n = numberLen(b[i:], false); n == 0 {
			return nil, i, cutLiteral(b, i, errNumber)
		}
	case string(b[i:i+4]) == "null" || string(b[i:i+4]) == "true":
		n = 4
	case string(b[i:i+5]) == "false":
		n = 5
	default:
		return nil, i, cutLiteral(b, i, errSyntax)
	}
	return b[i : i+n], i + n, nil
}

// cutLiteral is what is wrong with the literal at i: err, if all of it is there.
func cutLiteral(b []byte, i int, err error) error {
	for !endsLiteral[b[i]] {
		i++
	}
	if i >= len(b)-jsonPad {
		return errCut
	}
	return err
}

var endsLiteral = [256]bool{0: true, ' ': true, '\t': true, '\n': true, '\r': true, ',': true, '}': true, ']': true, '{': true, '[': true, '"': true}

func isNull(literal []byte) bool { return literal[0] == 'n' }
