package detect

import "sync"

// Numbers that are read out are words: "four one one one", "double nine", "oh". A
// run of such words becomes digits in a view of the text, with the words before it
// as they are, and the detectors look at that.

const spokenReason = "spoken"

// A spoken word's value: a digit, or one of these and more.
const (
	spokenZero  = 1      // to 10: the digits
	spokenTen   = 11     // to 20: ten to nineteen
	spokenTens  = 21     // to 30: twenty is 23
	spokenTwice = 31 + 2 // double: the next digit, so often
	spokenMany  = 36     // hundred: two zeros behind a digit; thousand: three
	spokenGap   = 40     // dash, hyphen: a separator
	spokenFill  = 41     // um: nothing
	spokenO     = 42     // the letter, zero between others
	// spokenOrdinal is before the ordinals: a day of a date, after which a year begins.
	spokenOrdinal = 50
)

var spokenValues = func() map[string]uint8 {
	m := map[string]uint8{
		"oh": spokenZero, "nought": spokenZero, "naught": spokenZero, "nil": spokenZero, "niner": spokenZero + 9,
		"double": spokenTwice, "triple": spokenTwice + 1, "treble": spokenTwice + 1, "quadruple": spokenTwice + 2,
		"hundred": spokenMany, "thousand": spokenMany + 1,
		"dash": spokenGap, "hyphen": spokenGap, "minus": spokenGap, "space": spokenGap,
		"um": spokenFill, "uh": spokenFill, "er": spokenFill, "erm": spokenFill, "uhm": spokenFill, "umm": spokenFill,
		"o": spokenO,
	}
	for i, w := range []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
		"ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"} {
		m[w] = spokenZero + uint8(i)
	}
	for i, w := range []string{"twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"} {
		m[w] = spokenTens + 2 + uint8(i)
	}
	for i, w := range []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
		"thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"} {
		m[w] = spokenOrdinal + 1 + uint8(i)
	}
	m["twentieth"], m["thirtieth"] = spokenOrdinal+20, spokenOrdinal+30
	return m
}()

var spokenLexicon = sync.OnceValue(func() *words { return newWords(spokenValues) })

// spokenInitials are what they begin with.
var spokenInitials = func() (t ['z' + 1]bool) {
	for w := range spokenValues {
		t[w[0]] = true
	}
	return t
}()

// spokenWords are the words a run can begin with.
func spokenWords() (list []string) {
	for w, v := range spokenValues {
		if v < spokenMany || v > spokenOrdinal {
			list = append(list, w)
		}
	}
	return list
}

const (
	// minSpoken is the fewest digits of a run that is looked at: a card's code.
	minSpoken = 3
	// maxSpokenPieces is the most words and gaps of a run; what is longer is two.
	maxSpokenPieces = 160
	// maxSpokenAgain is how often a run is read from a later word on, behind figures within it. A text in which
	// each second word is a figure would be read so a hundred times; a list of eight numbers takes up to sixteen.
	maxSpokenAgain = 16
	// spokenContext is how many bytes before and behind a run are looked at with it.
	spokenContext = 96
)

// readSpoken reads the run of spoken numbers that begins with the word, searches
// it, and returns where the walk goes on.
func (s *Set) readSpoken(sc *scan, first term) int {
	text, v := sc.text, &sc.view
	if !s.goesOn(text, first.end) {
		return first.end
	}
	if first.start >= sc.saidTo {
		sc.again = 0
	} else if sc.again++; sc.again > maxSpokenAgain {
		return first.end
	}
	v.reset()
	v.copy(text, max(0, first.start-spokenContext), first.start)
	r := spokenRun{text: text, view: v, values: spokenLexicon(), digits: sc.said[:0], times: 1}
	next, ok := first.start, true
	for n := 0; ok && n < maxSpokenPieces; n++ {
		r.end = next
		next, ok = r.piece(next)
	}
	sc.said = r.digits // whose room is used again
	sc.saidTo = max(sc.saidTo, r.end)
	// Figures within are also read as they stand.
	goOn := max(first.end, r.end)
	if r.figure > 0 {
		goOn = r.figure
	}
	if len(r.digits) < minSpoken || r.words < 2 {
		return goOn
	}
	v.copy(text, r.end, min(len(text), r.end+spokenContext))
	known := len(sc.hits)
	s.searchView(sc, v, true)
	if s.cards && !sc.done() {
		r.cards(sc)
	}
	if len(sc.hits) == known && r.words < len(r.digits) && s.words {
		// "two nineteen eighty": the words are numbers of their own.
		v = r.spaced(&sc.spacedView)
		s.searchView(sc, v, true)
	}
	return goOn
}

// goesOn reports that a number, or a word of one, follows soon: most such words stand alone.
func (s *Set) goesOn(text []byte, i int) bool {
	at, _ := spokenGapAt(text, i)
	if at < 0 || !isLetter(text[at]) {
		return at >= 0
	}
	if !spokenInitials[lower(text[at])] {
		return false
	}
	t := readWord(text, at)
	return s.table.bits(t.key, false)&spokenCue != 0 || spokenLexicon().has(text[t.start:t.end])
}

// spokenRun is what has been read of a run.
type spokenRun struct {
	text   []byte
	view   *view
	values *words
	digits []spokenDigit
	words  int  // of spoken digits
	times  int  // how often the next digit is meant
	from   int  // where "double" stands, when times is above 1
	tens   bool // the last digit is a zero that the next may take the place of: "twenty" before "three"
	end    int
	figure int // where the first figures are, 0 for none
	last   int // where the last figures end
}

// spokenDigit is a digit of a run.
type spokenDigit struct {
	at    int  // its place in the view
	first bool // of its word
}

// spaced is the view with a space between the words.
func (r *spokenRun) spaced(into *view) *view {
	into.reset()
	next := 0
	for i, c := range r.view.text {
		if next < len(r.digits) && r.digits[next].at == i {
			if r.digits[next].first && next > 0 && r.digits[next-1].at == i-1 {
				into.put(' ', int(r.view.from[i]), int(r.view.from[i]), true)
			}
			next++
		}
		into.put(c, int(r.view.from[i]), int(r.view.to[i]), r.view.changed[i])
	}
	return into
}

// piece reads the gap and the word or digits at i. It is false where the run ends.
func (r *spokenRun) piece(i int) (int, bool) {
	at, mark := spokenGapAt(r.text, i)
	if at < 0 {
		return i, false
	}
	end := at
	if isDigit(r.text[at]) {
		for end < len(r.text) && isDigit(r.text[end]) {
			end++
		}
		return end, r.figures(at, end, i, mark)
	}
	for end < len(r.text) && isLetter(r.text[end]) {
		end++
	}
	value := r.values.value(r.text[at:end])
	if value == 0 || value == spokenO && r.words == 0 || end < len(r.text) && (r.text[end] >= 0x80 || isDigit(r.text[end])) {
		return i, false
	}
	if mark && (value < spokenGap || value > spokenOrdinal) {
		r.separate(i, at)
	}
	return end, r.word(value, at, end)
}

// figures takes digits as they stand.
func (r *spokenRun) figures(at, end, before int, mark bool) bool {
	if r.times > 1 && end-at == 1 { // "double 5"
		r.put(r.text[at], at, end, r.times)
		return true
	}
	switch {
	case r.last == before: // the gap between figures stays as it is
		r.view.copy(r.text, before, at)
	case mark || before < at:
		r.separate(before, at)
	}
	r.last = end
	if r.figure == 0 {
		r.figure = at
	}
	for i := at; i < end; i++ {
		r.digit(r.text[i], i, i+1, i == at)
	}
	r.tens, r.times = false, 1
	return end == len(r.text) || !isLetter(r.text[end])
}

// word takes a word of that value. It is false where the run ends before it.
func (r *spokenRun) word(value uint8, at, end int) bool {
	v := r.view
	switch {
	case value == spokenFill:
		return true
	case value > spokenOrdinal:
		r.ordinal(value-spokenOrdinal, at, end)
	case value == spokenGap:
		if len(r.digits) > 0 {
			v.put('-', at, end, true)
		}
	case value >= spokenMany && value < spokenGap:
		if len(r.digits) == 0 {
			return false
		}
		for range 2 + int(value-spokenMany) {
			r.digit('0', at, end, false)
		}
	case value >= spokenTwice && value < spokenMany:
		r.times, r.from, r.tens = int(value-spokenTwice)+2, at, false
		return true
	case value >= spokenTens && value < spokenTwice:
		r.digit('0'+value-spokenTens, at, end, true)
		r.digit('0', at, end, false)
		r.words++
		r.tens, r.times = true, 1
		return true
	case value >= spokenTen && value < spokenTens:
		r.digit('1', at, end, true)
		r.digit('0'+value-spokenTen, at, end, false)
		r.words++
	case value == spokenO:
		r.put('0', at, end, r.times)
	case r.tens && value > spokenZero:
		last := len(v.text) - 1
		v.text[last] = '0' + value - spokenZero
		v.to[last], v.to[last-1] = int32(end), int32(end)
	default:
		r.put('0'+value-spokenZero, at, end, r.times)
	}
	r.tens, r.times = false, 1
	return true
}

// ordinal takes a day: "fifth", "twenty third".
func (r *spokenRun) ordinal(day uint8, at, end int) {
	v := r.view
	switch last := len(v.text) - 1; {
	case r.tens && day < 10:
		v.text[last] = '0' + day
		v.to[last], v.to[last-1] = int32(end), int32(end)
	case day >= 10:
		r.digit('0'+day/10, at, end, true)
		r.digit('0'+day%10, at, end, false)
	default:
		r.digit('0'+day, at, end, true)
	}
	r.words++
	v.put(' ', at, end, true)
}

// put takes a digit that is said once and meant n times.
func (r *spokenRun) put(d byte, from, to, n int) {
	if n > 1 {
		from = r.from
	}
	for i := range n {
		r.digit(d, from, to, i == 0)
	}
	r.words++
	r.times, r.tens = 1, false
}

func (r *spokenRun) digit(d byte, from, to int, first bool) {
	r.digits = append(r.digits, spokenDigit{len(r.view.text), first})
	r.view.put(d, from, to, to-from > 1) // a figure stays one
}

// separate keeps what is more than a space between two words.
func (r *spokenRun) separate(from, to int) {
	if len(r.digits) > 0 {
		r.view.put(' ', from, to, true)
		r.tens = false
	}
}

// maxSpokenGap is the most bytes between two words of a run.
const maxSpokenGap = 4

// spokenGapAt is where the next word or number of a run begins behind i, -1 when
// the run ends there, and whether a comma or the like lies between.
func spokenGapAt(text []byte, i int) (at int, mark bool) {
	for at = i; at < len(text) && at-i <= maxSpokenGap; {
		c := text[at]
		if isAlnum(c) {
			return at, mark
		}
		k, w := gapAt(text, at)
		switch {
		case c == ',' || c == ';' || c == '\n' || c == '\r' || c == '\t':
			k, w = gapDash, 1
		case w == 0 || k&^(gapSpace|gapDash|gapDot|gapSlash|gapNothing) != 0:
			return -1, false
		}
		mark = mark || k&^(gapSpace|gapNothing) != 0
		at += w
	}
	return -1, false
}

// cards finds the cards in a run that goes on: nobody says where a card ends and
// its expiry begins. A card begins and ends at the edge of a word.
func (r *spokenRun) cards(sc *scan) {
	var d [maxPAN]byte
	for i := 0; i+minPAN <= len(r.digits); i++ {
		if !r.digits[i].first || !startsPAN(r.view.text[r.digits[i].at]-'0') {
			continue
		}
		for n := min(maxPAN, len(r.digits)-i); n >= minPAN; n-- {
			if i+n < len(r.digits) && !r.digits[i+n].first {
				continue
			}
			for k := range n {
				d[k] = r.view.text[r.digits[i+k].at] - '0'
			}
			if knownIssuer(d[:n]) && luhn(d[:n]) {
				start, end := r.digits[i].at, r.digits[i+n-1].at
				sc.class = Card
				sc.hit(int(r.view.from[start]), int(r.view.to[end]), 0.95, spokenReason)
				i += n - 1
				break
			}
		}
	}
}
