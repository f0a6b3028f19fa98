package cli

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/app"
)

var update = flag.Bool("update", false, "rewrite golden files")

const tickets = "testdata/explain.yaml"

// changed is the policy of tickets with some text replaced.
func changed(t *testing.T, old, new string) string {
	t.Helper()
	text, err := os.ReadFile(tickets)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q", tickets, old)
	}
	return file(t, "policy.yaml", strings.Replace(string(text), old, new, 1))
}

func TestPolicyExplain(t *testing.T) {
	t.Parallel()
	got, err := execute(t, "policy", "explain", tickets)
	if err != nil {
		t.Fatal(err)
	}
	golden := "testdata/explain.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("%v: got\n%s", err, got)
	}
}

// In JSON there is every field, whole and in the policy's order.
func TestPolicyExplainJSON(t *testing.T) {
	t.Parallel()
	got, err := execute(t, "policy", "explain", "--json", tickets)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Entities []struct {
			Entity string
			Fields []explained
		}
	}
	if err := json.Unmarshal([]byte(got), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Entities) != 1 || report.Entities[0].Entity != "ticket" || len(report.Entities[0].Fields) != 21 {
		t.Fatalf("got %s", got)
	}
	for _, f := range report.Entities[0].Fields {
		if f.Error != "" {
			t.Errorf("%s: %s", f.Field, f.Error)
		}
	}
}

// Samples are such that no field stops the object: tenants are known, and a condition on the value itself is met.
func TestPolicyExplainFits(t *testing.T) {
	t.Parallel()
	text := `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: fits, version: 1}
entity: call
tenant: {paths: ["attributes.owner", tid], as: tenant_id, known: [acme]}
fields:
  - {path: tid, keep: true}
  - {path: name, when: {path: name, in: anonymous}, keep: true}
  - {path: name, token: {domain: person.name}}
  - {path: attributes, map: {keep: [owner]}}
`
	got, err := execute(t, "policy", "explain", file(t, "policy.yaml", text))
	if err != nil || strings.Contains(got, "stops") || !strings.Contains(got, `"owner":"acme"`) || strings.Count(got, "anonymous") != 3 {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestPolicyTest(t *testing.T) {
	t.Parallel()
	if out, err := execute(t, "policy", "test", tickets); err != nil || !strings.Contains(out, "1 example, 0 failed") {
		t.Errorf("%v\n%s", err, out)
	}
	wrong := changed(t, `out: "941"`, `out: "940"`)
	out, err := execute(t, "policy", "test", wrong)
	if err == nil || app.IsUsage(err) || !strings.Contains(out, `policy.yaml:16: requester.zip: got "941", want "940"`) {
		t.Errorf("%v\n%s", err, out)
	}
	refused := changed(t, `{in: 94103-1234, out: "941"}`, `{in: 94103, out: "941", with: {requester.income: much}}`)
	out, err = execute(t, "policy", "test", refused)
	if err == nil || !strings.Contains(out, "got refused: ") || strings.Contains(out, "much") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestPolicyDiff(t *testing.T) {
	t.Parallel()
	exposing := changed(t, "payment.secret, drop: true", "payment.secret, keep: true")
	for name, c := range map[string]struct {
		args []string
		want string
		fail bool
	}{
		"same":        {[]string{tickets, tickets, "--check"}, "ticket: same", false},
		"exposes":     {[]string{tickets, exposing}, "payment.secret: treatment: drop: true -> keep: true (exposes more)", false},
		"checked":     {[]string{tickets, exposing, "--check"}, "(exposes more)", true},
		"other way":   {[]string{exposing, tickets, "--check"}, "payment.secret: treatment: keep: true -> drop: true", false},
		"new entity":  {[]string{tickets, changed(t, "entity: ticket", "entity: call"), "--check"}, "call: added", true},
		"lost entity": {[]string{tickets, changed(t, "entity: ticket", "entity: call")}, "ticket: removed", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := execute(t, append([]string{"policy", "diff"}, c.args...)...)
			if (err != nil) != c.fail || app.IsUsage(err) || !strings.Contains(out, c.want) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestPolicyLint(t *testing.T) {
	t.Parallel()
	if out, err := execute(t, "policy", "lint", tickets); err != nil || !strings.Contains(out, "nothing found (sha256:") {
		t.Errorf("%v\n%s", err, out)
	}
	kept := changed(t, "payment.card, card: {keep: last4}", "payment.card, keep: true")
	if out, err := execute(t, "policy", "lint", kept); err == nil || app.IsUsage(err) || !strings.Contains(out, "line 19: error: payment.card: kept, and looks like a card number") {
		t.Errorf("%v\n%s", err, out)
	}
	short := changed(t, "prefix: P_", "length: 10")
	if out, err := execute(t, "policy", "lint", short); err != nil || !strings.Contains(out, "warning: requester.name: a token of 10 characters") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := execute(t, "policy", "lint", "--strict", short); err == nil {
		t.Errorf("with --strict a warning is fine:\n%s", out)
	}
	// What is no policy is one fault, for each command that reads one.
	for _, command := range []string{"lint", "explain", "test"} {
		if _, err := execute(t, "policy", command, rootKey(t)); !app.IsUsage(err) || strings.Count(err.Error(), "root.key:") != 1 {
			t.Errorf("%s: %v", command, err)
		}
	}
}

// What the binary carries can be written to a file, and is a policy.
func TestPolicyReady(t *testing.T) {
	t.Parallel()
	names, err := execute(t, "policy", "ready")
	if err != nil || !strings.Contains(names, "genesys-conversation\n") {
		t.Fatalf("%v\n%s", err, names)
	}
	for name := range strings.FieldsSeq(names) {
		text, err := execute(t, "policy", "ready", name)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := execute(t, "policy", "test", file(t, name+".yaml", text)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		out, err := execute(t, "policy", "ready", "--json", name)
		var report struct{ Name, Text string }
		if err != nil || json.Unmarshal([]byte(out), &report) != nil || report.Name != name || report.Text != text {
			t.Errorf("%s: %v, as JSON\n%s", name, err, out)
		}
	}
	if _, err := execute(t, "policy", "ready", "genesys"); !app.IsUsage(err) || !strings.Contains(err.Error(), "genesys-conversation") {
		t.Errorf("%v", err)
	}
}

const ticket = `{"ticketId":"t1","tenant_id":"acme","requester":{"name":"Ann Lee","phones":[{"number":"030 1234567","kind":"home"}]},"history":[{"type":"user","text":"this is Ann Lee"}]}
{"ticketId":"t2","tenant_id":"globex","requester":{"name":"Ann Lee","phones":[]}}
`

// The report of a preview shows nothing of the data, and --rows nothing where it is not a terminal.
func TestPreview(t *testing.T) {
	t.Parallel()
	in, key := file(t, "in.jsonl", ticket), rootKey(t)
	out, err := execute(t, "preview", "--policy", tickets, "--key-file", key, in)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"requester.name             token ", "1 → 2", "has another token, or is shifted otherwise, in each tenant", "2 rows of "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, value := range []string{"Ann", "1234567", "home", "acme\""} {
		if strings.Contains(out, value) {
			t.Errorf("%q is shown:\n%s", value, out)
		}
	}
	out, err = execute(t, "preview", "--policy", tickets, "--key-file", key, "--rows", "20", in)
	if !app.IsUsage(err) || out != "" {
		t.Errorf("--rows without a terminal: %v\n%s", err, out)
	}
}

// A CSV that cannot be written is told before anything is read.
func TestMaskNestedAsCSV(t *testing.T) {
	t.Parallel()
	in, out := file(t, "in.jsonl", ticket), filepath.Join(t.TempDir(), "out.csv")
	_, err := execute(t, "mask", "--policy", tickets, "--key-file", rootKey(t), "--out", out, in)
	if !app.IsUsage(err) || !strings.Contains(err.Error(), "such as requester.name: choose a name that ends in .parquet or .jsonl") {
		t.Errorf("%v", err)
	}
}
