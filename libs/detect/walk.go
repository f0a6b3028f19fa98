package detect

import (
	"math/bits"
	"unicode/utf8"
)

// step says what the walk over words does at a byte.
type step uint8

const (
	stepOver step = iota
	stepWord
	stepDigit
	stepMark
	stepLabel
	stepSign
)

var steps = func() (t [256]step) {
	for c := range t {
		switch {
		case isLetter(byte(c)):
			t[c] = stepWord
		case isDigit(byte(c)):
			t[c] = stepDigit
		case c == ':', c == '-', c == '.', c == '?':
			t[c] = stepMark
		case c == '[':
			t[c] = stepLabel
		case lead[c] != 0:
			t[c] = stepSign
		}
	}
	return t
}()

// walkWords is walk for sets that look at words as well.
func (s *Set) walkWords(sc *scan) {
	text := sc.text
	for i := 0; i < len(text) && !sc.done(); {
		switch steps[text[i]] {
		case stepOver:
			i++
		case stepWord:
			at, closer := s.plainWords(text, i)
			if i = at; closer {
				i = s.word(sc, at)
			}
		case stepDigit:
			i = s.number(sc, i)
		case stepMark:
			s.mark(sc, i)
			i++
		case stepLabel:
			i = labelEndAt(text, i)
		default:
			i = s.wideSign(sc, i)
		}
	}
}

// plainWords steps over the word at i, and over those behind it with a space
// between, for as long as they are in no list, as most are. It returns where it
// stopped, and whether there is a word that takes a closer look.
func (s *Set) plainWords(text []byte, i int) (int, bool) {
	filter, capitals := &s.table.filter, len(s.onCapital) > 0
	for i < len(text) {
		first := load8(text, i)
		low, n := lowerLetters(first)
		if n == 0 {
			return i, false
		}
		mask := firstBytes(n)
		hash := low & mask
		humps := ^first & (0x20 * everyByte) & mask >> 8
		end := i + n
		if n == 8 {
			second := load8(text, i+8)
			low, n = lowerLetters(second)
			mask = firstBytes(n)
			hash ^= low & mask * 0xD6E8FEB86659FD93
			humps |= ^second & (0x20 * everyByte) & mask
			if end += n; n == 8 {
				return i, true
			}
		}
		hash *= 0x9E3779B97F4A7C15
		last := byte(0)
		if end < len(text) {
			last = text[end]
		}
		if capitals && first&0x20 == 0 && (last != ' ' || end+1 < len(text) && text[end+1]-'a' > 'z'-'a' || i > 1 && (text[i-2] == ',' || text[i-2] == 'd')) && promising(text, i, end) {
			return i, true
		}
		if humps != 0 || last >= utf8.RuneSelf || filterBits(hash)&^filter[hash>>54] == 0 {
			return i, true
		}
		if last != ' ' {
			return end, false
		}
		i = end + 1
	}
	return i, false
}

// wideSign is sign where a letter outside ASCII begins a word.
func (s *Set) wideSign(sc *scan, i int) int {
	if sc.text[i] >= utf8.RuneSelf {
		if r, _ := utf8.DecodeRune(sc.text[i:]); isWordLetter(r) {
			return s.word(sc, i)
		}
	}
	return s.sign(sc, i)
}

// word looks up the word at i and returns where the walk goes on.
func (s *Set) word(sc *scan, i int) int {
	t := readWord(sc.text, i)
	if s.capital(sc, t); sc.done() {
		return t.end
	}
	found := s.table.bits(t.key, t.capital) & s.cues
	if found == 0 || i > 0 && isDigit(sc.text[i-1]) {
		return t.end // a word that digits are part of is a token
	}
	sc.at, sc.atEnd = t.start, t.end
	for bit := found &^ spokenCue; bit != 0; bit &= bit - 1 {
		e := &s.onWord[s.byCue[bits.TrailingZeros64(uint64(bit))]]
		sc.class = e.class
		e.look(sc)
		if sc.done() {
			return t.end
		}
	}
	if found&spokenCue != 0 && !sc.spoken {
		return s.readSpoken(sc, t)
	}
	return t.end
}

// capital calls the detectors of words with a capital, where there is another one
// beside it.
func (s *Set) capital(sc *scan, t term) {
	if t.capital && len(s.onCapital) > 0 && promising(sc.text, t.start, t.end) {
		s.at(s.onCapital, sc, t.start)
	}
}

// number handles the digit at i.
func (s *Set) number(sc *scan, i int) int {
	if i > 0 {
		switch c := sc.text[i-1]; {
		case isLetter(c):
			s.at(s.onCode, sc, i)
		case c == ' ' && i > 1 && sc.text[i-2] > ' ' && !isDigit(sc.text[i-2]):
			s.at(s.onNumber, sc, i)
		}
	}
	// A chain takes the marks between its digits with it.
	end := i + 1
	for end < len(sc.text) && isDigit(sc.text[end]) {
		end++
	}
	if len(s.onFigure) > 0 && mayBeHouse(sc.text, i, end) {
		s.at(s.onFigure, sc, i)
		if sc.done() {
			return end
		}
	}
	if end < len(sc.text) && (sc.text[end] == '-' || sc.text[end] == '.') {
		s.mark(sc, end)
	}
	return s.chain(sc, i)
}

// mark handles one of the marks that join the parts of addresses of machines: no
// space stands behind it, as would in a sentence.
func (s *Set) mark(sc *scan, i int) {
	if i+1 < len(sc.text) && sc.text[i+1] > ' ' {
		s.at(s.onMark, sc, i)
	}
}

func (s *Set) at(entries []entry, sc *scan, i int) {
	sc.at, sc.atEnd = i, i+1
	for j := range entries {
		e := &entries[j]
		sc.class = e.class
		e.look(sc)
		if sc.done() {
			return
		}
	}
}

// labelEndAt is behind the label at i that stands for a value that was taken out,
// "[PHONE]": its word is no cue. It is i+1 when there is none.
func labelEndAt(text []byte, i int) int {
	at := i + 1
	for at < len(text) && (isUpper(text[at]) || text[at] == '_') {
		at++
	}
	if at > i+1 && at < len(text) && text[at] == ']' {
		return at + 1
	}
	return i + 1
}
