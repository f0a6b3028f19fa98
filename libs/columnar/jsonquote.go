package columnar

import (
	"encoding/binary"
	"math/bits"
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
