package validator

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// passing is the treatment that a masker attests for a column that the policy does not name and lets through.
const passing = "pass"

// checkSchema holds the file's columns against the policy's output and against what the masker attests.
func checkSchema(e *evidence) (string, []Finding) {
	var found []Finding
	wrong := func(field, format string, a ...any) {
		found = append(found, Finding{Class: ClassSchema, Field: field, Detail: fmt.Sprintf(format, a...)})
	}
	fields := slices.Collect(e.policy.Output())
	for i, f := range e.schema.Fields() {
		switch {
		case i < len(fields) && f.Name != fields[i].Path:
			wrong(fields[i].Path, "column %d is another one than the policy's output has there", i+1)
		case i < len(fields) && writesText(fields[i].Treatment) && f.Type.ID() != arrow.STRING:
			wrong(fields[i].Path, "the treatment %s writes text, the column is %s", fields[i].Treatment.Name(), f.Type.Name())
		case i >= len(fields) && e.policy.Unknown != policy.PassUnknown:
			wrong(show(e, i), "the policy does not name the column and lets no unknown one pass")
		case i >= len(fields) && named(e.policy, f.Name):
			wrong(show(e, i), "the policy names the column, so it cannot be one that is passed as unknown")
		}
	}
	for _, f := range fields[min(len(fields), e.schema.NumFields()):] {
		wrong(f.Path, "the column is missing")
	}
	return plural(int64(e.schema.NumFields()), "column"), append(found, attestedSchema(e, fields)...)
}

// attestedSchema compares the file's columns, and what identifies a row, with the masker's statement. The loader reads
// key and tenant column from there.
func attestedSchema(e *evidence, fields []policy.Field) (found []Finding) {
	m := e.attested
	if m == nil {
		return nil // the rule attestation says why
	}
	wrong := func(field, format string, a ...any) {
		found = append(found, Finding{Class: ClassSchema, Field: field, Detail: fmt.Sprintf(format, a...)})
	}
	if len(m.Columns) != e.schema.NumFields() {
		wrong("", "the file has %d columns, the masker attests %d", e.schema.NumFields(), len(m.Columns))
	}
	for i, f := range e.schema.Fields()[:min(len(m.Columns), e.schema.NumFields())] {
		c, treatment := m.Columns[i], passing
		if i < len(fields) {
			treatment = fields[i].Treatment.Name()
		}
		switch {
		case c.Name != f.Name:
			wrong(show(e, i), "the masker attests another column in place %d", i+1)
		case c.Type != f.Type.String():
			wrong(show(e, i), "the column is %s, the masker attests another type", f.Type)
		case c.Treatment != treatment:
			wrong(show(e, i), "the policy says %s, the masker attests another treatment", treatment)
		}
	}
	tenant := ""
	if e.policy.Tenant != nil {
		tenant = e.policy.Tenant.Path
	}
	if !slices.Equal(m.Key, e.policy.Key) {
		wrong("", "the masker attests another key than the policy's")
	}
	if m.TenantColumn != tenant {
		wrong(tenant, "the masker attests another tenant column than the policy's")
	}
	return found
}

// show is the name of column i as messages may show it: the policy's own names whole, others only where they cannot
// be a value.
func show(e *evidence, i int) string {
	f := e.schema.Field(i).Name
	if e.policy != nil {
		if _, ok := e.policy.Field(f); ok {
			return f
		}
	}
	return columnar.ShowName(f, i)
}

// named reports whether the policy names a column, be it to drop it or by an alias.
func named(p *policy.Policy, column string) bool {
	return slices.ContainsFunc(p.Fields, func(f policy.Field) bool {
		return f.Path == column || slices.Contains(f.Aliases, column)
	})
}

// writesText reports that a treatment turns any type into text.
func writesText(t policy.Treatment) bool {
	switch t.(type) {
	case policy.Redact, policy.Mask, policy.Token, policy.Card, policy.Scrub:
		return true
	}
	return false
}
