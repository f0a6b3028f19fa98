package detect

import "unicode/utf8"

// nameDetector finds names of persons behind the words that announce one: "my name
// is", "speaking with", "this is … calling", "Dear", and titles. What is announced
// strongly may be in lower case, as recognisers of speech write it; all else needs
// capital letters.
type nameDetector struct{}

// Kinds of words before a name.
const (
	cueName     = iota + 1 // "name", which needs "is" or a colon, or nothing in a key
	cueSurname             // "surname", "lastname"
	cueSpeaking            // "speaking", which needs "with" or "to"
	cueThis                // "this", which needs "is", and "calling" behind a name in lower case
	cueAm                  // "i", "im", which need "am"
	cueTitle               // "mr"
	cueShyTitle            // "miss", "sir": a word of its own in lower case
	cueGreeting            // "dear", "hi"
	cueRole                // "agent", "customer", "wife"
	cueNamed               // "named", "behalf"
	cueClosing             // "regards"
)

var nameKinds = func() *words {
	m := map[string]uint8{}
	for kind, list := range map[uint8][]string{
		cueName:     {"name", "names", "nombre", "nom", "nome"},
		cueSurname:  {"surname", "lastname", "firstname", "fullname", "forename", "givenname", "familyname", "middlename", "nachname", "vorname", "customername", "agentname", "displayname", "membername", "patientname"},
		cueSpeaking: {"speaking", "spoke", "spoken", "speak", "talking", "talked", "talk", "chatting", "chatted"},
		cueThis:     {"this", "its"},
		cueAm:       {"i", "im"},
		cueTitle:    {"mr", "mrs", "ms", "dr", "prof", "mister", "professor", "herr", "frau", "monsieur", "madame", "mme", "senor", "senora", "signor", "signora", "rev", "mx"},
		cueShyTitle: {"miss", "sir", "madam", "doctor", "nurse", "lady", "lord", "sra", "judge", "officer"},
		cueGreeting: {"dear", "hi", "hello", "hey", "bonjour", "hola", "hallo", "liebe", "lieber"},
		cueRole: {"cust", "pt", "cx", "hldr", "kin", "insured", "guardian", "carer", "caregiver", "agent", "customer", "caller", "patient", "client", "manager", "supervisor", "rep", "representative", "member", "cardholder", "attn", "attention", "contact",
			"wife", "husband", "son", "daughter", "mother", "father", "brother", "sister", "spouse", "partner", "colleague", "technician", "advisor", "adviser", "guest", "tenant", "landlord",
			"recipient", "beneficiary", "holder", "user", "owner", "from", "asked", "ask", "thanks"},
		cueNamed:   {"named", "behalf", "alias"},
		cueClosing: {"regards", "sincerely", "cheers", "signed"},
	} {
		for _, w := range list {
			m[w] = kind
		}
	}
	return newWords(m)
}()

// nameCues are the words before names that other words may stand behind, and nameCuesAhead those right before a capital.
func nameCues() []string      { return nameCuesOf(false) }
func nameCuesAhead() []string { return nameCuesOf(true) }

func nameCuesOf(ahead bool) (list []string) {
	for _, w := range nameKinds.names {
		switch nameKinds.value([]byte(w)) {
		case cueRole, cueGreeting, cueClosing, cueShyTitle:
			if ahead {
				list = append(list, w)
			}
		default:
			if !ahead {
				list = append(list, w)
			}
		}
	}
	return list
}

var (
	nameIs     = wordSet("is", "was", "s", "are", "as", "of", "would", "be", "reads", "on", "the", "account", "card", "file", "for", "it", "says")
	notPerson  = wordSet("file", "queue", "host", "domain", "company", "product", "table", "column", "field", "brand", "business", "plan", "store", "app", "network", "server", "bank", "drug", "event", "skill", "group", "team", "device", "street", "city", "project", "service", "model", "item", "game", "site", "campaign", "flow", "policy", "branch", "hotel", "restaurant", "pet", "dog", "cat", "s")
	withWords  = wordSet("with", "to")
	behindName = wordSet("calling", "speaking", "here", "from", "again", "with", "on", "at", "i", "and")
)

func (nameDetector) look(sc *scan) {
	text, end := sc.text, sc.atEnd
	kind := nameKinds.value(text[sc.at:end])
	switch kind {
	case cueName:
		sc.announcedName()
	case cueSurname:
		sc.nameAfter(stepMarks(text, end, true), lowerName, 0.8, "name-announced")
	case cueSpeaking:
		if at := stepWords(text, end, withWords, 1); at > 0 {
			sc.nameAfter(at, lowerName, 0.75, "name-announced")
		}
	case cueThis:
		sc.thisIs()
	case cueAm:
		if at := amEnd(text, sc.at, end); at > 0 {
			sc.nameAfter(at, capitalName, 0.7, "name-announced")
		}
	case cueTitle, cueShyTitle:
		sc.titledName(kind == cueShyTitle)
	case cueGreeting:
		sc.nameAfter(end, capitalName, 0.65, "name-greeting")
	case cueNamed:
		at := end
		if w := stepWords(text, end, nameOf, 1); w > 0 {
			at = w
		}
		sc.nameAfter(at, capitalName, 0.75, "name-announced")
	case cueClosing:
		sc.nameAfter(stepMarks(text, end, false), capitalName, 0.65, "name-closing")
	case cueRole:
		sc.roleName()
	}
}

var nameOf = wordSet("of")

// announcedName reads the name behind "name".
func (sc *scan) announcedName() {
	text := sc.text
	b := wordsBefore(text, sc.at)
	if w := b.next(); !b.crossed && !b.dot && notPerson.has(w) {
		return
	}
	at, mode := sc.atEnd, capitalName
	if at+1 < len(text) && (text[at] == '\'' || text[at] >= 0x80) { // "name's"
		if n := apostrophe(text, at); n > 0 && at+n < len(text) && lower(text[at+n]) == 's' && (at+n+1 == len(text) || !isLetter(text[at+n+1])) {
			at, mode = at+n+1, lowerName
		}
	}
	marked := stepMarks(text, at, true)
	if marked > at+1 || marked == at+1 && text[at] != ' ' {
		mode = lowerName
	}
	if w := stepWords(text, marked, nameIs, 4); w > 0 {
		marked, mode = stepMarks(text, w, true), lowerName
	}
	sc.nameAfter(marked, mode, 0.8, "name-announced")
}

// thisIs reads "this is John Smith" and "this is john smith calling".
func (sc *scan) thisIs() {
	text := sc.text
	at := sc.atEnd
	if equalFold(text[sc.at:at], "this") {
		if at = stepWords(text, at, wordIs, 1); at < 0 {
			return
		}
	} else if sc.at+3 == at && isUpper(text[sc.at+1]) {
		return
	}
	n := readName(text, at, lowerName)
	if n.words == 0 {
		return
	}
	if n.capital && (n.known || n.words > 1) {
		sc.hit(n.start, n.end, 0.7, "name-announced")
		return
	}
	if next := stepMarks(text, n.end, false); next < len(text) && isLetter(text[next]) {
		if t := readWord(text, next); behindName.has(text[t.start:t.end]) && (n.known || n.capital || isSpeaking(text[t.start:t.end])) {
			sc.hit(n.start, n.end, 0.75, "name-announced")
		}
	}
}

func isSpeaking(w []byte) bool {
	return equalFold(w, "calling") || equalFold(w, "speaking") || equalFold(w, "here")
}

var wordIs = wordSet("is", "was")

// amEnd is behind "I am", "I'm" and "im", of which the first word is [start,end); 0
// when it is something else.
func amEnd(text []byte, start, end int) int {
	if end-start == 2 {
		return end
	}
	if n := apostrophe(text, end); n > 0 {
		if at := end + n; at+1 < len(text) && lower(text[at]) == 'm' && !isLetter(text[at+1]) {
			return at + 1
		}
		return 0
	}
	if at := stepWords(text, end, wordAm, 1); at > 0 {
		return at
	}
	return 0
}

var wordAm = wordSet("am")

// titledName reads the name behind a title.
func (sc *scan) titledName(shy bool) {
	text, start, end := sc.text, sc.at, sc.atEnd
	if start > 0 && isDigit(text[start-1]) || start > 1 && text[start-1] == ' ' && isDigit(text[start-2]) {
		return // milliseconds
	}
	if end < len(text) && text[end] == '.' {
		end++
	}
	mode := titleName
	if shy || !isUpper(text[start]) && equalFold(text[start:sc.atEnd], "ms") {
		mode = capitalName
	}
	n := readName(text, end, mode)
	if n.words > 0 {
		sc.hit(n.start, n.end, 0.8, "name-title")
	}
}

// roleName reads "agent Maria", "customer: John Smith". Behind a role a capital is
// often that of a heading, so that the name must be known, or be two words.
func (sc *scan) roleName() {
	at := stepMarks(sc.text, sc.atEnd, false)
	n := readName(sc.text, at, capitalName)
	if n.words > 0 && (n.known || n.words > 1 && !n.shouted) {
		sc.hit(n.start, n.end, 0.65, "name-role")
	}
}

func (sc *scan) nameAfter(at int, mode nameMode, score float64, reason string) {
	if at < 0 {
		return
	}
	if n := readName(sc.text, at, mode); n.words > 0 {
		if !n.capital {
			score -= 0.1
		}
		sc.hit(n.start, n.end, score, reason)
	}
}

// stepMarks steps over the marks between a cue and a name: a colon, quotes, an equal
// sign, a comma, a line's end. tight leaves out what ends a clause.
func stepMarks(text []byte, i int, tight bool) int {
	for n := 0; i < len(text) && n < 6; n++ {
		switch text[i] {
		case ' ', ':', '"', '\'', '=', '-', '(', '*', '\t', '\\':
		case '_':
		case ',', '\n', '\r':
			if tight && text[i] == ',' {
				return i
			}
		default:
			return i
		}
		i++
	}
	return i
}

// stepWords steps over one to most of these words and returns the end of the last,
// -1 when there is none of them.
func stepWords(text []byte, i int, these *words, most int) int {
	end := -1
	for range most {
		for i < len(text) && text[i] == ' ' {
			i++
		}
		if i >= len(text) || !isLetter(text[i]) {
			break
		}
		t := readWord(text, i)
		if !these.has(text[t.start:t.end]) {
			break
		}
		i, end = t.end, t.end
	}
	return end
}

// apostrophe is the width of the apostrophe at i, 0 when there is none.
func apostrophe(text []byte, i int) int {
	if i >= len(text) {
		return 0
	}
	if text[i] == '\'' {
		return 1
	}
	if r, w := utf8.DecodeRune(text[i:]); r == '’' || r == 'ʼ' {
		return w
	}
	return 0
}
