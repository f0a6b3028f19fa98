package columnar

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// appendString appends text as a JSON string.
func appendString(dst, text []byte) ([]byte, error) {
	if isPlain(text) {
		dst = append(dst, '"')
		dst = append(dst, text...)
		return append(dst, '"'), nil
	}
	if !utf8.Valid(text) {
		return dst, errNotUTF8
	}
	return appendQuoted(dst, text), nil
}

// block is how many bytes appendPlain copies at a time. What it copies needs as many behind it.
const block = 32

// appendPlain appends lead, and text in quotes. Most members are short: whole
// blocks of them, with whatever stands behind, are copied faster than their bytes.
func appendPlain(dst, lead, text []byte) []byte {
	if cap(text)-len(text) < block || cap(lead)-len(lead) < block {
		dst = append(append(append(dst, lead...), '"'), text...)
		return append(dst, '"')
	}
	at, size := len(dst), len(lead)+len(text)+2
	if cap(dst)-at < size+block {
		dst = slices.Grow(dst, size+block)
	}
	to, from := dst[at:cap(dst)], lead[:len(lead)+block]
	for i := 0; i < len(lead); i += block {
		copyBlock(to[i:], from[i:])
	}
	to = to[len(lead):]
	to[0] = '"'
	to, from = to[1:], text[:len(text)+block]
	for i := 0; i < len(text); i += block {
		copyBlock(to[i:], from[i:])
	}
	to[len(text)] = '"'
	return dst[:at+size]
}

func copyBlock(to, from []byte) {
	_, _ = to[block-1], from[block-1]
	a, b := binary.NativeEndian.Uint64(from), binary.NativeEndian.Uint64(from[8:])
	c, d := binary.NativeEndian.Uint64(from[16:]), binary.NativeEndian.Uint64(from[24:])
	binary.NativeEndian.PutUint64(to, a)
	binary.NativeEndian.PutUint64(to[8:], b)
	binary.NativeEndian.PutUint64(to[16:], c)
	binary.NativeEndian.PutUint64(to[24:], d)
}

// isPlain says whether text is ASCII that needs no escape.
func isPlain(text []byte) bool {
	if len(text) < 8 {
		for _, c := range text {
			if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
				return false
			}
		}
		return true
	}
	var found uint64
	for i := 0; i+8 < len(text); i += 8 {
		w := binary.LittleEndian.Uint64(text[i:])
		found |= unplain(w)
	}
	w := binary.LittleEndian.Uint64(text[len(text)-8:])
	return found|unplain(w) == 0
}

const hexDigits = "0123456789abcdef"

func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for {
		n := plainPrefix(text)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			return append(dst, '"')
		}
		switch c := text[n]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		text = text[n+1:]
	}
}

// plainPrefix returns how many bytes at the start of text need no escape.
func plainPrefix(text []byte) int {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		if m := attention(binary.LittleEndian.Uint64(text[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			break
		}
	}
	return i
}
