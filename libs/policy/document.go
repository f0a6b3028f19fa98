package policy

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

var (
	entityName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`) // it becomes a table's name
	regionName = regexp.MustCompile(`^[A-Z]{2}$`)
)

// policy reads one document. Faults are collected in r.
func (r *reader) policy(n *yaml.Node) *Policy {
	p := &Policy{
		Region:     "US",
		Unknown:    QuarantineUnknown,
		Duplicates: FirstDuplicate,
		CSV:        CSV{Delimiter: ',', Header: true},
		file:       r.file,
		lines:      map[string]int{},
	}
	before := len(r.errs)
	var version, kind string
	var tenant *yaml.Node
	at := func(name string, s setter) setter {
		return func(v *yaml.Node) { p.lines[name] = v.Line; s(v) }
	}
	type word string
	var ignored word
	r.object(n, "the policy", map[string]setter{
		"apiVersion": r.text("apiVersion", &version),
		"kind":       r.text("kind", &kind),
		"metadata": func(v *yaml.Node) {
			r.object(v, "metadata", map[string]setter{
				"name":    r.text("metadata.name", &p.Name),
				"version": r.integer("metadata.version", 1, 1<<30, &p.Version),
			})
		},
		"entity":     at("entity", r.text("entity", &p.Entity)),
		"key":        at("key", r.texts("key", &p.Key)),
		"tenant":     at("tenant", func(v *yaml.Node) { tenant = v }),
		"region":     at("region", r.text("region", &p.Region)),
		"unknown":    at("unknown", choice(r, "unknown", &p.Unknown, []Unknown{QuarantineUnknown, DropUnknown, PassUnknown})),
		"suspect":    choice(r, "suspect", &ignored, []word{"quarantine"}, "mask", "pass"),
		"rejectRow":  choice(r, "rejectRow", &ignored, []word{"quarantine"}, "drop"),
		"duplicates": choice(r, "duplicates", &p.Duplicates, []Duplicates{FirstDuplicate, RejectDuplicates}, "newest"),
		"conflict":   choice(r, "conflict", &ignored, []word{"skip"}, "newer"),
		"quasi":      r.unsupported("quasi"),
		"source":     func(v *yaml.Node) { r.object(v, "source", map[string]setter{"csv": r.csv(&p.CSV)}) },
		"fields":     at("fields", r.fields(p)),
	})
	if version != APIVersion {
		r.fail(n, "apiVersion must be %s", APIVersion)
	}
	if kind != "Policy" {
		r.fail(n, "kind must be Policy")
	}
	if !entityName.MatchString(p.Entity) {
		r.fail(n, "entity must be a lower-case word of letters, digits and underscores")
	}
	if !regionName.MatchString(p.Region) {
		r.failAt(p.lines["region"], "region must be an ISO 3166 country code of two capital letters, such as US")
	}
	if _, ok := p.lines["fields"]; !ok {
		r.fail(n, "fields is missing; an empty list is fields: []")
	}
	if tenant != nil {
		p.Tenant = r.tenant(tenant)
	}
	if len(r.errs) == before { // what a broken part would lead to is no news
		r.check(p)
	}
	return p
}

func (r *reader) csv(c *CSV) setter {
	return func(v *yaml.Node) {
		delimiter := ","
		r.object(v, "source.csv", map[string]setter{
			"delimiter": func(v *yaml.Node) {
				r.text("source.csv.delimiter", &delimiter)(v)
				c.Delimiter, _ = utf8.DecodeRuneInString(delimiter)
				if utf8.RuneCountInString(delimiter) != 1 || slices.Contains([]rune{'"', '\r', '\n', utf8.RuneError}, c.Delimiter) {
					r.fail(v, "source.csv.delimiter must be one character and neither a quote nor a line break")
				}
			},
			"header": r.boolean("source.csv.header", &c.Header),
		})
	}
}
