package document

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// AppendJSON appends the value without white space. Numbers are literally those of the text; strings say the same, with no
// more escapes than they need, so that nothing hides in them from whoever looks at the bytes.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.Kind() {
	case String:
		return AppendString(dst, v.Text())
	case Array, Object:
		object := v.Kind() == Object
		open, end := byte('['), byte(']')
		if object {
			open, end = '{', '}'
		}
		dst = append(dst, open)
		first := true
		for child := range v.Children() {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if object {
				dst = append(AppendString(dst, child.Name()), ':')
			}
			dst = child.AppendJSON(dst)
		}
		return append(dst, end)
	default:
		return append(dst, v.Text()...)
	}
}

// AppendString appends the text, which is UTF-8, as a JSON string.
func AppendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	for from := 0; ; from++ {
		to := special(text, from)
		dst = append(dst, text[from:to]...)
		if to == len(text) {
			return append(dst, '"')
		}
		dst = appendEscape(dst, text[to])
		from = to
	}
}

// special is the place of the first byte from i on that is no part of a JSON string as it stands: a quote, a backslash or
// a control character. It is the length of the text when there is none.
func special(text []byte, i int) int {
	const (
		each  = 0x0101010101010101
		marks = 0x80 * each
	)
	for ; i <= len(text)-8; i += 8 {
		x := binary.LittleEndian.Uint64(text[i : i+8])
		quote, backslash := x^'"'*each, x^'\\'*each
		// The first byte that is marked is one of them; those behind it need not be.
		if m := ((x-' '*each)&^x | (quote-each)&^quote | (backslash-each)&^backslash) & marks; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for i < len(text) && !escapes(text[i]) {
		i++
	}
	return i
}

func escapes(c byte) bool { return c < ' ' || c == '"' || c == '\\' }

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// Quote makes a JSON string of dst[from:], which is UTF-8, in its place.
func Quote(dst []byte, from int) []byte {
	first := special(dst, from)
	more := 2
	for i := first; i < len(dst); i = special(dst, i+1) {
		var room [6]byte
		more += len(appendEscape(room[:0], dst[i])) - 1
	}
	// From the end to the beginning, so that nothing is overwritten before it is read.
	read := len(dst)
	dst = slices.Grow(dst, more)[:read+more]
	write := len(dst) - 1
	dst[write] = '"'
	for read--; read >= first; read-- {
		c := dst[read]
		if !escapes(c) {
			write--
			dst[write] = c
			continue
		}
		var room [6]byte
		escape := appendEscape(room[:0], c)
		write -= len(escape)
		copy(dst[write:], escape)
	}
	copy(dst[from+1:], dst[from:first])
	dst[from] = '"'
	return dst
}
