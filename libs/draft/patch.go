package draft

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/maskrail/maskrail/libs/policy"
)

// errWritten means that the YAML is written in a way that cannot be patched without writing it anew.
var errWritten = errors.New("the policy's fields are not written as a list of lines that begin with dashes: add the proposals by hand")

// Patch adds proposals, by entity, to a file of policies. It returns the file as it would be, comments and all,
// and the change as a unified diff of name. The version in the metadata grows by one. open reads the files that the policies
// name, see policy.Parse.
func Patch(name string, file []byte, proposals map[string][]Proposal, open func(string) ([]byte, error)) (patched []byte, diff string, err error) {
	lines := strings.Split(string(file), "\n")
	unended := lines[len(lines)-1] != ""
	if !unended {
		lines = lines[:len(lines)-1]
	}
	w := &writer{lines: lines}
	for _, entity := range slices.Sorted(maps.Keys(proposals)) {
		doc, err := document(file, entity)
		if err == nil {
			err = w.write(doc, proposals[entity])
		}
		if err != nil {
			return nil, "", fmt.Errorf("patch policy: %w", err)
		}
	}
	patched = []byte(strings.Join(apply(lines, w.edits), "\n") + "\n")
	set, err := policy.Parse(name, patched, open)
	if err != nil {
		return nil, "", fmt.Errorf("patch policy: what would come out is no policy: %w", err)
	}
	for entity, added := range proposals {
		if p, ok := set.For(entity); !ok || !holds(p, added) {
			return nil, "", fmt.Errorf("patch policy: %w", errWritten)
		}
	}
	return patched, unified(name, lines, w.edits, unended), nil
}

// holds reports that a policy has every proposal.
func holds(p *policy.Policy, proposals []Proposal) bool {
	for _, want := range proposals {
		f, ok := p.Field(want.Path)
		if !ok || want.Alias != "" && !slices.Contains(f.Aliases, want.Alias) {
			return false
		}
	}
	return true
}

// document is the YAML document of an entity.
func document(file []byte, entity string) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(file))
	for {
		var n yaml.Node
		if err := d.Decode(&n); err != nil {
			return nil, fmt.Errorf("no policy for %s in the file", entity)
		}
		if len(n.Content) == 0 {
			continue
		}
		if e := value(n.Content[0], "entity"); e != nil && e.Value == entity {
			return n.Content[0], nil
		}
	}
}

// value is that of a key of a mapping, nil for none.
func value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

type writer struct {
	lines []string
	edits []edit
}

func (w *writer) write(doc *yaml.Node, proposals []Proposal) error {
	fields := value(doc, "fields")
	if fields == nil || fields.Kind != yaml.SequenceNode {
		return errWritten
	}
	w.version(value(value(doc, "metadata"), "version"))
	if len(fields.Content) == 0 {
		line := fields.Line - 1
		bare := strings.TrimRight(strings.Replace(w.lines[line], "[]", "", 1), " ")
		w.edits = append(w.edits, edit{line: line, instead: &bare})
		for _, p := range proposals {
			w.edits = append(w.edits, edit{line: line, behind: []string{p.line("  ")}})
		}
		return nil
	}
	if fields.Style&yaml.FlowStyle != 0 {
		return errWritten
	}
	dash := strings.Repeat(" ", fields.Column-1)
	for _, p := range proposals {
		if p.Alias != "" {
			if err := w.alias(fields, p); err != nil {
				return err
			}
			continue
		}
		end, err := w.end(nearest(fields, p.steps))
		if err != nil {
			return err
		}
		w.edits = append(w.edits, edit{line: end, behind: []string{p.line(dash)}})
	}
	return nil
}

// version raises the version by one.
func (w *writer) version(n *yaml.Node) {
	if n == nil {
		return
	}
	v, err := strconv.Atoi(n.Value)
	line := w.lines[n.Line-1]
	if err != nil || n.Column-1+len(n.Value) > len(line) || line[n.Column-1:n.Column-1+len(n.Value)] != n.Value {
		return
	}
	raised := line[:n.Column-1] + strconv.Itoa(v+1) + line[n.Column-1+len(n.Value):]
	w.edits = append(w.edits, edit{line: n.Line - 1, instead: &raised})
}

// nearest is the field behind which a new one belongs: the last of those that have most of its path, and the last of all
// when none has a part of it.
func nearest(fields *yaml.Node, steps policy.Path) *yaml.Node {
	best, most := fields.Content[len(fields.Content)-1], 0
	for _, f := range fields.Content {
		n := value(f, "path")
		if n == nil {
			continue
		}
		own, err := policy.ParsePath(n.Value)
		if err != nil {
			continue
		}
		same := 0
		for same < len(own)-1 && same < len(steps)-1 && own[same] == steps[same] {
			same++
		}
		if same > 0 && same >= most {
			best, most = f, same
		}
	}
	return best
}

// end is the last line of a field.
func (w *writer) end(n *yaml.Node) (int, error) {
	if n.Kind != yaml.MappingNode {
		return 0, errWritten
	}
	if n.Style&yaml.FlowStyle == 0 {
		return last(n) - 1, nil
	}
	depth, quote := 0, byte(0)
	for line, from := n.Line-1, n.Column-1; line < len(w.lines); line, from = line+1, 0 {
		text := w.lines[line]
		for i := from; i < len(text); i++ {
			c := text[i]
			switch {
			case quote == '"' && c == '\\':
				i++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '#' && i > 0 && (text[i-1] == ' ' || text[i-1] == '\t'):
				i = len(text)
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				if depth--; depth == 0 {
					return line, nil
				}
			}
		}
	}
	return 0, errWritten
}

// last is the last line of a node that is not in braces.
func last(n *yaml.Node) int {
	line := n.Line
	if n.Kind == yaml.ScalarNode {
		line += strings.Count(strings.TrimRight(n.Value, "\n"), "\n")
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			line++
		}
	}
	for _, c := range n.Content {
		line = max(line, last(c))
	}
	return line
}

// alias gives a field another name.
func (w *writer) alias(fields *yaml.Node, p Proposal) error {
	for _, f := range fields.Content {
		path := value(f, "path")
		if path == nil {
			continue
		}
		if own, err := policy.ParsePath(path.Value); err != nil || own.String() != p.Path {
			continue
		}
		if known := value(f, "aliases"); known != nil {
			if known.Style&yaml.FlowStyle == 0 {
				return errWritten
			}
			return w.insert(known.Line-1, known.Column, "[", scalar(p.Alias)+map[bool]string{true: ", "}[len(known.Content) > 0])
		}
		if f.Style&yaml.FlowStyle == 0 {
			indent := strings.Repeat(" ", f.Column-1)
			w.edits = append(w.edits, edit{line: path.Line - 1, behind: []string{indent + "aliases: [" + scalar(p.Alias) + "]  # " + p.Why}})
			return nil
		}
		return w.insert(path.Line-1, path.Column-1+written(w.lines[path.Line-1][path.Column-1:]), "", ", aliases: ["+scalar(p.Alias)+"]")
	}
	return errWritten
}

// written is how many bytes the scalar that a text begins with has, inside of braces.
func written(text string) int {
	if text == "" {
		return 0
	}
	if q := text[0]; q == '"' || q == '\'' {
		for i := 1; i < len(text); i++ {
			switch {
			case q == '"' && text[i] == '\\', q == '\'' && strings.HasPrefix(text[i:], "''"):
				i++
			case text[i] == q:
				return i + 1
			}
		}
	}
	if end := strings.IndexAny(text, ",}"); end >= 0 {
		return len(strings.TrimRight(text[:end], " "))
	}
	return len(text)
}

// insert puts a text into a line behind so many bytes, which must end with the sign.
func (w *writer) insert(line, at int, sign, text string) error {
	old := w.lines[line]
	for _, e := range w.edits {
		if e.line == line && e.instead != nil {
			old = *e.instead
		}
	}
	if at > len(old) || !strings.HasSuffix(old[:at], sign) {
		return errWritten
	}
	changed := old[:at] + text + old[at:]
	w.edits = append(w.edits, edit{line: line, instead: &changed})
	return nil
}
