package canary

import (
	"fmt"
	"strings"
)

// needle is what is looked for.
type needle struct {
	class, form string
	text        string // lower case
	flat        string // letters and digits alone; "" where they are too few to mean anything
	word        bool   // only as a word of its own
}

// leastFlat is how many letters and digits are not there by chance.
const leastFlat = 8

var needles = func() (all []needle) {
	for _, s := range seeds {
		n := needle{class: s.class, form: s.form.name, text: strings.ToLower(s.text), word: len(s.text) < leastFlat}
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
		if n.word && hasWord(lower, n.text) || !n.word && strings.Contains(lower, n.text) || n.flat != "" && strings.Contains(flat, n.flat) {
			return n.class, n.form
		}
	}
	return "", ""
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

func hasWord(s, w string) bool {
	for at := 0; ; at++ {
		i := strings.Index(s[at:], w)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(w)
		if (at == 0 || !isWord(s[at-1])) && (end == len(s) || !isWord(s[end])) {
			return true
		}
	}
}

// Survivor is a value that was found where none may be.
type Survivor struct{ Class, Form string }

func (s Survivor) String() string { return fmt.Sprintf("%s in the form %s", s.Class, s.Form) }
