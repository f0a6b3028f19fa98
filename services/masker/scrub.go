package masker

import (
	"fmt"
	"strings"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

// scrub takes sensitive passages out of free text: what the detectors find, and the row's own values of other
// columns. A passage becomes its class in brackets, [PHONE].
type scrub struct {
	set     *detect.Set
	context []mention
	number  int // of those with a context in the plan
}

// mention is a column whose value is looked for in the text.
type mention struct {
	of    reference
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
	for _, c := range t.Context {
		ref, err := p.reference(c)
		if err != nil {
			return scrub{}, fmt.Errorf("scrub: context: %w", err)
		}
		o.context = append(o.context, newMention(ref, p.telling(ref)))
	}
	if len(o.context) > 0 {
		o.number = p.scrubs
		p.scrubs++
	}
	return o, nil
}

func newMention(of reference, t policy.Treatment) mention {
	m := mention{of: of, form: policy.TextForm, label: redacted}
	switch t := t.(type) {
	case policy.Card:
		m.form, m.label = policy.DigitsForm, label(string(detect.Card))
	case policy.Fake:
		switch t.Kind {
		case policy.FakeName, policy.FakeFirstName, policy.FakeLastName:
			m.form, m.label = policy.NameForm, label(string(policy.NameForm))
		}
	case policy.Token:
		m.form = t.Form()
		if t.Format == policy.Auto && m.form == policy.TextForm {
			m.form = policy.PhoneForm // which looks for texts as well
			break
		}
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

func (o scrub) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	found, err := o.find(s, at, s.search.found[:0], value)
	if err == nil && s.search.plain.read(value) {
		own := len(found)
		found, err = o.find(s, at, found, s.search.plain.bytes)
		for i := own; i < len(found); i++ {
			found[i] = s.search.plain.passage(found[i])
		}
	}
	if err != nil {
		return dst, err
	}
	s.search.found = found
	if len(found) == 0 {
		return append(dst, value...), nil
	}
	s.row = cut(s.row[:0], value, found)
	// What is left around a passage can be a finding of its own.
	return o.set.Replace(dst, s.row, classLabel), nil
}

// find appends the passages of a text at a place.
func (o scrub) find(s *scratch, at place, found []passage, text []byte) ([]passage, error) {
	s.spans = o.set.Find(s.spans[:0], text)
	for _, sp := range s.spans {
		found = append(found, passage{sp.Start, sp.End, classLabel(sp.Class)})
	}
	if len(o.context) == 0 {
		return found, nil
	}
	if err := o.charge(s, at, len(text)); err != nil {
		return found, err
	}
	s.search.open(text)
	for _, m := range o.context {
		for own, err := range at.frame.all(m.of, at.record()) {
			if err != nil {
				return found, err
			}
			if len(own) > 0 {
				found = s.search.mentions(found, m, own, s.canonical)
			}
		}
	}
	return found, nil
}

const (
	// maxSearch is how much one scrub may look for in one record, about ten seconds of work: every value of the context is
	// looked for in every text, and a record with long lists of both would keep a worker for days.
	maxSearch = 1 << 33
	// searchCost is what to look for a value in a text costs beside the text's bytes.
	searchCost = 256
)

// searched is what a scrub has looked for in a record.
type searched struct {
	record int
	work   int64
}

// charge counts that all values of the context are looked for in a text of n bytes. The count is the same however the
// file is divided into batches.
func (o scrub) charge(s *scratch, at place, n int) error {
	known := &s.searched[o.number]
	if record := at.record(); known.record != record {
		*known = searched{record: record}
	}
	for _, m := range o.context {
		from, to := at.frame.columns[m.of.field].level.slotsOf(at.record())
		known.work += int64(to-from) * int64(searchCost+n)
	}
	if known.work > maxSearch {
		return faultf(ClassBadValue, "", -1, "the record has too many texts, and too many values that are to be looked for in each: "+
			"leave long lists out of scrub.context, or redact or drop the field")
	}
	return nil
}
