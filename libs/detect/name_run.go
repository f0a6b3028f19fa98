package detect

// wordKind is what a word with a capital may be.
type wordKind uint8

const (
	wordOfLanguage wordKind = iota // or a place, a code, a brand
	wordDoubtful                   // a known name that is a word or place as well
	wordStrange                    // in no list
	wordName                       // a known name and nothing else
)

// kind asks the lists.
func (w *nameWord) kind(text []byte) wordKind {
	if w.end < len(text) && text[w.end] == '.' && w.size > 2 && w.end+1 < len(text) && text[w.end+1] > ' ' {
		return wordOfLanguage
	}
	from, to := w.start, w.part
	if to == from+1 && to < w.end { // "D'Angelo"
		from, to = to+1, w.end
		for from < to && text[from] >= 0x80 {
			from++
		}
	}
	key := plainKey(text[from:to])
	l := gazetteer().of(key)
	language := l&(place|placePart) == place || (l&ordinary != 0 || englishWords().has(key)) && isASCII(text[from:to])
	switch named := l&(firstName|lastName) != 0; {
	case named && language:
		return wordDoubtful
	case named:
		return wordName
	case language, !strangeShape(text, w):
		return wordOfLanguage
	}
	return wordStrange
}

// particlesAt is behind the particles at i, i when there is none: "van den Berg", "De
// Luca".
func particlesAt(text []byte, i int) int {
	for range 2 {
		if i+4 >= len(text) || text[i+1] != ' ' && text[i+2] != ' ' && text[i+3] != ' ' {
			break
		}
		i, _ = particleAt(text, i)
	}
	return i
}

func isASCII(w []byte) bool {
	for _, c := range w {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// strangeShape reports that a word that is in no list looks like a name: three letters
// and more of which one is a vowel, capitals at the front alone, but for "McDonald",
// and behind hyphens and apostrophes.
func strangeShape(text []byte, w *nameWord) bool {
	if w.size < 3 {
		return false
	}
	vowel, capitals, letters := false, 0, 0
	for i := w.start; i < w.end; {
		r, n := runeAt(text, i)
		i += n
		if !isWordLetter(r) {
			if n > 1 || r == '\'' { // "don't" is no name, "D'Angelo" and "D'angelo" are
				if next, _ := runeAt(text, i); !isUpperRune(next) && (letters > 1 || w.end-i < 4) {
					return false
				}
			}
			letters = 0
			continue
		}
		switch lower := plainLetter(r); lower {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			vowel = true
		default:
			vowel = vowel || r >= 0x80
		}
		if isUpperRune(r) && letters > 0 && !w.shouted {
			if capitals++; capitals > 1 || letters > 3 {
				return false
			}
		}
		letters++
	}
	return vowel
}

// run is a row of words that may be a name.
type run struct {
	start, end  int
	words       int // without initials
	kinds       [wordName + 1]int
	shouted     bool
	first, last nameWord
	next        nameWord // the word with a capital that ended it, with start 0 when there is none
}

// maxRun is the most words of a name without initials.
const maxRun = 5

func (sc *scan) readRun(w nameWord) run {
	text := sc.text
	r := run{start: w.start, first: w, shouted: w.shouted}
	for at := w.start; ; {
		p := particlesAt(text, at)
		w, ok := nameWordAt(text, p)
		switch {
		case !ok:
			return r
		case p > at && (w.size < 3 || !w.capital && sc.kindOf(&w) == wordOfLanguage), p == at && !w.capital:
			return r
		case p > at && r.words == 0 && !isUpper(text[at]): // "de la Cruz" begins no name
			return r
		case w.size == 1:
			next := nameGap(text, w)
			if r.words == 0 || next < 0 || text[w.start] == 'I' && !w.dotted {
				return r
			}
			if after, ok := nameWordAt(text, particlesAt(text, next)); !ok || !after.capital || after.size == 1 {
				return r
			}
			at = next
			continue
		}
		kind := sc.kindOf(&w)
		if p > at && kind == wordOfLanguage && w.capital { // "van Ham"
			kind = wordStrange
		}
		if kind == wordOfLanguage || w.shouted != r.shouted || r.words == maxRun || r.shouted && r.words == 0 && w.size < 4 && kind != wordName {
			r.next = w
			return r
		}
		r.words++
		r.kinds[kind]++
		r.end, r.last = w.end, w
		if at = nameGap(text, w); at < 0 {
			return r
		}
	}
}

// seenKind is the kind of a word that was asked for: each word of a row asks for those behind it.
type seenKind struct {
	start, end int
	kind       wordKind
}

func (sc *scan) kindOf(w *nameWord) wordKind {
	sc.kindsSeen = true
	k := &sc.kinds[w.start%len(sc.kinds)]
	if k.start != w.start || k.end != w.end {
		*k = seenKind{w.start, w.end, w.kind(sc.text)}
	}
	return k.kind
}
