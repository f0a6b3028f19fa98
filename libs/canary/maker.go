package canary

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/policy"
)

// maker makes one record.
type maker struct {
	seed
	policy   *policy.Policy
	row      int
	choices  map[string][]string // values that conditions look for, by path
	expected []string            // classes that the policy expects in the text around
}

func newMaker(p *policy.Policy, s seed, row int) *maker {
	m := &maker{seed: s, policy: p, row: row, choices: map[string][]string{}}
	for _, f := range p.Fields {
		if w := f.When; w != nil && w.Key == "" {
			m.choices[w.Path] = append(m.choices[w.Path], w.In...)
		}
	}
	return m
}

// object is a record, or an object in one.
func (m *maker) object(n *policy.Node) map[string]any {
	out := map[string]any{}
	for _, member := range n.Members {
		out[member.Name] = m.member(member)
	}
	return out
}

func (m *maker) member(n *policy.Node) any {
	var v any
	if n.Leaf() {
		v = m.value(n.Fields)
	} else {
		v = m.object(n)
	}
	for range n.Lists {
		v = []any{v}
	}
	return v
}

// value is that of a field of the record, whose treatments are those of its conditions.
func (m *maker) value(fields []policy.Field) any {
	defer func(around []string) { m.expected = around }(m.expected)
	for _, f := range fields {
		if f.Expect != nil {
			m.expected = append(slices.Clip(m.expected), f.Expect.Classes...)
		}
	}
	f := fields[len(fields)-1]
	switch {
	case m.isTenant(f.Path):
		return m.tenant()
	case slices.Contains(m.policy.Key, f.Path):
		return m.identity(f)
	}
	keeps := slices.ContainsFunc(fields, func(f policy.Field) bool { return keeps(f.Treatment) })
	if in := m.choices[f.Path]; keeps && len(in) > 0 && (f.Type.Kind == "" || f.Type.Kind == policy.String) && m.row%(len(in)+1) > 0 {
		return in[m.row%(len(in)+1)-1]
	}
	if keeps {
		return m.marked(f)
	}
	if v, ok := m.typed(f); ok {
		return v
	}
	for _, f := range fields { // the one that leaves the most decides
		if t, ok := f.Treatment.(policy.Scrub); ok {
			return m.sentence(t)
		}
	}
	return m.treated(f)
}

// keeps reports a treatment under which a value may stay what it was.
func keeps(t policy.Treatment) bool {
	switch t := t.(type) {
	case policy.Keep:
		return true
	case policy.Date:
		return t.Truncate == policy.Day
	}
	return false
}

// typed is a value of a type that is no text; false for text.
func (m *maker) typed(f policy.Field) (any, bool) {
	_, bucket := f.Treatment.(policy.Bucket)
	_, permuted := f.Treatment.(policy.FPE)
	switch f.Type.Kind {
	case policy.Int:
		switch digits := m.digits(); {
		case len(digits) >= 9 && len(digits) < 19 && !bucket && (!permuted || m.expects()):
			return json.Number(strings.TrimLeft(digits, "0")), true
		case permuted:
			return 1_000_000 + m.row, true // no fewer digits can be permuted
		}
		return 37, true
	case policy.Decimal:
		if f.Type.Precision-f.Type.Scale < 2 {
			return json.Number("0"), true
		}
		return json.Number("12"), true
	case policy.Double:
		return 37.5, true
	case policy.Bool:
		return true, true
	case policy.DateOnly:
		return born, true
	case policy.Timestamp:
		return born + "T04:05:06Z", true
	}
	return nil, false
}

// expects reports that the policy expects what looks like a value of the seed's class. What is permuted still looks like it.
func (m *maker) expects() bool { return slices.Contains(m.expected, m.class) }

// digits are those of the seed's value, "" unless its class is one of numbers.
func (m *maker) digits() string {
	if !slices.Contains([]string{"phone", "card", "ssn", "passport"}, m.class) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, m.seed.value.text)
}

// marked is a value that may stay.
func (m *maker) marked(f policy.Field) any {
	switch f.Type.Kind {
	case policy.Int, policy.Decimal:
		return json.Number("0")
	case policy.Double:
		return 0.5
	case policy.Bool:
		return false
	case policy.DateOnly:
		return markedDate
	case policy.Timestamp:
		return markedTime
	}
	if _, date := f.Treatment.(policy.Date); date {
		return markedDate
	}
	return mark
}

// identity is a key that no other record has.
func (m *maker) identity(f policy.Field) any {
	switch f.Type.Kind {
	case policy.Int, policy.Decimal, policy.Double:
		return m.row
	case policy.DateOnly, policy.Timestamp, policy.Bool:
		return m.marked(f)
	}
	return fmt.Sprintf("cafe0000-0000-4000-8000-%012d", m.row)
}

// sentence is a text with the value in it, if the scrub promises to take it out.
func (m *maker) sentence(t policy.Scrub) string {
	if !m.promised(t.Detect) {
		return "nothing to report"
	}
	return fmt.Sprintf(m.seed.sentence, m.text)
}

// treated is a text for a treatment that leaves nothing of it, or of what it has parts of.
func (m *maker) treated(f policy.Field) any {
	switch t := f.Treatment.(type) {
	case policy.Scrub:
		return m.sentence(t)
	case policy.Date, policy.Shift:
		return born
	case policy.Bucket:
		return "37"
	case policy.FPE:
		return m.permutable(t.Alphabet)
	case policy.Map:
		entries := m.entries(f.Path, t)
		if f.Type.Kind == policy.String {
			return jsonText(entries)
		}
		return entries
	case policy.JSON:
		return m.document(t)
	}
	if keeps(f.Treatment) {
		return m.marked(f)
	}
	return m.text
}

// permutable is the seed's value if it may stay in form, the alphabet has all of its letters and digits and there are enough
// of them, otherwise letters of the alphabet.
func (m *maker) permutable(alphabet string) string {
	n, fits := 0, m.expects()
	for _, c := range m.text {
		if strings.ContainsRune(alphabet, c) {
			n++
		} else if c >= 0x80 || isWord(byte(c)) {
			fits = false
		}
	}
	size := float64(len([]rune(alphabet)))
	if fits && float64(n)*math.Log10(size) >= 7 && n <= 64 {
		return m.text
	}
	letters := []rune(alphabet)
	var b strings.Builder
	for i := range 32 {
		b.WriteRune(letters[(i+m.row)%len(letters)])
	}
	return b.String()
}

// entries are those of an open map: the keys that it names, one that it does not, and one that is a value itself.
func (m *maker) entries(path string, t policy.Map) map[string]any {
	out := map[string]any{}
	put := func(key string, fields ...policy.Field) {
		for _, f := range fields {
			if keeps(f.Treatment) {
				out[key] = mark
				return
			}
		}
		v := m.treated(fields[len(fields)-1])
		for _, f := range fields {
			if s, ok := f.Treatment.(policy.Scrub); ok {
				v = m.sentence(s)
			}
		}
		out[key] = v
	}
	others := policy.Field{Treatment: t.Default}
	put("anything", others)
	if m.form.name == "plain" && slices.Contains([]string{"phone", "email", "card", "ssn"}, m.class) {
		put(m.text, others)
	}
	for _, key := range t.Keep {
		out[key] = mark
	}
	byKey := map[string][]policy.Field{}
	for _, f := range t.Fields {
		byKey[f.Path] = append(byKey[f.Path], f)
	}
	for key, fields := range byKey {
		if fields[len(fields)-1].When != nil {
			fields = append(fields, others)
		}
		put(key, fields...)
	}
	for _, r := range m.tenantPaths() {
		if r.Path == path && r.Key != "" {
			out[r.Key] = m.tenant()
		}
	}
	return out
}

// document is a JSON text.
func (m *maker) document(t policy.JSON) string {
	inner := *m
	inner.choices = nil
	inner.policy = &policy.Policy{}
	root := t.Tree()
	var v any
	if root.Leaf() {
		v = inner.value(root.Fields)
	} else {
		v = inner.object(root)
	}
	for range root.Lists {
		v = []any{v}
	}
	return jsonText(v)
}

// jsonText is JSON of strings, numbers, and what is made of them, which has no errors.
func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(text)
}

func (m *maker) tenantPaths() []policy.Reference {
	if m.policy.Tenant == nil {
		return nil
	}
	return m.policy.Tenant.Paths
}

func (m *maker) isTenant(path string) bool {
	t := m.policy.Tenant
	if t == nil {
		return false
	}
	if len(t.Paths) == 0 {
		return path == t.Path
	}
	return slices.Contains(t.Paths, policy.Reference{Path: path})
}

// tenant is one that the policy knows.
func (m *maker) tenant() string {
	if known := m.policy.Tenant.Known; len(known) > 0 {
		return known[0]
	}
	return mark
}
