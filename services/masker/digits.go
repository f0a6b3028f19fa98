package masker

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect"
)

// maxSeparators is how many characters may stand between two digits of one number: ") - " has four.
const maxSeparators = 4

// unambiguous is from how many digits on a number is taken for a mention even inside a longer one.
const unambiguous = 10

// digitStream is the digits of a text in a row, with a mark wherever two of them cannot be of one number.
type digitStream struct {
	digits []byte
	places []bytePlace // of each digit in the text; marks have those of the digit before
	met    []int       // ends of what was found
	// pairs has for each digit, as a bit, those of which one stands next to it, whatever is between them. It is there for
	// ASCII alone.
	pairs [10]uint16
}

// bytePlace is where a character begins and ends.
type bytePlace struct{ start, end int32 }

// read reads text, whose tally is t.
func (d *digitStream) read(text []byte, t detect.Tally) {
	d.digits, d.places = d.digits[:0], d.places[:0]
	if t.Wide == 0 {
		d.readASCII(text, t.Digits)
	} else {
		d.readUnicode(text)
	}
}

// readASCII goes from digit to digit; the text has count of them. What divides two is either more than maxSeparators
// characters or so short that it is looked at.
func (d *digitStream) readASCII(text []byte, count int) {
	room := 2 * count // a mark for each at most
	digits, places := slices.Grow(d.digits, room)[:room], slices.Grow(d.places, room)[:room]
	n, end := 0, 0 // end of the last digit
	d.pairs = [10]uint16{}
	last := byte(0) // before the first there is none, and a pair too many does no harm
	for at := detect.NextDigit(text, 0); at < len(text); at = detect.NextDigit(text, end) {
		if n > 0 && (at-end > maxSeparators || hasLetter(text[end:at])) {
			digits[n], places[n] = '|', places[n-1]
			n++
		}
		for end = at; end < len(text) && text[end]-'0' <= 9; end++ {
			digits[n], places[n] = text[end], bytePlace{int32(end), int32(end + 1)}
			n++
			own := text[end] - '0'
			d.pairs[last] |= 1 << own
			last = own
		}
	}
	d.digits, d.places = digits[:n], places[:n]
}

// pair reports that two digits stand one behind the other in the text, which is ASCII, whatever is between them.
func (d *digitStream) pair(first, second byte) bool { return d.pairs[first-'0']>>(second-'0')&1 != 0 }

func hasLetter(text []byte) bool {
	for _, c := range text {
		if c|' ' >= 'a' && c|' ' <= 'z' {
			return true
		}
	}
	return false
}

// ends reports that the last of minMentionDigits digits in a row, or of more, are tail.
func (d *digitStream) ends(tail []byte) bool {
	run := 0
	for i, c := range d.digits {
		if run++; c == '|' {
			run = 0
		}
		if run >= minMentionDigits && c == tail[len(tail)-1] && string(d.digits[i+1-len(tail):i+1]) == string(tail) {
			return true
		}
	}
	return false
}

func (d *digitStream) readUnicode(text []byte) {
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
				d.put('|', d.places[len(d.places)-1])
			}
			d.put(byte('0'+v), bytePlace{int32(i), int32(i + n)})
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

func (d *digitStream) put(c byte, at bytePlace) {
	d.digits = append(d.digits, c)
	d.places = append(d.places, at)
}

// find appends the places of a number.
func (d *digitStream) find(found []passage, number []byte, label string) []passage {
	own := len(found)
	for first := range occurrences(d.digits, number) {
		found = d.accept(found, own, first, len(number), label)
	}
	return found
}

// findEnds is find for several ends of one number, each given by where it begins, the longest first. Where the last is
// not, the others are not.
func (d *digitStream) findEnds(found []passage, number []byte, ends []int, label string) []passage {
	if len(ends) == 0 {
		return found
	}
	last := number[ends[len(ends)-1]:]
	d.met = d.met[:0]
	for first := range occurrences(d.digits, last) {
		d.met = append(d.met, first+len(last))
	}
	for _, from := range ends {
		own, n := len(found), len(number)-from
		for _, end := range d.met {
			if first := end - n; first >= 0 && string(d.digits[first:end]) == string(number[from:]) {
				found = d.accept(found, own, first, n, label)
			}
		}
	}
	return found
}

// accept appends a number of n digits at first. A short one must not be the middle of a longer one; a zero before it is
// the trunk prefix and belongs to it.
func (d *digitStream) accept(found []passage, own, first, n int, label string) []passage {
	last := first + n - 1
	if first > 0 && d.digits[first-1] == '0' && d.places[first-1].end == d.places[first].start {
		first--
	}
	if n >= unambiguous || !d.adjoins(first-1) && !d.adjoins(last) {
		found = join(found, own, passage{int(d.places[first].start), int(d.places[last].end), label})
	}
	return found
}

// adjoins reports that the entries i and i+1 are digits with nothing between them.
func (d *digitStream) adjoins(i int) bool {
	return i >= 0 && i+1 < len(d.digits) && d.digits[i] != '|' && d.digits[i+1] != '|' && d.places[i].end == d.places[i+1].start
}
