package masker

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

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
	kind  mentionKind
	label string
}

// mentionKind is in which ways a value is looked for, beside as it stands.
type mentionKind uint8

const (
	plainMention mentionKind = iota // by its digits
	phoneMention                    // by its digits, with country and area code or without
	emailMention                    // in no other
	nameMention                     // by each of its words
)

var mentionKinds = map[policy.Form]mentionKind{policy.PhoneForm: phoneMention, policy.EmailForm: emailMention, policy.NameForm: nameMention}

// redacted stands for a passage that has no class.
const redacted = "[REDACTED]"

func (p *Plan) newScrub(t policy.Scrub) (scrub, error) {
	classes := make([]detect.Class, len(t.Detect))
	for i, c := range t.Detect {
		classes[i] = detect.Class(c)
	}
	set, err := detect.NewTextSet(p.policy.Region, classes...)
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
	form, label := policy.TextForm, redacted
	switch t := t.(type) {
	case policy.Card:
		form, label = policy.DigitsForm, labelOf(string(detect.Card))
	case policy.Fake:
		switch t.Kind {
		case policy.FakeName, policy.FakeFirstName, policy.FakeLastName:
			form, label = policy.NameForm, labelOf(string(policy.NameForm))
		}
	case policy.Token:
		form = t.Form()
		if t.Format == policy.Auto && form == policy.TextForm {
			form = policy.PhoneForm // which looks for texts as well
			break
		}
		switch form {
		case policy.NameForm, policy.PhoneForm, policy.EmailForm:
			label = labelOf(string(form))
		case policy.DigitsForm:
			label = labelOf(string(detect.Card))
		}
	}
	return mention{of, mentionKinds[form], label}
}

func labelOf(class string) string { return "[" + strings.ToUpper(class) + "]" }

var classLabels = func() map[detect.Class]string {
	labels := map[detect.Class]string{}
	for _, c := range detect.Classes() {
		labels[c] = labelOf(string(c))
	}
	return labels
}()

func classLabel(c detect.Class) string { return classLabels[c] }

func (scrub) perValue() bool { return false }

func (scrub) room(_, size int) int { return size }

func (o scrub) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	s.around.look(&o, at.frame)
	dst, changed, err := o.clean(s, at.record(), dst, value)
	if !changed {
		dst = append(dst, value...)
	}
	return dst, err
}

// column is the masked column of texts. Most of them stay as they are.
func (o scrub) column(s *scratch, c cells, in *array.String) (arrow.Array, error) {
	view := newTexts(in)
	out := newStretches(c.frame.mem, in, view.bytes)
	defer out.release()
	s.around.look(&o, c.frame)
	base := view.offsets[0]
	for slot := range c.level.slots {
		value, ok, err := view.at(slot)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			out.skip()
			continue
		}
		changed := false
		if len(value) > 0 {
			s.out, changed, err = o.clean(s, c.level.recordOf(slot), s.out[:0], value)
		}
		switch {
		case err != nil:
			if err = c.orNull(slot, err); err != nil {
				return nil, err
			}
			out.null()
		case changed:
			out.put(s.out)
		default:
			out.keep(int(view.offsets[slot]-base), int(view.offsets[slot+1]-base))
		}
	}
	return out.array()
}

// clean appends the masked form of a text of a record. It is false, and appends nothing, where the text stays as it is.
func (o *scrub) clean(s *scratch, record int, dst, value []byte) ([]byte, bool, error) {
	tally := detect.Count(value)
	found, err := o.find(s, record, s.search.found[:0], value, tally)
	if err == nil && tally.Signs > 0 && s.search.plain.read(value) {
		own := len(found)
		found, err = o.find(s, record, found, s.search.plain.bytes, detect.Count(s.search.plain.bytes))
		for i := own; i < len(found); i++ {
			found[i] = s.search.plain.passage(found[i])
		}
	}
	if err != nil {
		return dst, false, err
	}
	s.search.found = found
	if len(found) == 0 {
		return dst, false, nil
	}
	from := len(dst)
	dst, out := cut(dst, value, found)
	if !o.set.Possible(tally.Minus(out)) { // labels add nothing to it
		return dst, true, nil
	}
	// What is left around a passage can be a finding of its own.
	s.row = append(s.row[:0], dst[from:]...)
	return o.set.Replace(dst[:from], s.row, classLabel), true, nil
}

// find appends the passages of a text of a record.
func (o *scrub) find(s *scratch, record int, found []passage, text []byte, t detect.Tally) ([]passage, error) {
	if o.set.Possible(t) {
		s.spans = o.set.FindCounted(s.spans[:0], text, t)
		for _, sp := range s.spans {
			found = append(found, passage{sp.Start, sp.End, classLabel(sp.Class)})
		}
	}
	if len(o.context) == 0 {
		return found, nil
	}
	if err := o.charge(s, record, len(text)); err != nil {
		return found, err
	}
	s.search.open(text, t)
	for i := range s.around.columns {
		c := &s.around.columns[i]
		if c.view == nil {
			continue
		}
		from, to := c.slotsOf(record)
		for slot := from; slot < to; slot++ {
			own, ok, err := c.view.at(slot)
			if err != nil {
				return found, err
			}
			if ok && len(own) > 0 {
				found = s.search.mentions(found, c.mention, own, s.canonical)
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
func (o *scrub) charge(s *scratch, record, n int) error {
	known := &s.searched[o.number]
	if known.record != record {
		*known = searched{record: record}
	}
	values := 0
	for i := range s.around.columns {
		from, to := s.around.columns[i].slotsOf(record)
		values += to - from
	}
	if known.work += int64(values) * int64(searchCost+n); known.work > maxSearch {
		return faultf(ClassBadValue, "", -1, "the record has too many texts, and too many values that are to be looked for in each: "+
			"leave long lists out of scrub.context, or redact or drop the field")
	}
	return nil
}
