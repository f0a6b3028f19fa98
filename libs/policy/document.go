package policy

import (
	"regexp"

	"go.yaml.in/yaml/v3"
)

var (
	entityName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`) // it becomes a table's name
	regionName = regexp.MustCompile(`^[A-Z]{2}$`)
)

// policy reads one document. Faults are collected in r.
func (r *reader) policy(n *yaml.Node) *Policy {
	if n = resolve(n); n.Kind != yaml.MappingNode {
		r.fail(n, "this is no policy: want keys and values, beginning with apiVersion: %s", APIVersion)
		return &Policy{}
	}
	p := &Policy{
		Region:     "US",
		Unknown:    QuarantineUnknown,
		Suspect:    QuarantineSuspect,
		RejectRow:  QuarantineRow,
		Duplicates: FirstDuplicate,
		CSV:        DefaultCSV(),
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
	var key []string
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
		"key":        at("key", r.texts("key", &key)),
		"tenant":     at("tenant", func(v *yaml.Node) { tenant = v }),
		"region":     at("region", r.text("region", &p.Region)),
		"unknown":    at("unknown", choice(r, "unknown", &p.Unknown, []Unknown{QuarantineUnknown, DropUnknown, PassUnknown})),
		"suspect":    at("suspect", choice(r, "suspect", &p.Suspect, []Suspect{QuarantineSuspect, MaskSuspect, PassSuspect})),
		"rejectRow":  at("rejectRow", choice(r, "rejectRow", &p.RejectRow, []RejectRow{QuarantineRow, DropRow})),
		"duplicates": at("duplicates", choice(r, "duplicates", &p.Duplicates, []Duplicates{FirstDuplicate, NewestDuplicate, RejectDuplicates})),
		"newestBy":   at("newestBy", r.text("newestBy", &p.NewestBy)),
		"conflict":   choice(r, "conflict", &ignored, []word{"skip"}, "newer"),
		"quasi":      at("quasi", r.quasi(&p.Quasi)),
		"source":     func(v *yaml.Node) { r.source(p)(v) },
		"fields":     at("fields", r.fields("fields", inRecord, &p.Fields)),
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
	p.Key = key
	if len(r.errs) == before { // what a broken part would lead to is no news
		r.check(p)
	}
	return p
}
