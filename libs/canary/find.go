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
	// of a short text, which a token can hold by chance: how it stands where a record had it, as a member of JSON and in
	// the sentence; nil where any place counts
	places []string
}

// leastFlat is how many letters and digits are not there by chance.
const leastFlat = 8

var needles = func() (all []needle) {
	for _, s := range seeds {
		n := needle{class: s.class, form: s.form.name, text: strings.ToLower(s.text)}
		if len(n.text) < leastFlat {
			n.places = []string{`"` + n.text + `"`, strings.ToLower(fmt.Sprintf(s.sentence, s.text))}
		}
		if flat := flatten(s.text); len(flat) >= leastFlat {
			n.flat = flat
		}
		all = append(all, n)
	}
	return append(all, // what parts say enough
		needle{class: "name", form: "family name", text: "belvedere"}, needle{class: "address", form: "street", text: "thornbury"},
		needle{class: "dob", form: "date", text: born}, needle{class: "phone", form: "national", text: "628-555-0177", flat: "6285550177"})
}()

// Find says which class in which form a text still has, "" when it has none.
func Find(text string) (class, form string) {
	lower := strings.ToLower(text)
	flat := flatten(lower)
	for _, n := range needles {
		if n.in(lower) || n.flat != "" && strings.Contains(flat, n.flat) {
			return n.class, n.form
		}
	}
	return "", ""
}

// in reports that a text in lower case holds the needle. A short one is looked for where a record had it and nowhere else:
// one token in sixteen thousand has four given digits as a group of a UUID.
func (n needle) in(lower string) bool {
	if n.places == nil {
		return strings.Contains(lower, n.text)
	}
	return strings.TrimSpace(lower) == n.text || slices.ContainsFunc(n.places, func(place string) bool { return strings.Contains(lower, place) })
}

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
