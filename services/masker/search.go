package masker

import (
	"bytes"
	"iter"
	"slices"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/services/masker/internal/surrogate"
)

const (
	// minMention is the shortest value that is looked for, in characters: one letter is everywhere.
	minMention = 2
	// minMentionDigits is the shortest number that is looked for by its digits.
	minMentionDigits = 6
	// maxNameParts is the most words of a name that are looked for one by one; what has more is no name.
	maxNameParts = 32
)

// search finds mentions of values in one text. It is not safe for concurrent use.
type search struct {
	text   []byte
	tally  detect.Tally // of text
	plain  plainText
	folded folded
	fold   bool // folded is text
	digits digitStream
	read   bool // digits are those of text
	needle needle
	found  []passage
	number []byte
	phone  []byte
	ends   []int // of phone
	tail   [maxTail]byte
}

// open begins with a text of which the tally is known. The text must stay as it is until the next call.
func (s *search) open(text []byte, t detect.Tally) {
	s.text, s.tally, s.fold, s.read = text, t, false, false
}

// ascii reports that the text is ASCII, and so is what can be found in it. Nearly every text is, and it is searched as it
// stands where the needle allows that.
func (s *search) ascii() bool { return s.tally.Wide == 0 }

// mentions appends the passages of the text that mention own, a value of the column that m describes.
func (s *search) mentions(found []passage, m *mention, own []byte, c *canonicaliser) []passage {
	kind := m.kind
	if kind == nameMention && calledByNumber(own) {
		kind = phoneMention
	}
	if s.lacks(kind, own) {
		return found
	}
	plain := s.ascii() && isPlain(own) // as most are
	if plain {
		found = s.plainWords(found, own, m.label)
	} else {
		s.needle.fold(own)
		found = s.words(found, s.needle.bytes, m.label)
	}
	if kind == nameMention {
		if plain || s.needle.kinds&spaceByte == 0 {
			return found
		}
		needle := s.needle.bytes
		if bytes.Count(needle, []byte(" ")) >= maxNameParts {
			return s.anyWord(found, needle, m.label)
		}
		for part := range bytes.SplitSeq(needle, []byte(" ")) {
			if len(part) < len(needle) {
				found = s.words(found, bytes.Trim(part, ".,"), m.label)
			}
		}
		return found
	}
	if kind == emailMention {
		return found
	}
	return s.numbers(found, kind, m.label, own, c)
}

// calledByNumber reports that a number stands in place of a name: who has none is often called by it.
func calledByNumber(own []byte) bool {
	if c := own[0] | ' '; c >= 'a' && c <= 'z' && (len(own) < 5 || own[3] != ':' && own[4] != ':') {
		return false // nor is it a number's address
	}
	return leadsToDigit(number(own))
}

// lacks reports that the text has not what every mention of a value has: the at sign of an address, the digits of a
// number.
func (s *search) lacks(kind mentionKind, own []byte) bool {
	switch kind {
	case nameMention:
		return false
	case emailMention:
		return s.tally.Signs == 0 && bytes.IndexByte(own, '@') >= 0
	}
	if !s.ascii() {
		return false
	}
	if s.tally.Digits >= minMentionDigits {
		return s.lacksPair(own) || endsInNumber(own) && s.lacksTail(kind, own)
	}
	digits := 0
	for _, c := range own {
		if c >= '0' && c <= '9' {
			if digits++; digits > s.tally.Digits {
				return true
			}
		}
	}
	return false
}

// lacksPair reports that the last two digits of own, which has nothing but digits and common signs, are nowhere two digits
// of the text. A number that is looked for on account of own has them, whatever its country's plan takes off in front, and
// so has what repeats own as it stands.
func (s *search) lacksPair(own []byte) bool {
	var last, previous byte
	for _, c := range own {
		switch {
		case c-'0' <= 9:
			last, previous = c, last
		case !isCommonSign[c]:
			return false
		}
	}
	if previous == 0 {
		return false
	}
	s.readDigits()
	return !s.digits.pair(previous, last)
}

// isCommonSign are the signs of numbers that say nothing.
var isCommonSign = [256]bool{' ': true, '-': true, '.': true, '(': true, ')': true, '+': true}

// endsInNumber reports that minMentionDigits digits stand together at the end of own.
func endsInNumber(own []byte) bool {
	if len(own) < minMentionDigits {
		return false
	}
	for _, c := range own[len(own)-minMentionDigits:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// lacksTail reports that no number of the text ends as each does that is looked for on account of own.
func (s *search) lacksTail(kind mentionKind, own []byte) bool {
	tail := s.tailOf(kind, own)
	if len(tail) == 0 {
		return false
	}
	s.readDigits()
	return !s.digits.ends(tail)
}

// readDigits reads the digits of the text, once, and says how many there are, with the marks between.
func (s *search) readDigits() int {
	if !s.read {
		s.digits.read(s.text, s.tally)
		s.read = true
	}
	return len(s.digits.digits)
}

// words finds a folded value, or a part of it, as whole words.
func (s *search) words(found []passage, needle []byte, label string) []passage {
	if s.ascii() {
		if len(needle) < minMention || s.needle.kinds&wideByte != 0 && !ascii(needle) {
			return found
		}
		switch part := longestPart(needle); {
		case len(part) == 0 || len(part) >= longNeedle:
		case len(part) == len(needle):
			return s.plainWords(found, needle, label)
		case seek(s.text, part, 0) < 0:
			return found
		}
	}
	s.foldText()
	if len(needle) > len(s.folded.bytes) || utf8.RuneCount(needle) < minMention {
		return found
	}
	own := len(found)
	for start := range occurrences(s.folded.bytes, needle) {
		end := start + len(needle)
		if s.folded.free(start) && s.folded.free(end) {
			from, to := s.folded.span(start, end)
			found = join(found, own, passage{from, to, label})
		}
	}
	return found
}

// plainWords is words in a text of ASCII for a needle without spaces.
func (s *search) plainWords(found []passage, needle []byte, label string) []passage {
	own := len(found)
	for at := 0; ; at++ {
		if at = seek(s.text, needle, at); at < 0 {
			return found
		}
		if end := at + len(needle); freeASCII(s.text, at) && freeASCII(s.text, end) {
			found = join(found, own, passage{at, end, label})
		}
	}
}

func (s *search) foldText() {
	if !s.fold {
		s.folded.fold(s.text)
		s.fold = true
	}
}

// anyWord finds every word of a long value. It reads text and value once, however many words they have.
func (s *search) anyWord(found []passage, value []byte, label string) []passage {
	s.foldText()
	words := map[string]bool{}
	for from, to := range wordsOf(value) {
		if utf8.RuneCount(value[from:to]) >= minMention {
			words[string(value[from:to])] = true
		}
	}
	for from, to := range wordsOf(s.folded.bytes) {
		if words[string(s.folded.bytes[from:to])] {
			start, end := s.folded.span(from, to)
			found = append(found, passage{start, end, label})
		}
	}
	return found
}

// wordsOf yields where each run of letters and digits begins and ends.
func wordsOf(text []byte) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		from := -1
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRune(text[i:])
			switch {
			case wordly(r) && from < 0:
				from = i
			case !wordly(r) && from >= 0:
				if !yield(from, i) {
					return
				}
				from = -1
			}
			i += n
		}
		if from >= 0 {
			yield(from, len(text))
		}
	}
}

// numbers finds the digits of a value in whatever way they are divided. A phone number is also found without its
// country code, and one of the North American plan without its area code.
func (s *search) numbers(found []passage, kind mentionKind, label string, own []byte, c *canonicaliser) []passage {
	if s.readDigits() < minMentionDigits || (!s.ascii() || !endsInNumber(own)) && s.lacksTail(kind, own) {
		return found // a number at the end was looked at before
	}
	s.ends = s.ends[:0]
	if kind == phoneMention {
		if d, ok := c.phone(own); ok {
			s.phone = append(s.phone[:0], d...)
			s.ends = appendEnds(s.ends, s.phone)
			found = s.digits.findEnds(found, s.phone, s.ends, label)
		}
	}
	var ok bool
	if s.number, ok = onlyDigits(s.number[:0], own); !ok || len(s.number) < minMentionDigits {
		return found
	}
	if from := len(s.phone) - len(s.number); slices.Contains(s.ends, from) && bytes.Equal(s.phone[from:], s.number) {
		return found // it was looked for
	}
	return s.digits.find(found, s.number, label)
}

// appendEnds appends where the ends of a phone number begin that are looked for: the number, the national one, and the
// local one of the North American plan.
func appendEnds(ends []int, number []byte) []int {
	national := countryCode(number)
	all := [3]int{0, national, national}
	if number[0] == '1' && len(number)-national == 10 {
		all[2] = national + 3
	}
	for i, from := range all {
		if len(number)-from >= minMentionDigits && (i == 0 || from > all[i-1]) {
			ends = append(ends, from)
		}
	}
	return ends
}

// maxTail is how many of a number's last digits are looked for first.
const maxTail = 6

// tailOf are the last digits of every number that is looked for on account of own, none where that is not sure. A phone
// number of digits and common signs alone ends in two of its own last digits whatever its country's plan takes off in
// front: what is left has two digits at least.
func (s *search) tailOf(kind mentionKind, own []byte) []byte {
	from, most := maxTail, maxTail
	if kind == phoneMention {
		most = 2
	}
	for i := len(own) - 1; i >= 0; i-- {
		switch c := own[i]; {
		case c >= '0' && c <= '9':
			if maxTail-from < most {
				from--
				s.tail[from] = c
			}
		case !isCommonSign[c]:
			return nil
		}
	}
	if maxTail-from < 2 {
		return nil
	}
	return s.tail[from:]
}

// countryCode is the length of the country code that an E.164 number begins with (ITU-T E.164, list of codes).
func countryCode(digits []byte) int {
	if len(digits) < surrogate.MinPhone {
		return 0
	}
	switch d := digits[:2]; {
	case d[0] == '1' || d[0] == '7':
		return 1
	case bytes.Contains([]byte("20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 "+
		"60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"), d):
		return 2
	default:
		return 3
	}
}
