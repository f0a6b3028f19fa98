package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is one fault of a policy file.
type Error struct {
	File    string
	Line    int // from 1; 0 when the fault has no line
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ": " + e.Message
}

// maxErrors is how many faults of a file are reported at once.
const maxErrors = 20

// reader walks YAML nodes and collects faults, so that one run shows them all.
type reader struct {
	file string
	open func(name string) ([]byte, error)
	errs []error

	depth, count int // of lists of fields
}

func (r *reader) failAt(line int, format string, args ...any) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, &Error{File: r.file, Line: line, Message: fmt.Sprintf(format, args...)})
	}
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) { r.failAt(n.Line, format, args...) }

func (r *reader) err() error { return errors.Join(r.errs...) }

// setter reads the value of one key.
type setter func(value *yaml.Node)

// object reads a mapping whose keys are all known. The word true stands for an empty mapping, so that a
// treatment without parameters reads naturally.
func (r *reader) object(n *yaml.Node, what string, keys map[string]setter) {
	n = resolve(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" && n.Value == "true" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s must be a mapping of keys and values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		name := key.Value
		set, known := keys[name]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.fail(key, "a key of %s must be a word", what)
		case !known:
			r.fail(key, "unknown key %q in %s%s", name, what, suggest(name, keys))
		case seen[name]:
			r.fail(key, "key %q stands twice in %s", name, what)
		default:
			seen[name] = true
			set(value)
		}
	}
}

func (r *reader) text(what string, dst *string) setter {
	return func(v *yaml.Node) {
		if s, ok := scalar(v); ok {
			*dst = s
			return
		}
		r.fail(v, "%s must be a text", what)
	}
}

// texts reads a list of distinct, non-empty texts.
func (r *reader) texts(what string, dst *[]string) setter {
	return func(v *yaml.Node) {
		if v.Kind != yaml.SequenceNode {
			r.fail(v, "%s must be a list", what)
			return
		}
		*dst = r.distinct(v, what, false)
	}
}

// values reads a list of distinct texts, or one text for a list of one.
func (r *reader) values(what string, dst *[]string) setter {
	return func(v *yaml.Node) {
		if v.Kind != yaml.SequenceNode {
			v = &yaml.Node{Kind: yaml.SequenceNode, Line: v.Line, Content: []*yaml.Node{v}}
		}
		*dst = r.distinct(v, what, true)
	}
}

func (r *reader) distinct(list *yaml.Node, what string, empty bool) []string {
	var out []string
	seen := make(map[string]bool, len(list.Content))
	for _, item := range list.Content {
		item = resolve(item)
		s, ok := scalar(item)
		switch {
		case empty && !ok:
			r.fail(item, "%s must be texts; null is none of them", what)
		case !ok || s == "" && !empty:
			r.fail(item, "%s must be a list of non-empty texts", what)
		case seen[s]:
			r.fail(item, "%s names %q twice", what, s)
		default:
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) integer(what string, min, max int, dst *int) setter {
	return func(v *yaml.Node) {
		i, err := strconv.Atoi(v.Value)
		if v.Kind != yaml.ScalarNode || v.Tag != "!!int" || err != nil || i < min || i > max {
			r.fail(v, "%s must be a whole number from %d to %d", what, min, max)
			return
		}
		*dst = i
	}
}

func (r *reader) boolean(what string, dst *bool) setter {
	return func(v *yaml.Node) {
		if v.Kind != yaml.ScalarNode || v.Tag != "!!bool" {
			r.fail(v, "%s must be true or false", what)
			return
		}
		*dst = v.Value == "true" || v.Value == "True" || v.Value == "TRUE"
	}
}

// choice reads one of the words; words of the language that this version does not carry out stand in later.
func choice[T ~string](r *reader, what string, dst *T, now []T, later ...T) setter {
	return func(v *yaml.Node) {
		s, ok := scalar(v)
		switch {
		case ok && slices.Contains(now, T(s)):
			*dst = T(s)
		case ok && slices.Contains(later, T(s)):
			r.fail(v, "%s: %s is not supported by this version: use %s", what, s, list(now))
		default:
			r.fail(v, "%s must be one of %s", what, list(now))
		}
	}
}

// maxNodes is how many keys, values and lists a document may have, with every alias written out.
const maxNodes = 1_000_000

// unfold counts the nodes of a document as if its aliases were written out. A document that is too large, or that holds
// itself, is an error: with a few aliases of aliases, a short text can mean more than memory can hold.
func unfold(n *yaml.Node, sizes map[*yaml.Node]int) (int, error) {
	if size, known := sizes[n]; known {
		if size == 0 {
			return 0, &Error{Line: n.Line, Message: "an anchor is part of its own value"}
		}
		return size, nil
	}
	sizes[n] = 0
	size := 1
	parts := n.Content
	if n.Kind == yaml.AliasNode {
		parts = []*yaml.Node{n.Alias}
	}
	for _, part := range parts {
		more, err := unfold(part, sizes)
		if err != nil {
			return 0, err
		}
		if size += more; size > maxNodes {
			return 0, &Error{Line: n.Line, Message: fmt.Sprintf("the policy has more than %d keys and values with its aliases written out", maxNodes)}
		}
	}
	sizes[n] = size
	return size, nil
}

func list[T ~string](words []T) string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return strings.Join(s, ", ")
}

// scalar is the text of a scalar. Numbers and booleans count as the text they are written as; null does not.
func scalar(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Tag == "!!binary" {
		return "", false
	}
	return n.Value, true
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
