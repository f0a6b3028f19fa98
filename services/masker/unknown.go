package masker

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// passTreatment is what attestations say of a column that the policy does not name and lets through.
const passTreatment = "pass"

// unknown decides about a column or member that the policy does not name.
func (b *binding) unknown(to *branch, at int, f arrow.Field, shown string) error {
	p := b.plan.policy
	if p.Unknown == policy.DropUnknown {
		return nil
	}
	if p.Unknown == policy.QuarantineUnknown {
		b.unnamed = append(b.unnamed, shown)
		return nil
	}
	if nested(f.Type) {
		return faultf(ClassUnknownField, shown, -1, "is not named by the policy, and only plain values pass: name what is in it, or drop it")
	}
	set, err := detect.NewSet(p.Region)
	if err != nil {
		return err
	}
	suspicious, value := p.Looks(f.Name) != "", keyMask{values: set}.sensitive([]byte(f.Name))
	var op operator = keep{}
	switch {
	case p.Suspect == policy.PassSuspect, !suspicious && !value && !holdsText(f.Type):
	case p.Suspect == policy.MaskSuspect && suspicious && !value:
		op = constant{with: policy.Masked}
	case suspicious, value: // masked or not, the name itself would stay
		b.suspect = append(b.suspect, shown)
		return nil
	default:
		op = watch{text{scrub{set: set}}, p.Suspect == policy.MaskSuspect, p.Looks}
	}
	out, ok := op.output(f.Type)
	if !ok {
		op, out = keep{}, f.Type
	}
	_, kept := op.(keep)
	to.members = append(to.members, &branch{name: f.Name, source: at, out: out, leaf: len(b.leaves), same: kept})
	b.leaves = append(b.leaves, leaf{field: -1, path: shown, operator: op})
	return nil
}

// watch looks at values that the policy does not name: what a detector finds in them stops the object, or is cut out. A
// number stays a number: where it would be cut, null stands for it. A text that holds JSON is an object of which the policy
// names nothing: the names in it count as those of fields do, and null stands for the whole of it.
type watch struct {
	text
	cut   bool
	looks func(name string) string
}

func (o watch) output(in arrow.DataType) (arrow.DataType, bool) {
	if !o.cut || isNumber(in) {
		return in, true
	}
	return arrow.BinaryTypes.String, true
}

func isNumber(t arrow.DataType) bool {
	id := t.ID()
	return arrow.IsInteger(id) || arrow.IsFloating(id) || arrow.IsDecimal(id)
}

// holdsText reports a type in which something that must not pass has room.
func holdsText(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.NULL, arrow.BOOL, arrow.TIMESTAMP, arrow.DATE32, arrow.DATE64, arrow.TIME32, arrow.TIME64:
		return false
	case arrow.EXTENSION:
		_, uuid := t.(*extensions.UUIDType)
		return !uuid
	}
	return true
}

func (o watch) mask(s *scratch, c cells) (arrow.Array, error) {
	number := isNumber(c.array.DataType())
	if !number {
		named, err := o.named(c)
		if err != nil {
			return nil, err
		}
		if named != nil {
			c.array = where(c, named, 0)
			defer c.array.Release()
		}
	}
	if o.cut && !number {
		return o.text.mask(s, c)
	}
	set := o.rewriter.(scrub).set
	view := c.texts()
	var found []uint8 // by slot: 1 for what is cut
	for slot := range c.level.slots {
		value, ok, err := view.at(slot)
		if err != nil {
			return nil, err
		}
		if !ok || !set.Contains(value) {
			continue
		}
		if o.cut {
			if found == nil {
				found = make([]uint8, c.level.slots)
			}
			found[slot] = 1
			continue
		}
		bad := faultf(ClassSuspectField, "", slot, "the policy does not name the field, and a value of it looks like one that must not pass: add a field with a treatment, then replay the object")
		if err := c.fail(slot, bad); err != nil {
			return nil, err
		}
	}
	if found != nil {
		return where(c, found, 0), nil
	}
	return keep{}.mask(s, c)
}

// named finds the texts that hold JSON with a name in it that looks sensitive: by slot 1 for them, nil for none.
func (o watch) named(c cells) (found []uint8, err error) {
	view := c.texts()
	for slot := range c.level.slots {
		value, ok, err := view.at(slot)
		if err != nil {
			return nil, err
		}
		if !ok || !o.telling(value) {
			continue
		}
		if !o.cut {
			bad := faultf(ClassSuspectField, "", slot, "the policy does not name the field, and it holds objects with members whose names say that they may hold what must not pass: name what is in it, or drop it")
			if err := c.fail(slot, bad); err != nil {
				return nil, err
			}
		}
		if found == nil {
			found = make([]uint8, c.level.slots)
		}
		found[slot] = 1
	}
	return found, nil
}

// telling reports a text of JSON in which a member has a name that looks sensitive.
func (o watch) telling(text []byte) bool {
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' && text[0] != '[' || !json.Valid(text) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var open []json.Delim // what the next token is in
	name := false         // it is a member's name
	for {
		t, err := d.Token()
		if err != nil {
			return false // the end: the text is valid
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				open = append(open, t)
			} else {
				open = open[:len(open)-1]
			}
			name = len(open) > 0 && open[len(open)-1] == '{'
			continue
		case string:
			if name && o.looks(t) != "" {
				return true
			}
		}
		name = len(open) > 0 && open[len(open)-1] == '{' && !name
	}
}

// refuse refuses a source with columns that the policy should name; known says that it names others of them.
func (b *binding) refuse(known bool) error {
	if len(b.suspect) > 0 {
		return unnamedFault(ClassSuspectField, b.suspect, " not named by the policy, and the name says that it may hold what must not pass: ")
	}
	if len(b.unnamed) > 0 {
		what := " not named by the policy: "
		if !known {
			what = " not named by the policy, nor is any other: is it the policy of this file? CSV: are source.csv.delimiter and header right? " +
				"JSON: are the records at the top of the file? Otherwise "
		}
		return unnamedFault(ClassUnknownField, b.unnamed, what)
	}
	return nil
}

func unnamedFault(class string, names []string, what string) error {
	shown := strings.Join(names[:min(len(names), maxNamed)], ", ")
	return &fault{class: class, field: shown, row: -1,
		detail: plural(len(names), "column") + what + "add a field with a treatment for each, then replay the object"}
}
