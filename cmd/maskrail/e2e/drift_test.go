package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// driftPolicy is what the calls below outgrow.
const driftPolicy = `# The calls of two tenants.
apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: calls, version: 1}
entity: interaction
key: [interactionId]
tenant: {path: tenant_id, required: true, known: [acme, globex]}
fields:
  - {path: interactionId, keep: true}
  - {path: tenant_id, keep: true}
  # Who called.
  - {path: phoneNumber, token: {domain: phone, format: phone}}
  - {path: "legs[].queue", keep: true}
`

// values of the files below that must not show anywhere but in the raw bucket.
var driftValues = []string{"4155550142", "4155550143", "jane.okafor", "Okafor", "2125550199"}

const (
	knownCall   = `{"interactionId":"i-1","tenant_id":"acme","phoneNumber":"+14155550142","legs":[{"queue":"claims"}]}`
	renamedCall = `{"interactionId":"i-2","tenant_id":"acme","phone_number":"+14155550143","legs":[{"queue":"claims","cc":["jane.okafor@example.com"]}]}`
	newCall     = `{"interactionId":"i-3","tenant_id":"globex","phoneNumber":"+14155550142","legs":[{"queue":"sales","cc":["jane.okafor@example.com"]}],"customerSegment":"+12125550199"}`
)

// TestDrift is the operator's way: new fields stop two of three objects, the rest flows; somebody is told; drift says what
// they look like; suggest writes a patch that git applies; release loads them, and the refresh that waited is done.
func TestDrift(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, string(body))
	}))
	t.Cleanup(hook.Close)

	work := t.TempDir()
	policy, key, dir := filepath.Join(work, "policy.yaml"), keyFile(t), filepath.Join(work, "data")
	if err := os.WriteFile(policy, []byte(driftPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	base := []string{"--policy", policy, "--key-file", key, "--dir", dir}
	u := startUp(t, append(base, "--drift-webhook-file", write(t, "hook", hook.URL+"/T0P/secret"))...)
	r := maskrail(t, append(append([]string{"run"}, base...), "--json",
		write(t, "a.jsonl", knownCall), write(t, "b.jsonl", renamedCall), write(t, "c.jsonl", newCall))...)
	report := r.report(t)
	if r.code != 1 || report.Loaded != 1 || report.Objects[0].State != "loaded" || report.Objects[1].State != "rejected" || report.Objects[2].State != "rejected" {
		t.Fatalf("code %d: %s", r.code, r.stdout)
	}
	if code, _ := settled(t, u.info.HTTP+"/refresh/"+report.Run); code != http.StatusConflict {
		t.Errorf("refresh while objects wait: %d", code)
	}

	var drift struct {
		Objects int
		Fields  []struct {
			Path, Kind, Type, Policy string
			Objects                  int
			Opinion                  struct{ Class string }
		}
	}
	here := []string{"--dir", dir}
	maskrail(t, append([]string{"drift", "--json"}, here...)...).ok(t).into(t, &drift)
	got := map[string]string{}
	for _, f := range drift.Fields {
		got[f.Path] = strings.Join([]string{f.Kind, f.Policy, f.Opinion.Class, string(rune('0' + f.Objects))}, " ")
	}
	want := map[string]string{"phone_number": "renamed phoneNumber phone 1", "legs[].cc[]": "unknown  email 2", "customerSegment": "unknown  phone 1"}
	for path, line := range want {
		if got[path] != line {
			t.Errorf("%s: %q, want %q", path, got[path], line)
		}
	}
	if drift.Objects != 2 || len(drift.Fields) != len(want) {
		t.Errorf("%+v", drift)
	}
	for _, id := range quarantined(t, "--field", "customerSegment", "--dir", dir) {
		if out := maskrail(t, "quarantine", "show", "--dir", dir, id).ok(t).stdout; !strings.Contains(out, "customerSegment") || !strings.Contains(out, "phone") {
			t.Errorf("show: %s", out)
		}
	}
	if n := len(quarantined(t, "--dir", dir, "--reason", "unknown-field")); n != 2 {
		t.Errorf("%d objects in quarantine, want 2", n)
	}
	u.stop(t) // what the alerts had to say is said, or is said by the next one

	patch := maskrail(t, "policy", "suggest", "--policy", policy, "--dir", dir).ok(t).stdout
	apply := exec.CommandContext(t.Context(), "git", "apply", "-p1", "-")
	apply.Dir, apply.Stdin = work, strings.NewReader(patch)
	apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(work))
	if out, err := apply.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v: %s\n%s", err, out, patch)
	}
	maskrail(t, "policy", "lint", policy).ok(t)
	text, err := os.ReadFile(policy)
	if err != nil || !strings.Contains(string(text), "# Who called.") || !strings.Contains(string(text), "aliases: [phone_number]") {
		t.Errorf("%v: %s", err, text)
	}

	if r := maskrail(t, append([]string{"quarantine", "release", "--all"}, here...)...); r.code != 2 || !strings.Contains(r.stderr, "--policy") {
		t.Errorf("release without workers: %d %s", r.code, r.stderr)
	}
	u = startUp(t, append(base, "--drift-webhook-file", write(t, "hook", hook.URL+"/T0P/secret"))...)
	released := maskrail(t, append([]string{"quarantine", "release", "--all", "--by", "ana", "--json"}, here...)...).ok(t).report(t)
	if released.Loaded != 2 || released.Rejected != 0 {
		t.Errorf("released: %+v", released)
	}
	if code, body := settled(t, u.info.HTTP+"/refresh/"+report.Run); code != http.StatusOK {
		t.Errorf("refresh after the release: %d %s", code, body)
	}
	if n := len(quarantined(t, "--dir", dir)); n != 0 {
		t.Errorf("%d objects wait after the release", n)
	}
	u.stop(t)
	if got := one(t, filepath.Join(dir, "sandbox.duckdb"), "SELECT count(*) || '/' || count(DISTINCT phoneNumber) FROM interaction"); got != "3/3" { // tokens are their tenants'
		t.Errorf("rows and numbers in the sandbox: %s", got)
	}

	mu.Lock()
	defer mu.Unlock()
	if len(told) != len(want) {
		t.Errorf("%d alerts, want one for each of %d fields: %s", len(told), len(want), told)
	}
	clean(t, dir, append(told, patch, r.stdout, r.stderr)...)
}

// quarantined are the ids that quarantine ls lists.
func quarantined(t *testing.T, args ...string) []string {
	t.Helper()
	var list struct {
		Objects []struct{ ID, Object string }
	}
	maskrail(t, append([]string{"quarantine", "ls", "--json"}, args...)...).ok(t).into(t, &list)
	var ids []string
	for _, o := range list.Objects {
		ids = append(ids, o.Object)
	}
	return ids
}

// clean looks for values, and for the webhook's address, in everything but the raw bucket.
func clean(t *testing.T, dir string, texts ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.Contains(path, "maskrail-raw") {
			return err
		}
		b, err := os.ReadFile(path)
		texts = append(texts, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		for _, v := range append(driftValues, "T0P/secret") {
			if strings.Contains(text, v) {
				t.Errorf("%q shows in %.200q", v, text)
			}
		}
	}
}

// TestDiscard: what is discarded holds nobody up, and can be taken back.
func TestDiscard(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), write(t, "policy.yaml", driftPolicy), t.TempDir()
	base := []string{"--policy", policy, "--key-file", key, "--dir", dir}
	u := startUp(t, base...)
	run := maskrail(t, append(append([]string{"run"}, base...), "--json", write(t, "c.jsonl", newCall))...).report(t)
	ids := quarantined(t, "--dir", dir)
	if len(ids) != 1 {
		t.Fatalf("%v in quarantine", ids)
	}
	if r := maskrail(t, append(append([]string{"run"}, base...), write(t, "c.jsonl", newCall))...); r.code != 1 || !strings.Contains(r.stdout, "quarantine show --dir "+dir+" "+ids[0]) {
		t.Errorf("run does not say where to look further: %d %s", r.code, r.stdout)
	}
	if out := maskrail(t, "quarantine", "ls", "--dir", dir, "--reason", "nothing").ok(t).stdout; !strings.Contains(out, "nothing that fits waits") {
		t.Errorf("a filter that fits nothing: %s", out)
	}
	for args, want := range map[string]string{"--all": "--yes", "--yes": "which objects", "--yes zzzzzz": "no such object"} {
		r := maskrail(t, append([]string{"quarantine", "discard", "--dir", dir}, strings.Fields(args)...)...)
		if r.code != 2 || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: %d %s", args, r.code, r.stderr)
		}
	}
	if offered := maskrail(t, "__complete", "quarantine", "discard", "--dir", dir, "").ok(t).stdout; !strings.HasPrefix(offered, ids[0]+"\t") {
		t.Errorf("a shell is offered %q, want %s", offered, ids[0])
	}
	for _, command := range []string{"quarantine ls", "drift", "audit"} {
		if r := maskrail(t, append(strings.Fields(command), "--dir", dir, "--env", "sandbx")...); r.code != 2 || !strings.Contains(r.stderr, "choose one of sandbox") {
			t.Errorf("%s of an environment that is none: %d %s", command, r.code, r.stderr)
		}
	}
	maskrail(t, "quarantine", "discard", "--dir", dir, "--by", "ana", "--yes", ids[0][:8]).ok(t)
	if code, body := settled(t, u.info.HTTP+"/refresh/"+run.Run); code != http.StatusOK || !strings.Contains(body, `"discarded":1`) {
		t.Errorf("refresh: %d %s", code, body)
	}
	if n := len(quarantined(t, "--dir", dir)); n != 0 {
		t.Errorf("%d objects wait", n)
	}
	replay := maskrail(t, append([]string{"replay", "--dry-run", "--json"}, base...)...).ok(t)
	if n := len(replay.report(t).Objects); n != 0 || !strings.Contains(replay.stderr, "1 object was discarded") {
		t.Errorf("a replay takes %d objects that were given up: %s", n, replay.stderr)
	}
	again := maskrail(t, "quarantine", "release", "--dir", dir, "--by", "olu", "--json", ids[0])
	if again.code != 1 || again.report(t).Objects[0].State != "rejected" || len(quarantined(t, "--dir", dir)) != 1 {
		t.Errorf("taken back: %d %s", again.code, again.stdout)
	}
	u.stop(t)
	var shown struct{ Audit []struct{ Action, By string } }
	maskrail(t, "quarantine", "show", "--dir", dir, "--json", ids[0]).ok(t).into(t, &shown)
	for bound, want := range map[string]int{"--since": 2, "--until": 0} {
		var log struct{ Decisions []struct{ Action string } }
		maskrail(t, "audit", "--dir", dir, "--json", bound, "2000-01-01").ok(t).into(t, &log)
		if len(log.Decisions) != want {
			t.Errorf("audit %s 2000-01-01: %v, want %d decisions", bound, log.Decisions, want)
		}
	}
	if b, _ := json.Marshal(shown.Audit); string(b) != `[{"Action":"discarded","By":"ana"},{"Action":"released","By":"olu"}]` {
		t.Errorf("audit: %s", b)
	}
}

// TestInfer: what is drafted passes lint and masks the file it was drafted for; nothing of the file shows in it.
func TestInfer(t *testing.T) {
	t.Parallel()
	key := keyFile(t)
	conversations := func(name string) string {
		path := filepath.Join(t.TempDir(), name)
		maskrail(t, "synth", "--entity", "conversation", "--rows", "200", "--out", path).ok(t)
		return path
	}
	for name, c := range map[string]struct {
		file, entity string
		want         []string
	}{
		"csv":         {synth(t, "in.csv", 500, 1), "interaction", []string{"key: [interactionId]", "tenant: {path: tenant_id", "path: phoneNumber, token: {domain: phone, format: phone}", "path: ssn, redact", "path: dateOfBirth, date: {truncate: year}", "path: notes, redact"}},
		"parquet":     {synth(t, "in.parquet", 500, 1), "interaction", []string{"path: cardNumber, card: {keep: none}"}},
		"json":        {conversations("c.jsonl.gz"), "conversation", []string{`paths: ["participants[].attributes.tenant_id"]`, `"participants[].sessions[].ani", token: {domain: phone`}},
		"nested":      {conversations("c.parquet"), "conversation", []string{`paths: ["participants[].attributes.tenant_id"]`}},
		"semicolons":  {write(t, "s.csv", "id;note\n1;call jane.okafor@example.com\n"), "interaction", []string{"delimiter: \";\"", "path: note, redact"}},
		"mixed types": {write(t, "m.jsonl", `{"a":"x","b":[1],"c":{"phone":"+14155550142"}}`+"\n"+`{"a":["y"],"b":"z","c":"{\"x\":1}"}`), "interaction", []string{"path: a, drop", "path: b, drop", "path: c, drop"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "policy.yaml")
			args := []string{"policy", "infer", "--entity", c.entity, "--out", out, c.file}
			if name == "semicolons" {
				if r := maskrail(t, args...); r.code != 2 || !strings.Contains(r.stderr, "--delimiter") {
					t.Errorf("%d %s", r.code, r.stderr)
				}
				args = append(args, "--delimiter", ";")
			}
			maskrail(t, args...).ok(t)
			maskrail(t, "policy", "lint", out).ok(t)
			masked := filepath.Join(t.TempDir(), "masked.parquet")
			maskrail(t, "mask", "--policy", out, "--key-file", key, "--out", masked, c.file).ok(t)
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range c.want {
				if !strings.Contains(string(b), w) {
					t.Errorf("lacks %q:\n%s", w, b)
				}
			}
			clean(t, t.TempDir(), string(b))
		})
	}
	if r := maskrail(t, "policy", "infer", write(t, "x.csv", "Jane,+14155550142\nAna,+14155550143\n")); r.code != 1 || strings.Contains(r.stdout+r.stderr, "5550142") {
		t.Errorf("no header: %d %s%s", r.code, r.stdout, r.stderr)
	}
}
