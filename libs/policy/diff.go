package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Change is one difference between two versions of a policy.
type Change struct {
	Path string `json:"path,omitempty"` // of the field; empty for the policy as a whole
	What string `json:"what"`           // "added", "removed", "treatment", or the key in the YAML, such as "unknown"
	Old  string `json:"old,omitempty"`  // as a policy writes it, in one line; empty for what was not there
	New  string `json:"new,omitempty"`
	// Exposes says that more of the source's values may be seen than before. It is false only where that is certain.
	Exposes bool `json:"exposes"`
	// Breaks says that rows masked before do not join rows masked after it: the same value looks different.
	Breaks bool `json:"breaks"`
	// Masks says that the change has a part in what is done, and so in the digest. Only examples have none.
	Masks bool `json:"masks"`
}

// String is "phoneNumber: treatment: token: {domain: phone} -> keep: true (exposes more, breaks joins)".
func (c Change) String() string {
	var b strings.Builder
	if c.Path != "" {
		b.WriteString(c.Path + ": ")
	}
	b.WriteString(c.What)
	switch {
	case c.Old+c.New == "":
	case c.What == "added" || c.What == "removed":
		b.WriteString(": " + c.Old + c.New)
	default:
		b.WriteString(": " + cmp.Or(c.Old, "none") + " -> " + cmp.Or(c.New, "none"))
	}
	var notes []string
	if c.Exposes {
		notes = append(notes, "exposes more")
	}
	if c.Breaks {
		notes = append(notes, "breaks joins")
	}
	if !c.Masks {
		notes = append(notes, "no other output")
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// Diff says what changes from one version of an entity's policy to another: first what concerns the whole, then the
// fields in the order of the new version, and last those that it has no more. Equal digests differ in examples alone.
func Diff(from, to *Policy) []Change {
	d := &differ{from: from, to: to}
	d.top()
	d.tenant()
	d.fields()
	return d.changes
}

type differ struct {
	from, to *Policy
	changes  []Change
}

func (d *differ) add(c Change) {
	c.Masks = c.What != "examples"
	d.changes = append(d.changes, c)
}

// text adds a change of a value at the top.
func (d *differ) text(what, from, to string, exposes, breaks bool) {
	if from != to {
		d.add(Change{What: what, Old: from, New: to, Exposes: exposes, Breaks: breaks})
	}
}

func (d *differ) top() {
	from, to := d.from, d.to
	d.text("metadata.name", scalarText(from.Name), scalarText(to.Name), false, false)
	d.text("metadata.version", strconv.Itoa(from.Version), strconv.Itoa(to.Version), false, false)
	d.text("entity", from.Entity, to.Entity, false, false)
	d.text("key", listText(from.Key), listText(to.Key), false, true)
	// Texts have numbers without a country code, which are found by the region alone.
	d.text("region", from.Region, to.Region, uses(to, func(t Treatment) bool { _, ok := t.(Scrub); return ok }),
		uses(to, func(t Treatment) bool { k, ok := t.(Token); return ok && k.Form() == PhoneForm || k.Format == Auto }))
	d.text("unknown", string(from.Unknown), string(to.Unknown), to.Unknown == PassUnknown, false)
	d.text("suspect", string(from.Suspect), string(to.Suspect), openness(to.Suspect) > openness(from.Suspect), false)
	d.text("rejectRow", string(from.RejectRow), string(to.RejectRow), false, false)
	d.text("duplicates", string(from.Duplicates), string(to.Duplicates), false, false)
	d.text("newestBy", from.NewestBy, to.NewestBy, false, false)
	fromColumns, fromK := from.Quasi.text()
	toColumns, toK := to.Quasi.text()
	// Fewer columns, or fewer rows that must be alike, let rows pass that were refused.
	d.text("quasi.columns", fromColumns, toColumns, from.Quasi != nil, false)
	d.text("quasi.k", fromK, toK, from.Quasi != nil && (to.Quasi == nil || to.Quasi.K < from.Quasi.K), false)
	// Without a header, or with one more, columns are other fields than before.
	d.text("source.csv", describeCSV(from.CSV), describeCSV(to.CSV), from.CSV.Header != to.CSV.Header, false)
	fromDialects, toDialects := describeDialects(from.Dialects), describeDialects(to.Dialects)
	headerless := func(d Dialect) bool { return !d.Header }
	d.text("source.dialects", fromDialects, toDialects, slices.ContainsFunc(slices.Concat(from.Dialects, to.Dialects), headerless), false)
}

func openness(s Suspect) int {
	return slices.Index([]Suspect{QuarantineSuspect, MaskSuspect, PassSuspect}, s)
}

func uses(p *Policy, is func(Treatment) bool) bool {
	for _, f := range p.Fields {
		for t := range f.Treatments() {
			if is(t) {
				return true
			}
		}
	}
	return false
}

func (d *differ) tenant() {
	from, to := Tenant{}, Tenant{}
	if d.from.Tenant != nil {
		from = *d.from.Tenant
	}
	if d.to.Tenant != nil {
		to = *d.to.Tenant
	}
	// Tokens are of a tenant: with another column, the same value has others.
	d.text("tenant.path", from.Path, to.Path, false, true)
	d.text("tenant.paths", refsText(from.Paths), refsText(to.Paths), false, true)
	d.text("tenant.required", strconv.FormatBool(from.Required), strconv.FormatBool(to.Required), false, false)
	d.text("tenant.known", listText(from.Known), listText(to.Known), false, false)
}

// fields compares the fields by their paths.
func (d *differ) fields() {
	from, to := byPath(d.from.Fields), byPath(d.to.Fields)
	var before, after []string // the paths that both have
	for _, path := range paths(d.to.Fields) {
		group, known := from[path]
		if !known {
			d.added(to[path])
			continue
		}
		after = append(after, path)
		d.group(group, to[path])
	}
	for _, path := range paths(d.from.Fields) {
		if _, kept := to[path]; kept {
			before = append(before, path)
		} else {
			d.removed(from[path])
		}
	}
	if !slices.Equal(before, after) {
		d.add(Change{What: "order of fields"})
	}
}

func byPath(fields []Field) map[string][]Field {
	out := make(map[string][]Field, len(fields))
	for _, f := range fields {
		out[f.Path] = append(out[f.Path], f)
	}
	return out
}

// paths are the paths of fields in order, each once.
func paths(fields []Field) []string {
	var out []string
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if !seen[f.Path] {
			seen[f.Path] = true
			out = append(out, f.Path)
		}
	}
	return out
}

// added is about a field that was an unknown one before.
func (d *differ) added(group []Field) {
	exposes := d.from.Unknown != PassUnknown && slices.ContainsFunc(group, func(f Field) bool { return exposes(Drop{}, f.Treatment) })
	d.add(Change{Path: group[0].Path, What: "added", New: describeGroup(group), Exposes: exposes})
}

// removed is about a field that is an unknown one from now on.
func (d *differ) removed(group []Field) {
	exposes := d.to.Unknown == PassUnknown && slices.ContainsFunc(group, func(f Field) bool { return exposes(f.Treatment, Keep{}) })
	breaks := slices.ContainsFunc(group, func(f Field) bool { return identity(f.Treatment) != "" })
	d.add(Change{Path: group[0].Path, What: "removed", Old: describeGroup(group), Exposes: exposes, Breaks: breaks})
}

// group compares the fields of one path.
func (d *differ) group(from, to []Field) {
	path := to[0].Path
	if sameConditions(from, to) {
		for i := range to {
			d.field(from[i], to[i])
		}
	} else {
		// Any value may have had any of the old treatments and get any of the new ones.
		c := Change{Path: path, What: "conditions", Old: describeGroup(from), New: describeGroup(to)}
		for _, f := range from {
			for _, t := range to {
				c.Exposes = c.Exposes || exposes(f.Treatment, t.Treatment)
				c.Breaks = c.Breaks || breaks(f.Treatment, t.Treatment)
			}
		}
		d.add(c)
		d.expected(path, from, to)
		d.examples(path, from, to)
	}
	if f, t := from[0].Type, to[0].Type; f != t {
		// Values of another type can have another text, and so other tokens.
		d.add(Change{Path: path, What: "type", Old: f.String(), New: t.String(), Breaks: slices.ContainsFunc(to, func(f Field) bool { return identity(f.Treatment) != "" })})
	}
	if f, t := listText(from[0].Aliases), listText(to[0].Aliases); f != t {
		c := Change{Path: path, What: "aliases", Old: f, New: t}
		if !includes(from[0].Aliases, to[0].Aliases) { // a column that was unknown before
			c.Exposes = d.from.Unknown != PassUnknown && slices.ContainsFunc(to, func(f Field) bool { return exposes(Drop{}, f.Treatment) })
		}
		if !includes(to[0].Aliases, from[0].Aliases) { // and one that is from now on
			c.Exposes = c.Exposes || d.to.Unknown == PassUnknown
		}
		d.add(c)
	}
}

func (d *differ) field(from, to Field) {
	if f, t := Describe(from.Treatment), Describe(to.Treatment); f != t {
		d.add(Change{Path: to.Path, What: "treatment", Old: f, New: t, Exposes: exposes(from.Treatment, to.Treatment), Breaks: breaks(from.Treatment, to.Treatment)})
	}
	d.expected(to.Path, []Field{from}, []Field{to})
	d.examples(to.Path, []Field{from}, []Field{to})
}

func (d *differ) expected(path string, from, to []Field) {
	var f, t, before []string
	for _, field := range from {
		f = append(f, describeExpect(field.Expect))
		if field.Expect != nil {
			before = append(before, field.Expect.Classes...)
		}
	}
	wider := false
	for _, field := range to {
		t = append(t, describeExpect(field.Expect))
		wider = wider || field.Expect != nil && !includes(before, field.Expect.Classes)
	}
	if old, now := strings.Join(f, "; "), strings.Join(t, "; "); old != now {
		d.add(Change{Path: path, What: "expect", Old: old, New: now, Exposes: wider})
	}
}

func (d *differ) examples(path string, from, to []Field) {
	if !slices.EqualFunc(from, to, func(f, t Field) bool { return slices.EqualFunc(f.Examples, t.Examples, sameExample) }) {
		d.add(Change{Path: path, What: "examples"})
	}
}

func sameExample(a, b Example) bool {
	return sameText(a.In, b.In) && sameText(a.Out, b.Out) &&
		slices.EqualFunc(a.With, b.With, func(a, b Value) bool { return a.Path == b.Path && sameText(a.Text, b.Text) })
}

func sameText(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

func sameConditions(from, to []Field) bool {
	return slices.EqualFunc(from, to, func(f, t Field) bool {
		return f.When == nil && t.When == nil ||
			f.When != nil && t.When != nil && f.When.Reference == t.When.Reference && slices.Equal(f.When.In, t.When.In)
	})
}

func describeGroup(group []Field) string {
	out := make([]string, len(group))
	for i, f := range group {
		out[i] = Describe(f.Treatment)
		if f.When != nil {
			out[i] = "when: " + describeWhen(f.When, inRecord) + ", " + out[i]
		}
	}
	return strings.Join(out, "; ")
}

func describeCSV(c CSV) string {
	quote := scalarText("none")
	if c.Quote != NoQuote {
		quote = scalarText(string(c.Quote))
	}
	f := flow{}.text("delimiter", string(c.Delimiter)).put("header", strconv.FormatBool(c.Header)).put("quote", quote)
	if c.Escape != 0 {
		f = f.text("escape", string(c.Escape))
	}
	f = f.texts(`"null"`, c.Null)
	if c.Encoding != "" {
		f = f.text("encoding", c.Encoding)
	}
	return f.String()
}

func describeDialects(all []Dialect) string {
	f := flow{}
	for _, d := range all {
		f = f.put(d.Name, describeCSV(d.CSV))
	}
	if len(f) == 0 {
		return ""
	}
	return f.String()
}

func listText(values []string) string {
	if len(values) == 0 {
		return ""
	}
	f := flow{}.texts("", values)
	return strings.TrimPrefix(f[0], ": ")
}

func refsText(refs []Reference) string {
	out := make([]string, len(refs))
	for i, ref := range refs {
		out[i] = ref.String()
	}
	return listText(out)
}
