package policy

import (
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// treatments are the readers of every treatment, by its key. References that they read are resolved later, when all
// fields are known.
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
		"keep": flag(Keep{}), "drop": flag(Drop{}), "null": flag(Null{}), "zip3": flag(Zip3{}),
		"redact": r.redact, "mask": r.mask, "card": r.card, "scrub": r.scrub,
		"token": r.token, "fpe": r.fpe, "fake": r.fake,
		"date": r.date, "bucket": r.bucket,
		"map": r.mapping, "json": r.json,
	}
}

func (r *reader) redact(n *yaml.Node) Treatment {
	t := Redact{With: Masked}
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

func (r *reader) card(n *yaml.Node) Treatment {
	t := Card{Keep: KeepNone}
	r.object(n, "card", map[string]setter{
		"keep": choice(r, "card.keep", &t.Keep, []CardKeep{KeepNone, KeepLast4, KeepFirst6Last}),
	})
	return t
}

func (r *reader) scrub(n *yaml.Node) Treatment {
	t := Scrub{Detect: slices.Clone(Classes)}
	r.object(n, "scrub", map[string]setter{
		"detect": r.classes("scrub.detect", &t.Detect),
		"context": func(v *yaml.Node) {
			var paths []string
			r.texts("scrub.context", &paths)(v)
			for _, text := range paths {
				t.Context = append(t.Context, Reference{Path: r.steps(v, "scrub.context", text).String()})
			}
		},
	})
	return t
}

// mapping reads the treatment of an open map.
func (r *reader) mapping(n *yaml.Node) Treatment {
	t := Map{Default: Drop{}}
	r.object(n, "map", map[string]setter{
		"keep": func(v *yaml.Node) {
			r.texts("map.keep", &t.Keep)(v)
			for _, key := range t.Keep {
				if err := checkName(key); err != nil {
					r.fail(v, "map.keep: %v", err)
				}
			}
		},
		"fields":  r.fields("map.fields", inMap, &t.Fields),
		"default": func(v *yaml.Node) { t.Default = r.mapDefault(v) },
	})
	return t
}

// mapTokens is the domain of a map's values unless the policy names one.
const mapTokens = "map.value"

// defaults are the words for treatments of a map's other keys.
func defaults() map[string]Treatment {
	return map[string]Treatment{
		"drop": Drop{}, "null": Null{}, "redact": Redact{With: Masked}, "scrub": Scrub{Detect: slices.Clone(Classes)},
		"token": Token{Domain: mapTokens, Length: TokenLength, Format: Text, Scope: TenantScope},
	}
}

func (r *reader) mapDefault(v *yaml.Node) Treatment {
	words := defaults()
	if v.Kind == yaml.ScalarNode {
		if t, ok := words[v.Value]; ok { // null as well, with quotes and without
			return t
		}
	}
	known := r.treatments()
	for _, name := range []string{"keep", "map", "json"} {
		delete(known, name)
	}
	var found []Treatment
	keys := map[string]setter{}
	for name, read := range known {
		keys[name] = func(v *yaml.Node) { found = append(found, read(v)) }
	}
	if v.Kind == yaml.MappingNode {
		before := len(r.errs)
		r.object(v, "map.default", keys)
		if len(r.errs) > before {
			return nil
		}
	}
	if len(found) != 1 {
		r.fail(v, "map.default must be %s, or a mapping with one treatment, such as {token: {domain: attribute}}; keys that may stay are listed in map.keep",
			list(slices.Sorted(maps.Keys(words))))
		return nil
	}
	return found[0]
}

// json reads the treatment of a text that holds JSON. Unknown is filled in later.
func (r *reader) json(n *yaml.Node) Treatment {
	t := JSON{Invalid: QuarantineInvalid}
	r.object(n, "json", map[string]setter{
		"fields": r.fields("json.fields", inJSON, &t.Fields),
		"unknown": func(v *yaml.Node) {
			if s, _ := scalar(v); s == string(PassUnknown) {
				r.fail(v, "json.unknown: a member that nobody has decided about cannot pass: use quarantine or drop")
				return
			}
			choice(r, "json.unknown", &t.Unknown, []Unknown{QuarantineUnknown, DropUnknown})(v)
		},
		"invalid": choice(r, "json.invalid", &t.Invalid, []Invalid{QuarantineInvalid, RedactInvalid, NullInvalid}),
	})
	if len(t.Fields) == 0 {
		r.fail(n, "json.fields names nothing that may stay: to empty the text, use redact or null")
	}
	return t
}
