package canary

import (
	"fmt"
	"slices"
	"strings"
)

// needle is what is looked for.
type needle struct {
	class, form string
	text        string // lower case
	flat        string // letters and digits alone; "" where they are too few to mean anything
	digits      bool   // flat is a few digits and nothing else, which a longer number holds by chance
	// of a short text, which a token can hold by chance: how it stands where a record had it, as a member of JSON and in
	// the sentence; nil where any place counts
	places []string
}

const (
	leastFlat   = 8  // letters and digits that are not there by chance
	leastDigits = 10 // digits that are not in a longer number by chance
)

var needles = func() (all []needle) {
	for _, s := range seeds {
		n := needle{class: s.class, form: s.form.name, text: strings.ToLower(s.text)}
		if len(n.text) < leastFlat {
			n.places = []string{`"` + n.text + `"`, strings.ToLower(fmt.Sprintf(s.sentence, s.text))}
		}
		if flat := flatten(s.text); len(flat) >= leastFlat {
			n.flat, n.digits = flat, len(flat) < leastDigits && strings.Trim(flat, "0123456789") == ""
		}
		all = append(all, n)
	}
	return append(all, // what parts say enough
		needle{class: "name", form: "family name", text: "belvedere"}, needle{class: "address", form: "street", text: "thornbury"},
		needle{class: "dob", form: "date", text: born}, needle{class: "phone", form: "national", text: "628-555-0177", flat: "6285550177"})
}()

// Find says which class in which form a text still has, "" when it has none.
func Find(text string) (class, form string) {
	lower := strings.ReplaceAll(strings.ToLower(text), `\`, "") // that of a quote within a JSON text in a JSON text
	flat := flatten(lower)
	for _, n := range needles {
		if n.in(lower, flat) {
			return n.class, n.form
		}
	}
	return "", ""
}

// in reports that a text has the needle; it comes in lower case, and flat. A short one is looked for where a record had it
// and nowhere else: one token in sixteen thousand has four given digits as a group of a UUID.
func (n needle) in(lower, flat string) bool {
	switch {
	case n.places != nil:
		return strings.TrimSpace(lower) == n.text || slices.ContainsFunc(n.places, func(place string) bool { return strings.Contains(lower, place) })
	case n.digits:
		return strings.Contains(flat, n.flat) && apart(lower, n.flat)
	}
	return strings.Contains(lower, n.text) || n.flat != "" && strings.Contains(flat, n.flat)
}

// apart reports that a text has the digits as a number of their own, with nothing but signs between them: of a number of 32
// random digits, one in four million has eight given ones in a row.
func apart(text, digits string) bool {
	for from := range len(text) {
		if !isDigit(text[from]) || from > 0 && isDigit(text[from-1]) {
			continue
		}
		at, left := from, digits
		for ; at < len(text) && left != "" && (text[at] == left[0] || !isWord(text[at])); at++ {
			if text[at] == left[0] {
				left = left[1:]
			}
		}
		if left == "" && (at == len(text) || !isDigit(text[at])) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// flatten leaves letters and digits, in lower case.
func flatten(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && isWord(byte(r)) {
			return r | 0x20
		}
		return -1
	}, s)
}

// Survivor is a value that was found where none may be.
type Survivor struct{ Class, Form string }

func (s Survivor) String() string { return fmt.Sprintf("%s in the form %s", s.Class, s.Form) }
