package detect

import (
	"unicode"
	"unicode/utf8"
)

// gap says which kinds of separator stand between two digit groups.
type gap uint8

const (
	gapSpace gap = 1 << iota
	gapDash
	gapDot
	gapParen
	gapSlash
	gapUnder
	gapPlus
	// gapNothing is a rune that cannot be seen: zero-width space and joiner,
	// soft hyphen, direction marks, the parts of a keycap emoji. It separates
	// nothing.
	gapNothing
)

// lead is non-zero for bytes at which the walk has to look closer.
var lead = func() (t [256]uint8) {
	for c := range t {
		if c >= '0' && c <= '9' || c == '@' || c == '%' || c == '\\' || c >= 0x80 {
			t[c] = 1
		}
	}
	return t
}()

var asciiGap = [128]gap{
	0:   gapNothing, // between the bytes of ASCII in UTF-16
	' ': gapSpace, '-': gapDash, '~': gapDash, '.': gapDot, '(': gapParen, ')': gapParen, '[': gapParen, ']': gapParen,
	'/': gapSlash, '_': gapUnder, '+': gapPlus,
}

// byteGap is the kind of separator that a byte alone is, 0 for none, and unclear
// where more bytes have to be looked at.
var byteGap = func() (t [256]gap) {
	for c := range t {
		if t[c] = unclear; c < utf8.RuneSelf && c != '%' && c != '\\' && c != '&' {
			t[c] = asciiGap[c]
		}
	}
	return t
}()

// unclear is no kind of separator.
const unclear gap = 0xFF

// runeGap is the separator kind of r, 0 when it is none.
func runeGap(r rune) gap {
	if r < 128 {
		return asciiGap[r]
	}
	switch {
	case r == 0xA0, r == 0x1680, r >= 0x2000 && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
		return gapSpace
	case r >= 0x2010 && r <= 0x2015, r == 0x2043, r == 0x2212, r == 0xFE58, r == 0xFE63, r == 0xFF0D:
		return gapDash
	case r == 0xB7, r == 0x2022, r == 0x2024, r == 0x2027, r == 0xFF0E, r == 0x30FB:
		return gapDot
	case r == 0xFF08, r == 0xFF09:
		return gapParen
	case r == 0xFF0F, r == 0x2044:
		return gapSlash
	case r == 0xFF3F:
		return gapUnder
	case r == 0xFF0B:
		return gapPlus
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064,
		r >= 0x2066 && r <= 0x2069, r == 0xFEFF, r == 0xFE0E, r == 0xFE0F, r == 0x20E3, r == 0x180E:
		return gapNothing
	}
	return 0
}

// gapAt reads one separator at i: a rune, or the percent-encoded, JSON-escaped
// or HTML form of one. Width is 0 when there is none.
func gapAt(text []byte, i int) (gap, int) {
	if i >= len(text) {
		return 0, 0
	}
	switch g := byteGap[text[i]]; g {
	case 0:
		return 0, 0
	case unclear:
		return longGap(text, i)
	default:
		return g, 1
	}
}

// longGap is gapAt where the first byte leaves it open.
func longGap(text []byte, i int) (gap, int) {
	c := text[i]
	switch {
	case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
		if g := runeGap(rune(hexValue(text[i+1])<<4 | hexValue(text[i+2]))); g != 0 && g != gapNothing {
			return g, 3
		}
		return 0, 0
	case c == '\\' && escapeLen(text[i:]) == 6:
		var r rune
		for _, h := range text[i+2 : i+6] {
			r = r<<4 | rune(hexValue(h))
		}
		if g := runeGap(r); g != 0 {
			return g, 6
		}
		return 0, 0
	case c == '&' && len(text)-i >= 6 && string(text[i:i+6]) == "&nbsp;":
		return gapSpace, 6
	case c < utf8.RuneSelf:
		return 0, 0
	}
	r, w := utf8.DecodeRune(text[i:])
	if g := runeGap(r); g != 0 {
		return g, w
	}
	return 0, 0
}

// escapeLen is the length of the backslash sequence text begins with: 6 for
// "\u00a0", 2 for "\n" and the like, 1 for a lone backslash.
func escapeLen(text []byte) int {
	if len(text) >= 6 && text[1] == 'u' && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5]) {
		return 6
	}
	if len(text) >= 2 && isLetter(text[1]) {
		return 2
	}
	return 1
}

func runeAt(text []byte, i int) (rune, int) {
	if c := text[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRune(text[i:])
}

// digitValue is the value of a decimal digit of any script, or -1.
func digitValue(r rune) int {
	if r < 128 {
		if r >= '0' && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	if r < 0x660 {
		return -1
	}
	// Unicode lays decimal digits out in runs of ten that begin with zero.
	for _, rt := range unicode.Nd.R16 {
		if r <= rune(rt.Hi) {
			if r < rune(rt.Lo) {
				return -1
			}
			return int(r-rune(rt.Lo)) % 10
		}
	}
	for _, rt := range unicode.Nd.R32 {
		if r <= rune(rt.Hi) {
			if r < rune(rt.Lo) {
				return -1
			}
			return int(r-rune(rt.Lo)) % 10
		}
	}
	return -1
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func hexValue(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}
