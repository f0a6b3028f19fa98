package validator

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// leaf is a value of the file: a column, or a member of an object in one, however many lists there are around it. An open
// map is one value.
type leaf struct {
	column
	path   string       // as messages may show it
	node   *policy.Node // nil for one that the policy does not name
	parts  bool         // a map, whose keys and values are columns of Parquet of their own
	guards []guarded    // the treatments of a value that has several, nil where their conditions cannot be checked
}

// masked reports that the value must not show in statistics: what is not kept by name was never looked at by anybody.
func (l *leaf) masked() bool {
	if l.node == nil || len(l.node.Fields) != 1 {
		return true
	}
	_, keep := l.node.Fields[0].Treatment.(policy.Keep)
	return !keep
}

// place is where the file's schema has a leaf, or an object whose members are places.
type place struct {
	leaf    int // -1 for an object
	members []*place
}

// leaves are the values of a file.
type leaves struct {
	all     []leaf
	columns []*place // of the schema
	parquet []int    // the leaf that each column of Parquet belongs to
	detect  *detectors
	root    *policy.Node // of the policy
}

// findLeaves meets the file's schema with the policy's tree. p may be nil.
func findLeaves(s *arrow.Schema, p *policy.Policy, d *detectors) *leaves {
	l := &leaves{detect: d}
	root := &policy.Node{}
	if p != nil {
		root.Members = append(outputs(p), p.Tree().Members...)
	}
	l.root = root
	for i, f := range s.Fields() {
		l.columns = append(l.columns, l.grow(f.Type, member(root, f.Name), showMember(root, f.Name, i)))
	}
	return l
}

func member(n *policy.Node, name string) *policy.Node {
	if n == nil {
		return nil
	}
	return n.Member(name)
}

// showMember is the name of a member as messages may show it: the policy's own names whole, others only where they cannot
// be a value.
func showMember(n *policy.Node, name string, i int) string {
	if member(n, name) != nil {
		return policy.Path{{Name: name}}.String()
	}
	return columnar.ShowName(name, i)
}

// grow takes a type apart, down to its values.
func (l *leaves) grow(t arrow.DataType, n *policy.Node, path string) *place {
	switch t := t.(type) {
	case *arrow.ListType:
		return l.grow(t.Elem(), n, path+"[]")
	case *arrow.StructType:
		if n != nil && n.Leaf() {
			n = nil // an object where the policy has a value
		}
		at := &place{leaf: -1}
		for i, f := range t.Fields() {
			at.members = append(at.members, l.grow(f.Type, member(n, f.Name), path+"."+showMember(n, f.Name, i)))
		}
		return at
	}
	at := &place{leaf: len(l.all)}
	width := parquetColumns(t)
	for range width {
		l.parquet = append(l.parquet, at.leaf)
	}
	if n != nil && !n.Leaf() {
		n = nil // a value where the policy has an object
	}
	found := leaf{column: l.detect.of(n), path: path, node: n, parts: width > 1}
	if n != nil {
		found.guards = l.detect.guards(n, l.root)
	}
	l.all = append(l.all, found)
	return at
}

// parquetColumns is how many columns of Parquet a type is.
func parquetColumns(t arrow.DataType) int {
	nested, ok := t.(arrow.NestedType)
	if !ok {
		return 1
	}
	n := 0
	for _, f := range nested.Fields() {
		n += parquetColumns(f.Type)
	}
	return n
}

// outputs are the nodes that have a column in the masked object, in order. What a masker adds stands last.
func outputs(p *policy.Policy) []*policy.Node {
	var out []*policy.Node
	for _, m := range p.Tree().Members {
		if !m.Dropped() {
			out = append(out, m)
		}
	}
	if t := p.Tenant; t != nil && len(t.Paths) > 0 {
		kept := []policy.Field{{Treatment: policy.Keep{}}}
		out = append(out, &policy.Node{Name: p.TenantColumn(), Fields: kept}, &policy.Node{Name: p.TenantColumn() + policy.SourceSuffix, Fields: kept})
	}
	return out
}

// named reports whether an object's node names a member, be it to drop it or by an alias.
func named(n *policy.Node, name string) bool {
	return slices.ContainsFunc(n.Members, func(m *policy.Node) bool {
		return m.Name == name || slices.Contains(m.Aliases, name)
	})
}

// namedAnywhere reports whether the policy names a member like this somewhere.
func namedAnywhere(n *policy.Node, name string) bool {
	return named(n, name) || slices.ContainsFunc(n.Members, func(m *policy.Node) bool { return namedAnywhere(m, name) })
}
