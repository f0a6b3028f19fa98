package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// proofs is the last line of verify --json.
func proofs(t *testing.T, r result) (out struct {
	Proven  bool
	Objects []struct {
		Object string
		Proven bool
		Masked struct{ Trace, Code, Policy string }
	}
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatalf("%v\n%s\n%s", err, r.stdout, r.stderr)
	}
	return out
}

// TestProofOfAStack: what a stack masked is proven by what lies in its folder, and no more once a bit of it is another.
func TestProofOfAStack(t *testing.T) {
	t.Parallel()
	key, dir, policy := keyFile(t), t.TempDir(), filepath.Join(t.TempDir(), "policy.yaml")
	text, err := os.ReadFile(policyFile(t))
	if err != nil {
		t.Fatal(err)
	}
	change := func(path string, edit func(string) string) {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		edited := edit(string(content))
		if edited == string(content) {
			t.Fatalf("%s stays as it is", path)
		}
		if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(policy, text, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(seed int) result {
		return maskrail(t, "run", "--policy", policy, "--key-file", key, "--dir", dir, "--json", synth(t, "in.csv", 200, seed))
	}
	verify := func(more ...string) result {
		return maskrail(t, append([]string{"verify", "--dir", dir, "--json"}, more...)...)
	}

	first := run(1).ok(t).report(t)
	p := proofs(t, verify().ok(t))
	if !p.Proven || len(p.Objects) != 1 || p.Objects[0].Masked.Trace != first.Trace || p.Objects[0].Masked.Code == "" {
		t.Errorf("proof %+v of a run with trace %s", p, first.Trace)
	}
	for name, private := range map[string]bool{"keys/masker.pem": true, "keys/validator.pem": true, "trust/trust.yaml": false} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || private && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	for name := range tree(t, filepath.Join(dir, "trust")) {
		if b, err := os.ReadFile(filepath.Join(dir, "trust", name)); err != nil || strings.Contains(string(b), "PRIVATE") {
			t.Errorf("%s holds a private key: %v", name, err)
		}
	}

	// Another policy comes in beside the first, until somebody takes it out.
	change(policy, func(s string) string { return strings.Replace(s, "version: 1}", "version: 2}", 1) })
	run(2).ok(t)
	if p = proofs(t, verify().ok(t)); len(p.Objects) != 2 || p.Objects[0].Masked.Policy == p.Objects[1].Masked.Policy {
		t.Errorf("two runs under two policies: %+v", p)
	}
	trust := filepath.Join(dir, "trust", "trust.yaml")
	change(trust, func(s string) string {
		return strings.Replace(s, p.Objects[0].Masked.Policy, "sha256:"+strings.Repeat("0", 64), 1)
	})
	if r := verify(); r.code != 1 || proofs(t, r).Objects[0].Proven || !proofs(t, r).Objects[1].Proven {
		t.Errorf("a policy that is allowed no more: %d, %+v", r.code, proofs(t, r))
	}

	// One bit of the bucket, and the object by its name there.
	object, err := filepath.Rel(filepath.Join(dir, "s3"), filepath.Join(dir, "s3", "maskrail-masked", second(t, first.Masked, p.Objects[1].Object)))
	if err != nil {
		t.Fatal(err)
	}
	verify(object).ok(t)
	change(filepath.Join(dir, "s3", object), func(s string) string {
		return s[:len(s)/2] + string(s[len(s)/2]^1) + s[len(s)/2+1:]
	})
	if r := verify(object); r.code != 1 {
		t.Errorf("a bit is another, and verify ends with %d", r.code)
	}

	// A key that somebody has limited stays so.
	change(trust, func(s string) string {
		return strings.Replace(s, "role: masker\n", "role: masker\n    notAfter: 2020-01-01T00:00:00Z\n", 1)
	})
	if r := run(3); r.code != 2 || !strings.Contains(r.report(t).Error, "keys/masker.pem") {
		t.Errorf("a stack with an expired key: %d %s", r.code, r.stdout)
	}
	if err := os.Remove(filepath.Join(dir, "keys", "masker.pem")); err != nil {
		t.Fatal(err)
	}
	run(3).ok(t)
}

// second is the path of an object below the masked bucket.
func second(t *testing.T, bucket, object string) string {
	t.Helper()
	at := strings.Index(object, filepath.Base(bucket)+string(filepath.Separator))
	if at < 0 {
		t.Fatalf("%s is not in %s", object, bucket)
	}
	return object[at+len(filepath.Base(bucket))+1:]
}
