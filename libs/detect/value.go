package detect

// What follows reads the value that a cue announces: "passport number is X1234567",
// "cvv: 123", {"memberId":"A12345"}.

const (
	// maxFillers is the most words between a cue and its value, and maxFilled the
	// most bytes.
	maxFillers = 7
	maxFilled  = 64
)

// fillers may stand between a cue and its value.
var fillers = wordSet(
	"is", "was", "are", "the", "of", "my", "his", "her", "their", "our", "your", "on", "for", "number", "numbers", "no", "num", "nr", "nbr",
	"id", "code", "card", "it", "s", "its", "file", "as", "reads", "says", "said", "given", "gave", "yes", "yeah", "yep", "ok", "okay", "sure", "um",
	"uh", "and", "then", "verified", "confirmed", "provided", "provides", "read", "out", "be", "would", "will", "listed", "customer", "caller",
	"agent", "patient", "client", "member", "please", "so", "that", "this", "well", "value", "date", "with", "to", "in", "at", "has", "have", "a", "u", "which",
	"hold", "one", "moment", "let", "me", "see", "got", "also", "n",
)

// valueAfter is where the value behind a cue that ends at i begins: digits, or a
// letter of a word with digits in it. It is -1 when other words come first.
func valueAfter(text []byte, i int) int {
	limit := min(len(text), i+maxFilled)
	for n := 0; i < limit; {
		c := text[i]
		switch {
		case isDigit(c):
			return i
		case isLetter(c):
			end := i
			for end < len(text) && isLetter(text[end]) {
				end++
			}
			if end < len(text) && isDigit(text[end]) || end-i <= 3 && end+1 < len(text) && text[end] == '-' && isDigit(text[end+1]) {
				return i // "A123", "AB-123"
			}
			if end-i <= 2 && isUpper(c) && isUpper(text[end-1]) && end+4 < len(text) && text[end] == ' ' && isDigit(text[end+1]) && isDigit(text[end+2]) && isDigit(text[end+3]) {
				return i // "AB 123456"
			}
			if n++; n > maxFillers || !fillers.has(text[i:end]) {
				return -1
			}
			i = end
		case betweenValue(c):
			i++
		default:
			w := separatorAt(text, i)
			if w == 0 {
				return -1
			}
			i += w
		}
	}
	return -1
}

// separatorAt is the width of a separator of several bytes, or of an escape, at i.
func separatorAt(text []byte, i int) int {
	_, w := gapAt(text, i)
	switch {
	case w > 0:
	case text[i] == '\\':
		w = escapeLen(text[i:])
	case text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
		w = 3
	}
	return w
}

// betweenValue are the marks between a cue and its value.
func betweenValue(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ':', '=', '#', '"', '\'', '-', '(', ')', ',', '.', '*', '>', '_', '?', '/':
		return true
	}
	return false
}

// code is a number that may have letters in it.
type code struct{ start, end, letters, digits int }

func isValueJoin(c byte) bool { return c == '-' || c == '.' || c == '/' || c == ' ' }

// readCode reads letters and digits from i on, in groups with a hyphen, dot, slash
// or space between. Behind a space a group has digits. The code is read as far as
// it has at most most characters, and has none when one more follows at once.
func readCode(text []byte, i, most int) (c code, ok bool) {
	c = code{start: i, end: i}
	for {
		letters, digits := 0, 0
		end := i
		for end < len(text) && isAlnum(text[end]) && end-i <= most {
			if isDigit(text[end]) {
				digits++
			} else {
				letters++
			}
			end++
		}
		if end == i || c.end > c.start && text[c.end] == ' ' && digits == 0 {
			return c, c.end > c.start
		}
		if c.letters+c.digits+letters+digits > most {
			return c, c.end > c.start && text[c.end] == ' '
		}
		c.letters, c.digits, c.end = c.letters+letters, c.digits+digits, end
		if end+1 >= len(text) || !isValueJoin(text[end]) {
			return c, end == len(text) || text[end] < 0x80 && text[end] != '_' && text[end] != '@'
		}
		i = end + 1
	}
}

// announced reports, of a cue that is one word of two, that the word before it is
// one of these.
func announced(text []byte, start int, by *words) bool {
	b := wordsBefore(text, start)
	w := b.next()
	if isWord(w, "s") {
		w = b.next()
	}
	return by.has(w) && !b.dot
}

// followedBy is the end of the word behind end when it is one of these, with marks
// of names between: "member id", "memberId", "member_no.", "member #". It is -1
// otherwise.
func followedBy(text []byte, end int, these *words) int {
	i := end
	if i+1 < len(text) && text[i] == '\'' && lower(text[i+1]) == 's' {
		i += 2
	}
	for i < len(text) && i-end < 3 && (text[i] == ' ' || text[i] == '_' || text[i] == '-' || text[i] == '.') {
		i++
	}
	if i < len(text) && text[i] == '#' {
		return i + 1
	}
	if i >= len(text) || !isLetter(text[i]) {
		return -1
	}
	w := readWord(text, i)
	if !these.has(text[w.start:w.end]) {
		return -1
	}
	return w.end
}

var numberWords = wordSet("number", "numbers", "no", "num", "nr", "nbr", "id", "ids", "identifier", "card")

// look at the value behind a cue that ends at from: a code of so many characters and
// digits.
func (sc *scan) codeAfter(from, least, most, digits int, score float64, reason string) bool {
	at := valueAfter(sc.text, from)
	if at < 0 || at > 0 && sc.text[at-1] == '+' {
		return false
	}
	c, ok := readCode(sc.text, at, most)
	if !ok || c.letters+c.digits < least || c.digits < digits || at == from && c.letters > 0 {
		return false // with letters right behind the cue it is a token
	}
	sc.hit(c.start, c.end, score, reason)
	return true
}
