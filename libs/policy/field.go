package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var (
	domainName  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	tokenPrefix = regexp.MustCompile(`^[A-Za-z0-9_.-]{0,32}$`)
)

const maxName = 256 // bytes of a column's name

func (r *reader) fields(p *Policy) setter {
	return func(v *yaml.Node) {
		if v.Kind != yaml.SequenceNode {
			r.fail(v, "fields must be a list")
			return
		}
		for _, n := range v.Content {
			if f, ok := r.field(resolve(n)); ok {
				p.Fields = append(p.Fields, f)
			}
		}
	}
}

func (r *reader) field(n *yaml.Node) (Field, bool) {
	f := Field{line: n.Line}
	before := len(r.errs)
	var treatments []Treatment
	keys := map[string]setter{
		"path":     r.path("path", &f.Path),
		"type":     r.fieldType(&f.Type),
		"aliases":  r.aliases(&f.Aliases),
		"expect":   func(v *yaml.Node) { f.Expect = r.expect(v) },
		"examples": r.unsupported("examples"),
		"when":     r.unsupported("when"),
	}
	for name, read := range r.treatments() {
		keys[name] = func(v *yaml.Node) { treatments = append(treatments, read(v)) }
	}
	for _, name := range []string{"fpe", "bucket", "zip3", "map", "json", "fake"} {
		keys[name] = func(v *yaml.Node) {
			r.unsupported("the treatment " + name)(v)
			treatments = append(treatments, nil)
		}
	}
	r.object(n, "a field", keys)
	switch {
	case f.Path == "" && len(r.errs) == before:
		r.fail(n, "path is missing")
	case len(treatments) == 0 && len(r.errs) == before:
		r.fail(n, "field %q has no treatment: use one of %s", f.Path, list(slices.Sorted(maps.Keys(r.treatments()))))
	case len(treatments) > 1:
		r.fail(n, "field %q has more than one treatment", f.Path)
	}
	if len(r.errs) > before {
		return Field{}, false
	}
	f.Treatment = treatments[0]
	return f, true
}

func (r *reader) treatments() map[string]func(*yaml.Node) Treatment {
	flag := func(t Treatment) func(*yaml.Node) Treatment {
		return func(v *yaml.Node) Treatment {
			if v.Kind != yaml.ScalarNode || v.Tag != "!!bool" || v.Value != "true" {
				r.fail(v, "%s must be true", t.Name())
			}
			return t
		}
	}
	return map[string]func(*yaml.Node) Treatment{
		"keep": flag(Keep{}), "drop": flag(Drop{}), "null": flag(Null{}),
		"redact": r.redact, "mask": r.mask, "token": r.token, "card": r.card, "date": r.date, "scrub": r.scrub,
	}
}

func (r *reader) redact(n *yaml.Node) Treatment {
	t := Redact{With: "[MASKED]"}
	r.object(n, "redact", map[string]setter{"with": r.text("redact.with", &t.With)})
	return t
}

func (r *reader) mask(n *yaml.Node) Treatment {
	t := Mask{Char: "*"}
	r.object(n, "mask", map[string]setter{
		"char":  r.text("mask.char", &t.Char),
		"first": r.integer("mask.first", 0, 1024, &t.First),
		"last":  r.integer("mask.last", 0, 1024, &t.Last),
	})
	if c, _ := utf8.DecodeRuneInString(t.Char); utf8.RuneCountInString(t.Char) != 1 || unicode.IsDigit(c) || !unicode.IsGraphic(c) {
		r.fail(n, "mask.char must be one visible character and no digit")
	}
	return t
}

func (r *reader) token(n *yaml.Node) Treatment {
	t := Token{Length: TokenLength, Format: Text, Scope: TenantScope}
	length := 0
	r.object(n, "token", map[string]setter{
		"domain": r.text("token.domain", &t.Domain),
		"prefix": r.text("token.prefix", &t.Prefix),
		"length": r.integer("token.length", 8, TokenLength, &length),
		"format": choice(r, "token.format", &t.Format, []Format{Text, Phone, Email}, "card", "uuid", "digits", "auto"),
		"scope":  choice(r, "token.scope", &t.Scope, []Scope{TenantScope, EnvironmentScope}),
	})
	if length > 0 {
		t.Length = length
	}
	if !domainName.MatchString(t.Domain) {
		r.fail(n, "token.domain must be a lower-case name such as phone or person.name")
	}
	switch {
	case !tokenPrefix.MatchString(t.Prefix):
		r.fail(n, "token.prefix must be at most 32 letters, digits, dots, dashes and underscores")
	case t.Format != Text && t.Prefix != "":
		r.fail(n, "token.prefix goes with the format text alone")
	case t.Format == Phone && length > 0:
		r.fail(n, "token.length does not go with the format phone: its length follows from the number")
	}
	return t
}

func (r *reader) card(n *yaml.Node) Treatment {
	t := Card{Keep: KeepNone}
	r.object(n, "card", map[string]setter{
		"keep": choice(r, "card.keep", &t.Keep, []CardKeep{KeepNone, KeepLast4, KeepFirst6Last}),
	})
	return t
}

func (r *reader) date(n *yaml.Node) Treatment {
	var t Date
	before := len(r.errs)
	r.object(n, "date", map[string]setter{
		"truncate": choice(r, "date.truncate", &t.Truncate, []Unit{Day, Month, Year}),
		"shift":    r.unsupported("date.shift"),
	})
	if t.Truncate == "" && len(r.errs) == before {
		r.fail(n, "date.truncate is missing: use day, month or year")
	}
	return t
}

func (r *reader) scrub(n *yaml.Node) Treatment {
	t := Scrub{Detect: Classes}
	r.object(n, "scrub", map[string]setter{
		"detect":  r.classes("scrub.detect", &t.Detect),
		"context": r.texts("scrub.context", &t.Context),
	})
	return t
}

func (r *reader) expect(n *yaml.Node) *Expect {
	e := &Expect{}
	r.object(n, "expect", map[string]setter{
		"classes": r.classes("expect.classes", &e.Classes),
		"why":     r.text("expect.why", &e.Why),
	})
	if len(e.Classes) == 0 || strings.TrimSpace(e.Why) == "" {
		r.fail(n, "expect needs classes and why")
	}
	return e
}

func (r *reader) classes(what string, dst *[]string) setter {
	return func(v *yaml.Node) {
		r.texts(what, dst)(v)
		for _, c := range *dst {
			if !slices.Contains(Classes, c) {
				r.fail(v, "%s: unknown class %q: known are %s", what, c, list(Classes))
			}
		}
		if len(*dst) == 0 {
			r.fail(v, "%s is empty: known are %s", what, list(Classes))
		}
	}
}

func (r *reader) fieldType(dst *Type) setter {
	return func(v *yaml.Node) {
		s, _ := scalar(v)
		t, err := parseType(s)
		if err != nil {
			r.fail(v, "%v", err)
		}
		*dst = t
	}
}

// path reads the name of a column. The steps into structs, lists and odd names are part of the language and
// not of this version.
func (r *reader) path(what string, dst *string) setter {
	return func(v *yaml.Node) {
		r.text(what, dst)(v)
		r.column(v, what, *dst)
	}
}

func (r *reader) aliases(dst *[]string) setter {
	return func(v *yaml.Node) {
		r.texts("aliases", dst)(v)
		for _, a := range *dst {
			r.column(v, "aliases", a)
		}
	}
}

func (r *reader) column(v *yaml.Node, what, name string) {
	switch {
	case name == "" || len(name) > maxName || strings.TrimSpace(name) != name:
		r.fail(v, "%s must be a column's name of at most %d bytes without surrounding space", what, maxName)
	case strings.ContainsAny(name, ".[]"):
		r.fail(v, "%s %q: nested paths are not supported by this version", what, name)
	}
}
