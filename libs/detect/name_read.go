package detect

import "unicode/utf8"

// nameMode says what a name may look like where it is looked for.
type nameMode uint8

const (
	capitalName nameMode = iota // with capitals
	titleName                   // of one word in lower case too
	lowerName                   // of up to three words in lower case too
)

// maxNameWords is the most words of a name, and maxLowerName the most in lower case,
// where nothing but ordinary words tells where it ends.
const (
	maxNameWords = 4
	maxLowerName = 2
)

// fullName is a name that was read.
type fullName struct {
	start, end int
	words      int
	capital    bool // it has capitals
	shouted    bool // it is all capitals
	known      bool // the gazetteer has its first word, or its last
}

// nameParticles belong to the last name behind them.
var nameParticles = wordSet("de", "la", "van", "von", "der", "den", "del", "da", "di", "dos", "du", "le", "bin", "ibn", "al", "el", "ben", "ter", "st", "mac", "mc", "o", "zu", "af", "y")

// readName reads the name that begins at i, or behind a space there.
func readName(text []byte, i int, mode nameMode) (n fullName) {
	for range 2 {
		if i < len(text) && text[i] == ' ' {
			i++
		}
	}
	if mode == capitalName && (i >= len(text) || text[i] < 0x80 && !isUpper(text[i])) {
		return n
	}
	n.shouted = true
	particles := 0
	for at := i; n.words < maxNameWords; {
		if p, ok := particleAt(text, at); ok && particles < 2 && !isUpper(text[at]) && (n.words > 0 || mode != capitalName) {
			if w, ok := nameWordAt(text, p); ok && (n.takes(text, &w, mode) || nameParticles.has(text[w.start:w.end])) && w.capital == (n.capital || w.capital) {
				particles++
				at = p
				continue
			}
		}
		w, ok := nameWordAt(text, at)
		if !ok || !n.takes(text, &w, mode) {
			p, ok := particleAt(text, at)
			if n.words == 0 && mode == capitalName || !ok || particles == 2 {
				break
			}
			particles++
			at = p
			continue
		}
		if n.words == 0 {
			n.start, n.capital = w.start, w.capital
			if particles > 0 {
				n.start = i
			}
		}
		n.words++
		n.end, particles = w.end, 0
		n.shouted = n.shouted && w.shouted
		n.known = n.known || w.is(text, firstName|lastName)
		if at = nameGap(text, w); at < 0 {
			break
		}
	}
	if !n.capital {
		n.shouted = false
	}
	return n
}

// takes reports whether a word can be the next of the name.
func (n *fullName) takes(text []byte, w *nameWord, mode nameMode) bool {
	switch {
	case w.size == 1:
		return n.words > 0 && w.capital && w.dotted // an initial
	case w.capital:
		if n.words > 0 && !n.capital {
			return false
		}
		return !w.is(text, ordinary) || w.is(text, firstName) && !functionWord(text[w.start:w.end])
	case mode == capitalName, n.words > 0 && n.capital, mode == titleName && n.words > 0, n.words >= maxLowerName:
		return false
	case functionWord(text[w.start:w.end]):
		return false
	}
	return !w.is(text, ordinary) || w.is(text, firstName)
}

// functionWord reports a word that is never the name in a sentence in lower case.
func functionWord(w []byte) bool { return functionWords.has(w) }

var functionWords = wordSet("an", "so", "in", "at", "on", "the", "will", "may", "can", "see", "my", "long", "major", "price", "no", "not", "do", "be", "to", "and", "or", "of", "is",
	"it", "he", "she", "we", "you", "they", "who", "what", "that", "this", "good", "best", "general", "golden", "mark", "early", "you", "an", "king", "queen", "case", "chat", "art", "bill", "love", "ok", "queue", "loyal", "royal", "miss")

// nameWord is one word of a text as a part of a name.
type nameWord struct {
	start, end int
	size       int // letters
	capital    bool
	shouted    bool // capitals alone
	dotted     bool // a full stop follows
	part       int  // end of its first part, which decides what it is
	lore       lore // what the gazetteer knows of it, once it was asked
	asked      bool
}

// nameWordAt reads the word at i with its hyphens and apostrophes: "O'Brien",
// "Smith-Jones". It is not ok where a digit, an at sign or an underscore is part of
// it: that is no name.
func nameWordAt(text []byte, i int) (w nameWord, ok bool) {
	if !w.plain(text, i) && !w.read(text, i) {
		return w, false
	}
	if w.size == 0 || w.end < len(text) && (isDigit(text[w.end]) || text[w.end] == '@' || text[w.end] == '_' || text[w.end] == '(' || text[w.end] == '/' || text[w.end] == '\\') {
		return w, false
	}
	w.dotted = w.end < len(text) && text[w.end] == '.'
	if w.dotted && w.end+1 < len(text) && isAlnum(text[w.end+1]) {
		return w, false // a host's name, an address's local part
	}
	if w.part == 0 {
		w.part = w.end
	}
	w.shouted = w.shouted && w.size > 1
	return w, true
}

// plain reads a word of up to seven letters of ASCII, as most are. It is false for any other.
func (w *nameWord) plain(text []byte, i int) bool {
	x := load8(text, i)
	_, n := lowerLetters(x)
	if n == 0 || n == 8 {
		return false
	}
	end := i + n
	if end < len(text) && (text[end] >= utf8.RuneSelf || text[end] == '-' || text[end] == '\'') {
		return false
	}
	first := 0x20 * everyByte & firstBytes(n)
	*w = nameWord{start: i, end: end, size: n, capital: x&0x20 == 0, shouted: ^x&first == first}
	return true
}

// read reads any word, as far as one with a name in it can be.
func (w *nameWord) read(text []byte, i int) bool {
	w.start, w.end, w.shouted = i, i, true
	for w.end < len(text) {
		r, size := runeAt(text, w.end)
		if !isWordLetter(r) {
			n := apostrophe(text, w.end)
			if r == '-' {
				n = 1
			}
			next := w.end + n
			if n == 0 || w.size == 0 || next >= len(text) {
				break
			}
			if r, _ := runeAt(text, next); !isWordLetter(r) || isGenitive(text, next) {
				break
			}
			if w.part == 0 {
				w.part = w.end
			}
			w.end = next
			continue
		}
		if w.size == 0 {
			w.capital = isUpperRune(r)
		}
		w.shouted = w.shouted && isUpperRune(r)
		w.size++
		w.end += size
		if w.size > maxWord {
			return false // however long it is: each of its parts asks
		}
	}
	return true
}

// isGenitive reports that nothing but an s follows an apostrophe: "Smith's".
func isGenitive(text []byte, i int) bool {
	return i < len(text) && lower(text[i]) == 's' && (i+1 == len(text) || !isLetter(text[i+1]))
}

// is asks the gazetteer.
func (w *nameWord) is(text []byte, what lore) bool {
	if !w.asked {
		w.lore, w.asked = loreOf(text[w.start:w.part]), true
	}
	return w.lore&what != 0
}

func loreOf(w []byte) lore { return gazetteer().of(plainKey(w)) }

// nameGap is where the next word of a name begins behind w, -1 when the name ends.
func nameGap(text []byte, w nameWord) int {
	i := w.end
	if w.dotted {
		if w.size > 2 {
			return -1
		}
		i++
	}
	if i >= len(text) {
		return -1
	}
	switch k, n := gapAt(text, i); {
	case n > 0 && k == gapSpace, n == 1 && k == gapPlus:
		return i + n
	case w.dotted && w.size == 1:
		return i
	}
	return -1
}

// particleAt is behind the particle at i and the space that follows.
func particleAt(text []byte, i int) (int, bool) {
	end := i
	for end < len(text) && end-i <= maxWord && isLetter(text[end]) {
		end++
	}
	if end == i || end+1 >= len(text) || text[end] != ' ' || !nameParticles.has(text[i:end]) {
		return i, false
	}
	return end + 1, true
}
