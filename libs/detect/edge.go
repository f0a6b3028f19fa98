package detect

import (
	"unicode"
	"unicode/utf8"
)

// gapBefore reads one separator that ends at i: a rune or "%2B" and the like.
func gapBefore(text []byte, i int) (gap, int) {
	if i <= 0 {
		return 0, 0
	}
	if i >= 3 && text[i-3] == '%' {
		if k, w := gapAt(text, i-3); w == 3 {
			return k, w
		}
	}
	if c := text[i-1]; c < utf8.RuneSelf {
		if k := asciiGap[c]; k != 0 {
			return k, 1
		}
		return 0, 0
	}
	r, w := utf8.DecodeLastRune(text[:i])
	if k := runeGap(r); k != 0 {
		return k, w
	}
	return 0, 0
}

// leftFree reports that the digits at start are not the tail of a longer word.
// Letters of scripts that are written without spaces do not count as one. A
// plain word right before the digits is let through when it is one of glued
// ("card4111…"), or when the number is formatted and so cannot be part of a
// token or of hex.
func leftFree(text []byte, start int, formatted bool, glued *words) bool {
	if start == 0 {
		return true
	}
	c := text[start-1]
	if c >= utf8.RuneSelf {
		r, _ := utf8.DecodeLastRune(text[:start])
		return !unicode.Is(unicode.Latin, r)
	}
	if !isAlnum(c) {
		return true
	}
	if escapedBefore(text, start) {
		return true
	}
	i := start
	for i > 0 && isLetter(text[i-1]) {
		i--
	}
	if i > 0 && (isDigit(text[i-1]) || text[i-1] >= utf8.RuneSelf) {
		return false
	}
	return plainWord(text[i:start], formatted, glued)
}

// rightFree is leftFree for the digits that end at end.
func rightFree(text []byte, end int, formatted bool, glued *words) bool {
	if end == len(text) {
		return true
	}
	c := text[end]
	if c >= utf8.RuneSelf {
		r, _ := utf8.DecodeRune(text[end:])
		return !unicode.Is(unicode.Latin, r)
	}
	if !isAlnum(c) {
		return true
	}
	i := end
	for i < len(text) && isLetter(text[i]) {
		i++
	}
	if i < len(text) && (isDigit(text[i]) || text[i] >= utf8.RuneSelf) {
		return false
	}
	return plainWord(text[end:i], formatted, glued)
}

// plainWord reports that w, found attached to digits, is a word of a language
// and not a piece of an identifier: one of glued, or, beside a formatted
// number, two letters or more that hex does not have all of.
func plainWord(w []byte, formatted bool, glued *words) bool {
	if glued.has(w) {
		return true
	}
	if !formatted || len(w) < 2 {
		return false
	}
	for _, c := range w {
		if !isHex(c) {
			return true
		}
	}
	return false
}

// escapedBefore reports that the letters before start are the end of an escape,
// "%3D", "\n" or "\u00a0", or of the "%B" that opens a card's magnetic track.
func escapedBefore(text []byte, start int) bool {
	if start >= 2 && text[start-2] == '%' && lower(text[start-1]) == 'b' {
		return true
	}
	if start >= 3 && text[start-3] == '%' && isHex(text[start-2]) && isHex(text[start-1]) {
		return true
	}
	if start >= 2 && text[start-2] == '\\' && isLetter(text[start-1]) {
		return true
	}
	return start >= 6 && text[start-6] == '\\' && escapeLen(text[start-6:start]) == 6
}
