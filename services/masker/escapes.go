package masker

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// plainText is a text as it reads without the escapes of JSON, however often it was quoted: in `{"a":"Hi\nJos\u00e9"}` the
// letter behind a backslash belongs to no word, and an escaped one does. It remembers where each byte came from.
type plainText struct {
	bytes []byte
	from  []int32 // for each byte and for the end: where the character begins in the text
}

// read undoes the escapes of text; it is false when there is none.
func (u *plainText) read(text []byte) bool {
	i := bytes.IndexByte(text, '\\')
	if i < 0 {
		return false
	}
	u.bytes, u.from = append(u.bytes[:0], text[:i]...), u.from[:0]
	for at := range i {
		u.from = append(u.from, int32(at))
	}
	for i < len(text) {
		c, next := text[i:i+1], i+1
		var room [utf8.UTFMax]byte
		if text[i] == '\\' {
			var r rune
			r, next = unescape(text, i)
			c = utf8.AppendRune(room[:0], r)
		}
		for range c {
			u.from = append(u.from, int32(i))
		}
		u.bytes = append(u.bytes, c...)
		i = next
	}
	u.from = append(u.from, int32(len(text)))
	return true
}

// passage is where a passage of the plain text stands in the text.
func (u *plainText) passage(p passage) passage {
	return passage{int(u.from[p.start]), int(u.from[p.end]), p.label}
}

// controls are the control characters that JSON has a letter for (RFC 8259, section 7).
var controls = map[byte]rune{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape is the character that the escape at i stands for, and where it ends. A text that was quoted several times has
// several backslashes.
func unescape(text []byte, i int) (rune, int) {
	for i++; i < len(text) && text[i] == '\\'; i++ {
	}
	if i == len(text) {
		return '\\', i
	}
	if r, ok := controls[text[i]]; ok {
		return r, i + 1
	}
	if r, ok := unit(text, i); ok {
		i += 5
		rest := bytes.TrimLeft(text[i:], `\`)
		if low, ok := unit(rest, 0); ok && utf16.IsSurrogate(r) && len(rest) < len(text)-i {
			return utf16.DecodeRune(r, low), len(text) - len(rest) + 5
		}
		return r, i
	}
	return '\\', i
}

// unit reads the u and four hex digits of an escape.
func unit(text []byte, i int) (rune, bool) {
	if len(text) < i+5 || text[i] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(text[i+1:i+5]), 16, 16)
	return rune(r), err == nil
}
