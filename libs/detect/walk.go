package detect

import (
	"math/bits"
	"unicode/utf8"
)

// step says what the walk over words does at a byte.
type step uint8

const (
	stepOver step = iota
	stepMark
	stepDigit
	stepLabel
	stepSign
)

var steps = func() (t [256]step) {
	for c := range t {
		switch {
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
	sc.tail.keep(sc.text)
	for i := 0; i < len(sc.text) && !sc.done(); {
		i = s.stretch(sc, i)
	}
}

// stretch walks over what one outline from the byte at on holds, as far as nothing takes a closer look that goes
// further, and returns where the walk goes on.
func (s *Set) stretch(sc *scan, at int) int {
	var o outline
	ahead := sc.tail.from(sc.text, at)
	o.draw(ahead)
	names := len(s.onCapital) > 0 && o.mayBeNames(sc.text[max(at-2, 0):at])
	for marks := o.starts() | o.stops(); ; marks &= marks - 1 {
		var found cueBits
		if marks, found = s.plain(&o, ahead, marks, names); marks == 0 {
			return at + outlined
		}
		bit := bits.TrailingZeros64(marks)
		i, end := at+bit, at+bit+1
		var next int
		switch n := o.wordAt(bit); {
		case n == 0:
			next = s.other(sc, i)
		case bit+n == outlined && bit > 0:
			return i // the word may go on behind the outline
		case found != 0:
			end = i + n
			next = s.listed(sc, term{start: i, end: end}, found)
		default:
			end = i + n
			t := term{start: i, end: end, capital: o.capitals>>bit&1 > 0}
			if n < keyLetters && o.odd()>>bit&(2<<n-1) == 0 {
				t.key = keyAhead(ahead, bit, n)
			} else {
				t = readWord(sc.text, i)
			}
			next = s.word(sc, t)
		}
		if next != end || sc.done() {
			return next
		}
	}
}

// plain steps over words that are in no list, and with names over those alone that promising says nothing of. It returns
// the marks from the first on that takes a closer look, and of a word in a list whose cue it is.
func (s *Set) plain(o *outline, ahead *[ahead]byte, marks uint64, names bool) (uint64, cueBits) {
	table, letters, odd := s.table, o.letters, o.odd()
	for ; marks != 0; marks &= marks - 1 {
		bit := bits.TrailingZeros64(marks) & (outlined - 1)
		n := bits.TrailingZeros64(^(letters >> bit))
		if uint(n-1) >= keyLetters-1 || bit+n == outlined || odd>>bit&(2<<n-1) != 0 || names && o.capitals>>bit&1 > 0 {
			return marks, 0
		}
		k := keyAhead(ahead, bit, n)
		hash := k.hash()
		if !table.mayHave(hash) {
			continue
		}
		if found := table.find(k, hash, o.capitals>>bit&1 > 0) & s.cues; found != 0 {
			return marks, found
		}
	}
	return 0, 0
}

// other handles what is no letter of ASCII at i, and returns where the walk goes on.
func (s *Set) other(sc *scan, i int) int {
	switch steps[sc.text[i]] {
	case stepOver:
	case stepDigit:
		return s.number(sc, i)
	case stepMark:
		s.mark(sc, i)
	case stepLabel:
		return labelEndAt(sc.text, i)
	default:
		return s.wideSign(sc, i)
	}
	return i + 1
}

// wideSign is sign where a letter outside ASCII begins a word.
func (s *Set) wideSign(sc *scan, i int) int {
	if sc.text[i] >= utf8.RuneSelf {
		if r, _ := utf8.DecodeRune(sc.text[i:]); isWordLetter(r) {
			return s.word(sc, readWord(sc.text, i))
		}
	}
	return s.sign(sc, i)
}

// word looks up a word, calls the detectors of words with a capital, and returns where the walk goes on.
func (s *Set) word(sc *scan, t term) int {
	if s.capital(sc, t); sc.done() {
		return t.end
	}
	if found := s.table.bits(t.key, t.capital) & s.cues; found != 0 {
		return s.listed(sc, t, found)
	}
	return t.end
}

// listed calls the detectors whose cue a word is, and returns where the walk goes on.
func (s *Set) listed(sc *scan, t term, found cueBits) int {
	if t.start > 0 && isDigit(sc.text[t.start-1]) {
		return t.end // a word that digits are part of is a token
	}
	if end := t.end; end+1 < len(sc.text) && sc.text[end] == ' ' && sc.text[end+1]-'a' <= 'z'-'a' {
		found &^= s.ahead
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
