package validator

import (
	"bytes"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/maskrail/maskrail/libs/sketch"
)

// fewNames is how many words a text has that may be a name as a whole, in whatever case.
const fewNames = 4

// maxBetween is how many signs and spaces may stand between two words of a name.
const maxBetween = 2

// words are the last three words of a text, the newest last. A word that cannot belong to a name is the zero word.
type words struct{ last [3]word }

type word struct {
	sum     uint64
	letters int // 0 for none
}

func (w *words) shift(next word) { w.last = [3]word{w.last[1], w.last[2], next} }

// names tries two and three words that stand together and begin with capitals, or are all of the text.
func (c *candidates) names(text []byte) {
	all := countWords(text) <= fewNames
	c.words = words{}
	end := -1
	for i := 0; i < len(text); {
		if marksOf[text[i]]&hasLetter == 0 {
			i++
			continue
		}
		from := i
		for i < len(text) && (marksOf[text[i]]&hasLetter != 0 || i+1 < len(text) && (text[i] == '\'' || text[i] == '-') && marksOf[text[i+1]]&hasLetter != 0) {
			i++
		}
		if end >= 0 && !between(text[end:from]) {
			c.words = words{}
		}
		end = i
		if i < len(text) && marksOf[text[i]]&hasDigit != 0 || from > 0 && marksOf[text[from-1]]&hasDigit != 0 || !all && !capital(text[from:i]) {
			c.words.shift(word{})
			continue
		}
		var letters int
		c.form, letters = fold(c.form[:0], text[from:i])
		c.words.shift(word{c.hasher.Sum(c.form), letters})
		c.tryNames()
	}
}

// tryNames tries the newest word with those before it.
func (c *candidates) tryNames() {
	a, b, z := c.words.last[0], c.words.last[1], c.words.last[2]
	if b.letters > 0 && b.letters+z.letters >= sketch.MinLength {
		c.try(sketch.Pair(b.sum, z.sum))
	}
	if a.letters > 0 && b.letters > 0 && a.letters+z.letters >= sketch.MinLength {
		c.try(sketch.Pair(a.sum, z.sum))
	}
	if a.letters > 0 && b.letters > 0 && a.letters+b.letters+z.letters >= sketch.MinLength {
		c.try(sketch.Triple(a.sum, b.sum, z.sum))
	}
}

// between reports that two words with this between them may be of one name.
func between(gap []byte) bool {
	return len(gap) <= maxBetween && bytes.IndexByte(gap, '\n') < 0 && bytes.IndexFunc(gap, unicode.IsDigit) < 0
}

// capital reports that a word begins with a capital, or with a letter of a script without case.
func capital(word []byte) bool {
	if word[0] < 0x80 {
		return marksOf[word[0]]&hasUpper != 0
	}
	r := bytes.Runes(word[:min(len(word), 4)])[0]
	return !unicode.IsLower(r)
}

// countWords is how many stretches without white space a text has, or any number above fewNames.
func countWords(text []byte) int {
	n, in := 0, false
	for _, b := range text {
		space := marksOf[b]&isSpaceMark != 0
		if !space && !in {
			if n++; n > fewNames {
				return n
			}
		}
		in = !space
	}
	return n
}

// fold appends the letters of a word without accents and in lower case, and counts them.
func fold(dst, word []byte) ([]byte, int) {
	plain := true
	for _, b := range word {
		plain = plain && b < 0x80
	}
	if plain {
		from := len(dst)
		for _, b := range word {
			if marksOf[b]&hasLetter != 0 {
				dst = append(dst, b|0x20)
			}
		}
		return dst, len(dst) - from
	}
	letters := 0
	for _, r := range string(norm.NFKD.Bytes(cases.Fold().Bytes(norm.NFKC.Bytes(word)))) {
		if unicode.IsLetter(r) {
			dst = append(dst, string(r)...)
			letters++
		}
	}
	return dst, letters
}

// lower appends a text in lower case.
func lower(dst, text []byte) []byte {
	from := len(dst)
	for _, b := range text {
		if b >= 0x80 {
			return append(dst[:from], norm.NFKC.Bytes(bytes.ToLower(text))...)
		}
		if marksOf[b]&hasUpper != 0 {
			b |= 0x20
		}
		dst = append(dst, b)
	}
	return dst
}

// unhide appends a text with one spelling for each character and without those that are not seen, digits of all scripts as
// ASCII, and tells its marks.
func unhide(dst, text []byte) ([]byte, uint8) {
	marks, from := uint8(0), len(dst)
	for _, r := range string(norm.NFKC.Bytes(text)) {
		switch {
		case r < 0x80:
			dst = append(dst, byte(r))
		case unicode.Is(unicode.Cf, r): // zero width, soft hyphens, directions
		case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
			dst = append(dst, ' ')
		case unicode.Is(unicode.Pd, r) || r == '−':
			dst = append(dst, '-')
		case r == '’' || r == '‘' || r == 'ʼ':
			dst = append(dst, '\'')
		case unicode.IsDigit(r):
			dst = append(dst, decimal(r))
		case unicode.IsLetter(r) || unicode.IsMark(r):
			dst = append(dst, string(r)...)
		default:
			dst = append(dst, '.') // a sign like any other
		}
	}
	for _, b := range dst[from:] {
		marks |= marksOf[b]
	}
	return dst, marks
}

// decimal is a decimal digit of any script as ASCII: scripts have theirs in a row, in blocks of ten.
func decimal(r rune) byte {
	for _, block := range unicode.Nd.R16 {
		if lo, hi := rune(block.Lo), rune(block.Hi); r >= lo && r <= hi {
			return '0' + byte((r-lo)%10)
		}
	}
	for _, block := range unicode.Nd.R32 {
		if lo, hi := rune(block.Lo), rune(block.Hi); r >= lo && r <= hi {
			return '0' + byte((r-lo)%10)
		}
	}
	return '0'
}
