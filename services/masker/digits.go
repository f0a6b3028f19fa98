package masker

import (
	"unicode"
	"unicode/utf8"
)

// maxSeparators is how many characters may stand between two digits of one number: ") - " has four.
const maxSeparators = 4

// unambiguous is from how many digits on a number is taken for a mention even inside a longer one.
const unambiguous = 10

// digitStream is the digits of a text in a row, with a mark wherever two of them cannot be of one number.
type digitStream struct {
	digits     []byte
	start, end []int32 // of each digit in the text; marks have those of the digit before
}

func (d *digitStream) read(text []byte) {
	d.digits, d.start, d.end = d.digits[:0], d.start[:0], d.end[:0]
	broken, separators := false, 0
	for i := 0; i < len(text); {
		c, n := text[i], 1
		v, hidden := -1, false
		var letter bool
		if c < utf8.RuneSelf {
			if c >= '0' && c <= '9' {
				v = int(c - '0')
			}
			letter = c|0x20 >= 'a' && c|0x20 <= 'z'
		} else {
			var r rune
			r, n = utf8.DecodeRune(text[i:])
			v, letter, hidden = digit(r), unicode.IsLetter(r), unicode.Is(unicode.Cf, r)
		}
		switch {
		case v >= 0:
			if broken && len(d.digits) > 0 {
				d.put('|', d.start[len(d.start)-1], d.end[len(d.end)-1])
			}
			d.put(byte('0'+v), int32(i), int32(i+n))
			broken, separators = false, 0
		case letter:
			broken = true
		case !hidden:
			if separators++; separators > maxSeparators {
				broken = true
			}
		}
		i += n
	}
}

func (d *digitStream) put(c byte, start, end int32) {
	d.digits = append(d.digits, c)
	d.start = append(d.start, start)
	d.end = append(d.end, end)
}

// find appends the places of a number. A short one must not be the middle of a longer one; a zero before it is
// the trunk prefix and belongs to it.
func (d *digitStream) find(found []passage, number []byte, label string) []passage {
	if len(number) < minMentionDigits {
		return found
	}
	own := len(found)
	for first := range occurrences(d.digits, number) {
		last := first + len(number) - 1
		if first > 0 && d.digits[first-1] == '0' && d.end[first-1] == d.start[first] {
			first--
		}
		if len(number) >= unambiguous || !d.adjoins(first-1) && !d.adjoins(last) {
			found = join(found, own, passage{int(d.start[first]), int(d.end[last]), label})
		}
	}
	return found
}

// adjoins reports that the entries i and i+1 are digits with nothing between them.
func (d *digitStream) adjoins(i int) bool {
	return i >= 0 && i+1 < len(d.digits) && d.digits[i] != '|' && d.digits[i+1] != '|' && d.end[i] == d.start[i+1]
}
