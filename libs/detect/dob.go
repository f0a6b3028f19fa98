package detect

// dobDetector finds dates of birth: a date behind a word for it, or right before
// one. Other dates are none.
type dobDetector struct{}

func dobCues() []string {
	return []string{"dob", "dobs", "birth", "birthdate", "birthday", "born", "bday", "dateofbirth", "birthdays", "b", "geburtsdatum", "geboren", "geb", "nacimiento",
		"naissance", "nascita", "ne", "nee"}
}

func (dobDetector) look(sc *scan) {
	text := sc.text
	if w := text[sc.at:sc.atEnd]; len(w) == 1 || isWord(w, "ne") || isWord(w, "nee") || isWord(w, "geb") {
		// "D.O.B."
		if len(w) == 1 && (sc.at < 4 || !isWord(text[sc.at-4:sc.at-3], "d") || text[sc.at-1] != '.' && text[sc.at-1] != '/') || len(w) > 1 && !dateSoon(text, sc.atEnd) {
			return
		}
	}
	if at := dateAfter(text, sc.atEnd); at >= 0 {
		if end := dateAt(text, at); end > 0 {
			sc.hit(at, end, 0.85, "dob-context")
			return
		}
	}
	sc.dateBefore(sc.at)
}

// dateSoon reports a digit within a few bytes: short cues are words of other languages.
func dateSoon(text []byte, i int) bool {
	for n := 0; i < len(text) && n < 6; n++ {
		if isDigit(text[i]) {
			return true
		}
		i++
	}
	return false
}

// dateAfter is valueAfter where the name of a month begins a value too.
func dateAfter(text []byte, i int) int {
	limit := min(len(text), i+maxFilled)
	for n := 0; i < limit; {
		c := text[i]
		switch {
		case isDigit(c):
			return i
		case isLetter(c) || c >= 0x80 && monthAt(text, i) > i:
			if monthAt(text, i) > i {
				return i
			}
			end := i
			for end < len(text) && isLetter(text[end]) {
				end++
			}
			if n++; n > maxFillers || !fillers.has(text[i:end]) && !dobFillers.has(text[i:end]) {
				return -1
			}
			i = end
		case betweenValue(c):
			i++
		default:
			_, w := gapAt(text, i)
			if w == 0 {
				return -1
			}
			i += w
		}
	}
	return -1
}

var dobFillers = wordSet("year", "month", "day", "dd", "mm", "yyyy", "am", "el", "le", "il", "i", "born", "birth", "dob")

// dateBefore takes the date that ends before pos: "03/05/1980 (date of birth)".
func (sc *scan) dateBefore(pos int) {
	text := sc.text
	end := pos
	for range 5 {
		for end > 0 && betweenValue(text[end-1]) {
			end--
		}
		if end == 0 || isDigit(text[end-1]) {
			break
		}
		w := end
		for w > 0 && isLetter(text[w-1]) {
			w--
		}
		if word := text[w:end]; w == end || !dobBetween.has(word) {
			return
		}
		end = w
	}
	const longest = 24
	for i := max(0, end-longest); i < end; i++ {
		if isAlnum(text[i]) && (i == 0 || !isAlnum(text[i-1])) && dateAt(text, i) == end {
			sc.hit(i, end, 0.8, "dob-context")
			return
		}
	}
}

// dobBetween may stand between a date and the word for it.
var dobBetween = wordSet("is", "was", "s", "as", "the", "her", "his", "my", "their", "a", "date", "of", "for", "patient", "customer")
