// Package sample makes values up in the shape that a policy's fields have, for explanations: nobody's number, name or
// card.
package sample

import (
	"encoding/json"
	"strings"

	"github.com/maskrail/maskrail/libs/policy"
)

// The values: the number is reserved for fiction, the domain by RFC 2606, the card is a test number.
const (
	phone = "(415) 555-0142"
	email = "Ann.Lee@example.com"
	card  = "4111 1111 1111 1111"
	first = "Ann"
	last  = "Lee"
	name  = first + " " + last
	ssn   = "536-22-8145"
	date  = "1984-07-02"
	clock = "2026-03-09T13:04:11.482Z"
	note  = "Ann Lee asked to be called at (415) 555-0142, card 4111 1111 1111 1111."
	plain = "example"
)

// Value is a value that the field could have.
func Value(f policy.Field) string {
	switch f.Type.Kind {
	case policy.Int:
		return "37"
	case policy.Decimal:
		if f.Type.Scale > 0 {
			return "12." + strings.Repeat("5", f.Type.Scale)
		}
		return "12"
	case policy.Double:
		return "4.25"
	case policy.Bool:
		return "true"
	case policy.DateOnly:
		return date
	case policy.Timestamp:
		return clock
	}
	switch t := f.Treatment.(type) {
	case policy.Token:
		return tokenised(f, t)
	case policy.FPE:
		return permuted(t)
	case policy.Fake:
		return invented(t.Kind)
	case policy.Card:
		return card
	case policy.Date, policy.Shift:
		return date
	case policy.Bucket:
		return "37"
	case policy.Zip3:
		return "94103-1234"
	case policy.Scrub:
		return note
	case policy.Map:
		return object(append(mapKeys(t), "Email Address"))
	case policy.JSON:
		return document(t.Tree())
	}
	return named(f.Path)
}

func tokenised(f policy.Field, t policy.Token) string {
	switch t.Format {
	case policy.CardNumber:
		return card
	case policy.Digits:
		return "0012345678"
	case policy.UUID:
		return "d281ff23-af8a-48da-8ce3-7a7296405d4d"
	}
	switch t.Form() {
	case policy.PhoneForm:
		return phone
	case policy.EmailForm:
		return email
	case policy.NameForm:
		return nameIn(f.Path)
	case policy.DigitsForm:
		return card
	}
	if t.Format == policy.Auto {
		return phone
	}
	return named(f.Path)
}

func invented(k policy.FakeKind) string {
	switch k {
	case policy.FakeFirstName:
		return first
	case policy.FakeLastName:
		return last
	case policy.FakeName:
		return name
	case policy.FakeCompany:
		return "Example Ltd"
	case policy.FakeJob:
		return "Clerk"
	case policy.FakeStreet:
		return "1 Main Street"
	}
	return "Oakland"
}

// nameIn is a person's name, or the part of one that the field's name says.
func nameIn(path string) string {
	switch words := strings.ToLower(path); {
	case strings.Contains(words, "first") || strings.Contains(words, "given"):
		return first
	case strings.Contains(words, "last") || strings.Contains(words, "family") || strings.Contains(words, "surname"):
		return last
	}
	return name
}

// named is a value that fits what the name of a field says.
func named(path string) string {
	words := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	for _, known := range []struct{ word, value string }{
		{"phone", phone}, {"ani", phone}, {"mail", email}, {"card", card}, {"ssn", ssn}, {"note", note}, {"birth", date}, {"name", name},
	} {
		if strings.Contains(words, known.word) {
			return known.value
		}
	}
	return plain
}

// permuted is a text of the alphabet, long enough for FF1.
func permuted(t policy.FPE) string {
	var b strings.Builder
	for i := range 20 {
		b.WriteByte(t.Alphabet[(i*7+3)%len(t.Alphabet)])
	}
	return b.String()
}

func mapKeys(t policy.Map) []string {
	keys := append([]string(nil), t.Keep[:min(1, len(t.Keep))]...)
	for _, f := range t.Fields {
		keys = append(keys, f.Path)
	}
	return keys
}

// object is a JSON object with a value for each key.
func object(keys []string) string {
	var parts []string
	seen := map[string]bool{}
	for _, k := range keys {
		if !seen[k] {
			parts = append(parts, text(k)+":"+text(named(k)))
		}
		seen[k] = true
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// document is a JSON text with all the values of a tree.
func document(n *policy.Node) string {
	var b strings.Builder
	b.WriteString(strings.Repeat("[", n.Lists))
	switch {
	case n.Leaf() && len(n.Fields) > 0:
		b.WriteString(text(Value(n.Fields[0])))
	default:
		var parts []string
		for _, m := range n.Members {
			parts = append(parts, text(m.Name)+":"+document(m))
		}
		b.WriteString("{" + strings.Join(parts, ",") + "}")
	}
	b.WriteString(strings.Repeat("]", n.Lists))
	return b.String()
}

func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // a string has a JSON form
		return `""`
	}
	return string(b)
}
