package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits on what is read, in bytes. Policies are written by people.
const (
	maxPolicy = 1 << 20
	maxNamed  = 16 << 20 // a file that a policy names
)

// Set is the policies of one file, one for each entity.
type Set struct {
	policies []*Policy
}

// Load reads the file at path; files that it names lie beside it or below.
func Load(path string) (*Set, error) {
	data, err := readFile(path, maxPolicy)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return Parse(path, data, func(name string) ([]byte, error) {
		if !filepath.IsLocal(name) {
			return nil, errors.New("the file must lie beside the policy or below it")
		}
		return readFile(filepath.Join(filepath.Dir(path), name), maxNamed)
	})
}

// Parse reads data, one YAML document for each entity. name stands in errors; open reads the files that the
// policies name and may be nil when none is allowed. The error joins up to 20 values of *Error.
func Parse(name string, data []byte, open func(name string) ([]byte, error)) (*Set, error) {
	if len(data) > maxPolicy {
		return nil, &Error{File: name, Message: fmt.Sprintf("the file is larger than %d bytes", maxPolicy)}
	}
	r := &reader{file: name, open: open}
	set := &Set{}
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		err := d.Decode(&n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, noYAML(name, 1+bytes.Count(data, []byte("\n")), err)
		}
		if empty(&n) {
			continue
		}
		if _, err := unfold(&n, map[*yaml.Node]int{}); err != nil {
			if e, ok := errors.AsType[*Error](err); ok {
				e.File = name
			}
			return nil, err
		}
		p := r.policy(n.Content[0])
		if _, twice := set.For(p.Entity); twice && p.Entity != "" {
			r.fail(n.Content[0], "entity %q has two policies", p.Entity)
		}
		set.policies = append(set.policies, p)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	if len(set.policies) == 0 {
		return nil, &Error{File: name, Message: "the file has no policy"}
	}
	for _, p := range set.policies {
		var err error
		p.tree = grow(p.Fields)
		if p.digest, err = digest(p); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// For finds the policy of an entity.
func (s *Set) For(entity string) (*Policy, bool) {
	for _, p := range s.policies {
		if p.Entity == entity {
			return p, true
		}
	}
	return nil, false
}

// All yields the policies in the order of the file.
func (s *Set) All() iter.Seq[*Policy] {
	return func(yield func(*Policy) bool) {
		for _, p := range s.policies {
			if !yield(p) {
				return
			}
		}
	}
}

// Digests are those of all policies, in the order of the file.
func (s *Set) Digests() []string {
	digests := make([]string, len(s.policies))
	for i, p := range s.policies {
		digests[i] = p.Digest()
	}
	return digests
}

var yamlLine = regexp.MustCompile(`^line ([0-9]+): `)

// noYAML is the fault of a file of so many lines that is no YAML, with the line that the library tells.
func noYAML(file string, lines int, err error) *Error {
	e := &Error{File: file}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	switch {
	case strings.HasPrefix(text, "did not find expected"): // an error of the parser, which counts lines from 0
		if e.Line > 0 {
			e.Line = min(e.Line+1, lines)
		}
		text += ": are brackets and quotes in pairs? a path with [] stands in quotes between braces, as in {path: \"calls[].ani\", drop: true}"
	case strings.HasPrefix(text, "found character that cannot start any token"):
		text += ": indent with spaces, not tabs, and put a text that begins with a sign in quotes"
	}
	e.Message = "no YAML: " + text
	return e
}

// empty reports a document of nothing but comments.
func empty(n *yaml.Node) bool {
	return len(n.Content) == 0 || n.Content[0].Kind == yaml.ScalarNode && n.Content[0].Tag == "!!null"
}

func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return data, nil
}
