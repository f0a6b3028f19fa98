package masker

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
)

// release is one of the conversation schema: what came and went in the session and in the conversation itself.
type release struct {
	Release               string
	Session, Conversation struct{ Add, Remove, Retype []string }
}

const sessionPath = "participants[].sessions[]."

// added are the paths of what came, as far as their first name.
func (r release) added() []string {
	var out []string
	for _, name := range r.Session.Add {
		out = append(out, sessionPath+name)
	}
	return append(out, r.Conversation.Add...)
}

// item is a field of a policy as it is written, with what is written above it.
var item = regexp.MustCompile(`(?m)^  - (?:\{path: |path: )"?([^",}\n]+)`)

// history is the ready policy as it would have been at each release, and what its records hold.
type history struct {
	t        *testing.T
	releases []release
	head     string   // of the policy
	items    []string // its fields as they are written
	paths    []string // and their paths
	today    *policy.Policy
}

func newHistory(t *testing.T) *history {
	t.Helper()
	h := &history{t: t, today: readyPolicies(t)["genesys-conversation"]}
	text, err := os.ReadFile("testdata/genesys-history.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &h.releases); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(readyFolder + "/genesys-conversation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	at := item.FindAllSubmatchIndex(written, -1)
	h.head = string(written[:at[0][0]])
	for i, m := range at {
		end := len(written)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		h.items = append(h.items, string(written[m[0]:end]))
		h.paths = append(h.paths, string(written[m[2]:m[3]]))
	}
	return h
}

// starts reports a path that is that of the name, or leads on from it.
func starts(path, name string) bool {
	rest, ok := strings.CutPrefix(path, name)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// policy is what the ready policy would have been when the first n releases were known.
func (h *history) policy(n int, unknown string) *policy.Policy {
	h.t.Helper()
	later, gone := h.split(n)
	text := strings.Replace(h.head, "\nunknown: quarantine\n", "\nunknown: "+unknown+"\n", 1)
	for i, path := range h.paths {
		if !slices.ContainsFunc(later, func(name string) bool { return starts(path, name) }) {
			text += h.items[i]
		}
	}
	for _, name := range gone {
		text += "\n  - {path: \"" + name + "\", keep: true}\n"
	}
	set, err := policy.Parse("history.yaml", []byte(text), nil)
	if err != nil {
		h.t.Fatalf("after %d releases: %v", n, err)
	}
	p, _ := set.For("conversation")
	return p
}

// split says what the first n releases do not have yet, and what they have that went later.
func (h *history) split(n int) (later, gone []string) {
	has := map[string]bool{sessionPath + "monitoredSessionId": true}
	for _, r := range h.releases[:n] {
		for _, path := range r.added() {
			has[path] = true
		}
		for _, name := range r.Session.Remove {
			delete(has, sessionPath+name)
		}
	}
	for _, r := range h.releases {
		for _, path := range r.added() {
			if !has[path] && !slices.Contains(later, path) {
				later = append(later, path)
			}
		}
	}
	for path := range has {
		if !slices.ContainsFunc(h.paths, func(own string) bool { return starts(own, path) }) {
			gone = append(gone, path)
		}
	}
	slices.Sort(gone)
	return later, gone
}

// persons are what new fields hold: values that must not pass.
var persons = []string{"+14155550142", "jane.okafor@example.com", "Jane Okafor"}

// record is one of the release: every field that the policy of the time names, and what is new with values of persons.
func (h *history) record(n int, fresh []string) string {
	h.t.Helper()
	record := map[string]any{}
	h.fill(record, h.policy(n, "quarantine").Tree(), "plain")
	var only []string
	for _, path := range fresh {
		known := false
		for _, f := range h.today.Fields {
			if starts(f.Path, path) {
				only, known = append(only, f.Path), true
			}
		}
		if !known { // gone today
			only = append(only, path)
		}
	}
	for i, path := range only {
		steps, err := policy.ParsePath(path)
		if err != nil {
			h.t.Fatal(err)
		}
		set(record, steps, persons[i%len(persons)])
	}
	set(record, policy.Path{{Name: "participants"}, {List: true}, {Name: "attributes"}, {Name: "tenant_id"}}, "acme")
	record["conversationId"] = "7c2f0d1e-5a34-4b8f-9a51-0f6d1c2b3a41"
	text, err := json.Marshal(record)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *history) fill(into map[string]any, n *policy.Node, text string) {
	for _, m := range n.Members {
		var v any
		if m.Leaf() {
			v = text
			f := m.Fields[len(m.Fields)-1]
			switch f.Type.Kind {
			case policy.Int:
				v = 7
			case policy.Double:
				v = 1.5
			case policy.Bool:
				v = true
			case policy.Timestamp:
				v = "2026-03-09T13:04:11Z"
			}
			if _, open := f.Treatment.(policy.Map); open {
				v = map[string]any{"LOB": "x"}
			}
		} else {
			inner := map[string]any{}
			h.fill(inner, m, text)
			v = inner
		}
		for range m.Lists {
			v = []any{v}
		}
		into[m.Name] = v
	}
}

// TestSchemaHistory replays the schema of six years release by release: what a release adds, names of persons and their
// numbers among it, is refused by the policy of the day before, which says which fields; it is not in what unknown: drop
// makes of it; unknown: pass stops at what looks sensitive; and the policy of the day after takes it.
func TestSchemaHistory(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	sensitive := 0
	for n, r := range h.releases {
		t.Run(r.Release, func(t *testing.T) {
			h.t = t
			fresh := r.added()
			in := h.record(n, fresh)
			_, _, err := run(t, compiled(t, h.policy(n, "quarantine"), "sandbox"), "x.jsonl", in, Options{})
			if class(err) != ClassUnknownField {
				t.Fatalf("the policy of the day before: %v", err)
			}
			h.compare(n, in, fresh)

			out, result, err := run(t, compiled(t, h.policy(n, "drop"), "sandbox"), "x.jsonl", in, Options{Format: columnar.FormatJSONL})
			if err != nil || result.RowsOut != 1 {
				t.Fatalf("unknown: drop: %v", err)
			}
			none(t, out)
			out, _, err = run(t, compiled(t, h.policy(n, "pass"), "sandbox"), "x.jsonl", in, Options{Format: columnar.FormatJSONL})
			switch class(err) {
			case ClassSuspectField, ClassUnknownField:
				sensitive++
			default:
				t.Errorf("unknown: pass: %v", err)
				none(t, out)
			}

			next := h.record(n+1, nil)
			if _, result, err := run(t, compiled(t, h.policy(n+1, "quarantine"), "sandbox"), "x.jsonl", next, Options{}); err != nil || result.RowsOut != 1 {
				t.Errorf("the policy of the day after: %v", err)
			}
			if len(r.Session.Retype) > 0 {
				h.retyped(n, r.Session.Retype)
			}
		})
	}
	if sensitive != len(h.releases) {
		t.Errorf("%d of %d releases were stopped by what they hold", sensitive, len(h.releases))
	}
}

// compare: the report lists what is new, all of it and nothing else.
func (h *history) compare(n int, in string, fresh []string) {
	h.t.Helper()
	fields, _, err := drift.File(h.t.Context(), h.policy(n, "quarantine"), strings.NewReader(in), "x.jsonl", "")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, path := range fresh {
		if !slices.ContainsFunc(fields, func(f drift.Field) bool { return starts(f.Path, path) && f.Waits && f.Opinion != nil }) {
			h.t.Errorf("the report lacks %s", path)
		}
	}
	for _, f := range fields {
		if !slices.ContainsFunc(fresh, func(path string) bool { return starts(f.Path, path) }) {
			h.t.Errorf("the report has %s, which is not new", f.Path)
		}
	}
	text, _ := json.Marshal(fields)
	none(h.t, string(text))
}

// retyped: a text where the policy says int is refused as such, and never taken for a number.
func (h *history) retyped(n int, names []string) {
	h.t.Helper()
	for _, name := range names {
		record := strings.Replace(h.record(n+1, nil), `"`+name+`":7`, `"`+name+`":"v7 of +14155550142"`, 1)
		_, _, err := run(h.t, compiled(h.t, h.policy(n+1, "quarantine"), "sandbox"), "x.jsonl", record, Options{})
		if class(err) != ClassMalformed || strings.Contains(err.Error(), "555") {
			h.t.Errorf("%s as text: %v", name, err)
		}
	}
}

func none(t *testing.T, out string) {
	t.Helper()
	for _, m := range persons {
		if strings.Contains(out, m) {
			t.Errorf("%q passes", m)
		}
	}
}
