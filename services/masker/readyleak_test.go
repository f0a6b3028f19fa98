package masker

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/maskrail/maskrail/libs/policy"
)

// bag holds texts.
type bag map[string]bool

// readySample is what a policy's sample holds, told apart by what the policy does with it.
type readySample struct {
	seen   bag // paths with a value
	secret bag // values that must not be in the output
	texts  bag // values of which parts may be, of scrubbed fields
	kept   bag // values that stay, and what stands before tokens
	names  bag // of the policy's fields and the objects around them
}

func newReadySample(t *testing.T, p *policy.Policy, in string) readySample {
	t.Helper()
	s := readySample{bag{}, bag{}, bag{}, bag{}, bag{}}
	for _, record := range decodeLines(t, in) {
		s.add(p.Tree(), record)
	}
	return s
}

// add takes up the values of a node, which at is the value of.
func (s readySample) add(n *policy.Node, at any) {
	s.names[n.Name] = true
	if at == nil {
		return
	}
	if list, ok := at.([]any); ok && n.Lists > 0 {
		for _, item := range list {
			s.add(n, item)
		}
		return
	}
	if n.Leaf() {
		s.addValue(n.Fields, at)
		return
	}
	object, _ := at.(map[string]any)
	for _, m := range n.Members {
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			s.add(m, object[name])
		}
	}
}

func (s readySample) addValue(fields []policy.Field, at any) {
	s.seen[fields[0].Path] = true
	for _, f := range fields {
		if token, ok := f.Treatment.(policy.Token); ok {
			s.kept[token.Prefix] = true
		}
	}
	keeps := func(f policy.Field) bool { return f.Treatment == policy.Keep{} }
	last := fields[len(fields)-1]
	if !keeps(last) && slices.ContainsFunc(fields, keeps) {
		return // the golden file shows which of the values stay
	}
	switch t := last.Treatment.(type) {
	case policy.Keep:
		collect(s.kept, at, false)
	case policy.Scrub:
		collect(s.texts, at, false)
	case policy.Map:
		object, _ := at.(map[string]any)
		for key, value := range object {
			named := func(f policy.Field) bool { return f.Path == key }
			if slices.Contains(t.Keep, key) || slices.ContainsFunc(t.Fields, named) {
				collect(s.kept, value, false)
				continue
			}
			s.secret[key] = true
			collect(s.secret, value, false)
		}
	default:
		collect(s.secret, at, false)
	}
}

// collect adds the scalars in a value, and the names of members if they are asked for.
func collect(to bag, at any, names bool) {
	switch v := at.(type) {
	case string:
		to[v] = true
	case json.Number:
		to[v.String()] = true
	case []any:
		for _, item := range v {
			collect(to, item, names)
		}
	case map[string]any:
		for name, value := range v {
			if names {
				to[name] = true
			}
			collect(to, value, names)
		}
	}
}

// What is shorter is in every text by chance.
const (
	leastSecret = 4 // letters and digits
	leastDigits = 6
)

var (
	words   = regexp.MustCompile(`\pL+`)
	numbers = regexp.MustCompile(`[0-9][0-9 .()/-]*[0-9]`)
	uuids   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

// haystack is what is looked in: texts, their words and their digits.
type haystack struct {
	whole, digits string
	words         bag
}

func stack(texts bag) haystack {
	h := haystack{whole: strings.ToLower(strings.Join(slices.Collect(maps.Keys(texts)), "\n")), words: bag{}}
	h.digits = bareDigits(h.whole)
	for _, w := range words.FindAllString(h.whole, -1) {
		h.words[w] = true
	}
	return h
}

// bareDigits leaves digits and the ends of lines.
func bareDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// leaks looks in the output for what must not be there: whole values, their words, and the digits of their numbers. What
// stands in a kept value too is there by right. Errors show values, for these are invented.
func (s readySample) leaks(t *testing.T, masked string) {
	t.Helper()
	output := bag{}
	for _, record := range decodeLines(t, masked) {
		collect(output, record, true)
	}
	for name := range s.names {
		delete(output, name)
	}
	out, kept := stack(output), stack(s.kept)
	for value := range s.secret {
		low := strings.ToLower(value)
		if len(low) >= leastSecret && strings.Contains(out.whole, low) && !strings.Contains(kept.whole, low) {
			t.Errorf("%q is in the output", value)
		}
		for _, w := range words.FindAllString(uuids.ReplaceAllString(low, ""), -1) {
			if len(w) >= leastSecret && out.words[w] && !kept.words[w] {
				t.Errorf("%q, of %q, is in the output", w, value)
			}
		}
	}
	for _, found := range []bag{s.secret, s.texts} {
		for value := range found {
			for _, n := range numbers.FindAllString(uuids.ReplaceAllString(value, ""), -1) {
				bare := bareDigits(n)
				if len(bare) >= leastDigits && strings.Contains(out.digits, bare) && !strings.Contains(kept.digits, bare) {
					t.Errorf("the digits of %q, of %q, are in the output", n, value)
				}
			}
		}
	}
}
