package policy

import "go.yaml.in/yaml/v3"

// maxExamples is how many examples one field may have.
const maxExamples = 1000

func (r *reader) examples(dst *[]Example) setter {
	return func(v *yaml.Node) {
		if v.Kind != yaml.SequenceNode || len(v.Content) > maxExamples {
			r.fail(v, "examples must be a list of at most %d, such as [{in: a, out: b}]", maxExamples)
			return
		}
		for _, n := range v.Content {
			*dst = append(*dst, r.example(resolve(n)))
		}
	}
}

func (r *reader) example(n *yaml.Node) Example {
	e := Example{Line: n.Line}
	in, out := false, false
	r.object(n, "an example", map[string]setter{
		"in":   func(v *yaml.Node) { in = true; e.In = r.nullable(v, "examples.in") },
		"out":  func(v *yaml.Node) { out = true; e.Out = r.nullable(v, "examples.out") },
		"with": func(v *yaml.Node) { e.With = r.with(v) },
	})
	if !in || !out {
		r.fail(n, "an example needs in and out, each a text or null")
	}
	return e
}

// with reads the other values of an example's record. Their paths are resolved later.
func (r *reader) with(n *yaml.Node) []Value {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "examples.with must be a mapping of paths and values")
		return nil
	}
	var values []Value
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		text, ok := scalar(key)
		if !ok {
			r.fail(key, "a key of examples.with must be a path")
			continue
		}
		values = append(values, Value{
			Path: r.steps(key, "examples.with", text).String(),
			Text: r.nullable(resolve(n.Content[i+1]), "examples.with"),
		})
	}
	return values
}

// nullable reads a text or null.
func (r *reader) nullable(v *yaml.Node, what string) *string {
	if v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
		return nil
	}
	s, ok := scalar(v)
	if !ok {
		r.fail(v, "%s must be a text or null", what)
	}
	return &s
}
