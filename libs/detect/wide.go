package detect

import (
	"unicode"
	"unicode/utf8"
)

// readWideWord is readWord for a word with letters outside ASCII. Its key is of
// the letters without their accents; scripts other than Latin have none.
func readWideWord(text []byte, i int) term {
	t := term{start: i, end: i}
	var buf [17]byte
	key := buf[:0]
	for t.end < len(text) {
		r, w := runeAt(text, t.end)
		if !isWordLetter(r) {
			break
		}
		if t.end == i {
			t.capital = unicode.IsUpper(r)
		}
		if len(key) < len(buf) {
			key = append(key, plainLetter(r))
		}
		t.end += w
	}
	if t.end == i {
		t.end = i + 1
		return t
	}
	if len(key) < len(buf) {
		t.key = keyOfBytes(key)
	}
	return t
}

func isWordLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return isLetter(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) && r != 0x20E3 && r != 0xFE0E && r != 0xFE0F
}

// unaccented are the Latin letters from U+00C0 on without accents, '?' for what
// is no single letter.
const unaccented = "aaaaaa?ceeeeiiiidnooooo?ouuuuy?saaaaaa?ceeeeiiiidnooooo?ouuuuy?y" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkkllllllllllnnnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

// plainLetter is a letter without its accent, as a lower-case byte of ASCII.
func plainLetter(r rune) byte {
	switch {
	case r < utf8.RuneSelf:
		return lower(byte(r))
	case r >= 0xC0 && int(r)-0xC0 < len(unaccented):
		return unaccented[r-0xC0]
	}
	return '?'
}
