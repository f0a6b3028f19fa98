package masker

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/document"
)

// reference is a field that a treatment looks at, as the plan numbers it.
type reference struct {
	number int // in Plan.references
	field  int // in Plan.fields
	key    string
}

// reference numbers what a treatment looks at. The same place has one number, and so one view in a frame.
func (p *Plan) reference(r policy.Reference) (reference, error) {
	i := slices.IndexFunc(p.fields, func(f planned) bool { return f.Path == r.Path })
	if i < 0 {
		return reference{}, fmt.Errorf("%q is no field of the policy", r.Path)
	}
	p.looks = append(p.looks, look{by: p.building, at: i})
	for _, known := range p.references {
		if known.field == i && known.key == r.Key {
			return known, nil
		}
	}
	ref := reference{number: len(p.references), field: i, key: r.Key}
	p.references = append(p.references, ref)
	return ref, nil
}

// valuesOf is the value of one key in each of the maps: null where a map does not have it. What cannot be read as a map has
// no keys; the column's own treatment tells what is wrong with it.
func valuesOf(c cells, key string) arrow.Array {
	b := array.NewStringBuilder(c.frame.mem)
	defer b.Release()
	read := entriesOf(c.array)
	if read == nil {
		read = membersOf(c.array)
	}
	l := &layer{}
	for slot := range c.level.slots {
		l.entries, l.text = l.entries[:0], l.text[:0]
		if c.array.IsValid(slot) && read(l, slot) != nil {
			l.entries = l.entries[:0]
		}
		i := slices.IndexFunc(l.entries, func(e entry) bool { return string(e.key) == key })
		if i < 0 || l.entries[i].null || l.entries[i].nested {
			b.AppendNull()
		} else {
			b.BinaryBuilder.Append(l.entries[i].value)
		}
	}
	return b.NewArray()
}

// membersOf is a reader of the entries of a text that holds a JSON object.
func membersOf(column arrow.Array) func(l *layer, slot int) error {
	texts, inside := newTexts(column), layers{}
	return func(l *layer, slot int) error {
		text, ok, err := texts.at(slot)
		if !ok || err != nil {
			return err
		}
		defer inside.close(0)
		if top, _, err := inside.read(text); err == nil && top.Kind() == document.Object {
			l.members(top)
		}
		return nil
	}
}
