package policy

import "slices"

// member is a name in the tree that paths make.
type member struct {
	line   int
	lists  int
	value  bool // fields end here
	object bool // paths go on
}

// edge is a member's name in the object at a path.
type edge struct{ object, name string }

// cover refuses paths that do not make a tree: one name in one object has one number of lists and is a value or an object,
// and no two fields are one value but those with conditions.
func (r *reader) cover(fields []Field) {
	members := map[edge]*member{}
	before := len(r.errs)
	for _, f := range fields {
		r.coverPath(members, f)
	}
	if len(r.errs) > before {
		return
	}
	aliases := map[edge]Field{}
	for _, f := range fields {
		for _, name := range f.Aliases {
			at := edge{f.steps.around().String(), name}
			if other, ok := members[at]; ok {
				r.failAt(f.line, "%q is covered twice, here as an alias and in line %d", name, other.line)
			} else if other, ok := aliases[at]; ok && other.Path != f.Path {
				r.failAt(f.line, "%q is covered twice, here as an alias and in line %d", name, other.line)
			}
			aliases[at] = f
		}
	}
}

// coverPath adds the members on one path. The top is a member too: a JSON text can be a list.
func (r *reader) coverPath(members map[edge]*member, f Field) {
	at, from := edge{}, 0
	for i := 0; i <= len(f.steps); i++ {
		if i < len(f.steps) && f.steps[i].List {
			continue
		}
		lists := i - from // all steps since the name
		last := i == len(f.steps)
		m := members[at]
		if m == nil {
			m = &member{line: f.line, lists: lists, value: last, object: !last}
			members[at] = m
		}
		shown := f.steps[:i].String()
		switch {
		case m.lists != lists:
			r.failAt(f.line, "%q has %d lists here and %d in line %d: a name has one number of lists in one object", shown, lists, m.lists, m.line)
			return
		case last && m.object:
			r.failAt(f.line, "%q is covered twice, here as a whole and by its members from line %d on", shown, m.line)
			return
		case !last && m.value:
			r.failAt(f.line, "%q is covered twice, here by a member and as a whole in line %d", shown, m.line)
			return
		case !last:
			at, from = edge{shown, f.steps[i].Name}, i+1
		}
	}
}

// unite checks the fields that share a path, and gives all of them the aliases and the type that one of them has.
func (r *reader) unite(fields []Field) {
	groups := make(map[string][]int, len(fields))
	for i, f := range fields {
		groups[f.Path] = append(groups[f.Path], i)
	}
	for i, f := range fields {
		if group := groups[f.Path]; group[0] == i {
			r.uniteGroup(fields, group)
		}
	}
}

func (r *reader) uniteGroup(fields []Field, group []int) {
	var kind Type
	var aliases []string
	for n, i := range group {
		f, last := fields[i], n == len(group)-1
		switch _, drop := f.Treatment.(Drop); {
		case last && f.When != nil:
			r.failAt(f.line, "field %q has conditions alone: add one without when behind it, for values that match none", f.Path)
		case !last && f.When == nil:
			r.failAt(fields[group[n+1]].line, "%q is covered twice, first in line %d: of fields with one path, all but the last need a condition (when)", f.Path, f.line)
		case drop && len(group) > 1:
			r.failAt(f.line, "field %q: drop has no condition, for a column is there or not: use null", f.Path)
		}
		switch {
		case f.Type == Type{}:
		case kind == Type{}:
			kind = f.Type
		case kind != f.Type:
			r.failAt(f.line, "field %q is %s here and %s above: give the type once", f.Path, f.Type, kind)
		}
		switch {
		case len(f.Aliases) == 0:
		case aliases == nil:
			aliases = f.Aliases
		case !slices.Equal(aliases, f.Aliases):
			r.failAt(f.line, "field %q has other aliases above: give them once", f.Path)
		}
	}
	for _, i := range group {
		fields[i].Type, fields[i].Aliases = kind, aliases
	}
}

// coverMap refuses keys of a map that are treated twice.
func (r *reader) coverMap(f Field, t Map) {
	lines := map[string]int{}
	for _, inner := range t.Fields {
		lines[inner.Path] = inner.line
	}
	for _, key := range t.Keep {
		if line, ok := lines[key]; ok {
			r.failAt(f.line, "map of %q: key %q is covered twice, in keep and in line %d", f.Path, key, line)
		}
	}
}
