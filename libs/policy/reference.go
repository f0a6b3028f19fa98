package policy

import "slices"

// String writes the reference as a policy does, from the top of the record.
func (r Reference) String() string {
	if r.Key == "" {
		return r.Path
	}
	p, err := ParsePath(r.Path)
	if err != nil {
		return r.Path
	}
	return p.join(Step{Name: r.Key}).String()
}

// scope is a set of fields in which references are looked up: those of the record, or of one JSON text. For each path it
// says what the field is if its values are no single ones, and "" if they are.
type scope map[string]string

const openMap = "an open map"

func newScope(fields []Field) scope {
	s := make(scope, len(fields))
	for _, f := range fields {
		switch f.Treatment.(type) {
		case Map:
			s[f.Path] = openMap
		case JSON:
			s[f.Path] = "a JSON text"
		default:
			s[f.Path] += ""
		}
	}
	return s
}

// at is the reference that a path from the top is, and otherwise why it is none; "" where no field has the path.
func (s scope) at(p Path) (ref Reference, reason string) {
	path := p.String()
	if kind, ok := s[path]; ok {
		if kind != "" {
			return Reference{}, "is the whole of " + kind + ", which is no single value"
		}
		return Reference{Path: path}, ""
	}
	if of, key, ok := p.key(); ok && s[of.String()] == openMap {
		return Reference{Path: of.String(), Key: key}, ""
	}
	return Reference{}, missing
}

const missing = "is no field of the policy"

// find looks a path up from the field at from: beside it, then in each object around it, and last from the top. With near,
// all lists of what it finds must be on the field's own way, so that there is one value for each of the field's.
func (s scope) find(p, from Path, near bool) (Reference, string) {
	reason := missing
	for base := from.around(); ; base = base.around() {
		whole := base.join(p...)
		ref, why := s.at(whole)
		switch {
		case why != "":
			if why != missing {
				reason = why
			}
		case near && !whole.onWay(from):
			reason = "lies in a list that the field is not in, so that there is no one value for each of the field's"
		case ref.Path == from.String() && !near:
			return Reference{}, "is the field itself"
		default:
			return ref, ""
		}
		if len(base) == 0 {
			return Reference{}, reason
		}
	}
}

// onWay reports that every list of p is one of q at the same place.
func (p Path) onWay(q Path) bool {
	last := -1
	for i, s := range p {
		if s.List {
			last = i
		}
	}
	return last < len(q) && slices.Equal(p[:last+1], q[:last+1])
}

// lookUp resolves a reference that is still as the policy writes it.
func (r *reader) lookUp(s scope, ref *Reference, f Field, near bool, what string) {
	p, err := ParsePath(ref.Path)
	if err != nil {
		return // told when it was read
	}
	found, reason := s.find(p, f.steps, near)
	if reason != "" {
		r.failAt(f.line, "%s of %q names %q, which %s", what, f.Path, ref.Path, reason)
		return
	}
	// The resolved path must lead to the same field, or a policy that is written out would say something else.
	whole, err := ParsePath(found.String())
	if again, _ := s.find(whole, f.steps, near); err != nil || again != found {
		r.failAt(f.line, "%s of %q names %q, which can be two fields of the policy: rename one", what, f.Path, ref.Path)
	}
	*ref = found
}

// link resolves what the fields of a policy refer to.
func (r *reader) link(p *Policy) {
	record := newScope(p.Fields)
	for i := range p.Fields {
		f := &p.Fields[i]
		r.linkWhen(record, f)
		f.Treatment = r.linkTreatment(f.Treatment, *f, *f, record, p.Unknown)
		for _, e := range f.Examples {
			seen := map[string]bool{}
			for j := range e.With {
				ref := Reference{Path: e.With[j].Path}
				r.lookUp(record, &ref, *f, false, "examples.with")
				e.With[j].Path = ref.String()
				if seen[e.With[j].Path] {
					r.failAt(e.Line, "examples.with names %q twice", e.With[j].Path)
				}
				seen[e.With[j].Path] = true
			}
		}
	}
	if p.Tenant == nil {
		return
	}
	for i, ref := range p.Tenant.Paths {
		path, _ := ParsePath(ref.Path)
		found, reason := record.at(path)
		switch {
		case reason != "":
			r.failAt(p.lines["tenant"], "tenant.paths names %q, which %s", ref.Path, reason)
		case slices.Contains(p.Tenant.Paths[:i], found):
			r.failAt(p.lines["tenant"], "tenant.paths names %q twice", ref.Path)
		}
		p.Tenant.Paths[i] = found
	}
}

func (r *reader) linkWhen(s scope, f *Field) {
	if f.When != nil {
		r.lookUp(s, &f.When.Reference, *f, true, "when")
	}
}

// linkTreatment resolves what a treatment refers to. It stands in the field own; in the record that is the field outer,
// and own lies in its map or text.
func (r *reader) linkTreatment(t Treatment, own, outer Field, record scope, unknown Unknown) Treatment {
	switch t := t.(type) {
	case Shift:
		r.lookUp(record, &t.By, outer, true, "date.shift.by")
		return t
	case Scrub:
		for i := range t.Context {
			r.lookUp(record, &t.Context[i], outer, false, "scrub.context")
			if slices.Contains(t.Context[:i], t.Context[i]) {
				r.failAt(own.line, "scrub.context of %q names %q twice", own.Path, t.Context[i])
			}
		}
		return t
	case Map:
		for i := range t.Fields {
			f := &t.Fields[i]
			if f.When != nil {
				f.When.Path = own.Path
			}
			f.Treatment = r.linkTreatment(f.Treatment, *f, outer, record, unknown)
		}
		t.Default = r.linkTreatment(t.Default, own, outer, record, unknown)
		return t
	case JSON:
		if t.Unknown == "" {
			t.Unknown = unknown
		}
		if t.Unknown == PassUnknown { // which is for whole columns alone
			t.Unknown = QuarantineUnknown
		}
		text := newScope(t.Fields)
		for i := range t.Fields {
			f := &t.Fields[i]
			r.linkWhen(text, f)
			f.Treatment = r.linkTreatment(f.Treatment, *f, outer, record, unknown)
		}
		return t
	}
	return t
}
