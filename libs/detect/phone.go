package detect

import "github.com/nyaruka/phonenumbers/v2"

const (
	// minPhone is a local number; nothing shorter is looked at.
	minPhone = 7
	// maxE164 is the longest international number (ITU-T E.164), without prefix.
	maxE164 = 15
)

// phoneDetector finds telephone numbers. It tries, at every group of a chain:
// an international number behind a plus sign, what follows "tel:" or "sip:", a
// number of the North American plan, an international number behind 00 or 011,
// a local one after a word such as "call", and the region's national form.
// North American numbers are judged by shape alone, because ranges reserved for
// tests are "invalid" to libphonenumber; all others by libphonenumber.
type phoneDetector struct {
	region string
	nanp   bool
	// trunk is the prefix of national numbers, "0" in most of Europe, empty
	// where there is none.
	trunk string
}

func newPhone(region string) (detector, error) {
	d := phoneDetector{region: region, nanp: phonenumbers.IsNANPACountry(region)}
	if !d.nanp {
		d.trunk = phonenumbers.GetNddPrefixForRegion(region, true)
	}
	return d, nil
}

// found is a number that begins at the group in question and ends with group last.
type found struct {
	last   int
	score  float64
	reason string
}

func (f found) ok() bool { return f.reason != "" }

func (d phoneDetector) look(sc *scan) {
	for a := 0; a < len(sc.groups); a++ {
		if len(sc.digits)-sc.groups[a].from < minPhone {
			return
		}
		f := d.at(sc, a)
		if !f.ok() {
			continue
		}
		end := sc.groups[f.last].end
		if e := extensionEnd(sc.text, end); e > 0 {
			end = e
		}
		sc.hit(phoneStart(sc.text, sc.groups[a].start, end), end, f.score, f.reason)
		if sc.done() {
			return
		}
		a = f.last
	}
}

// at tries the forms in turn; the first that fits decides.
func (d phoneDetector) at(sc *scan, a int) found {
	if sc.groups[a].plus {
		if f := international(sc, a, 0); f.ok() {
			return f
		}
	}
	if uriBefore(sc.text, sc.groups[a].start) {
		if f := uriNumber(sc, a); f.ok() {
			return f
		}
	}
	if f := d.northAmerican(sc, a); f.ok() {
		return f
	}
	if f := d.dialledOut(sc, a); f.ok() {
		return f
	}
	if f := localNumber(sc, a); f.ok() {
		return f
	}
	return d.national(sc, a)
}

// phoneGlued are words met right beside a number without a space.
var phoneGlued = wordSet(
	"tel", "phone", "ph", "cell", "mobile", "mob", "fax", "call", "dial", "text", "sms", "ring", "ani", "dnis",
	"number", "at", "on", "or", "and", "no", "is",
)

// phoneFree reports that groups a to b are not part of a longer word.
func phoneFree(sc *scan, a, b int) bool {
	start, end := sc.groups[a].start, sc.groups[b].end
	return leftFree(sc.text, start, b > a, phoneGlued) &&
		(rightFree(sc.text, end, b > a, phoneGlued) || extensionEnd(sc.text, end) > 0)
}

// phoneStart takes in the plus sign in front of the number, and the brackets
// that the number closes.
func phoneStart(text []byte, start, end int) int {
	closed := 0
	for i := start; i < end; {
		if k := byteGap[text[i]]; k != gapParen && k != unclear {
			i++
			continue
		}
		k, w := gapAt(text, i)
		if k == gapParen {
			if opens(text, i) {
				closed--
			} else {
				closed++
			}
		}
		i += max(w, 1)
	}
	at := start
	for i := start; i > 0; {
		k, w := gapBefore(text, i)
		i -= w
		switch {
		case w == 0:
			return at
		case k == gapPlus:
			at = i
		case k == gapParen && opens(text, i) && closed > 0:
			closed--
			at = i
		case k&(gapNothing|gapSpace) != 0 && start-i <= 3:
		default:
			return at
		}
	}
	return at
}

func opens(text []byte, i int) bool {
	r, w := runeAt(text, i)
	return r == '(' || r == '[' || r == '（' || w == 1 && r == '%' && i+2 < len(text) && text[i+2] == '8'
}

// extensionEnd is the end of an extension right behind a number that ends at
// end: "x123", "ext. 123", ";ext=123", "#123", up to seven digits (RFC 3966
// leaves it open, seven is libphonenumber's limit). 0 when there is none.
func extensionEnd(text []byte, end int) int {
	i := end
	for i < len(text) && i < end+2 && (text[i] == ' ' || text[i] == ',' || text[i] == ';') {
		i++
	}
	w := i
	for i < len(text) && isLetter(text[i]) {
		i++
	}
	switch word := text[w:i]; {
	case len(word) == 0 && i < len(text) && text[i] == '#':
		i++
	case !extensions.has(word):
		return 0
	}
	for n := 0; i < len(text) && n < 2 && (text[i] == ' ' || text[i] == '.' || text[i] == ':' || text[i] == '='); n++ {
		i++
	}
	from := i
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	if n := i - from; n == 0 || n > 7 || i < len(text) && isLetter(text[i]) {
		return 0
	}
	return i
}

var extensions = wordSet("x", "ext", "extn", "extension", "xtn")

// uriBefore reports "tel:", "sip:", "sips:" or "callto:" right before the number
// at pos (RFC 3966, RFC 3261), with the plus sign or bracket of the number between.
func uriBefore(text []byte, pos int) bool {
	for range 2 {
		if k, w := gapBefore(text, pos); w > 0 && k&(gapPlus|gapParen|gapNothing) != 0 {
			pos -= w
		}
	}
	if pos == 0 || text[pos-1] != ':' {
		return false
	}
	b := wordsBefore(text, pos)
	return schemes.has(b.next())
}

var schemes = wordSet("tel", "sip", "sips", "callto")

// uriNumber is any 7 to 15 digits behind a telephone URI's scheme.
func uriNumber(sc *scan, a int) found {
	gs := sc.groups
	best := found{}
	for b := a; b < len(gs) && gs[b].to-gs[a].from <= maxE164 && (b == a || gs[b].gap&gapPlus == 0 && gs[b].only(gapDash|gapDot|gapParen)); b++ {
		if gs[b].to-gs[a].from >= minPhone && phoneFree(sc, a, b) {
			best = found{b, 0.95, "uri"}
		}
	}
	return best
}
