package masker

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/policy"
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
	plain  plainText
	folded folded
	value  folded
	digits digitStream
	read   bool // digits are those of text
	found  []passage
	number []byte
}

// open begins with a text. The text must stay as it is until the next call.
func (s *search) open(text []byte) {
	s.text, s.read = text, false
	s.folded.fold(text)
}

// mentions appends the passages of the text that mention own, a value of the column that m describes.
func (s *search) mentions(found []passage, m mention, own []byte, c *canonicaliser) []passage {
	s.value.fold(own)
	needle := bytes.Trim(s.value.bytes, " ")
	found = s.words(found, needle, m.label)
	if m.form == policy.NameForm && leadsToDigit(number(own)) {
		m.form = policy.PhoneForm // who has no name is often called by a number
	}
	if m.form == policy.NameForm {
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
	if m.form == policy.EmailForm {
		return found
	}
	return s.numbers(found, m, own, c)
}

// words finds a folded value as whole words.
func (s *search) words(found []passage, needle []byte, label string) []passage {
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

// anyWord finds every word of a long value. It reads text and value once, however many words they have.
func (s *search) anyWord(found []passage, value []byte, label string) []passage {
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
func (s *search) numbers(found []passage, m mention, own []byte, c *canonicaliser) []passage {
	if !s.read {
		s.digits.read(s.text)
		s.read = true
	}
	if len(s.digits.digits) < minMentionDigits {
		return found
	}
	var ok bool
	if m.form == policy.PhoneForm {
		var d []byte
		if d, ok = c.phone(own); ok {
			s.number = append(s.number[:0], d...)
			found = s.digits.find(found, s.number, m.label)
			national := s.number[countryCode(s.number):]
			found = s.digits.find(found, national, m.label)
			if s.number[0] == '1' && len(national) == 10 {
				found = s.digits.find(found, national[3:], m.label)
			}
		}
	}
	if s.number, ok = onlyDigits(s.number[:0], own); ok {
		found = s.digits.find(found, s.number, m.label)
	}
	return found
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
