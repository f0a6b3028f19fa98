package policy

import (
	"iter"
	"slices"
	"strings"
)

// check tests what no single field shows, and resolves what fields say of each other.
func (r *reader) check(p *Policy) {
	before := len(r.errs)
	r.checkFields(p.Fields)
	if len(r.errs) > before {
		return // references are of no use in what is no tree
	}
	r.link(p)
	r.checkKey(p)
	r.checkTenant(p)
	r.checkNewest(p)
	r.checkQuasi(p)
	r.checkScopes(p)
	r.checkShift(p)
	r.checkDomains(p)
	r.checkExpect(p)
}

// checkFields looks at the fields of the record or of a text, and at those inside them.
func (r *reader) checkFields(fields []Field) {
	r.unite(fields)
	r.cover(fields)
	for _, f := range fields {
		switch t := f.Treatment.(type) {
		case Map:
			r.unite(t.Fields)
			r.coverMap(f, t)
			for _, inner := range t.Fields {
				if j, ok := inner.Treatment.(JSON); ok {
					r.checkFields(j.Fields)
				}
			}
		case JSON:
			r.checkFields(t.Fields)
		}
	}
}

// Treatments yields the field's treatment and those inside it.
func (f Field) Treatments() iter.Seq[Treatment] {
	return func(yield func(Treatment) bool) { each(f.Treatment, yield) }
}

func each(t Treatment, yield func(Treatment) bool) bool {
	if !yield(t) {
		return false
	}
	var inside []Field
	switch t := t.(type) {
	case Map:
		if inside = t.Fields; !each(t.Default, yield) {
			return false
		}
	case JSON:
		inside = t.Fields
	}
	for _, f := range inside {
		if !each(f.Treatment, yield) {
			return false
		}
	}
	return true
}

// column finds the field of a column that identifies or orders rows: one value of the record itself, without conditions.
func (r *reader) column(p *Policy, line int, what, path string) (Field, bool) {
	f, ok := p.Field(path)
	switch {
	case !ok:
		r.failAt(line, "%s %q is no field of the policy", what, path)
	case !f.steps.plain():
		r.failAt(line, "%s %q lies inside the record: it must be a column of its own", what, path)
	case f.When != nil:
		r.failAt(f.line, "%s %q has conditions: rows need one treatment for it", what, path)
	default:
		return f, true
	}
	return Field{}, false
}

// checkKey refuses a key whose values would not stay distinct.
func (r *reader) checkKey(p *Policy) {
	for i, k := range p.Key {
		path, err := ParsePath(k)
		if err != nil {
			r.failAt(p.lines["key"], "key %q: %v", k, err)
			continue
		}
		p.Key[i] = path.String()
		f, ok := r.column(p, p.lines["key"], "key", p.Key[i])
		if !ok {
			continue
		}
		switch t := f.Treatment.(type) {
		case Keep:
		case Token:
			if bits := t.Bits(); bits > 0 && bits < safeBits {
				r.failAt(f.line, "key %q is a token of %d characters: two rows could get one identity, and one of them would be lost: leave token.length out", k, t.Length)
			}
			if form := t.Form(); form == DigitsForm || form == NameForm {
				r.failAt(f.line, "key %q is compared as %s: keys that differ in letters or their case would be one, and rows lost: use another domain, and the format text or uuid", k, form)
			}
		default:
			r.failAt(f.line, "key %q has the treatment %s: a key must be kept or tokenised, or rows lose their identity", k, f.Treatment.Name())
		}
	}
	for i, k := range p.Key {
		if slices.Contains(p.Key[:i], k) {
			r.failAt(p.lines["key"], "key names %q twice", k)
		}
	}
}

func (r *reader) checkTenant(p *Policy) {
	if p.Tenant == nil || p.Tenant.Path == "" {
		return
	}
	if len(p.Tenant.Paths) > 0 {
		r.checkMade(p)
		return
	}
	f, ok := r.column(p, p.lines["tenant"], "tenant.path", p.Tenant.Path)
	if !ok {
		return
	}
	if _, keep := f.Treatment.(Keep); !keep {
		r.failAt(f.line, "tenant column %q has the treatment %s: it must be kept, because rows are owned by it in the sandbox", f.Path, f.Treatment.Name())
	}
}

// checkMade refuses fields with the names of the columns that the masker makes.
func (r *reader) checkMade(p *Policy) {
	for _, f := range p.Fields {
		names := []string{f.Column()}
		if len(f.steps.around()) == 0 {
			names = append(names, f.Aliases...)
		}
		for _, made := range []string{p.Tenant.Path, p.Tenant.Path + SourceSuffix} {
			if slices.Contains(names, made) {
				r.failAt(f.line, "%q is the name of a column that tenant.as makes: give tenant.as another name", made)
			}
		}
	}
}

func (r *reader) checkNewest(p *Policy) {
	switch {
	case p.NewestBy == "":
	case p.Duplicates != NewestDuplicate:
		r.failAt(p.lines["newestBy"], "newestBy goes with duplicates: newest")
	default:
		path, err := ParsePath(p.NewestBy)
		if err != nil {
			r.failAt(p.lines["newestBy"], "newestBy %q: %v", p.NewestBy, err)
			return
		}
		p.NewestBy = path.String()
		r.column(p, p.lines["newestBy"], "newestBy", p.NewestBy)
	}
}

// checkScopes refuses treatments for which rows need an owner where they may have none.
func (r *reader) checkScopes(p *Policy) {
	if p.Tenant != nil && p.Tenant.Required {
		return
	}
	for _, f := range p.Fields {
		for t := range f.Treatments() {
			if k, ok := keyOf(t); ok && k.scope == TenantScope {
				r.failAt(f.line, "%s of %q has the scope tenant: give the policy a required tenant, or the treatment scope: environment", t.Name(), f.Path)
				break
			}
		}
	}
}

// checkShift refuses dates that are shifted by subject where a row without one has no key to stand for it, and dates of
// one subject that would not move alike.
func (r *reader) checkShift(p *Policy) {
	type first struct {
		path string
		max  int
	}
	by := map[Reference]first{}
	for _, f := range p.Fields {
		for t := range f.Treatments() {
			shift, ok := t.(Shift)
			if !ok {
				continue
			}
			if len(p.Key) == 0 {
				r.failAt(f.line, "date.shift of %q needs a key in the policy: a row without a subject is shifted by its key", f.Path)
				break
			}
			other, known := by[shift.By]
			if !known {
				by[shift.By] = first{f.Path, shift.Max}
			} else if other.max != shift.Max {
				r.failAt(f.line, "date.shift.max of %q is %dd and that of %q %dd: the time between the dates of one subject would not stay: give both one max",
					f.Path, shift.Max, other.path, other.max)
			}
		}
	}
}

// checkExpect asks for a word on values that detectors will take for real ones, because they are made to look so.
func (r *reader) checkExpect(p *Policy) {
	for _, f := range p.Fields {
		if f.Expect != nil {
			continue
		}
		for t := range f.Treatments() {
			if what, classes := looksReal(t); what != "" {
				r.failAt(f.line, `field %q: %s makes values that look like real ones, and the validator would refuse them: `+
					`add expect: {classes: [%s], why: "..."} with the classes that may appear, or use a token of format text`, f.Path, what, classes)
				break
			}
		}
	}
}

// looksReal names a treatment that makes digits which can be a phone number, a card or a social security number, and with
// letters an account number.
func looksReal(t Treatment) (what, classes string) {
	classes = "phone, card, ssn"
	switch t := t.(type) {
	case FPE:
		if strings.Trim(t.Alphabet, Alphabets["digits"]) != "" {
			classes += ", iban"
		}
		if strings.ContainsAny(t.Alphabet, Alphabets["digits"]) {
			return "fpe with digits", classes
		}
	case Token:
		if t.Format == Digits {
			return "a token of format digits", classes
		}
	}
	return "", ""
}
