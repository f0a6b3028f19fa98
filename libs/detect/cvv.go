package detect

// cvvDetector finds the security code of a card: three or four digits that the
// words around call so. PCI DSS 3.3.1 forbids to keep it at all.
type cvvDetector struct{}

const (
	minCVV = 3
	maxCVV = 4
)

func cvvCues() []string {
	return []string{"cvv", "cvc", "csc", "cvn", "cvvs", "security", "verification", "digits", "cardcvv", "back", "reverse", "cid", "securitycode"}
}

var (
	cvvNames   = wordSet("cvv", "cvc", "csc", "cvn", "cvvs", "cardcvv", "securitycode", "cid")
	cvvCodes   = wordSet("code", "codes", "number", "digits", "value", "pin")
	cvvCards   = wordSet("card", "credit", "debit")
	cvvSides   = wordSet("back", "reverse", "front", "signature")
	cvvCounts  = wordSet("three", "four", "last", "final", "digit")
	cvvOnSides = wordSet("on", "at", "from", "of", "off")
	cvvAfter   = wordSet("is", "s", "was", "as", "the", "my", "for", "its", "it", "and", "that", "a", "card")
)

func (cvvDetector) look(sc *scan) {
	text, start, end := sc.text, sc.at, sc.atEnd
	word := text[start:end]
	reason := "cvv-context"
	switch {
	case isWord(word, "back"), isWord(word, "reverse"):
		sc.cvvBefore(sideStart(text, start), reason)
		return
	case cvvNames.has(word):
		if end < len(text) && text[end] == '2' && (end+1 == len(text) || !isAlnum(text[end+1])) {
			end++ // CVV2, CVC2
		}
	case isWord(word, "digits"):
		if end = sideEnd(text, start, end); end < 0 {
			return
		}
	case isWord(word, "verification"):
		if !announced(text, start, cvvCards) {
			return
		}
		if end = followedBy(text, end, cvvCodes); end < 0 {
			return
		}
	default: // security
		if end = followedBy(text, end, cvvCodes); end < 0 {
			return
		}
	}
	if at := valueAfter(text, end); at >= 0 && sc.cvvAt(at, reason) {
		return
	}
	sc.cvvBefore(start, reason)
}

// cvvAt takes the digits at i, when they are a code.
func (sc *scan) cvvAt(i int, reason string) bool {
	text, end, digits := sc.text, i, 0
	for end < len(text) && digits <= maxCVV {
		if isDigit(text[end]) {
			digits++
			end++
			continue
		}
		// Read out one by one, or with what cannot be seen between.
		k, w := gapAt(text, end)
		if w == 0 || digits == 0 || k&^(gapSpace|gapDash|gapNothing) != 0 || end+w >= len(text) || !isDigit(text[end+w]) ||
			k != gapNothing && !singles(text, i, end+w) {
			break
		}
		end += w
	}
	if digits < minCVV || digits > maxCVV || i != sc.atEnd && !wordStart(text, i) || end < len(text) && (isAlnum(text[end]) || text[end] == '_') || joined(text, end) {
		return false
	}
	sc.hit(i, end, 0.85, reason)
	return true
}

// singles reports that the digits from i on, and the one at next, stand alone.
func singles(text []byte, i, next int) bool {
	for ; i <= next; i++ {
		if isDigit(text[i]) && i+1 < len(text) && isDigit(text[i+1]) {
			return false
		}
	}
	return true
}

// joined reports that more of the same number follows at end: a date, a fraction.
func joined(text []byte, end int) bool {
	return end+1 < len(text) && isDigit(text[end+1]) && (text[end] == '/' || text[end] == '.' || text[end] == '-' || text[end] == ':')
}

// cvvBefore takes the digits that end before pos: "123 is the cvv".
func (sc *scan) cvvBefore(pos int, reason string) {
	text := sc.text
	if pos < 0 {
		return
	}
	i := pos
	for range 4 {
		for i > 0 && (text[i-1] == ' ' || text[i-1] == ',' || text[i-1] == '\'' || text[i-1] == '(') {
			i--
		}
		if i == 0 || isDigit(text[i-1]) {
			break
		}
		end := i
		for i > 0 && isLetter(text[i-1]) {
			i--
		}
		if !cvvAfter.has(text[i:end]) {
			return
		}
	}
	from := i
	for from > 0 && isDigit(text[from-1]) {
		from--
	}
	if from > 0 && (text[from-1] == '/' || text[from-1] == '.' || text[from-1] == '-') {
		return
	}
	if i-from >= minCVV {
		sc.cvvAt(from, reason)
	}
}

// sideStart is where "on the back" begins that ends with the word at start, -1 when
// it is another back.
func sideStart(text []byte, start int) int {
	b := wordsBefore(text, start)
	w := b.next()
	if isWord(w, "the") || isWord(w, "its") {
		w = b.next()
	}
	if !isWord(w, "on") || b.crossed {
		return -1
	}
	return b.pos
}

// sideEnd is the end of "three digits on the back of the card", of which "digits"
// is [start,end), -1 when these are other digits.
func sideEnd(text []byte, start, end int) int {
	b := wordsBefore(text, start)
	counted := cvvCounts.has(b.next()) || start >= 2 && (text[start-2] == '3' || text[start-2] == '4')
	if !counted {
		return -1
	}
	i := end
	side := false
	for range 7 {
		if i < len(text) && text[i] == ' ' {
			i++
		}
		w := i
		for i < len(text) && isLetter(text[i]) {
			i++
		}
		word := text[w:i]
		switch {
		case cvvSides.has(word):
			side, end = true, i
		case side && (isWord(word, "panel") || isWord(word, "strip") || isWord(word, "side") || isWord(word, "card")):
			end = i
		case cvvOnSides.has(word), isWord(word, "the"), isWord(word, "your"), isWord(word, "my"), isWord(word, "side"):
		default:
			if side {
				return end
			}
			return -1
		}
	}
	if side {
		return end
	}
	return -1
}
