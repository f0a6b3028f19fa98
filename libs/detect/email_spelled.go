package detect

// spelledEmail finds addresses that are spoken: "jo dot smith at example dot com",
// "jo underscore smith at gmail.com". It is called for the word "dot" and for
// providers of mail, and needs "at" before the domain.
type spelledEmail struct{}

func spelledCues() []string { return append([]string{"dot"}, mailProviders...) }

var mailProviders = []string{
	"gmail", "googlemail", "yahoo", "hotmail", "outlook", "icloud", "aol", "proton", "protonmail", "gmx", "msn",
	"comcast", "verizon", "mail", "fastmail", "zoho", "yandex", "btinternet", "orange", "orangemail", "live", "ymail",
}

// spelledTop are the top-level domains that spoken addresses end in.
var spelledTop = wordSet(
	"com", "org", "net", "edu", "gov", "mil", "int", "io", "co", "uk", "de", "fr", "es", "it", "nl", "eu", "us", "ca", "au", "in", "ie",
	"ch", "at", "be", "se", "no", "dk", "fi", "pl", "pt", "br", "mx", "jp", "nz", "za", "info", "biz", "me", "ai", "app", "dev", "tv",
	"example", "test", "shop", "online", "cloud", "email", "health", "care", "travel", "museum", "name",
)

// spelledJoins are the words for what stands within an address.
var spelledJoins = wordSet("dot", "underscore", "dash", "hyphen", "minus", "plus", "period", "point")

// noLocal are words before "at" that are no part of an address.
var noLocal = wordSet(
	"look", "looking", "looked", "me", "us", "him", "them", "it", "is", "was", "are", "be", "or", "and", "the", "a", "an", "online",
	"available", "website", "site", "page", "web", "found", "find", "visit", "see", "shop", "order", "ordered", "bought", "back", "up",
	"log", "login", "sign", "go", "went", "here", "there", "that", "this", "work", "works", "working", "account", "email", "mail", "address",
	"reach", "reached", "contact", "support", "help", "write", "writes", "down", "not", "you", "i", "we", "they", "he", "she", "to", "on",
	"in", "of", "for", "my", "your", "his", "her", "their", "arrive", "arrived", "left", "meet", "call", "called", "out", "over", "s",
)

// mailWords before an address say that all the words between belong to it.
var mailWords = wordSet("email", "mail", "address", "emails", "e")

const (
	maxSpelledParts = 24 // of a local part: letters are spelled one by one
	maxSpelledWord  = 40 // bytes
)

func (spelledEmail) look(sc *scan) {
	text := sc.text
	label := sc.at
	if lower(text[label]) == 'd' && sc.atEnd-label == 3 {
		w, ok := spelledBefore(text, label)
		if !ok {
			return
		}
		label = w.start
		for letter := 0; w.end-w.start == 1 && letter < maxSpelledParts; letter++ { // "g m a i l"
			if w, ok = spelledBefore(text, w.start); !ok || w.end-w.start > 1 {
				break
			}
			label = w.start
		}
	}
	at, ok := spelledBefore(text, label)
	if !ok || !isWord(text[at.start:at.end], "at") {
		return
	}
	end := spelledDomain(text, label)
	if end == 0 {
		return
	}
	if start := spelledLocal(text, at.start); start < at.start {
		sc.hit(start, end, 0.85, spokenReason)
	}
}

// piece is a word, or digits, of a spelled address.
type piece struct{ start, end int }

// spelledBefore is the piece that ends before pos, with a space or brackets between.
func spelledBefore(text []byte, pos int) (piece, bool) {
	end := pos
	for end > 0 && pos-end < 3 && spelledSpace(text[end-1]) {
		end--
	}
	start := end
	for start > 0 && end-start < maxSpelledWord && isSpelled(text[start-1]) {
		start--
	}
	return piece{start, end}, start < end && end < pos
}

func spelledAfter(text []byte, pos int) (piece, bool) {
	start := pos
	for start < len(text) && start-pos < 3 && spelledSpace(text[start]) {
		start++
	}
	end := start
	for end < len(text) && end-start < maxSpelledWord && isSpelled(text[end]) {
		end++
	}
	return piece{start, end}, start < end && start > pos
}

func spelledSpace(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '(', ')', '[', ']', ',', '<', '>':
		return true
	}
	return false
}

func isSpelled(c byte) bool {
	return isAlnum(c) || c == '_' || c == '-' || c == '+' || c == '\'' || c >= 0x80
}

// spelledDomain is the end of the domain that begins at i, 0 when there is none:
// labels with "dot" or a dot between, the last a top-level domain.
func spelledDomain(text []byte, i int) (end int) {
	if e, ok := domainEnd(text, i); ok {
		return e
	}
	w := piece{i, i}
	for w.end < len(text) && isSpelled(text[w.end]) {
		w.end++
	}
	for range 8 {
		next, more := spelledAfter(text, w.end)
		for more && w.end-w.start == 1 && next.end-next.start == 1 { // letters
			w = next
			next, more = spelledAfter(text, w.end)
		}
		if !more || !isWord(text[next.start:next.end], "dot") {
			break
		}
		if w, more = spelledAfter(text, next.end); !more {
			break
		}
		if isInvalidTLD(text[w.start:w.end]) {
			return 0
		}
		if spelledTop.has(text[w.start:w.end]) {
			end = w.end
		}
	}
	return end
}

// spelledLocal is where the local part begins that ends before pos, pos when none does.
func spelledLocal(text []byte, pos int) int {
	w, ok := spelledBefore(text, pos)
	if !ok || spelledJoins.has(text[w.start:w.end]) {
		return pos
	}
	first, start := w, w.start
	joined := false
	for range maxSpelledParts {
		prev, ok := spelledBefore(text, start)
		if !ok {
			break
		}
		word := text[prev.start:prev.end]
		if spelledJoins.has(word) {
			if prev, ok = spelledBefore(text, prev.start); !ok {
				break
			}
			start, w, joined = prev.start, prev, true
			continue
		}
		if !spelledPart(word) || !spelledPart(text[w.start:w.end]) {
			break
		}
		start, w, joined = prev.start, prev, true
	}
	if !joined && noLocal.has(text[first.start:first.end]) {
		return pos
	}
	return spelledFrom(text, start)
}

// spelledPart reports a letter, a number or the word for one.
func spelledPart(w []byte) bool {
	return len(w) == 1 || isDigit(w[0]) || spokenLexicon().has(w)
}

// spelledFrom is start, or further left where the words say that an address begins
// there: "my email is john smith at …".
func spelledFrom(text []byte, start int) int {
	from := start
	for range 4 {
		w, ok := spelledBefore(text, from)
		if !ok {
			return start
		}
		word := text[w.start:w.end]
		switch {
		case mailWords.has(word):
			return start
		case isWord(word, "is") || isWord(word, "its") || isWord(word, "it's") || isWord(word, "as"):
			if before, ok := spelledBefore(text, w.start); ok && mailWords.has(text[before.start:before.end]) {
				return from
			}
			return start
		case noLocal.has(word):
			return start
		}
		from = w.start
	}
	return start
}

// isWord compares without regard to case; word is in lower case.
func isWord(w []byte, word string) bool { return equalFold(w, word) }
