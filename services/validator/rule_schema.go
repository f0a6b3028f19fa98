package validator

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/policy"
)

// passing is the treatment that a masker attests for a column that the policy does not name and lets through.
const passing = "pass"

// checkSchema holds the file's columns against the policy's output and against what the masker attests.
func checkSchema(e *evidence) (string, []Finding) {
	c := &schemaCheck{policy: e.policy}
	c.object(e.schema.Fields(), outputs(e.policy), e.policy.Tree(), "")
	return plural(int64(e.schema.NumFields()), "column"), append(c.found, attestedSchema(e)...)
}

// schemaCheck collects what is wrong with a schema.
type schemaCheck struct {
	policy *policy.Policy
	found  []Finding
}

func (c *schemaCheck) wrong(field, format string, a ...any) {
	c.found = append(c.found, Finding{Class: ClassSchema, Field: field, Detail: fmt.Sprintf(format, a...)})
}

// object holds the members of an object, or the columns of the file, against the nodes that they must be. n is the
// object's own node.
func (c *schemaCheck) object(have []arrow.Field, want []*policy.Node, n *policy.Node, prefix string) {
	for i, f := range have {
		shown := prefix + showMember(n, f.Name, i)
		switch {
		case i < len(want) && f.Name != want[i].Name:
			c.wrong(prefix+showMember(n, want[i].Name, i), "column %d is another one than the policy's output has there", i+1)
		case i < len(want):
			c.value(f.Type, want[i], shown)
		case c.policy.Unknown != policy.PassUnknown:
			c.wrong(shown, "the policy does not name the column and lets no unknown one pass")
		case named(n, f.Name):
			c.wrong(shown, "the policy names the column, so it cannot be one that is passed as unknown")
		}
	}
	for _, m := range want[min(len(want), len(have)):] {
		c.wrong(prefix+policy.Path{{Name: m.Name}}.String(), "the column is missing")
	}
}

// value holds a type against the node that it must be of.
func (c *schemaCheck) value(t arrow.DataType, n *policy.Node, shown string) {
	whole := t
	for range n.Lists {
		list, ok := t.(*arrow.ListType)
		if !ok {
			break
		}
		t = list.Elem()
	}
	if n.Leaf() {
		text := !slices.ContainsFunc(n.Fields, func(f policy.Field) bool { return !writesText(f.Treatment) })
		if text && t.ID() != arrow.STRING {
			c.wrong(shown, "the treatment %s writes text, the column is %s", n.Treatment(), whole.Name())
		}
		return
	}
	object, ok := t.(*arrow.StructType)
	if !ok {
		c.wrong(shown, "the policy has an object there, the column is %s", whole.Name())
		return
	}
	var want []*policy.Node
	for _, m := range n.Members {
		if !m.Dropped() {
			want = append(want, m)
		}
	}
	c.object(object.Fields(), want, n, shown+".")
}

// attestedSchema compares the file's columns, and what identifies a row, with the masker's statement. The loader reads
// key and tenant column from there.
func attestedSchema(e *evidence) []Finding {
	m := e.attested
	if m == nil {
		return nil // the rule attestation says why
	}
	c := &schemaCheck{policy: e.policy}
	if len(m.Columns) != e.schema.NumFields() {
		c.wrong("", "the file has %d columns, the masker attests %d", e.schema.NumFields(), len(m.Columns))
	}
	nodes := outputs(e.policy)
	for i, f := range e.schema.Fields()[:min(len(m.Columns), e.schema.NumFields())] {
		shown := showMember(e.policy.Tree(), f.Name, i)
		if m.Columns[i].Type != f.Type.String() {
			c.wrong(shown, "the column is %s, the masker attests another type", f.Type)
		}
		var n *policy.Node
		if i < len(nodes) {
			n = nodes[i]
		}
		c.attested(f, n, m.Columns[i], shown)
	}
	wrong := c.wrong
	tenant := e.policy.TenantColumn()
	if !slices.Equal(m.Key, e.policy.KeyColumns()) {
		wrong("", "the masker attests another key than the policy's")
	}
	if m.TenantColumn != tenant {
		wrong(tenant, "the masker attests another tenant column than the policy's")
	}
	return c.found
}

// attested holds what the masker says of a column, or of a member of one, against its node; a nil node is of what is
// passed.
func (c *schemaCheck) attested(f arrow.Field, n *policy.Node, a attest.Column, shown string) {
	treatment := passing
	if n != nil {
		treatment = n.Treatment()
	}
	switch {
	case a.Name != f.Name:
		c.wrong(shown, "the masker attests another column there")
	case a.Treatment != treatment:
		c.wrong(shown, "the policy says %s, the masker attests another treatment", treatment)
	}
	if n == nil || n.Leaf() {
		return
	}
	t := f.Type
	for list, ok := t.(*arrow.ListType); ok; list, ok = t.(*arrow.ListType) {
		t = list.Elem()
	}
	object, ok := t.(*arrow.StructType)
	if !ok || object.NumFields() != len(a.Members) {
		c.wrong(shown, "the masker attests other members than the object has")
		return
	}
	for i, member := range object.Fields() {
		c.attested(member, n.Member(member.Name), a.Members[i], shown+"."+showMember(n, member.Name, i))
	}
}

// writesText reports that a treatment turns any type into text.
func writesText(t policy.Treatment) bool {
	switch t.(type) {
	case policy.Redact, policy.Mask, policy.Token, policy.FPE, policy.Fake, policy.Card, policy.Zip3, policy.Scrub, policy.JSON:
		return true
	}
	return false
}
