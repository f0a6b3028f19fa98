package drift

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
)

// Source is what a policy is compared with: the columns of a file, or of a schema that was fetched before there is one.
type Source struct {
	Columns []survey.Column
	// Typed says that types are the source's own, as in Parquet and in fetched schemas.
	Typed bool
	// Sparse says that an absent field proves nothing, as in JSON, where records name what they have.
	Sparse bool
}

// Of is the source that a survey saw.
func Of(s *survey.Survey) Source {
	return Source{Columns: s.Columns, Typed: s.Format == columnar.FormatParquet, Sparse: s.Format == columnar.FormatJSONL}
}

// Compare lists the fields in which the source differs from the policy, in the source's order and the vanished ones
// behind. Of a sparse source vanished fields are listed only where rows cannot do without them.
func Compare(p *policy.Policy, s Source, by *classify.Classifier) []Field {
	c := &comparison{policy: p, source: s, by: by, seen: map[*policy.Node]bool{}, positions: map[string]int{}}
	c.known = slices.ContainsFunc(s.Columns, func(col survey.Column) bool { return find(p.Tree(), col.Path[0].Name) != nil })
	told := map[string]bool{}
	var fields []Field
	for _, col := range s.Columns {
		f, at, drifted := c.column(col)
		if !drifted || told[f.Path] {
			continue
		}
		told[f.Path] = true
		fields = append(fields, f)
		c.parents = append(c.parents, at)
	}
	return c.rename(fields)
}

type comparison struct {
	policy    *policy.Policy
	source    Source
	by        *classify.Classifier
	known     bool // the policy names at least one column of the record
	seen      map[*policy.Node]bool
	parents   []*policy.Node // of the fields found, the object of the policy that an unknown one is in
	positions map[string]int // of names that must not show, by the object around them and the name
}

// Named reports that the policy names the field at a path, or something at or below it.
func Named(p *policy.Policy, path string) bool {
	steps, err := policy.ParsePath(path)
	at := p.Tree()
	for _, s := range steps {
		if s.List {
			continue
		}
		if at != p.Tree() && at.Leaf() {
			return true
		}
		if at = find(at, s.Name); at == nil {
			return false
		}
	}
	return err == nil
}

// find is the member of that name or alias, nil for none.
func find(n *policy.Node, name string) *policy.Node {
	for _, m := range n.Members {
		if m.Name == name || slices.Contains(m.Aliases, name) {
			return m
		}
	}
	return nil
}

// column compares one place of values. at is the object of the policy in which an unknown one lies.
func (c *comparison) column(col survey.Column) (f Field, at *policy.Node, drifted bool) {
	at = c.policy.Tree()
	for i := 0; i < len(col.Path); {
		if i > 0 && at.Leaf() {
			c.seen[at] = true
			return c.retyped(col, i, "an object", at)
		}
		m := find(at, col.Path[i].Name)
		if m == nil {
			return c.unknown(col, i), at, true
		}
		lists := 0
		for i++; i < len(col.Path) && col.Path[i].List; i++ {
			lists++
		}
		if at = m; lists != m.Lists && (!c.empty(col) || i < len(col.Path)) {
			c.markSeen(m)
			is := "a single value"
			if lists > 0 {
				is = "a list"
			}
			return c.retyped(col, i, is, m)
		}
	}
	switch {
	case !at.Leaf():
		c.markSeen(at)
		if col.Whole || c.empty(col) {
			return Field{}, at, false
		}
		return c.retyped(col, len(col.Path), "a single value", at)
	case col.Whole && col.Type != "object":
		c.seen[at] = true
		return c.retyped(col, len(col.Path), "an object", at)
	}
	c.seen[at] = true
	if want := at.Fields[len(at.Fields)-1].Type; c.source.Typed && want != (policy.Type{}) && !conforms(want, col.Type) {
		return c.retyped(col, len(col.Path), col.Type, at)
	}
	if want := at.Fields[len(at.Fields)-1].Type; !c.source.Typed && col.Sample != nil && col.Sample.Fit(string(want.Kind)) < 0.5 {
		f = c.field(col, len(col.Path), Retyped)
		f.Policy, f.Waits = want.String(), true
		if f.Type = col.Sample.Fits(); f.Type == "" {
			f.Type = "string"
		}
		return f, at, true
	}
	return Field{}, at, false
}

// empty reports a column that could have any type: it has no value.
func (c *comparison) empty(col survey.Column) bool {
	return !c.source.Typed && col.Sample != nil && col.Sample.Values() == 0
}

func (c *comparison) markSeen(n *policy.Node) {
	c.seen[n] = true
	for _, m := range n.Members {
		c.markSeen(m)
	}
}

// retyped is a field of another type or shape. Texts of JSON files may hold JSON themselves, so of those the reader alone
// can say what is wrong; and some treatments take whatever there is.
func (c *comparison) retyped(col survey.Column, steps int, is string, n *policy.Node) (Field, *policy.Node, bool) {
	if !c.source.Typed || takesAny(n) {
		return Field{}, n, false
	}
	f := c.field(col, steps, Retyped)
	f.Type, f.Waits = is, true
	var none policy.Type
	switch {
	case !n.Leaf():
		f.Policy = "an object"
	case n.Fields[len(n.Fields)-1].Type != none:
		f.Policy = n.Fields[len(n.Fields)-1].Type.String()
	default:
		f.Policy = "a single value"
	}
	if n.Lists > 0 {
		f.Policy += strings.Repeat(" in a list", n.Lists)
	}
	return f, n, true
}

func takesAny(n *policy.Node) bool {
	for _, f := range n.Fields {
		switch f.Treatment.(type) {
		case policy.Map, policy.JSON, policy.Drop, policy.Null, policy.Redact:
		default:
			return false
		}
	}
	return n.Leaf()
}

func conforms(want policy.Type, is string) bool {
	return string(want.Kind) == is || want.Kind == policy.String && is == "bytes"
}

// unknown is a field that the policy does not name from the step at first on. Names below it that may be data are not told.
func (c *comparison) unknown(col survey.Column, first int) Field {
	steps := len(col.Path)
	for i := first + 1; i < len(col.Path); i++ {
		if !col.Path[i].List && !survey.Plain(col.Path[i].Name) {
			steps, col.Whole, col.Type = i, true, "map"
			break
		}
	}
	f := c.field(col, steps, Unknown)
	name, _ := survey.Names(col.Path[:steps])
	o := col.Judge(c.by)
	looks := c.policy.Looks(name)
	if looks == policy.LooksLikeOwn && (o.Class.Harmless() || o.Class == classify.Unsure || o.Class == classify.Empty) {
		o = classify.Opinion{Class: classify.Unsure, Confidence: 0.7, Reason: classify.TreatedByPolicy, Inside: o.Inside}
	}
	f.Opinion = &o
	switch c.policy.Unknown {
	case policy.QuarantineUnknown:
		f.Waits = true
	case policy.PassUnknown:
		_, found := o.Class.Detected()
		suspect := looks != "" || found || len(o.Inside) > 0 || f.Hidden
		f.Waits = suspect && c.policy.Suspect == policy.QuarantineSuspect || c.source.Typed && (col.Whole || len(col.Path)-first > 1)
	}
	return f
}

// field is the field that the first steps of a column lead to.
func (c *comparison) field(col survey.Column, steps int, kind Kind) Field {
	f := Field{Kind: kind, Type: col.Type, Whole: col.Whole}
	for i, s := range col.Path[:steps] {
		if !s.List && (columnar.LooksLikeValue(s.Name) || c.by.Value(s.Name) || i == 0 && !c.known) {
			f.Path, f.Hidden = c.hidden(col.Path[:i], s.Name), true
			return f
		}
	}
	f.Path = col.Path[:steps].String()
	return f
}

// hidden is the path of a member whose name must not show: by its position.
func (c *comparison) hidden(around policy.Path, name string) string {
	at := around.String()
	n, ok := c.positions[at+"\x00"+name]
	if !ok {
		seen := map[string]bool{}
		for _, col := range c.source.Columns {
			if len(col.Path) > len(around) && slices.Equal(col.Path[:len(around)], around) {
				if own := col.Path[len(around)].Name; !seen[own] {
					seen[own] = true
					c.positions[at+"\x00"+own] = len(seen)
				}
			}
		}
		n = c.positions[at+"\x00"+name]
	}
	if at != "" {
		at += " "
	}
	return at + "at position " + strconv.Itoa(n)
}

// gone is a field of the policy that the source does not have.
type gone struct {
	Field
	node, parent *policy.Node
	path         policy.Path
}

// missing lists the values of the policy that were not seen.
func (c *comparison) missing(n *policy.Node, around policy.Path) []gone {
	var out []gone
	for _, m := range n.Members {
		path := append(around[:len(around):len(around)], policy.Step{Name: m.Name})
		for range m.Lists {
			path = append(path, policy.Step{List: true})
		}
		if !m.Leaf() {
			out = append(out, c.missing(m, path)...)
			continue
		}
		if c.seen[m] {
			continue
		}
		f := Field{Path: path.String(), Kind: Vanished, Policy: m.Fields[len(m.Fields)-1].Type.String()}
		f.Waits = len(around) == 0 && c.needed(f.Path)
		out = append(out, gone{f, m, n, path})
	}
	return out
}

// needed reports a column that rows cannot do without.
func (c *comparison) needed(path string) bool {
	t := c.policy.Tenant
	return slices.Contains(c.policy.Key, path) || t != nil && t.Required && len(t.Paths) == 0 && t.Path == path
}
