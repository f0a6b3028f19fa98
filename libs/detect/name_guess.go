package detect

// nameGuess guesses names where nothing announces them, by what their words are: two
// and more words with capitals that are no words of the language ("Zsófia
// Lindqvist"), or of which one is a known name; and one such word alone where persons
// stand, as before "said" and behind "tell".
type nameGuess struct{}

const (
	nameGuessScore  = 0.4
	nameGuessReason = "name-guess"
)

// promising reports that the word [start,end) with a capital has another one beside it,
// behind a space, a comma or "and", or a colon: other names of one word are found by the
// words around them.
func promising(text []byte, start, end int) bool {
	if start > 2 && text[start-1] == ' ' && (text[start-2] == ',' || text[start-2] == 'd' && text[start-3] == 'n') {
		return true
	}
	if end+2 >= len(text) {
		return false
	}
	switch c := text[end]; c {
	case ' ':
		if !isUpper(text[end+1]) {
			return text[end+1] >= 0x80
		}
		return !isUpper(text[end+2]) || isUpper(text[end-1]) // "Order ORD-1234"
	case ',':
		return text[end+1] == ' ' && (isUpper(text[end+2]) || text[end+2] >= 0x80)
	case ':':
		return start == 0 || text[start-1] == '\n'
	case '-', '\'':
		return isLetter(text[end+1]) || text[end+1] >= 0x80
	default:
		return c >= 0x80 || isLetter(c)
	}
}

func (nameGuess) look(sc *scan) { sc.guessName(sc.at) }

// nameAhead guesses at the name behind a word that persons stand behind.
type nameAhead struct{}

func (nameAhead) look(sc *scan) {
	text, at := sc.text, sc.atEnd
	if at+2 < len(text) && text[at] == ' ' && text[at+1] >= 'a' && text[at+1] <= 'z' {
		return
	}
	if at = stepMarks(text, at, false); at < len(text) && (isUpper(text[at]) || text[at] >= 0x80) {
		sc.guessName(at)
	}
}

// nameLinked guesses at the name that a word links to: "transferred to", "this is".
type nameLinked struct{}

func (nameLinked) look(sc *scan) {
	text := sc.text
	if at := stepWords(text, sc.atEnd, linkToPerson, 1); at > 0 && at+2 < len(text) && (text[at] == ' ' || text[at] == '/') && (isUpper(text[at+1]) || text[at+1] >= 0x80) {
		sc.guessName(at + 1)
	}
}

// nameBehind guesses at the name before a verb of persons, and before what persons have.
type nameBehind struct{}

func (nameBehind) look(sc *scan) {
	text, at := sc.text, sc.at-1
	if at < 2 || text[at] != ' ' {
		return
	}
	if at -= 2; text[at+1] != 's' || text[at] != '\'' && text[at] < 0x80 {
		at += 2
	} else if text[at] >= 0x80 {
		at -= 2
	}
	for at > 0 && (isLetter(text[at-1]) || text[at-1] >= 0x80 || text[at-1] == '-' || text[at-1] == '\'') {
		at--
	}
	if (isUpper(text[at]) || text[at] >= 0x80) && !subjects.has(text[at:sc.at-1]) {
		sc.guessName(at)
	}
}

// goesOn reports that a name that ends at end may have another word.
func goesOn(text []byte, end int) bool {
	if end+2 >= len(text) || text[end] != ' ' {
		return end+2 < len(text) && text[end] == ',' && isUpper(text[end+2])
	}
	return isUpper(text[end+1]) || text[end+1] >= 0x80 || particlesAt(text, end+1) > end+1
}

// guessName guesses at the word that begins at at.
func (sc *scan) guessName(at int) {
	text := sc.text
	if n := len(sc.hits); n > 0 && sc.hits[n-1].Class == Name && sc.hits[n-1].Start <= at && sc.hits[n-1].End > at && !goesOn(text, sc.hits[n-1].End) {
		return
	}
	if at < sc.named || at > 0 && (isAlnum(text[at-1]) || isNameJoin(text[at-1]) || text[at-1] >= 0x80 && !openQuote(text, at)) {
		return
	}
	w, ok := nameWordAt(text, at)
	if !ok || w.size < 2 {
		return
	}
	r := sc.readRun(w)
	if r.words == 0 || r.thing(text) {
		return
	}
	switch {
	case sc.lastFirstGuess(&r):
	case r.words > 1 && r.person(sc), r.words == 1 && r.alone(sc):
		sc.hit(particlesBefore(text, r.start), r.end, nameGuessScore, nameGuessReason)
		sc.namedBefore(r.start)
		sc.named = r.end
	}
}

func isNameJoin(c byte) bool {
	return c == '-' || c == '_' || c == '@' || c == '/' || c == '.' || c == '#' || c == '&' || c == '\\'
}

func openQuote(text []byte, at int) bool {
	return at >= 3 && text[at-3] == 0xE2 && text[at-2] == 0x80 || at >= 2 && text[at-2] == 0xC2
}

// person reports that two words and more are a name.
func (r *run) person(sc *scan) bool {
	text := sc.text
	known, doubtful, strange := r.kinds[wordName], r.kinds[wordDoubtful], r.kinds[wordStrange]
	if known > 0 {
		return true
	}
	if r.next.start > 0 && !r.shouted || article.has(lastWordBefore(text, r.start)) || sc.foreign() { // "Zentrix Orvanta Systems"
		return false
	}
	return strange > 1 || strange > 0 && doubtful > 0 && (!r.first.is(text, place) || r.first.is(text, firstName))
}

// thing reports that the words around make the run the name of a street, a company, a
// place.
func (r *run) thing(text []byte) bool {
	if n := r.next; n.start > 0 && n.start <= r.end+2 && (things.has(text[n.start:n.end]) || streetKinds.has(text[n.start:n.end]) || streetSuffixes.has(text[n.start:n.end])) {
		return true
	}
	if things.has(text[r.last.start:r.last.end]) {
		return true
	}
	b := wordsBefore(text, r.start)
	w := b.next()
	return !b.crossed && !b.dot && len(w) > 0 && isUpper(w[0]) && thingsBefore.has(w)
}

// alone reports that one word is a name: a known one, or one where persons stand.
func (r *run) alone(sc *scan) bool {
	text := sc.text
	switch {
	case r.kinds[wordName] > 0:
		return !r.shouted || r.first.size > 3
	case r.shouted, r.next.start > 0, r.last.size < 3:
		return false
	case r.kinds[wordDoubtful] > 0 && r.first.is(text, place):
		return false
	}
	return (sc.listed(r.start) || personBehind(text, r.end) || personAhead(text, r) || r.kinds[wordStrange] > 0 && (vocative(text, r) || sc.strangeBefore(r.start) >= 0)) && !sc.foreign()
}

// listed reports that a guessed name ends right before start, with "and" or a comma
// between.
func (sc *scan) listed(start int) bool {
	if sc.named == 0 || start-sc.named > 6 || start < sc.named {
		return false
	}
	switch string(sc.text[sc.named:start]) {
	case " and ", ", ", " & ", ", and ", " or ":
		return true
	}
	return false
}

// particlesBefore is where the particles begin that stand right before a name, in small
// letters.
func particlesBefore(text []byte, start int) int {
	for range 2 {
		at := start - 1
		for at > 0 && text[at-1] >= 'a' && text[at-1] <= 'z' {
			at--
		}
		if start-at < 3 || text[start-1] != ' ' || at > 0 && text[at-1] > ' ' || !nameParticles.has(text[at:start-1]) {
			break
		}
		start = at
	}
	return start
}

// strangeBefore is where the word begins that "and" joins to the one at start, when it
// may be a name; -1 otherwise.
func (sc *scan) strangeBefore(start int) int {
	const and = " and "
	text, end := sc.text, start-len(and)
	if end < 2 || string(text[end:start]) != and {
		return -1
	}
	from := end
	for from > sc.named && (isLetter(text[from-1]) || text[from-1] >= 0x80 || text[from-1] == '-') {
		from--
	}
	w, ok := nameWordAt(text, from)
	if !ok || w.end != end || !w.capital || w.shouted || from > 0 && isNameJoin(text[from-1]) {
		return -1
	}
	if k := w.kind(text); k == wordOfLanguage || k == wordDoubtful && !w.is(text, firstName) {
		return -1
	}
	return from
}

// namedBefore takes the word that "and" joins to the name at start.
func (sc *scan) namedBefore(start int) {
	if from := sc.strangeBefore(start); from >= 0 {
		sc.hit(from, start-len(" and "), nameGuessScore, nameGuessReason)
	}
}

// personBehind reports a verb of persons behind a word, or "'s husband".
func personBehind(text []byte, end int) bool {
	if n := apostrophe(text, end); n > 0 && isGenitive(text, end+n) {
		t, ok := wordAfter(text, end+n+1)
		return ok && belongings.has(text[t.start:t.end])
	}
	t, ok := wordAfter(text, end)
	return ok && !t.capital && personVerbs.has(text[t.start:t.end])
}

func wordAfter(text []byte, i int) (term, bool) {
	if i+1 >= len(text) || text[i] != ' ' || !isLetter(text[i+1]) {
		return term{}, false
	}
	return readWord(text, i+1), true
}

func lastWordBefore(text []byte, start int) []byte {
	b := wordsBefore(text, start)
	w := b.next()
	if b.crossed || b.dot {
		return nil
	}
	return w
}

// personAhead reports a word that persons stand behind: "tell", "wife", "Dear",
// "transferred to", and "Thanks," with the name at the end of its line.
func personAhead(text []byte, r *run) bool {
	b := wordsBefore(text, r.start)
	w := b.next()
	kind := nameKinds.value(w)
	switch {
	case b.dot && kind != cueTitle:
		return false
	case b.crossed:
		return kind == cueClosing || kind == cueGreeting || thankful.has(w)
	case kind == cueThis, kind == cueName, isWord(w, "from") && r.kinds[wordStrange] > 0:
		return false
	case kind == cueRole && r.kinds[wordDoubtful] > 0:
		return relatives.has(w)
	case kind != 0, beforePersons.has(w):
		return true
	case isWord(w, "is"):
		if !nameThis.has(b.next()) || r.end == len(text) {
			return r.end == len(text)
		}
		t, ok := wordAfter(text, r.end)
		return !ok && text[r.end] != ' ' || ok && behindName.has(text[t.start:t.end])
	case linkToPerson.has(w):
		return linkedToPersons.has(b.next()) && !b.crossed && !b.dot
	}
	return false
}

// vocative reports a comma before the word and the sentence's end behind it: "Don't go,
// Saoirse!", or the word at the front of a line and a colon behind it.
func vocative(text []byte, r *run) bool {
	last := r.end == len(text)
	if !last {
		switch text[r.end] {
		case '!', '?', '.':
			last = true
		case ':':
			return r.start == 0 || text[r.start-1] == '\n'
		case ',': // "Saoirse, can I"
			t, ok := wordAfter(text, r.end+1)
			return (r.start == 0 || text[r.start-1] == '\n') && ok && !t.capital
		}
	}
	return last && r.start > 2 && text[r.start-1] == ' ' && text[r.start-2] == ',' && isLetter(text[r.start-3])
}

// lastFirstGuess takes "Lindqvist, Zsófia" at the front of a line, or behind a mark.
func (sc *scan) lastFirstGuess(r *run) bool {
	text := sc.text
	start := particlesBefore(text, r.start)
	if r.words > 2 || r.end+2 >= len(text) || text[r.end] != ',' || text[r.end+1] != ' ' || !clauseStart(text, start) {
		return false
	}
	w, ok := nameWordAt(text, r.end+2)
	if !ok || !w.capital || w.shouted != r.shouted {
		return false
	}
	f := sc.readRun(w)
	sure := f.kinds[wordStrange] + f.kinds[wordName]
	if f.words == 0 || f.words > 2 || f.thing(text) || sure == 0 && (r.kinds[wordDoubtful] > 0 || !f.first.is(text, firstName)) || r.kinds[wordDoubtful] > 0 && !r.first.is(text, lastName) {
		return false
	}
	sc.hit(start, f.end, nameGuessScore, nameGuessReason)
	sc.named = f.end
	return true
}

// clauseStart reports the front of a line, or a colon or bracket before i.
func clauseStart(text []byte, i int) bool {
	for i > 0 && text[i-1] == ' ' {
		i--
	}
	if i == 0 {
		return true
	}
	switch text[i-1] {
	case '\n', ':', '(', ';', '|', '"', '>', '=':
		return true
	}
	return false
}
