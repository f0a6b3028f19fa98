package detect

// smallNames guesses names in texts of small letters, as recognisers of speech write
// them: words that are no words of the language, one behind "hi" or "wife", two behind
// "is" or "with".
type smallNames struct{}

func (smallNames) look(sc *scan) {
	text := sc.text
	for i := 0; i < len(text) && !sc.done(); {
		if !isLetter(text[i]) {
			i++
			continue
		}
		t := readWord(text, i)
		sc.at, sc.atEnd = t.start, t.end
		if i = t.end; lowerKinds.has(text[t.start:t.end]) {
			sc.smallName()
		}
	}
}

// small calls the detectors for texts without a capital.
func (s *Set) small(sc *scan) {
	if len(s.onSmall) == 0 || sc.done() {
		return
	}
	for _, c := range sc.text {
		if isUpper(c) {
			return
		}
	}
	s.at(s.onSmall, sc, 0)
}

func (sc *scan) smallName() {
	text, end := sc.text, sc.atEnd
	kind := lowerKinds.value(text[sc.at:end])
	if isWord(text[sc.at:end], "called") && callsOf.has(lastWordBefore(text, sc.at)) {
		kind = lowerStrong
	}
	if n := apostrophe(text, end); n > 0 && isGenitive(text, end+n) { // "it's"
		end += n + 1
	} else if kind == lowerAm {
		if end = amEnd(text, sc.at, end); end == 0 {
			return
		}
	}
	at := end
	for range 3 { // "hi there", "thank you"
		t, ok := wordAfter(text, at)
		if !ok || !lowerFillers.has(text[t.start:t.end]) {
			break
		}
		at = t.end
	}
	if at >= len(text) || text[at] != ' ' {
		return
	}
	named := wordNear(text, sc.at, nameReach, nameWords) // "your last name? - it's"
	start, last, words := at+1, 0, 0
	ended := false
	for at++; words < 3; {
		w, ok := nameWordAt(text, at)
		if !ok || w.capital {
			break
		}
		if w.size == 1 && words == 1 && text[w.start] != 'i' && text[w.start] != 'a' { // an initial
			if at = nameGap(text, w); at < 0 {
				break
			}
			continue
		}
		if p, ok := particleAt(text, at); ok && words > 0 {
			at = p
			continue
		}
		switch k := w.lowerKind(text); {
		case k == wordName, k == wordStrange:
		case k == wordDoubtful && !functionWord(text[w.start:w.end]) && !months.has(text[w.start:w.end]) && (words > 0 || named || w.is(text, firstName)):
		default:
			ended = true
		}
		if ended {
			break
		}
		words, last = words+1, w.end
		if at = nameGap(text, w); at < 0 {
			break
		}
	}
	if words > 1 || words == 1 && (kind == lowerStrong || named || isWord(text[sc.at:sc.atEnd], "is") && isWord(lastWordBefore(text, sc.at), "this") && endsClause(text, last)) {
		sc.hit(start, last, nameGuessScore, nameGuessReason)
	}
}

var lowerFillers = wordSet("there", "you", "is", "s", "was", "with", "to", "again", "it", "from")

const nameReach = 32

var nameWords = wordSet("name", "surname", "names")

func endsClause(text []byte, i int) bool {
	return i == len(text) || text[i] == '.' || text[i] == ',' || text[i] == '\n'
}

// callsOf stand before "called" where a name follows, not a company.
var callsOf = wordSet("was", "is", "am", "were", "someone", "somebody", "guy", "man", "woman", "person", "lady")

// lowerKind is kind of a word in small letters, which is none of the shorthand of
// agents: that has few vowels.
func (w *nameWord) lowerKind(text []byte) wordKind {
	k := w.kind(text)
	if k == wordStrange {
		vowels := 0
		for _, c := range text[w.start:w.end] {
			switch c {
			case 'a', 'e', 'i', 'o', 'u', 'y':
				vowels++
			}
			if c >= 0x80 {
				vowels++
			}
		}
		if 4*vowels < w.size {
			return wordOfLanguage
		}
	}
	return k
}
