package masker

import (
	"fmt"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/columnar"
)

// attested are the columns of the masked object as they are attested: with the types that a reader will see, and
// the treatment of every value, however deep it lies.
func (b *binding) attested() ([]attest.Column, error) {
	read, err := columnar.RoundTrip(b.schema)
	if err != nil {
		return nil, fmt.Errorf("describe the masked object: %w", err)
	}
	var out []attest.Column
	for _, m := range b.root.members {
		if m.out == nil {
			continue
		}
		c := b.column(m)
		c.Type = read.Field(len(out)).Type.String()
		out = append(out, c)
	}
	return out, nil
}

// column describes a branch, without its type.
func (b *binding) column(m *branch) attest.Column {
	c := attest.Column{Name: m.name}
	if m.leaf >= 0 {
		c.Treatment = b.treatment(b.leaves[m.leaf])
		return c
	}
	for _, member := range m.members {
		if member.out != nil {
			c.Members = append(c.Members, b.column(member))
		}
	}
	return c
}

func (b *binding) treatment(l leaf) string {
	if l.field < 0 {
		return passTreatment
	}
	f := b.plan.fields[l.field]
	if f.node == nil {
		return f.Treatment.Name()
	}
	return f.node.Treatment()
}
