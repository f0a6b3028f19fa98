package detect

import "unicode/utf8"

// scan is the state of one pass over one text. Scans are pooled by their set.
type scan struct {
	text []byte
	// The current chain.
	groups []group
	digits []byte // values 0 to 9, all groups of the chain after each other
	sums   luhnSums
	// The current at sign, cue or other candidate, [at,atEnd).
	at, atEnd int
	// spoken says that the text has digits for what are words in another.
	spoken     bool
	said       []spokenDigit
	saidTo     int  // where runs of spoken numbers end that were read
	again      int  // how often one was read again
	view       view // the text in other words
	spacedView view
	tail       tail // of the text
	parsed     *parsed
	url        urlRun

	// named is where the last name ends that was guessed.
	named  int
	tongue tongue
	// kinds are of the words that were asked for, if there were any.
	kinds     [16]seenKind
	kindsSeen bool

	hits      []Span
	class     Class // of the detector that runs
	firstOnly bool
}

// maxPooled bounds the scratch a pooled scan keeps, in elements.
const maxPooled = 1 << 14

func (s *Set) begin(text []byte, firstOnly bool) *scan {
	sc := s.scans.Get().(*scan)
	sc.text, sc.firstOnly = text, firstOnly
	sc.hits, sc.spoken, sc.named, sc.tongue = sc.hits[:0], false, 0, unheard
	sc.saidTo, sc.again, sc.url.end = 0, 0, 0
	return sc
}

func (s *Set) end(sc *scan) {
	sc.text = nil
	if sc.kindsSeen {
		clear(sc.kinds[:])
		sc.kindsSeen = false
	}
	if cap(sc.digits) > maxPooled || cap(sc.groups) > maxPooled || cap(sc.hits) > maxPooled || cap(sc.view.text) > maxPooled {
		return
	}
	s.scans.Put(sc)
}

// hit reports [start,end) as a value of the running detector's class.
func (sc *scan) hit(start, end int, score float64, reason string) {
	sc.hits = append(sc.hits, Span{Start: start, End: end, Class: sc.class, Score: score, Reason: reason})
}

// done reports that no further finding is wanted.
func (sc *scan) done() bool { return sc.firstOnly && len(sc.hits) > 0 }

func (s *Set) run(entries []entry, sc *scan) {
	for i := range entries {
		e := &entries[i]
		if len(sc.digits) < e.minDigits {
			continue
		}
		sc.class = e.class
		e.look(sc)
		if sc.done() {
			return
		}
	}
}

// nearby is how many bytes are looked at one by one: tokens have a digit every
// few bytes, and sentences seldom any.
const nearby = 4

// walkDigits is walk for a text in which nothing but ASCII digits can start a
// finding.
func (s *Set) walkDigits(sc *scan) {
	text := sc.text
	for i := 0; !sc.done(); {
		near := min(i+nearby, len(text))
		for i < near && !isDigit(text[i]) {
			i++
		}
		if i == near {
			if i = NextDigit(text, i); i == len(text) {
				return
			}
		}
		i = s.chain(sc, i)
	}
}

// walk goes over the text once and calls the detectors at each candidate.
func (s *Set) walk(sc *scan) {
	text := sc.text
	for i := 0; !sc.done(); {
		near := min(i+nearby, len(text))
		for i < near && lead[text[i]] == 0 {
			i++
		}
		if i == near {
			if i = nextLead(text, i); i == len(text) {
				return
			}
		}
		if isDigit(text[i]) {
			i = s.chain(sc, i)
		} else {
			i = s.sign(sc, i)
		}
	}
}

// sign handles what is no ASCII digit at i and returns where the walk goes on.
func (s *Set) sign(sc *scan, i int) int {
	text := sc.text
	switch c := text[i]; {
	case c == '@':
		s.atSign(sc, i, i+1)
		return i + 1
	case c == '%':
		return s.percent(sc, i)
	case c == '\\':
		n := escapeLen(text[i:])
		if n == 6 && string(text[i+2:i+6]) == "0040" {
			s.atSign(sc, i, i+n)
		}
		return i + n
	case c < utf8.RuneSelf:
		return i + 1
	}
	r, w := utf8.DecodeRune(text[i:])
	switch {
	case digitValue(r) >= 0:
		return s.chain(sc, i)
	case r == '＠':
		s.atSign(sc, i, i+w)
	}
	return i + w
}

func (s *Set) chain(sc *scan, i int) int {
	if len(s.onDigits) == 0 {
		_, w := runeAt(sc.text, i)
		return i + w
	}
	// Most digits are a few in a token or a sentence: without digits close behind
	// them they are a chain of their own, and a short one.
	j := i
	for j < len(sc.text) && isDigit(sc.text[j]) {
		j++
	}
	if j > i && j-i < s.minDigits && endsChain(sc.text, j) {
		return j
	}
	i = sc.readChain(i)
	if len(sc.digits) >= s.minDigits {
		s.run(s.onDigits, sc)
	}
	return i
}

// endsChain reports that no digit follows the one before i closely. It does not
// look far: where it is false, one may follow or not. Behind a hyphen a UUID may
// go on, which is stepped over as a whole.
func endsChain(text []byte, i int) bool {
	if i < len(text) && text[i] == '-' {
		return false
	}
	for near := min(i+maxGap, len(text)); i < near; i++ {
		if k := byteGap[text[i]]; k == 0 {
			return !isDigit(text[i])
		} else if k == gapNothing || k == unclear {
			return false
		}
	}
	return i == len(text)
}

// noChain forgets the current chain.
func (sc *scan) noChain() { sc.groups, sc.digits, sc.sums = sc.groups[:0], sc.digits[:0], sc.sums[:0] }

func (s *Set) atSign(sc *scan, start, end int) {
	sc.noChain()
	sc.at, sc.atEnd = start, end
	s.run(s.onAt, sc)
}

// percent handles '%' at i: "%40" is an at sign, another percent-encoded sign is
// stepped over so that its hex digits do not join the number behind it. Letters
// and digits are never encoded, so "%41" is a percent sign and a number, and so
// is anything behind a digit. "%B" opens a card's magnetic track.
func (s *Set) percent(sc *scan, i int) int {
	text := sc.text
	if i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2]) {
		return i + 1
	}
	c := byte(hexValue(text[i+1])<<4 | hexValue(text[i+2]))
	if c == '@' {
		s.atSign(sc, i, i+3)
	}
	track := lower(text[i+1]) == 'b' && (i < 3 || text[i-3] != '%')
	if isAlnum(c) || track || i > 0 && isDigit(text[i-1]) {
		return i + 1
	}
	return i + 3
}
