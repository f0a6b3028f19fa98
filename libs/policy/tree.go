package policy

import "strings"

// Node is a place in the tree that the paths of a policy, or of one JSON text, make: an object with members, or a value
// with its treatments. Members stand in the order in which the policy first names them.
type Node struct {
	Name    string
	Aliases []string // other names of the same member
	Lists   int      // lists around each value or object: 1 for cc[], 2 for grid[][], 0 for none
	Members []*Node  // of an object; nil for a value
	// Fields are the treatments of a value. All but the last have a condition, the first that is met counts.
	Fields []Field
}

// Leaf reports a value, which has treatments and no members.
func (n *Node) Leaf() bool { return len(n.Members) == 0 }

// Member finds a member by its name, not by an alias.
func (n *Node) Member(name string) *Node {
	for _, m := range n.Members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Dropped reports that nothing of the node is in the output: a value that is dropped, or an object of such.
func (n *Node) Dropped() bool {
	if n.Leaf() {
		_, drop := n.first().(Drop)
		return drop
	}
	for _, m := range n.Members {
		if !m.Dropped() {
			return false
		}
	}
	return true
}

func (n *Node) first() Treatment {
	if len(n.Fields) == 0 { // the root of no fields
		return nil
	}
	return n.Fields[0].Treatment
}

// Tree is the policy's fields as a tree; its root is the record.
func (p *Policy) Tree() *Node { return p.tree }

// Tree is the fields as a tree; its root is the JSON text, a list if the paths begin with [].
func (j JSON) Tree() *Node { return grow(j.Fields) }

// grow makes the tree of fields that were checked.
func grow(fields []Field) *Node {
	type edge struct {
		from *Node
		name string
	}
	root, members := &Node{}, map[edge]*Node{}
	for _, f := range fields {
		at, lists := root, 0
		for _, s := range f.Steps() {
			if s.List {
				lists++
				at.Lists = lists
				continue
			}
			next := members[edge{at, s.Name}]
			if next == nil {
				next = &Node{Name: s.Name}
				members[edge{at, s.Name}] = next
				at.Members = append(at.Members, next)
			}
			at, lists = next, 0
		}
		at.Fields = append(at.Fields, f)
		at.Aliases = f.Aliases
	}
	return root
}

// Treatment names what happens to a value: the treatments of all its cases, with strokes between them.
func (n *Node) Treatment() string {
	var names []string
	for _, f := range n.Fields {
		names = append(names, f.Treatment.Name())
	}
	return strings.Join(names, "|")
}
