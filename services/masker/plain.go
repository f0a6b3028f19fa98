package masker

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// This file has the short ways to the canonical form of values that are written in the common manner, in ASCII. Each
// gives what the general way gives, or nothing.

// foldASCII is the lower case of an ASCII character, a space for white space, and notASCII for what else a byte can be.
var foldASCII = func() (t [256]byte) {
	for i := range t {
		switch c := byte(i); {
		case c >= utf8.RuneSelf:
			t[i] = notASCII
		case c == ' ' || c >= '\t' && c <= '\r':
			t[i] = ' '
		case c >= 'A' && c <= 'Z':
			t[i] = c + 'a' - 'A'
		default:
			t[i] = c
		}
	}
	return t
}()

const notASCII = 0xff

// appendPlainName is appendName for ASCII.
func appendPlainName(dst, text []byte) ([]byte, bool) {
	from := len(dst)
	dst = slices.Grow(dst, len(text))
	to := dst[from : from+len(text)]
	n, space := 0, true
	for _, c := range text {
		c = foldASCII[c]
		if c == notASCII {
			return dst, false
		}
		if c == ' ' {
			if space {
				continue
			}
			space = true
		} else {
			space = false
		}
		to[n] = c
		n++
	}
	if space && n > 0 {
		n--
	}
	return dst[:from+n], true
}

// appendPlainDigits appends the digits of a text that has no letters, in ASCII.
func appendPlainDigits(dst, text []byte) ([]byte, bool) {
	from := len(dst)
	dst = slices.Grow(dst, len(text))
	to := dst[from : from+len(text)]
	n := 0
	for _, c := range text {
		switch {
		case c-'0' <= 9:
			to[n] = c
			n++
		case c >= utf8.RuneSelf || c|0x20-'a' < 26:
			return dst, false
		}
	}
	return dst[:from+n], n > 0
}

// What a character of a mail address can be.
const (
	inLocal  = 1 << iota
	inLabel  // of the domain
	isLetter // of ASCII
)

var mailASCII = func() (t [256]byte) {
	for c := byte('!'); c <= '~'; c++ {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			t[c] = inLocal | inLabel | isLetter
		case c >= '0' && c <= '9' || c == '-':
			t[c] = inLocal | inLabel
		case slices.Contains([]byte(notInLocal), c):
		default:
			t[c] = inLocal
		}
	}
	return t
}()

// appendPlainEmail is appendEmail for a mail address by itself in ASCII. Nothing that needs a look at what is around an
// address, such as space, a colon or brackets, can be in one.
func appendPlainEmail(dst, text []byte) ([]byte, bool) {
	at := 0
	for at < len(text) && mailASCII[text[at]]&inLocal != 0 {
		at++
	}
	if at == 0 || at > maxLocalPart || at == len(text) || text[at] != '@' || len(text)-at-1 > maxMailDomain {
		return dst, false
	}
	label, letters, dots := 0, byte(0), 0
	for _, c := range text[at+1:] {
		switch kind := mailASCII[c]; {
		case kind&inLabel != 0:
			label++
			letters |= kind
		case c == '.' && label > 0:
			label, letters = 0, 0
			dots++
		default:
			return dst, false
		}
	}
	if dots == 0 || letters&isLetter == 0 {
		return dst, false
	}
	from := len(dst)
	dst = append(dst, text...)
	lowerASCII(dst[from:])
	return dst, true
}

func ascii(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func lowerASCII(b []byte) {
	for i, c := range b {
		if c-'A' < 26 {
			b[i] = c + 'a' - 'A'
		}
	}
}
