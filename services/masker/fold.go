package masker

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text made comparable: lower case, without accents and invisible characters, every run of white
// space and hyphens one space. It remembers where each byte came from.
type folded struct {
	bytes []byte
	// from is, for each byte and for the end, the offset in the text where the character it belongs to begins. It is
	// empty when the two texts line up byte by byte.
	from []int32
	iter norm.Iter
}

func (f *folded) fold(text []byte) {
	f.bytes, f.from = f.bytes[:0], f.from[:0]
	switch {
	case f.foldASCII(text):
		return
	case ascii(text):
		f.foldSpaces(text)
	default:
		f.foldUnicode(text)
	}
	f.from = append(f.from, int32(len(text)))
}

// foldedASCII is the folded form of each byte of ASCII, 0 for the others.
var foldedASCII = func() (table [256]byte) {
	for c := range utf8.RuneSelf {
		b := byte(c)
		switch {
		case b == ' ' || b == '-' || b >= '\t' && b <= '\r':
			b = ' '
		case b >= 'A' && b <= 'Z':
			b += 'a' - 'A'
		case b == 0:
			b = 1 // as good as any other sign, and not 0
		}
		table[c] = b
	}
	return table
}()

// foldASCII folds a text of ASCII without runs of spaces, which is nearly every text; it is false for any other.
func (f *folded) foldASCII(text []byte) bool {
	f.bytes = slices.Grow(f.bytes[:0], len(text))[:len(text)]
	last := byte(1)
	for i, c := range text {
		c = foldedASCII[c]
		if c == 0 || c == ' ' && last == ' ' {
			f.bytes = f.bytes[:0]
			return false
		}
		f.bytes[i], last = c, c
	}
	return true
}

func (f *folded) foldSpaces(text []byte) {
	last := byte(1)
	for i, c := range text {
		c = foldedASCII[c]
		if c != ' ' || last != ' ' {
			f.put(c, i)
		}
		last = c
	}
}

func (f *folded) put(c byte, from int) {
	f.bytes = append(f.bytes, c)
	f.from = append(f.from, int32(from))
}

// plainLetters are letters that do not decompose into one of a to z and an accent, and are often written as such.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ς': "σ", '’': "'", 'ʼ': "'", '`': "'",
}

// foldedInUnicode is the folded form of each byte of ASCII in a text that is not all ASCII.
var foldedInUnicode = func() (table [utf8.RuneSelf]byte) {
	for c := range table {
		r := rune(c)
		switch plain, ok := plainLetters[r]; {
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r):
			table[c] = ' '
		case ok:
			table[c] = plain[0]
		default:
			table[c] = byte(unicode.ToLower(r))
		}
	}
	return table
}()

// foldUnicode folds ASCII byte by byte, and what stands between segment by segment of its normal form NFKD (UAX 15). The
// last byte in front of other characters belongs to their first segment: they may be its accents.
func (f *folded) foldUnicode(text []byte) {
	if !utf8.Valid(text) {
		f.foldSegments(text, 0, false)
		return
	}
	gap := false
	for at := 0; at < len(text); {
		to := at
		for to < len(text) && text[to] < utf8.RuneSelf {
			to++
		}
		if to < len(text) && to > at {
			to--
		}
		for ; at < to; at++ {
			c := foldedInUnicode[text[at]]
			if c != ' ' || !gap {
				f.put(c, at)
			}
			gap = c == ' '
		}
		if to == len(text) {
			return
		}
		for to++; to < len(text) && text[to] >= utf8.RuneSelf; to++ {
		}
		gap = f.foldSegments(text[at:to], at, gap)
		at = to
	}
}

// foldSegments folds a part of a text that begins at base. gap is whether a space stands before it, and then whether one
// ends it.
func (f *folded) foldSegments(text []byte, base int, gap bool) bool {
	f.iter.Init(norm.NFKD, text)
	for !f.iter.Done() {
		from := base + f.iter.Pos()
		segment := f.iter.Next()
		for len(segment) > 0 {
			r, n := utf8.DecodeRune(segment)
			segment = segment[n:]
			switch {
			case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
				continue
			case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r):
				if !gap {
					f.put(' ', from)
				}
				gap = true
				continue
			}
			gap = false
			r = unicode.ToLower(r)
			if plain, ok := plainLetters[r]; ok {
				for i := range len(plain) {
					f.put(plain[i], from)
				}
				continue
			}
			var room [utf8.UTFMax]byte
			for _, c := range room[:utf8.EncodeRune(room[:], r)] {
				f.put(c, from)
			}
		}
	}
	return gap
}

// span is the part of the text that folded[start:end] came from.
func (f *folded) span(start, end int) (int, int) {
	if len(f.from) == 0 {
		return start, end
	}
	return int(f.from[start]), int(f.from[end])
}

// free reports that no word goes on across the place at, which lies between two characters of the folded text.
// Scripts that are written without spaces have no such places, and every place is free.
func (f *folded) free(at int) bool {
	if at == 0 || at == len(f.bytes) {
		return true
	}
	before, _ := utf8.DecodeLastRune(f.bytes[:at])
	after, _ := utf8.DecodeRune(f.bytes[at:])
	return !wordly(before) || !wordly(after) || unspaced(before) || unspaced(after)
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai,
		unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
