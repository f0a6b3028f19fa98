package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/canary"
)

// smallPolicy is enough for files written by hand.
const smallPolicy = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: small, version: 1}
entity: interaction
key: [interactionId]
tenant: {path: tenant_id, required: true, known: [acme, globex]}
fields:
  - {path: interactionId, keep: true}
  - {path: tenant_id, keep: true}
  - {path: durationMs, keep: true, type: int}
  - {path: phoneNumber, token: {domain: phone, format: phone}}
  - {path: notes, scrub: {detect: [phone, email, card, ssn]}}
`

const goodCSV = "interactionId,tenant_id,durationMs,phoneNumber,notes\n" +
	"i-1,acme,1200,+14155550142,call (415) 555-0142\n" +
	"i-2,globex,900,,\"\"\n"

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Data at fault ends with 1, a reason that names what is wrong, no value, and nothing half-loaded. All cases share one
// folder, so each also shows that the one before left the pipeline in order.
func TestRefusedData(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), write(t, "policy.yaml", smallPolicy), t.TempDir()
	run := func(files ...string) result {
		return maskrail(t, append([]string{"run", "--policy", policy, "--key-file", key, "--dir", dir, "--json"}, files...)...)
	}
	whole := synth(t, "whole.parquet", 100, 1)
	parquet, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file, content string
		want                []string // in the reason
		never               string   // a value that must not show
	}{
		{"unknown column", "a.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes,customerSegment\ni-9,acme,1,+14155550199,x,gold-tier\n", []string{"unknown-field", "customerSegment"}, "gold-tier"},
		{"wrong type", "b.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes\ni-9,acme,4155550177,+14155550199,x\ni-10,acme,nine-hundred,,x\n", []string{"durationMs"}, "nine-hundred"},
		{"column twice", "c.csv", "interactionId,tenant_id,durationMs,phoneNumber,phoneNumber\ni-9,acme,1,+14155550199,+14155550199\n", []string{"phoneNumber", "twice"}, "4155550199"},
		{"missing key column", "d.csv", "tenant_id,durationMs,phoneNumber,notes\nacme,1,+14155550199,x\n", []string{"interactionId"}, "4155550199"},
		{"empty key", "e.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes\n,acme,1,+14155550199,x\n", []string{"interactionId"}, "4155550199"},
		{"missing tenant", "f.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes\ni-9,,1,+14155550199,x\n", []string{"tenant"}, "4155550199"},
		{"unknown tenant", "g.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes\ni-9,umbrella-corp,1,+14155550199,x\n", []string{"tenant"}, "umbrella-corp"},
		{"ragged row", "h.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes\ni-9,acme,1\n", []string{"malformed"}, "i-9"},
		{"truncated JSON Lines", "i.jsonl", `{"interactionId":"i-9","tenant_id":"acme","durationMs":1,"phoneNumber":"+14155550199"}` + "\n" + `{"interactionId":"i-10","ten`, []string{"malformed"}, "4155550199"},
		{"truncated Parquet", "j.parquet", string(parquet[:len(parquet)-100]), []string{"malformed"}, "example"},
		{"no file of a known format", "k.parquet", "\x00\x01\x02 not a parquet file +14155550199", []string{"malformed"}, "4155550199"},
		{"empty file", "l.parquet", "", []string{"malformed"}, "PAR1"},
	} {
		r := run(write(t, c.file, c.content))
		rep := r.report(t)
		if r.code != 1 || rep.Loaded != 0 || rep.Rejected == 0 || len(rep.Objects) != 1 || rep.Objects[0].Reason == nil {
			t.Errorf("%s: exit code %d\n%s\n%s", c.name, r.code, r.stdout, r.stderr)
			continue
		}
		reason := rep.Objects[0].Reason
		text := reason.Class + " " + reason.Field + " " + reason.Detail
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: reason lacks %q: %s", c.name, w, text)
			}
		}
		if strings.Contains(r.stdout+r.stderr, c.never) {
			t.Errorf("%s: a value shows: %s %s", c.name, r.stdout, r.stderr)
		}
	}
	n := tree(t, filepath.Join(dir, "s3", "maskrail-masked"))
	maps.DeleteFunc(n, func(name, _ string) bool { return strings.HasPrefix(name, canary.Prefix) })
	if len(n) != 0 {
		t.Errorf("refused objects left something in the masked bucket: %v", n)
	}

	// A file with the right columns and no rows is fine, and good files still load.
	empty := run(write(t, "empty.csv", "interactionId,tenant_id,durationMs,phoneNumber,notes\n")).ok(t).report(t)
	if empty.Rows != 0 || empty.Loaded != 0 || empty.Rejected != 0 {
		t.Errorf("zero rows: %+v", empty)
	}
	good := write(t, "good.csv", goodCSV)
	if r := run(good).ok(t).report(t); r.Loaded != 2 {
		t.Errorf("good file after refused ones: %+v", r)
	}
	// One bad file does not take the others with it.
	mixed := run(good, write(t, "bad.csv", "nonsense\n1\n"), write(t, "more.csv", strings.ReplaceAll(goodCSV, "i-", "j-")))
	if r := mixed.report(t); mixed.code != 1 || r.Loaded != 2 || r.Skipped != 2 || r.Rejected == 0 {
		t.Errorf("mixed files: code %d, %+v", mixed.code, r)
	}
	if got := one(t, filepath.Join(dir, "sandbox.duckdb"), "SELECT count(*) FROM interaction"); got != "4" {
		t.Errorf("rows in the sandbox: %s", got)
	}
}

// A policy that was mended takes the same file, at once.
func TestMendedPolicy(t *testing.T) {
	t.Parallel()
	key, dir := keyFile(t), t.TempDir()
	policy, in := write(t, "policy.yaml", smallPolicy), write(t, "in.csv", strings.ReplaceAll(strings.ReplaceAll(goodCSV, "notes\n", "notes,segment\n"), "555-0142\n", "555-0142,gold\n"))
	if err := os.WriteFile(in, []byte("interactionId,tenant_id,durationMs,phoneNumber,notes,segment\ni-1,acme,1200,+14155550142,x,gold\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", "--policy", policy, "--key-file", key, "--dir", dir, "--json", in}
	if r := maskrail(t, args...); r.code != 1 {
		t.Fatalf("unknown field: code %d\n%s", r.code, r.stdout)
	}
	if err := os.WriteFile(policy, []byte(smallPolicy+"  - {path: segment, keep: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := maskrail(t, args...).ok(t).report(t); r.Loaded != 1 {
		t.Errorf("mended policy: %+v", r)
	}
}

// Wrong usage and configuration end with 2 and say what to do.
func TestWrongUsage(t *testing.T) {
	t.Parallel()
	key, policy, in := keyFile(t), write(t, "policy.yaml", smallPolicy), write(t, "in.csv", goodCSV)
	short := write(t, "short.key", "maskrail-key-v1\n1:c2hvcnQ=\n")
	open := write(t, "open.key", "")
	if b, err := os.ReadFile(key); err != nil || os.WriteFile(open, b, 0o644) != nil || os.Chmod(open, 0o644) != nil {
		t.Fatal("copy key")
	}
	typo := write(t, "typo.yaml", strings.Replace(smallPolicy, "phoneNumber, token", "phoneNumber, tokne", 1))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no command that exists":   {[]string{"rnu"}, "rnu"},
		"flag missing":             {[]string{"run", in}, "policy"},
		"unknown flag":             {[]string{"run", "--polciy", policy, in}, "polciy"},
		"no file":                  {[]string{"run", "--policy", policy, "--key-file", key}, "arg"},
		"file that is not there":   {[]string{"run", "--policy", policy, "--key-file", key, "--dir", t.TempDir(), "nowhere.csv"}, "nowhere.csv"},
		"policy that is not there": {[]string{"run", "--policy", "nowhere.yaml", "--key-file", key, "--dir", t.TempDir(), in}, "nowhere.yaml"},
		"policy with a typo":       {[]string{"run", "--policy", typo, "--key-file", key, "--dir", t.TempDir(), in}, "token"},
		"key that is not there":    {[]string{"run", "--policy", policy, "--key-file", "nowhere.key", "--dir", t.TempDir(), in}, "nowhere.key"},
		"short key":                {[]string{"run", "--policy", policy, "--key-file", short, "--dir", t.TempDir(), in}, "32"},
		"key others can read":      {[]string{"run", "--policy", policy, "--key-file", open, "--dir", t.TempDir(), in}, "chmod"},
		"environment with a slash": {[]string{"run", "--policy", policy, "--key-file", key, "--env", "a/b", "--dir", t.TempDir(), in}, "--env"},
		"stage that is none":       {[]string{"replay", "--policy", policy, "--key-file", key, "--stage", "loaded", "--dir", t.TempDir()}, "loaded"},
		"out without a format":     {[]string{"mask", "--policy", policy, "--key-file", key, "--out", "x.txt", in}, ".parquet"},
		"provision without NATS":   {[]string{"provision"}, "--nats"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := maskrailEnv(t, []string{"MASKRAIL_KEY_FILE=", "MASKRAIL_KEY="}, c.args...)
			if r.code != 2 || !strings.Contains(r.stderr, c.want) || strings.Count(strings.TrimSpace(r.stderr), "\n") > 4 {
				t.Errorf("code %d, want 2 and %q in: %s", r.code, c.want, r.stderr)
			}
		})
	}
}

// A folder that was filled with one key refuses another: its tokens would not join.
func TestWrongKeyForSandbox(t *testing.T) {
	t.Parallel()
	policy, dir := write(t, "policy.yaml", smallPolicy), t.TempDir()
	in, more := write(t, "in.csv", goodCSV), write(t, "more.csv", strings.ReplaceAll(goodCSV, "i-", "j-"))
	maskrail(t, "run", "--policy", policy, "--key-file", keyFile(t), "--dir", dir, in).ok(t)
	r := maskrail(t, "run", "--policy", policy, "--key-file", keyFile(t), "--dir", dir, "--json", more)
	rep := r.report(t)
	if r.code != 1 || rep.Loaded != 0 || rep.Objects[0].Reason == nil || !strings.Contains(rep.Objects[0].Reason.Detail, "key") {
		t.Errorf("code %d: %s\n%s", r.code, r.stdout, r.stderr)
	}
	if got := one(t, filepath.Join(dir, "sandbox.duckdb"), "SELECT count(*) FROM interaction"); got != "2" {
		t.Errorf("rows in the sandbox: %s", got)
	}
}

// OUT is whole or not there, and what was there before stays when masking fails.
func TestMaskOutIsWholeOrAbsent(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), write(t, "policy.yaml", smallPolicy), t.TempDir()
	out := filepath.Join(dir, "out.jsonl")
	bad := write(t, "bad.csv", goodCSV+"i-3,acme,not-a-number,,\n")
	r := maskrail(t, "mask", "--policy", policy, "--key-file", key, "--out", out, "--json", bad)
	if r.code != 1 || strings.Contains(r.stdout+r.stderr, "not-a-number") {
		t.Errorf("code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	if left := tree(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	maskrail(t, "mask", "--policy", policy, "--key-file", key, "--out", out, write(t, "good.csv", goodCSV)).ok(t)
	b, err := os.ReadFile(out)
	if err != nil || strings.Count(string(b), "\n") != 2 || strings.Contains(string(b), "5550142") || strings.Contains(string(b), "555-0142") {
		t.Errorf("masked: %v\n%s", err, b)
	}
	if r := maskrail(t, "mask", "--policy", policy, "--key-file", key, "--out", out, bad); r.code != 1 {
		t.Errorf("code %d", r.code)
	}
	if again, err := os.ReadFile(out); err != nil || string(again) != string(b) {
		t.Errorf("a failed run changed the file: %v", err)
	}
}
