package policy

import (
	"slices"
	"strings"
	"testing"
)

// treatment reads a treatment as it stands in a policy.
func treatment(t *testing.T, text string) Treatment {
	t.Helper()
	f, _ := mustParse(t, with("{path: name, token: {domain: person.name}}", "{path: a, expect: {classes: [phone], why: x}, "+text+"}")).Field("a")
	return f.Treatment
}

func TestExposes(t *testing.T) {
	t.Parallel()
	const exposing, safe = true, false
	tests := []struct {
		from, to string
		exposes  bool
		breaks   bool
	}{
		{"redact: true", "keep: true", exposing, false},
		{"keep: true", "redact: true", safe, true},
		{"keep: true", "token: {domain: a}", safe, true},
		{"drop: true", "redact: true", safe, false},
		{"drop: true", "token: {domain: a}", exposing, false},
		{"redact: {with: x}", "null: true", safe, false},
		{"token: {domain: a}", "token: {domain: b}", safe, true},
		{"token: {domain: a}", "token: {domain: a, length: 20}", safe, true},
		{"token: {domain: a}", "token: {domain: a, scope: environment}", exposing, true},
		{"token: {domain: a, scope: environment}", "token: {domain: a}", safe, true},
		{"token: {domain: a}", "token: {domain: a, format: digits}", exposing, true},
		{"token: {domain: phone, format: phone}", "token: {domain: phone}", safe, true},
		{"token: {domain: a}", "token: {domain: a, format: auto}", exposing, true},
		{"fpe: {domain: a}", "token: {domain: a}", safe, true},
		{"token: {domain: a}", "fpe: {domain: a}", exposing, true},
		{"token: {domain: a}", "fake: {kind: job}", safe, true},
		{"card: {keep: last4}", "card: {keep: first6last4}", exposing, false},
		{"card: {keep: first6last4}", "card: {keep: last4}", safe, false},
		{"card: {keep: last4}", "card: {keep: none}", safe, false},
		{"mask: {last: 2}", "mask: {last: 3}", exposing, false},
		{"mask: {last: 2}", "mask: {first: 1}", exposing, false},
		{"mask: {first: 2, last: 2}", "mask: {first: 1, char: x}", safe, false},
		{"card: {keep: last4}", "mask: {last: 4}", safe, false},
		{"date: {truncate: month}", "date: {truncate: year}", safe, false},
		{"date: {truncate: year}", "date: {truncate: month}", exposing, false},
		{"date: {truncate: year, earliest: 1937}", "date: {truncate: year}", exposing, false},
		{"date: {truncate: year}", "date: {truncate: year, earliest: 1937}", safe, false},
		{"date: {truncate: year, earliest: 1937}", "date: {truncate: year, earliest: 1930}", exposing, false},
		{"date: {truncate: day}", "date: {shift: {by: t, max: 9d}}", exposing, false},
		{"date: {shift: {by: t, max: 30d}}", "date: {shift: {by: t, max: 9d}}", exposing, false},
		{"date: {shift: {by: t, max: 9d}}", "date: {shift: {by: t, max: 30d}}", safe, false},
		{"bucket: {width: 10}", "bucket: {width: 5}", exposing, false},
		{"bucket: {width: 5, top: 90}", "bucket: {width: 10, top: 90}", safe, false},
		{"bucket: {width: 5, top: 90}", "bucket: {width: 5}", exposing, false},
		{"bucket: {width: 5, top: -10}", "bucket: {width: 5, top: 0}", exposing, false},
		{"zip3: true", "keep: true", exposing, false},
		{"zip3: true", "mask: {first: 3}", exposing, false},
		{"scrub: true", "scrub: {detect: [phone]}", exposing, false},
		{"scrub: {detect: [phone]}", "scrub: true", safe, false},
		{"scrub: {context: [name]}", "scrub: true", exposing, false},
		{"scrub: true", "scrub: {context: [name]}", safe, false},
		{"keep: true", "scrub: true", safe, true},
		{"scrub: true", "drop: true", safe, false},
		{"map: {keep: [a]}", "map: {keep: [a, b]}", exposing, false},
		{"map: {keep: [a, b]}", "map: {keep: [a]}", safe, true},
		{"map: {}", "map: {fields: [{path: a, redact: true}]}", safe, false},
		{"map: {}", "map: {fields: [{path: a, token: {domain: a}}]}", exposing, false},
		{"map: {}", "map: {default: scrub}", exposing, false},
		{"map: {default: scrub}", "map: {default: drop}", safe, false},
		{"map: {default: token}", "map: {default: token, fields: [{path: a, drop: true}]}", safe, false},
		{"map: {keep: [a]}", "keep: true", exposing, false},
		{"json: {fields: [{path: a, keep: true}]}", "json: {fields: [{path: a, keep: true}, {path: b, drop: true}]}", safe, false},
		{"json: {fields: [{path: a, keep: true}]}", "json: {fields: [{path: a, keep: true}, {path: b, zip3: true}]}", exposing, false},
		{"json: {fields: [{path: a, token: {domain: a}}]}", "json: {fields: [{path: a, token: {domain: b}}]}", safe, true},
		{"json: {fields: [{path: a, token: {domain: a}}, {path: b, redact: true}]}", "json: {fields: [{path: b, redact: true}]}", safe, true},
	}
	for _, tt := range tests {
		from, to := treatment(t, tt.from), treatment(t, tt.to)
		if got := exposes(from, to); got != tt.exposes {
			t.Errorf("%s -> %s: exposes %t, want %t", tt.from, tt.to, got, tt.exposes)
		}
		if got := breaks(from, to); got != tt.breaks {
			t.Errorf("%s -> %s: breaks %t, want %t", tt.from, tt.to, got, tt.breaks)
		}
		if exposes(from, from) || breaks(to, to) {
			t.Errorf("%s or %s differs from itself", tt.from, tt.to)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	from := mustParse(t, head+`
key: [id]
tenant: {path: t, known: [acme]}
fields:
  - {path: id, keep: true}
  - {path: t, keep: true}
  - {path: phone, token: {domain: phone, format: phone}}
  - {path: card, card: {keep: last4}}
  - {path: name, token: {domain: person.name}, aliases: [fullName]}
  - {path: gone, redact: true}
  - {path: side, when: {path: t, in: [acme]}, redact: true}
  - {path: side, token: {domain: side}}
  - {path: note, redact: true, examples: [{in: a, out: "[MASKED]"}]}
  - {path: amount, keep: true, type: int}
`)
	to := mustParse(t, strings.Replace(head, "version: 1", "version: 2", 1)+`
key: [id]
tenant: {path: t, known: [acme, globex]}
unknown: pass
region: GB
source: {csv: {delimiter: ";", null: ["N/A"]}, dialects: {tabs: {delimiter: "\t", header: false}, pipe: {delimiter: "|"}}}
fields:
  - {path: t, keep: true}
  - {path: id, keep: true}
  - {path: phone, token: {domain: telephone, format: phone}}
  - {path: card, card: {keep: first6last4}}
  - {path: name, keep: true, expect: {classes: [phone], why: a test}}
  - {path: side, when: {path: t, in: [acme, globex]}, redact: true}
  - {path: side, token: {domain: side}}
  - {path: note, redact: true, examples: [{in: b, out: "[MASKED]"}]}
  - {path: amount, keep: true, type: double}
  - {path: fresh, zip3: true}
`)
	var lines []string
	for _, c := range Diff(from, to) {
		lines = append(lines, c.String())
	}
	golden(t, "diff.golden", strings.Join(lines, "\n")+"\n")
	if changes := Diff(to, to); len(changes) != 0 {
		t.Errorf("a policy differs from itself: %v", changes)
	}
	for range 5 {
		if again := Diff(from, to); !slices.Equal(again, Diff(from, to)) {
			t.Error("two diffs differ")
		}
	}
}

// TestDiffSeesEverything: whatever changes the digest is a change that masks, and nothing else is.
func TestDiffSeesEverything(t *testing.T) {
	t.Parallel()
	from, to := language(t), language(t)
	groups := byPath(from.Fields)
	for _, p := range []*Policy{from, to} {
		p.Fields = slices.DeleteFunc(p.Fields, func(f Field) bool { return len(groups[f.Path]) > 1 }) // which have much in common
	}
	changed := 0
	mutate(to, func(where string) {
		changed++
		if where == "policy.Fields.Treatment.Map.Fields.When.Reference.Path" {
			return // always the map's own
		}
		if !slices.ContainsFunc(Diff(from, to), func(c Change) bool { return c.Masks }) {
			t.Errorf("%s is no change", where)
		}
	})
	if changed < 400 {
		t.Errorf("only %d values were changed", changed)
	}
	if changes := Diff(from, to); len(changes) != 0 {
		t.Errorf("equal policies differ: %v", changes)
	}
	notes := slices.IndexFunc(to.Fields, func(f Field) bool { return f.Path == "notes" })
	to.Fields[notes].Examples = nil
	if changes := Diff(from, to); len(changes) != 1 || changes[0].Masks || changes[0].What != "examples" {
		t.Errorf("without examples: %v", changes)
	}
}
