package masker

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// scrub takes sensitive passages out of free text: what the detectors find, and the row's own values of other
// columns. A passage becomes its class in brackets, [PHONE].
type scrub struct {
	set     *detect.Set
	context []mention
}

// mention is a column whose value is looked for in the text.
type mention struct {
	field int
	form  policy.Form
	label string
}

// redacted stands for a passage that has no class.
const redacted = "[REDACTED]"

func (p *Plan) newScrub(t policy.Scrub) (scrub, error) {
	classes := make([]detect.Class, len(t.Detect))
	for i, c := range t.Detect {
		classes[i] = detect.Class(c)
	}
	set, err := detect.NewSet(p.policy.Region, classes...)
	if err != nil {
		return scrub{}, fmt.Errorf("scrub: %w", err)
	}
	o := scrub{set: set}
	for _, path := range t.Context {
		i := slices.IndexFunc(p.policy.Fields, func(f policy.Field) bool { return f.Path == path })
		if i < 0 {
			return scrub{}, fmt.Errorf("scrub: context names %q, which is no field of the policy", path)
		}
		o.context = append(o.context, newMention(i, p.policy.Fields[i].Treatment))
	}
	return o, nil
}

func newMention(field int, t policy.Treatment) mention {
	m := mention{field: field, form: policy.TextForm, label: redacted}
	switch t := t.(type) {
	case policy.Card:
		m.form, m.label = policy.DigitsForm, label(string(detect.Card))
	case policy.Token:
		m.form = t.Form()
		switch m.form {
		case policy.NameForm, policy.PhoneForm, policy.EmailForm:
			m.label = label(string(m.form))
		case policy.DigitsForm:
			m.label = label(string(detect.Card))
		}
	}
	return m
}

func label(class string) string { return "[" + strings.ToUpper(class) + "]" }

func classLabel(c detect.Class) string { return label(string(c)) }

func (scrub) perValue() bool { return false }

func (scrub) room(_, size int) int { return size }

// passage is a part of the text to be taken out.
type passage struct {
	start, end int
	label      string
}

func (o scrub) rewrite(s *scratch, f *frame, row int, dst, value []byte) ([]byte, error) {
	s.spans = o.set.Find(s.spans[:0], value)
	found := s.search.found[:0]
	for _, sp := range s.spans {
		found = append(found, passage{sp.Start, sp.End, classLabel(sp.Class)})
	}
	if len(o.context) > 0 {
		s.search.open(value)
		for _, m := range o.context {
			view := f.context(m.field)
			if view == nil {
				continue
			}
			own, ok, err := view.at(row)
			if err != nil {
				return dst, err
			}
			if ok && len(own) > 0 {
				found = s.search.mentions(found, m, own, s.canonical)
			}
		}
	}
	s.search.found = found
	if len(found) == 0 {
		return append(dst, value...), nil
	}
	s.row = cut(s.row[:0], value, found)
	// What is left around a passage can be a finding of its own.
	return o.set.Replace(dst, s.row, classLabel), nil
}

// cut appends value with the passages replaced. Passages that overlap become one, with the label of the longest.
func cut(dst, value []byte, found []passage) []byte {
	slices.SortFunc(found, func(a, b passage) int {
		return cmp.Or(a.start-b.start, b.end-a.end, strings.Compare(a.label, b.label))
	})
	at := 0
	for i := 0; i < len(found); {
		whole, longest := found[i], found[i].end-found[i].start
		for i++; i < len(found) && found[i].start < whole.end; i++ {
			if n := found[i].end - found[i].start; n > longest {
				longest, whole.label = n, found[i].label
			}
			whole.end = max(whole.end, found[i].end)
		}
		dst = append(dst, value[at:whole.start]...)
		dst = append(dst, whole.label...)
		at = whole.end
	}
	return append(dst, value[at:]...)
}
