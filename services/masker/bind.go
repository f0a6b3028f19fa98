package masker

import (
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// binding is a plan met with the columns of one source.
type binding struct {
	plan   *Plan
	root   *branch
	leaves []leaf
	empty  bool // the source has no columns at all, as a JSON Lines file without rows
	source *arrow.Schema
	schema *arrow.Schema
	silent []string // columns whose minimum and maximum must not be in the file

	unnamed, suspect []string // columns and members that the policy does not name

	// owner is whose the rows are, where the object is of one tenant and the source has no column that says so.
	owner string
}

// leaf is a value of the source, and what masks it.
type leaf struct {
	field    int // of the plan, -1 for one that the policy does not name
	path     string
	operator operator // nil for a dropped one, which others may look at
}

// maxNamed is how many columns a rejection names.
const maxNamed = 10

// bind finds the source's columns. The error is a *fault when the source does not fit the policy. tenant is the one that
// the object is of, or "".
func (p *Plan) bind(s *arrow.Schema, tenant string) (*binding, error) {
	b := &binding{plan: p, source: s, empty: s.NumFields() == 0}
	tree := p.policy.Tree()
	b.root = &branch{leaf: -1}
	names := nameShower(s, tree)
	if err := b.object(b.root, tree, s.Fields(), names, ""); err != nil {
		return nil, err
	}
	for i := range p.fields {
		if p.fields[i].node == nil { // what the masker adds
			b.add(b.root, &branch{name: p.fields[i].Column(), source: -1, out: arrow.BinaryTypes.String}, i)
		}
	}
	if err := b.missing(tenant); err != nil {
		return nil, err
	}
	if err := b.refuse(known(s, tree)); err != nil {
		return nil, err
	}
	b.describe()
	return b, nil
}

// add makes m a member of the branch, a value of the plan's field.
func (b *binding) add(to, m *branch, field int) {
	m.leaf = len(b.leaves)
	f := b.plan.fields[field]
	b.leaves = append(b.leaves, leaf{field: field, path: f.Path, operator: f.operator})
	to.members = append(to.members, m)
}

// object binds the members of a node to those of the source's object.
func (b *binding) object(to *branch, n *policy.Node, members []arrow.Field, show func(string, int) string, prefix string) error {
	used := make([]bool, len(members))
	for _, m := range n.Members {
		at, err := find(members, m, prefix)
		if err != nil {
			return err
		}
		child := &branch{name: m.Name, source: at, lists: m.Lists, leaf: -1}
		var in arrow.DataType
		if at >= 0 {
			used[at], in = true, members[at].Type
		}
		if err := b.member(to, child, m, in, prefix); err != nil {
			return err
		}
	}
	for i, f := range members {
		if !used[i] {
			shown := show(f.Name, i)
			if b.plan.opinions.Value(f.Name) {
				shown = position(i)
			}
			if err := b.unknown(to, i, f, prefix+shown); err != nil {
				return err
			}
		}
	}
	return nil
}

// find is the place of a member among those of an object, by its name or one of its aliases, or -1.
func find(members []arrow.Field, n *policy.Node, prefix string) (int, error) {
	at := -1
	for i, f := range members {
		if f.Name != n.Name && !slices.Contains(n.Aliases, f.Name) {
			continue
		}
		if at >= 0 {
			return -1, faultf(ClassDuplicate, prefix+n.Name, -1, "the column is there more than once, by its path or an alias")
		}
		at = i
	}
	return at, nil
}

// member binds one node to the source's type, which is nil when the source has no such member.
func (b *binding) member(to, child *branch, n *policy.Node, in arrow.DataType, prefix string) error {
	path := prefix + (policy.Path{{Name: n.Name}}).String() + strings.Repeat("[]", n.Lists)
	if n.Leaf() {
		field := b.plan.fieldOf(n)
		b.add(to, child, field)
		return b.value(child, b.plan.fields[field], in)
	}
	to.members = append(to.members, child)
	inner, lists := inside(in, n.Lists)
	if in != nil && lists < n.Lists {
		return shape(path, in, "a list of objects")
	}
	var members []arrow.Field
	if inner != nil {
		object, ok := inner.(*arrow.StructType)
		switch {
		case !ok && inner.ID() == arrow.LIST:
			return shape(path, in, "an object: write "+path+"[]")
		case !ok:
			return shape(path, in, "an object")
		}
		members = object.Fields()
	}
	before := len(b.unnamed) + len(b.suspect)
	if err := b.object(child, n, members, columnar.ShowName, path+"."); err != nil {
		return err
	}
	child.finish(in, len(members), before != len(b.unnamed)+len(b.suspect))
	return nil
}

// finish settles what an object is in the masked one.
func (c *branch) finish(in arrow.DataType, members int, changed bool) {
	var out []arrow.Field
	c.same = in != nil && !changed
	for i, m := range c.members {
		if m.out != nil {
			out = append(out, arrow.Field{Name: m.name, Type: m.out, Nullable: true})
		}
		c.same = c.same && m.same && m.source == i
	}
	c.same = c.same && members == len(c.members) && members == len(out)
	if len(out) == 0 {
		c.out, c.same = nil, false
		return
	}
	c.out = arrow.StructOf(out...)
	for range c.lists {
		c.out = arrow.ListOf(c.out)
	}
	c.same = c.same && arrow.TypeEqual(c.out, in)
}

// value settles what becomes of a value.
func (b *binding) value(c *branch, f planned, in arrow.DataType) error {
	if f.operator == nil {
		_, c.lists = inside(in, c.lists) // others may still look at it
		return nil
	}
	if in == nil {
		if in = sourceType(f); in.ID() == arrow.EXTENSION {
			in = arrow.BinaryTypes.String
		}
		for range c.lists {
			in = arrow.ListOf(in)
		}
	}
	inner, lists := inside(in, c.lists)
	whole := takesAny(f.operator) && (lists < c.lists || nested(inner))
	switch {
	case whole:
		inner, c.lists = in, 0
	case lists < c.lists:
		return shape(f.Path, in, "a list")
	}
	if !whole && nested(inner) && !takesNested(f.operator) {
		switch inner.(type) {
		case *arrow.ListType:
			return faultf(ClassWrongType, f.Path, -1, "the value is a list in the source: write the path as %s[]", f.Path)
		case *arrow.MapType:
			return faultf(ClassWrongType, f.Path, -1, "the value is an open map in the source: give it the treatment map, or drop it")
		default:
			return faultf(ClassWrongType, f.Path, -1, "the value is an object in the source: name its members, or drop it")
		}
	}
	if !conforms(f.Type, inner) {
		return faultf(ClassWrongType, f.Path, -1, "the column is %s, the policy says %s", inner.Name(), f.Type)
	}
	out, ok := f.operator.output(inner)
	if !ok {
		if _, several := f.operator.(choice); several {
			return faultf(ClassWrongType, f.Path, -1, "the treatments of the field do not all work on a column of %s, or make different types of it", inner.Name())
		}
		return faultf(ClassWrongType, f.Path, -1, "the treatment %s does not work on a column of %s", f.Treatment.Name(), inner.Name())
	}
	_, kept := f.operator.(keep)
	for range c.lists {
		out = arrow.ListOf(out)
	}
	c.out, c.same = out, kept && c.source >= 0 && arrow.TypeEqual(out, in)
	return nil
}

// inside is the type of what so many lists hold, and how many of them the source's type has. The type may be nil.
func inside(t arrow.DataType, lists int) (arrow.DataType, int) {
	for i := range lists {
		list, ok := t.(*arrow.ListType)
		if !ok {
			return t, i
		}
		t = list.Elem()
	}
	return t, lists
}

func shape(path string, in arrow.DataType, want string) *fault {
	is := "a " + in.Name()
	switch in.(type) {
	case *arrow.ListType:
		is = "a list"
	case *arrow.StructType:
		is = "an object"
	case *arrow.MapType:
		is = "an open map"
	}
	return faultf(ClassWrongType, path, -1, "is %s in the source, and %s by the policy's path", is, want)
}

// missing refuses a source without the columns that rows cannot do without. That of the tenant they can do without in an
// object of one tenant, as files in a folder of a partition have no column for it.
func (b *binding) missing(tenant string) error {
	if b.empty {
		return nil
	}
	for _, m := range b.root.members {
		if m.leaf < 0 || m.source >= 0 {
			continue
		}
		field := b.leaves[m.leaf].field
		if tenant != "" && field == b.plan.tenant && len(b.plan.resolve) == 0 && sourceType(b.plan.fields[field]).ID() == arrow.STRING {
			b.owner = tenant
			continue
		}
		if err := b.plan.absent(field); err != nil {
			return err
		}
	}
	return nil
}

// columnHint is what is wrong most often where a column is not found.
const columnHint = "is it spelt like this in the source? CSV: is source.csv.delimiter right? JSON: are the records at the top of the file?"

// absent refuses a source without the field where rows cannot do without it.
func (p *Plan) absent(field int) error {
	path := p.fields[field].Path
	if slices.Contains(p.key, field) {
		return faultf(ClassMissingField, path, -1, "the key column is not in the object: "+columnHint)
	}
	if field == p.tenant && p.policy.Tenant.Required && len(p.resolve) == 0 {
		return faultf(ClassMissingField, path, -1, "the tenant column is not in the object: "+columnHint)
	}
	return nil
}

// nameShower shows names of columns that the policy does not know. If it knows not one, this may be a CSV file without
// a header, and its names a row.
func nameShower(s *arrow.Schema, tree *policy.Node) func(string, int) string {
	if known(s, tree) {
		return columnar.ShowName
	}
	return func(_ string, i int) string { return position(i) }
}

// position stands for the name of a column that may be a value.
func position(i int) string { return "at position " + strconv.Itoa(i+1) }

// known reports that the policy knows a column of the source by its name.
func known(s *arrow.Schema, tree *policy.Node) bool {
	for _, m := range tree.Members {
		if slices.ContainsFunc(append([]string{m.Name}, m.Aliases...), s.HasField) {
			return true
		}
	}
	return false
}

// describe lays out the columns of the masked object: the policy's in order, then what is passed.
func (b *binding) describe() {
	var out []arrow.Field
	members := b.root.members[:0]
	var passed []*branch
	for _, m := range b.root.members {
		if m.leaf >= 0 && b.leaves[m.leaf].field < 0 {
			passed = append(passed, m)
		} else {
			members = append(members, m)
		}
	}
	b.root.members = append(members, passed...)
	for _, m := range b.root.members {
		if m.out == nil {
			continue
		}
		if !b.clear(m) {
			b.silent = append(b.silent, m.name)
		}
		out = append(out, arrow.Field{Name: m.name, Type: m.out, Nullable: true})
	}
	b.schema = arrow.NewSchema(out, nil)
}

// clear reports that everything in the branch is kept as the policy says, so that its minimum and maximum may show.
func (b *binding) clear(m *branch) bool {
	if m.leaf >= 0 {
		l := b.leaves[m.leaf]
		_, kept := l.operator.(keep)
		return kept && l.field >= 0
	}
	return !slices.ContainsFunc(m.members, func(c *branch) bool { return c.out != nil && !b.clear(c) })
}
