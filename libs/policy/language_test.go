package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got another text than %s:\n%s", path, got)
	}
}

func language(t testing.TB) *Policy {
	t.Helper()
	set, err := Load(filepath.Join("testdata", "language.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.For("conversation")
	return p
}

func TestDialects(t *testing.T) {
	t.Parallel()
	p := mustParse(t, head+"source: {csv: {delimiter: ;, header: false}, dialects: {b: {delimiter: '|'}, a: {quote: none}}}\nfields: []\n")
	for name, want := range map[string]string{
		"":  `{delimiter: ";", header: false, quote: "\""}`,
		"a": `{delimiter: ",", header: true, quote: none}`,
		"b": `{delimiter: "|", header: true, quote: "\""}`,
	} {
		if got, ok := p.Dialect(name); !ok || describeCSV(got) != want {
			t.Errorf("dialect %q is %s, %v, want %s", name, describeCSV(got), ok, want)
		}
	}
	if _, ok := p.Dialect("c"); ok {
		t.Error("a dialect that is not there")
	}
}

// TestLanguage shows how every construct is understood: resolved, and with its defaults.
func TestLanguage(t *testing.T) {
	t.Parallel()
	p := language(t)
	var b strings.Builder
	fmt.Fprintf(&b, "key %q\ntenant %q of %s, known %q\nunknown %s, suspect %s, rejectRow %s, duplicates %s by %s\n",
		p.Key, p.Tenant.Path, p.Tenant.Paths, p.Tenant.Known, p.Unknown, p.Suspect, p.RejectRow, p.Duplicates, p.NewestBy)
	fmt.Fprintf(&b, "csv delimiter %q, header %t, quote %d, escape %q, null %q, encoding %s\n",
		p.CSV.Delimiter, p.CSV.Header, p.CSV.Quote, p.CSV.Escape, p.CSV.Null, p.CSV.Encoding)
	for _, d := range p.Dialects {
		fmt.Fprintf(&b, "csv %s %s\n", d.Name, describeCSV(d.CSV))
	}
	for _, f := range p.Fields {
		fmt.Fprintln(&b, "-", describeField(f, inRecord))
		for _, e := range f.Examples {
			fmt.Fprintf(&b, "  example in line %d: %s -> %s with", e.Line, shown(e.In), shown(e.Out))
			for _, v := range e.With {
				fmt.Fprintf(&b, " %s=%s", v.Path, shown(v.Text))
			}
			fmt.Fprintln(&b)
		}
	}
	golden(t, "language.golden", b.String())
}

func shown(s *string) string {
	if s == nil {
		return "null"
	}
	return fmt.Sprintf("%q", *s)
}

func TestTree(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	var walk func(n *Node, indent string)
	walk = func(n *Node, indent string) {
		fmt.Fprintf(&b, "%s%s%s %d", indent, n.Name, strings.Repeat("[]", n.Lists), len(n.Fields))
		if len(n.Aliases) > 0 {
			fmt.Fprintf(&b, " or %q", n.Aliases)
		}
		if n.Dropped() {
			b.WriteString(" dropped")
		}
		b.WriteString("\n")
		for _, m := range n.Members {
			walk(m, indent+"  ")
		}
		for _, f := range n.Fields {
			if j, ok := f.Treatment.(JSON); ok {
				walk(j.Tree(), indent+"  text ")
			}
		}
	}
	walk(language(t).Tree(), "")
	golden(t, "tree.golden", b.String())
	if root := mustParse(t, head+"fields: []\n").Tree(); root.Dropped() || root.Member("a") != nil {
		t.Error("a policy without fields has another tree than an empty one")
	}
}

// document is the YAML of one document.
func document(text string) (*yaml.Node, error) {
	var n yaml.Node
	return &n, yaml.Unmarshal([]byte(text), &n)
}

// reread reads the fields of p as they are described, and everything else as it is.
func reread(p *Policy) (*Policy, error) {
	lines := make([]string, 0, len(p.Fields)+1)
	lines = append(lines, head+"fields:")
	for _, f := range p.Fields {
		lines = append(lines, "  - "+describeField(f, inRecord))
	}
	r := &reader{file: "described.yaml"}
	n, err := document(strings.Join(lines, "\n") + "\n")
	if err != nil {
		return nil, err
	}
	q := *p
	q.Fields, q.Key = nil, slices.Clone(p.Key)
	if p.Tenant != nil {
		tenant := *p.Tenant
		tenant.Paths = nil
		for _, ref := range p.Tenant.Paths {
			tenant.Paths = append(tenant.Paths, Reference{Path: ref.String()})
		}
		q.Tenant = &tenant
	}
	r.fields("fields", inRecord, &q.Fields)(n.Content[0].Content[9])
	r.check(&q)
	if err := r.err(); err != nil {
		return nil, err
	}
	q.digest, err = digest(&q)
	return &q, err
}

func TestDescribeReadsBack(t *testing.T) {
	t.Parallel()
	for _, p := range []*Policy{language(t), mustParse(t, full), mustParse(t, careless)} {
		q, err := reread(p)
		if err != nil {
			t.Fatal(err)
		}
		if q.Digest() != p.Digest() {
			for i := range p.Fields {
				if a, b := describeField(p.Fields[i], inRecord), describeField(q.Fields[i], inRecord); a != b {
					t.Errorf("%s reads back as %s", a, b)
				}
			}
			t.Errorf("policy %s reads back as another one", p.Name)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	p := mustParse(t, full)
	want := map[string]string{
		"id": "keep: true", "name": "token: {domain: person.name, prefix: User_, length: 20}", "phone": "token: {domain: phone, format: phone, scope: environment}",
		"a": "mask: {char: x, first: 1, last: 2}", "b": "redact: {with: gone}", "c": "card: {keep: last4}", "d": "date: {truncate: month}",
		"e": "scrub: {detect: [phone, card], context: [name]}", "f": `"null": true`, "g": "drop: true",
	}
	for path, text := range want {
		if f, _ := p.Field(path); Describe(f.Treatment) != text {
			t.Errorf("%s: got %s, want %s", path, Describe(f.Treatment), text)
		}
	}
	if Describe(nil) != "" {
		t.Error("no treatment has a description")
	}
}
