package validator

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/policy"
)

// guarded is one of a value's treatments with its condition, which the last has none of.
type guarded struct {
	path    string // of what the condition looks at
	in      []string
	treated treatment // nil for one that leaves no mark
}

// guards are the treatments of a value that has several, nil where the object does not hold what all the conditions look at
// as it was: kept, and no key of a map.
func (d *detectors) guards(n *policy.Node, root *policy.Node) []guarded {
	if len(n.Fields) < 2 {
		return nil
	}
	var all []guarded
	for _, f := range n.Fields {
		g := guarded{treated: d.treatmentOf(f.Treatment)}
		if f.When != nil {
			if f.When.Key != "" || !keptWhole(root, f.When.Path) {
				return nil
			}
			g.path, g.in = f.When.Path, f.When.In
		}
		all = append(all, g)
	}
	return all
}

// keptWhole reports a value with one treatment, keep.
func keptWhole(root *policy.Node, path string) bool {
	steps, err := policy.ParsePath(path)
	if err != nil {
		return false
	}
	n := root
	for _, s := range steps {
		if !s.List && n != nil {
			n = n.Member(s.Name)
		}
	}
	if n == nil || !n.Leaf() || len(n.Fields) != 1 {
		return false
	}
	_, keep := n.Fields[0].Treatment.(policy.Keep)
	return keep
}

// surroundings are the objects around the values that are looked at in a batch.
type surroundings struct {
	kept  map[string]view // by path
	outer [][]int32       // for each list around: the slot around it that an element lies in, -1 for none
}

// view is a kept value's column, and how many lists are around it.
type view struct {
	array arrow.Array
	lists int
}

// see notes the values that conditions on what an object holds can look at: its own, and those of objects in it.
func (s *surroundings) see(all []leaf, at *place, a arrow.Array) {
	if at.leaf < 0 {
		if object, ok := a.(*array.Struct); ok {
			for i, m := range at.members {
				s.see(all, m, object.Field(i))
			}
		}
		return
	}
	if n := all[at.leaf].node; n != nil && len(n.Fields) == 1 && n.Lists == 0 {
		s.kept[n.Fields[0].Path] = view{a, len(s.outer)}
	}
}

// enter goes into a list and tells how to get out again.
func (s *surroundings) enter(list *array.List) (leave func()) {
	outer := slices.Repeat([]int32{-1}, list.ListValues().Len())
	for slot := range list.Len() {
		from, to := list.ValueOffsets(slot)
		for i := from; i < to; i++ {
			outer[i] = int32(slot)
		}
	}
	s.outer = append(s.outer, outer)
	return func() { s.outer = s.outer[:len(s.outer)-1] }
}

// text is what stands at a path in the object around a slot; false for null and where nothing is known.
func (s *surroundings) text(scan *scan, path string, slot int) ([]byte, bool) {
	v, ok := s.kept[path]
	if !ok || v.lists > len(s.outer) {
		return nil, false
	}
	for i := len(s.outer) - 1; i >= v.lists; i-- {
		if slot = int(s.outer[i][slot]); slot < 0 {
			return nil, false
		}
	}
	text, ok, err := scan.textAt(v.array, slot)
	return text, ok && err == nil
}

// conditions counts the values that look as one of their treatments leaves them, and not as the one whose condition is met.
func (s *surroundings) conditions(scan *scan, guards []guarded, a arrow.Array) {
	if kindOf(a.DataType()) == nestedKind {
		return
	}
	for slot := range a.Len() {
		if a.IsNull(slot) {
			continue
		}
		i := slices.IndexFunc(guards, func(g guarded) bool {
			if g.path == "" {
				return true
			}
			text, ok := s.text(scan, g.path, slot)
			return ok && slices.Contains(g.in, string(text))
		})
		if guards[i].treated == nil {
			continue
		}
		text, ok, err := scan.textAt(a, slot)
		if ok && err == nil && (scan.treated == nil || scan.treated(text)) && !guards[i].treated(text) {
			scan.tally.untreated++
		}
	}
}
