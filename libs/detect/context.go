package detect

import "unicode/utf8"

// cue is what the words before a number say about it.
type cue uint8

const (
	cueNone cue = iota
	cuePhone
	cueRef // the number identifies a thing: an order, a ticket
	cueSSN
	cueFiller // says nothing, look further back: "is", "number"
	cueNumber // a filler that a possessive makes cuePhone: "my number is"
	cueOwn    // "my"
	cueTax    // a tax number when an "id" follows
	cueID     // cueRef, or the second half of "tax id"
)

var lexicon = func() *words {
	m := map[string]uint8{}
	for c, list := range map[cue][]string{
		cuePhone: {
			"phone", "phones", "telephone", "cb", "cbn", "cbr", "call", "calls", "called", "calling", "caller", "callback", "cell", "cellphone",
			"tel", "telno", "mobile", "mob", "fax", "ring", "rang", "text", "texted", "texting", "dial", "dialed", "dialled",
			"dialing", "reach", "ph", "sms", "whatsapp", "voicemail", "landline", "hotline", "ani", "dnis", "msisdn", "sip",
			"sips", "callto", "hm", "wk", "hp", "handy", "celular", "movil",
		},
		cueRef: {
			"order", "orders", "ord", "ticket", "tickets", "tkt", "case", "cases", "ref", "refs", "reference", "invoice",
			"invoices", "inv", "ids", "uuid", "guid", "confirmation", "conf", "tracking", "transaction", "txn", "trx",
			"incident", "inc", "claim", "policy", "booking", "po", "serial", "sku", "queue", "skill", "session", "conversation", "interaction", "shipment", "parcel",
			"epoch", "timestamp", "ts", "usd", "eur", "gbp", "amount", "total", "balance", "price",
		},
		cueSSN:    {"ssn", "ssns", "ss", "soc", "social", "itin", "itins", "taxpayer"},
		cueNumber: {"number", "contact"},
		cueOwn:    {"my", "his", "her", "their", "our", "your"},
		cueTax:    {"tax"},
		cueID:     {"id", "identification"},
		cueFiller: {"is", "was", "are", "numbers", "num", "no", "nr", "nbr", "the", "of", "at", "on", "to", "me", "him", "them", "us", "back", "a", "or", "and", "for", "home", "work", "office", "please", "it", "s", "from", "under", "via", "direct", "line", "new", "old", "best", "alt", "alternate"},
	} {
		for _, w := range list {
			m[w] = uint8(c)
		}
	}
	return newWords(m)
}()

// abbreviations may end in a dot without ending the sentence.
var abbreviations = wordSet("no", "ref", "ord", "inv", "nr", "num", "conf", "tkt", "tel", "ph", "mob")

const (
	cueWords = 6  // most words to look back over
	cueBytes = 64 // most bytes
)

// backward yields the words before a place in the text, the nearest first.
type backward struct {
	text    []byte
	pos     int
	low     int
	crossed bool // the end of a clause or line lies between
	dot     bool // a full stop lies right behind the word just read
	hash    bool // a number sign lies behind the word just read
}

func wordsBefore(text []byte, pos int) backward {
	return backward{text: text, pos: pos, low: max(0, pos-cueBytes)}
}

// next returns the nearest word before the last one, splitting camel case, or
// nil at the start of the text, at a bracket, or when the text goes too far back.
func (b *backward) next() []byte {
	b.crossed = b.crossed || b.dot
	b.dot, b.hash = false, false
	for b.pos > b.low {
		if b.pos >= 3 && b.text[b.pos-3] == '%' && isHex(b.text[b.pos-2]) && isHex(b.text[b.pos-1]) {
			b.pos -= 3 // "ssn%3D"
			continue
		}
		if isLetter(b.text[b.pos-1]) {
			break
		}
		switch c := b.text[b.pos-1]; {
		case c == '.':
			b.dot = true
		case c == ',', c == ';', c == '!', c == '?', c == '\n', c == '\r', c == '\t', c == '|':
			b.crossed = true
		case c == '#':
			b.hash = true
		case c == '[', c == ']', c == '{', c == '}', isDigit(c):
			return nil
		case c >= utf8.RuneSelf:
			_, w := gapBefore(b.text, b.pos)
			if w == 0 {
				return nil
			}
			b.pos -= w - 1
		}
		b.pos--
	}
	end := b.pos
	for b.pos > b.low && isLetter(b.text[b.pos-1]) {
		b.pos--
		if b.pos == b.low || !isUpper(b.text[b.pos]) {
			continue
		}
		if prev := b.text[b.pos-1]; isLetter(prev) && !isUpper(prev) {
			break
		}
		if b.pos+1 < end && !isUpper(b.text[b.pos+1]) {
			break
		}
	}
	if b.pos >= end {
		return nil
	}
	return b.text[b.pos:end]
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func lookUp(w []byte) cue { return cue(lexicon.value(w)) }

// cueBefore is what the words before pos say of a number there: cuePhone, cueRef
// or cueNone. Only fillers may stand between, unless loose.
func cueBefore(text []byte, pos int, loose bool) cue {
	hash := hashBefore(text, pos)
	number := false
	b := wordsBefore(text, pos)
	for range cueWords {
		w := b.next()
		if w == nil {
			break
		}
		if b.dot && abbreviations.has(w) {
			b.dot = false
		}
		switch lookUp(w) {
		case cuePhone:
			return cuePhone
		case cueRef, cueID:
			if b.crossed || b.dot {
				return cueNone
			}
			return cueRef
		case cueNumber:
			if number {
				return cuePhone // "contact number"
			}
			number = true
		case cueOwn:
			if number {
				return cuePhone
			}
		case cueFiller:
		default:
			if hash {
				return cueRef
			}
			if !loose {
				return cueNone
			}
		}
	}
	if hash {
		return cueRef
	}
	return cueNone
}

// hashBefore reports "#" right before pos, with at most a space between.
func hashBefore(text []byte, pos int) bool {
	if pos > 0 && text[pos-1] == ' ' {
		pos--
	}
	return pos > 0 && text[pos-1] == '#'
}

// ssnBehind reports the words for a social security number right behind end: "as his
// social".
func ssnBehind(text []byte, end int) bool {
	at := end
	for range 4 {
		t, ok := wordAfter(text, at)
		if !ok {
			return false
		}
		w := text[t.start:t.end]
		if lookUp(w) == cueSSN {
			return true
		}
		if !ssnLinks.has(w) {
			return false
		}
		at = t.end
	}
	return false
}

var ssnLinks = wordSet("as", "is", "was", "for", "his", "her", "my", "the", "their", "a")

// ssnBefore reports a word for a social security or tax number before pos.
func ssnBefore(text []byte, pos int) bool {
	b := wordsBefore(text, pos)
	id := false
	for range cueWords {
		w := b.next()
		if w == nil {
			return false
		}
		switch lookUp(w) {
		case cueSSN:
			return true
		case cueTax:
			if id {
				return true
			}
		case cueID:
			id = true
		case cueRef, cuePhone:
			return false
		}
	}
	return false
}
