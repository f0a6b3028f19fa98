// Package draft writes what a person then reviews: proposals for fields that a policy does not name, as a patch of its YAML,
// and whole policies for sources that have none. It proposes to keep what is surely harmless, and takes away what is not
// known. No draft holds a value.
package draft

import (
	"fmt"
	"strings"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

// Proposal is what may be done about one field.
type Proposal struct {
	Path      string `json:"path"`
	Treatment string `json:"treatment"` // as YAML, "keep: true"
	Type      string `json:"type,omitempty"`
	Why       string `json:"why"`
	// Alias is set for a renamed field: its name is another one of the policy's field at Path.
	Alias string `json:"alias,omitempty"`

	steps policy.Path
}

// keepFrom is the confidence from which a harmless class is proposed to be kept.
const keepFrom = 0.8

// For proposes what to do about a drifted field, false where a patch cannot help: a field that is gone or of another type, or
// whose name must not show. With a tenant, tokens have the tenant's scope.
func For(f drift.Field, tenant bool) (Proposal, bool) {
	steps, err := policy.ParsePath(f.Path)
	if err != nil || f.Hidden {
		return Proposal{}, false
	}
	switch f.Kind {
	case drift.Renamed:
		name, _ := survey.Names(steps)
		return Proposal{Path: f.Policy, Alias: name, Why: "renamed: lies where " + f.Policy + " is gone", steps: steps}, true
	case drift.Unknown:
		var o classify.Opinion
		if f.Opinion != nil {
			o = *f.Opinion
		}
		p := Proposal{Path: f.Path, Treatment: treat(o, f.Whole, tenant), Why: why(o), steps: steps}
		return p, true
	}
	return Proposal{}, false
}

// why is an opinion for the one who reviews it.
func why(o classify.Opinion) string {
	text := fmt.Sprintf("%s %.2f by %s", o.Class, o.Confidence, o.Reason)
	switch o.Class {
	case classify.Unsure, "":
		text = "nobody knows what this is"
	case classify.Empty:
		text = "no value was seen"
	}
	if len(o.Inside) > 0 {
		text += ", with " + join(o.Inside) + " inside"
	}
	if o.Class == classify.FreeText {
		text += "; or scrub it, with the record's names as context"
	}
	return text
}

func join(classes []detect.Class) string {
	words := make([]string, len(classes))
	for i, c := range classes {
		words[i] = string(c)
	}
	return strings.Join(words, ", ")
}

const (
	redact = "redact: {}"
	drop   = "drop: true"
	keep   = "keep: true"
)

// treat is the treatment for a class.
func treat(o classify.Opinion, whole, tenant bool) string {
	if whole {
		return drop
	}
	scope := ""
	if !tenant {
		scope = ", scope: environment"
	}
	switch o.Class {
	case classify.Phone:
		return "token: {domain: phone, format: phone" + scope + "}"
	case classify.Email:
		return "token: {domain: email, format: email" + scope + "}"
	case classify.Contact:
		return "token: {domain: contact, format: auto" + scope + "}"
	case classify.PersonName:
		return `token: {domain: person.name, prefix: "User_"` + scope + "}"
	case classify.UUID:
		return "token: {domain: uuid, format: uuid" + scope + "}"
	case classify.Identifier:
		return "token: {domain: identifier" + scope + "}"
	case classify.Card:
		return "card: {keep: none}"
	}
	if o.Class.Harmless() && o.Confidence >= keepFrom {
		return keep
	}
	return redact
}

// line is the proposal as an item of a policy's fields.
func (p Proposal) line(indent string) string {
	typ := ""
	if p.Type != "" {
		typ = ", type: " + p.Type
	}
	return fmt.Sprintf("%s- {path: %s, %s%s}  # %s", indent, scalar(p.Path), p.Treatment, typ, p.Why)
}

// scalar is a text as YAML inside of braces.
func scalar(text string) string {
	plain := text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '.'
	})
	switch {
	case plain && !ambiguous(text):
		return text
	case !strings.ContainsAny(text, `"\`) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }):
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// ambiguous reports a word that YAML takes for something else than text.
func ambiguous(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "true", "false", "on", "off", "null", "nan", ".nan", ".inf":
		return true
	}
	return text[0] >= '0' && text[0] <= '9' || text[0] == '.'
}
