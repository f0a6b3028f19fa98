package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is where a field stands.
type place int

const (
	inRecord place = iota
	inMap          // paths are keys, taken as they are
	inJSON         // paths begin at the top of the text
)

// Limits on what a policy holds.
const (
	maxFields = 20_000 // with those in maps and JSON texts
	maxDepth  = 4      // JSON in JSON in a field
)

func (r *reader) fields(what string, at place, dst *[]Field) setter {
	return func(v *yaml.Node) {
		if v.Kind != yaml.SequenceNode {
			r.fail(v, "%s must be a list", what)
			return
		}
		r.depth++
		defer func() { r.depth-- }()
		if r.depth > maxDepth {
			r.fail(v, "%s: more than %d levels of texts in texts", what, maxDepth)
			return
		}
		for _, n := range v.Content {
			if r.count++; r.count > maxFields {
				r.fail(v, "%s: the file has more than %d fields", what, maxFields)
				return
			}
			if f, ok := r.field(resolve(n), at); ok {
				*dst = append(*dst, f)
			}
		}
	}
}

func (r *reader) field(n *yaml.Node, at place) (Field, bool) {
	f := Field{line: n.Line}
	before := len(r.errs)
	var treatments []Treatment
	keys := map[string]setter{
		"path": r.path(at, &f),
		"when": func(v *yaml.Node) { f.When = r.when(v, at) },
	}
	switch at {
	case inRecord:
		keys["type"] = r.fieldType(&f.Type)
		keys["aliases"] = r.aliases(&f.Aliases)
		keys["expect"] = func(v *yaml.Node) { f.Expect = r.expect(v) }
		keys["examples"] = r.examples(&f.Examples)
	case inJSON:
		keys["aliases"] = r.aliases(&f.Aliases)
	}
	known := r.treatments()
	for name, read := range known {
		keys[name] = func(v *yaml.Node) { treatments = append(treatments, read(v)) }
	}
	if at == inMap {
		keys["map"] = func(v *yaml.Node) { r.fail(v, "a map in a map's value: use json, which names what is in the text") }
	}
	r.object(n, []string{"a field", "a field of map", "a field of json"}[at], keys)
	switch {
	case len(r.errs) > before:
	case f.Path == "":
		r.fail(n, "path is missing")
	case len(treatments) == 0:
		r.fail(n, "field %q has no treatment: use one of %s", f.Path, list(slices.Sorted(maps.Keys(known))))
	case len(treatments) > 1:
		r.fail(n, "field %q has more than one treatment", f.Path)
	case len(f.Aliases) > 0 && f.steps.last() == "":
		r.fail(n, "field %q: aliases are other names of the last member, and the path has none", f.Path)
	}
	if len(r.errs) > before {
		return Field{}, false
	}
	f.Treatment = treatments[0]
	return f, true
}

// path reads where a field is.
func (r *reader) path(at place, f *Field) setter {
	return func(v *yaml.Node) {
		var text string
		r.text("path", &text)(v)
		if at == inMap {
			if err := checkName(text); err != nil {
				r.fail(v, "path must be a key of the map: %v", err)
			}
			f.Path, f.steps = text, Path{{Name: text}}
			return
		}
		f.steps = r.steps(v, "path", text)
		f.Path = f.steps.String()
		if at == inRecord && len(f.steps) > 0 && f.steps[0].List {
			r.fail(v, "path %q: a record is no list: begin with the name of a column", text)
		}
	}
}

// steps reads a path; nil and a fault when it is none.
func (r *reader) steps(v *yaml.Node, what, text string) Path {
	p, err := ParsePath(text)
	if err == nil {
		return p
	}
	hint := ""
	if checkName(text) == nil && !strings.ContainsAny(text, ".[]") {
		hint = ": write '[" + strings.ReplaceAll(quote(text), "'", "''") + "]'"
	} else if own, err := ParsePath(foreignList.ReplaceAllString(strings.TrimPrefix(text, "$."), "[]")); err == nil {
		hint = fmt.Sprintf(": write %q", own)
	}
	r.fail(v, "%s %q: %v%s", what, text, err, hint)
	return nil
}

// foreignList is how JSONPath and jq write the elements of a list.
var foreignList = regexp.MustCompile(`\[(\*|-?[0-9]+)?\]`)

// aliases are names as the source spells them, and no paths.
func (r *reader) aliases(dst *[]string) setter {
	return func(v *yaml.Node) {
		r.texts("aliases", dst)(v)
		for _, a := range *dst {
			if err := checkName(a); err != nil {
				r.fail(v, "aliases: %v", err)
			}
			if p, err := ParsePath(a); err == nil && strings.Contains(a, "[") {
				r.fail(v, "aliases are names and no paths: write %q as the source does, without brackets", p.last())
			}
		}
	}
}

func (r *reader) when(n *yaml.Node, at place) *When {
	w := &When{}
	r.object(n, "when", map[string]setter{
		"path": func(v *yaml.Node) {
			var text string
			r.text("when.path", &text)(v)
			if at != inMap {
				w.Path = r.steps(v, "when.path", text).String()
				return
			}
			if w.Key = text; checkName(text) != nil {
				r.fail(v, "when.path must be a key of the same map")
			}
		},
		"in": r.values("when.in", &w.In),
	})
	if w.Reference == (Reference{}) || len(w.In) == 0 {
		r.fail(n, "when needs path and in: when: {path: direction, in: [OUTBOUND]}")
	}
	return w
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
