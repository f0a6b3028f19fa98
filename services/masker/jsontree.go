package masker

import (
	"errors"
	"fmt"
	"slices"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/document"
)

func (p *Plan) newTree(t policy.JSON) (tree, error) {
	o := tree{unknown: t.Unknown, invalid: t.Invalid}
	if len(t.Fields) == 0 {
		return tree{}, errors.New("json.fields is empty: name the values of the text")
	}
	root := t.Tree()
	var err error
	if o.top, err = p.jsonNode(root, nil, &growth{tree: &o, root: root}); err != nil {
		return tree{}, err
	}
	if o.top.leaf() && slices.ContainsFunc(o.top.rules, func(c rule) bool { return c.rewriter == nil }) {
		return tree{}, errors.New("json.fields: the elements at the top cannot be dropped: drop the field")
	}
	return o, nil
}

// growth is what the branches of one tree are made with.
type growth struct {
	tree *tree
	root *policy.Node
}

// jsonNode compiles a node; path leads to it.
func (p *Plan) jsonNode(n *policy.Node, path policy.Path, g *growth) (*jsonNode, error) {
	if n.Name != "" || path != nil {
		path = append(path[:len(path):len(path)], policy.Step{Name: n.Name})
	}
	b := &jsonNode{path: path.String(), lists: n.Lists}
	for range n.Lists {
		path = append(path[:len(path):len(path)], policy.Step{List: true})
	}
	b.label = string(document.AppendString(nil, []byte(n.Name))) + ":"
	b.aliased, b.dropped = len(n.Aliases) > 0, true
	if n.Leaf() {
		return b, p.leaf(b, n, g)
	}
	b.members = map[string]*jsonNode{}
	for _, m := range n.Members {
		child, err := p.jsonNode(m, path, g)
		if err != nil {
			return nil, err
		}
		b.members[m.Name] = child
		b.dropped = b.dropped && child.dropped
		for _, alias := range m.Aliases {
			b.members[alias] = child
		}
	}
	return b, nil
}

func (p *Plan) leaf(b *jsonNode, n *policy.Node, g *growth) error {
	for i, f := range n.Fields {
		c, err := p.newRule(f)
		if err != nil {
			return err
		}
		if f.When != nil {
			if c.when, err = g.condition(f); err != nil {
				return fmt.Errorf("field %q: when: %w", f.Path, err)
			}
		}
		if last := i == len(n.Fields)-1; last != (c.when == nil) {
			return fmt.Errorf("field %q: the last treatment of a value, and no other, is without a condition", f.Path)
		}
		b.rules = append(b.rules, c)
		b.dropped = b.dropped && c.rewriter == nil
	}
	return nil
}

// condition finds the way from the objects around a field to the value that its condition looks at.
func (g *growth) condition(f policy.Field) (*condition, error) {
	path, err := policy.ParsePath(f.When.Path)
	if err != nil {
		return nil, err
	}
	if f.When.Key != "" { // in a map that is treated as such
		path = append(path, policy.Step{Name: f.When.Key})
	}
	own, want := members(f.Steps()), members(path)
	if len(own) == 1 {
		return nil, errors.New("there is no object around the elements at the top")
	}
	if own[0].lists != want[0].lists {
		return nil, errors.New("the path leads through other lists than the field's")
	}
	c := &condition{in: f.When.In, number: g.tree.conditions}
	g.tree.conditions++
	// Both lists begin with the top; the last of own is the field itself.
	at := g.root
	for c.around+2 < len(own) && c.around+2 < len(want) && own[c.around+1] == want[c.around+1] {
		c.around++
		at = at.Member(want[c.around].name)
	}
	for _, m := range want[c.around+1:] {
		if m.lists > 0 {
			return nil, errors.New("the path leads into a list that is not around the field: one value is wanted")
		}
		names := []string{m.name}
		if at != nil {
			if at = at.Member(m.name); at != nil {
				names = append(names, at.Aliases...)
			}
		}
		c.path = append(c.path, names)
	}
	if len(c.path) == 0 {
		return nil, errors.New("the path names no member")
	}
	return c, nil
}

// memberStep is a step to a member and how many lists are around its values.
type memberStep struct {
	name  string
	lists int
}

// members are the steps of a path, beginning with the top of the text, which has no name.
func members(path policy.Path) []memberStep {
	out := []memberStep{{}}
	for _, s := range path {
		if s.List {
			out[len(out)-1].lists++
		} else {
			out = append(out, memberStep{name: s.Name})
		}
	}
	return out
}
