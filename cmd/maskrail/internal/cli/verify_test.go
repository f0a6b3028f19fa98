package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/validator"
)

// TestProof spoils the proof of an object in every way that matters. Each time the real loader refuses the object, and
// verify says which step fails and why.
func TestProof(t *testing.T) {
	t.Parallel()
	good := produce(t)
	const verdict = validator.VerdictSuffix
	flip := func(suffix string, at func([]byte) int) func(*work) {
		return func(w *work) {
			key := w.objectA() + suffix
			b := bytes.Clone(w.objects[key])
			b[at(b)] ^= 1
			w.objects[key] = b
		}
	}
	middle := func(b []byte) int { return len(b) / 2 }
	// inside is a place in the middle where base64 stays base64.
	inside := func(b []byte) int {
		i := len(b) / 2
		return i + bytes.IndexFunc(b[i:], func(r rune) bool { return r >= 'b' && r <= 'y' })
	}
	// resign makes the same statements with other keys, so that nothing else is wrong with them.
	resign := func(masker, validator func(*work) *attest.Signer) func(*work) {
		return func(w *work) {
			trust, err := w.trust.Open()
			if err != nil {
				t.Fatal(err)
			}
			key, sum := w.objectA(), w.refs[0].Object.SHA256
			m, err := trust.VerifyMasked(w.objects[key+attest.MaskedSuffix], sum)
			if err != nil {
				t.Fatal(err)
			}
			v, err := trust.VerifyValidated(w.objects[key+verdict], sum)
			if err != nil {
				t.Fatal(err)
			}
			if w.objects[key+attest.MaskedSuffix], err = masker(w).SignMasked(key, sum, m); err != nil {
				t.Fatal(err)
			}
			v.Masker = attest.Digest(w.objects[key+attest.MaskedSuffix])
			if w.objects[key+verdict], err = validator(w).SignValidated(key, sum, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	theMasker := func(w *work) *attest.Signer { return w.masker }
	theValidator := func(w *work) *attest.Signer { return w.validator }
	aStranger := func(w *work) *attest.Signer { return w.stranger }
	trusting := func(old, new string) func(*work) {
		return func(w *work) {
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS(string(w.trust))); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(filepath.Join(folder, attest.TrustFile))
			if err != nil || !strings.Contains(string(content), old) {
				t.Fatalf("no %q in the trust file: %v", old, err)
			}
			content = []byte(strings.ReplaceAll(string(content), old, new))
			if err := os.WriteFile(filepath.Join(folder, attest.TrustFile), content, 0o600); err != nil {
				t.Fatal(err)
			}
			w.trust = attest.TrustFolder(folder)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*work)
		step   string // that fails first; "" for none
		says   string // in the loader's reason and in verify's explanation
	}{
		{"nothing is wrong", func(*work) {}, "", ""},
		{"signed again by the same", resign(theMasker, theValidator), "", ""},
		{"one bit of the object", flip("", middle), "masker's subject", "not the bytes that were signed"},
		{"its first bit", flip("", func([]byte) int { return 0 }), "masker's subject", "not the bytes that were signed"},
		{"its last bit", flip("", func(b []byte) int { return len(b) - 1 }), "masker's subject", "not the bytes that were signed"},
		{"one bit of the masker's attestation", flip(attest.MaskedSuffix, inside), "masker's signature", "wrong signature"},
		{"one bit of the verdict", flip(verdict, inside), "validator's signature", "wrong signature"},
		{"the two attestations swapped", func(w *work) {
			a := w.objectA()
			w.objects[a+attest.MaskedSuffix], w.objects[a+verdict] = w.objects[a+verdict], w.objects[a+attest.MaskedSuffix]
		}, "masker's signature", "trusted as validator and not as masker"},
		{"the verdicts of two objects swapped", func(w *work) {
			a, b := w.objectA()+verdict, w.objectB()+verdict
			w.objects[a], w.objects[b] = w.objects[b], w.objects[a]
		}, "validator's subject", "not the bytes that were signed"},
		{"the masker's attestation of another object", func(w *work) {
			w.objects[w.objectA()+attest.MaskedSuffix] = w.objects[w.objectB()+attest.MaskedSuffix]
		}, "masker's subject", "not the bytes that were signed"},
		{"both attestations of another object", func(w *work) {
			for _, suffix := range []string{attest.MaskedSuffix, verdict} {
				w.objects[w.objectA()+suffix] = w.objects[w.objectB()+suffix]
			}
		}, "masker's subject", "not the bytes that were signed"},
		{"another object with its attestations in this one's place", func(w *work) {
			for _, suffix := range []string{"", attest.MaskedSuffix, verdict} {
				w.objects[w.objectA()+suffix] = w.objects[w.objectB()+suffix]
			}
		}, "loader alone", "another source"},
		{"masked by an unknown key", resign(aStranger, theValidator), "masker's signature", "not among the 1 trusted as masker"},
		{"validated by an unknown key", resign(theMasker, aStranger), "validator's signature", "not among the 1 trusted as validator"},
		{"validated by the masker", resign(theMasker, theMasker), "validator's signature", "trusted as masker and not as validator"},
		{"masked by the validator", resign(theValidator, theValidator), "masker's signature", "trusted as validator and not as masker"},
		{"the verdict on another statement about the same bytes", func(w *work) {
			trust, err := w.trust.Open()
			if err != nil {
				t.Fatal(err)
			}
			key, sum := w.objectA(), w.refs[0].Object.SHA256
			m, err := trust.VerifyMasked(w.objects[key+attest.MaskedSuffix], sum)
			if err != nil {
				t.Fatal(err)
			}
			m.Code = "another"
			if w.objects[key+attest.MaskedSuffix], err = w.masker.SignMasked(key, sum, m); err != nil {
				t.Fatal(err)
			}
		}, "verdict", "on another statement of the masker"},
		{"no masker's attestation", func(w *work) { delete(w.objects, w.objectA()+attest.MaskedSuffix) }, "masker's attestation", ""},
		{"no verdict", func(w *work) { delete(w.objects, w.objectA()+verdict) }, "validator's attestation", ""},
		{"keys of another environment", trusting("environments: [sandbox]", "environments: [sandbox-02]"), "masker's key", "not trusted as masker in sandbox"},
		{"keys that have expired", trusting("environments: [sandbox]", "environments: [sandbox]\n    notAfter: 2020-01-01T00:00:00Z"),
			"masker's key", "until 2020-01-01T00:00:00Z"},
		{"no policy is allowed", trusting("policies:\n  sandbox:", "policies:\n  sandbox-02:"), "policy", "not among the 0 policies that sandbox allows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := good.changed(c.change)
			outcome := w.load(t)
			out, err := execute(t, "verify", w.download(t), "--trust", string(w.trust))
			if c.step == "" {
				if outcome.State != objref.Loaded || err != nil || !strings.HasPrefix(out, "PROVEN") {
					t.Fatalf("outcome %+v, verify: %v\n%s", outcome, err, out)
				}
				return
			}
			if outcome.State != objref.Rejected || outcome.Reason.Class != "attestation" || !strings.Contains(outcome.Reason.Detail, c.says) {
				t.Errorf("the loader says %+v of class %v, want a rejection that says %q", outcome.State, outcome.Reason, c.says)
			}
			if c.step == "loader alone" { // the files are a proven object, and only the loader was told of another
				return
			}
			if err == nil || app.IsUsage(err) || !strings.HasPrefix(out, "NOT PROVEN") {
				t.Fatalf("verify: %v\n%s", err, out)
			}
			if at := strings.Index(out, "FAILED"); !strings.HasPrefix(strings.TrimSpace(out[at+len("FAILED"):]), c.step) || !strings.Contains(out, c.says) {
				t.Errorf("verify does not say that %s fails first, or not %q:\n%s", c.step, c.says, out)
			}
			for _, secret := range []string{"4155550", "+999", callA[20:30]} {
				if strings.Contains(out, secret) {
					t.Errorf("verify shows a value: %s", out)
				}
			}
		})
	}
}

// A refusal outweighs a verdict of before it, by whichever rules, and is told with the rules that failed.
func TestVerifyRefusal(t *testing.T) {
	t.Parallel()
	w := produce(t)
	file, sum := w.download(t), w.refs[0].Object.SHA256
	trust, err := w.trust.Open()
	if err != nil {
		t.Fatal(err)
	}
	v, err := trust.VerifyValidated(w.objects[w.objectA()+validator.VerdictSuffix], sum)
	if err != nil {
		t.Fatal(err)
	}
	given, err := v.Time()
	if err != nil {
		t.Fatal(err)
	}
	v.Checks = append(v.Checks, attest.Check{Name: "new rule", Detail: "3 cells"})
	for name, c := range map[string]struct {
		at     time.Time
		proven bool
	}{"before": {given.Add(-time.Second), true}, "in the same second": {given, false}, "after": {given.Add(time.Second), false}} {
		v.At = attest.FormatTime(c.at)
		raw, err := w.validator.SignValidated(w.objectA(), sum, v)
		if err != nil {
			t.Fatal(err)
		}
		for _, rules := range []string{"1", "3"} { // before and behind the other's name
			refusal := file + attest.VerdictInfix + rules + attest.RefusalEnd
			if err := os.WriteFile(refusal, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := execute(t, "verify", file, "--trust", string(w.trust))
			if (err == nil) != c.proven || !c.proven && !strings.Contains(out, "FAILED  new rule") {
				t.Errorf("%s, by rules %s: %v\n%s", name, rules, err, out)
			}
			if err := os.Remove(refusal); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The canary that an object names is opened where it is at hand, and does not fail an object where it is not.
func TestVerifyCanary(t *testing.T) {
	t.Parallel()
	good := produce(t)
	var statement string
	for key := range good.objects {
		if strings.HasPrefix(key, canary.Prefix) && strings.HasSuffix(key, attest.MaskedSuffix) {
			statement = key
		}
	}
	part := strings.TrimSuffix(statement, attest.MaskedSuffix) + ".pages.parquet"
	flip := func(key string) func(*work) {
		return func(w *work) {
			b := bytes.Clone(w.objects[key])
			b[len(b)/2] ^= 1
			w.objects[key] = b
		}
	}
	for name, c := range map[string]struct {
		change func(*work)
		proven bool
		says   string
	}{
		"all at hand":            {func(*work) {}, true, "nothing is left of"},
		"no statement":           {func(w *work) { delete(w.objects, statement) }, true, "skipped canary"},
		"no file":                {func(w *work) { delete(w.objects, part) }, true, "is not at hand to be opened"},
		"another statement":      {flip(statement), false, "has other bytes than the masker attests"},
		"another file":           {flip(part), false, "has other bytes than its statement says"},
		"one that was cut to no": {func(w *work) { w.objects[statement] = nil }, false, "has other bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := good.changed(c.change)
			out, err := execute(t, "verify", w.download(t), "--trust", string(w.trust))
			if (err == nil) != c.proven || app.IsUsage(err) || !strings.Contains(out, c.says) {
				t.Errorf("want proven %t and %q: %v\n%s", c.proven, c.says, err, out)
			}
		})
	}
}

// What is left of a canary is found again, in a copy of the bucket too.
func TestCanarySurvivor(t *testing.T) {
	t.Parallel()
	rows := "id,tenant_id,phone\n"
	for i := range canary.Count() {
		rows += fmt.Sprintf("%d,acme,call 628-555-0177\n", i)
	}
	bucket := t.TempDir()
	leaky := file(t, "leaky.yaml", strings.Replace(calls, "token: {domain: phone, format: phone}", "keep: true", 1))
	left := filepath.Join(bucket, "_canary", "part.parquet")
	if err := os.MkdirAll(filepath.Dir(left), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := execute(t, "mask", "--policy", leaky, "--key-file", rootKey(t), "--out", left, file(t, "in.csv", rows)); err != nil {
		t.Fatal(err)
	}
	object := filepath.Join(bucket, "sandbox", "call", "_", "0011.parquet")
	if got := near(object, "_canary/part.parquet"); got != left {
		t.Errorf("found %q", got)
	}
	if got := near(object, "../part.parquet") + near(object, "_canary"); got != "" {
		t.Errorf("found %q, which is outside or no file", got)
	}
	sum, _, err := digestOf(left)
	if err != nil {
		t.Fatal(err)
	}
	_, err = search(t.Context(), left, sum)
	if !errors.Is(err, attest.ErrRefused) || !strings.Contains(err.Error(), fmt.Sprint(canary.Count())) || strings.Contains(err.Error(), "628") {
		t.Errorf("search: %v", err)
	}
}

func TestVerifyReport(t *testing.T) {
	t.Parallel()
	w := produce(t)
	file := w.download(t)
	other := filepath.Join(filepath.Dir(file), filepath.Base(w.objectB()))
	if err := os.Remove(other + attest.MaskedSuffix); err != nil {
		t.Fatal(err)
	}
	// A verdict of other rules that nobody signed does not stand in for the one that counts.
	if err := os.WriteFile(file+attest.VerdictInfix+"99"+attest.VerdictEnd, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := execute(t, "verify", "--json", "--trust", string(w.trust), file, other)
	var r verified
	if jsonErr := json.Unmarshal([]byte(out), &r); jsonErr != nil || err == nil || r.Proven || len(r.Objects) != 2 {
		t.Fatalf("%v, %v\n%s", err, jsonErr, out)
	}
	a, b := r.Objects[0], r.Objects[1]
	if !a.Proven || a.Masked == nil || a.Validated == nil || a.Masked.RowsOut != 2 || a.Verdicts != 2 || a.SHA256 != w.refs[0].Object.SHA256 || len(a.Checks) != 16 {
		t.Errorf("the proven object: %+v", a)
	}
	if b.Proven || b.Masked != nil || b.Checks[0].Outcome != attest.Failed {
		t.Errorf("the other one: %+v", b)
	}
	for name, c := range map[string]struct {
		args   []string
		proven bool
	}{
		"its environment":          {[]string{"--env", "sandbox"}, true},
		"another environment":      {[]string{"--env", "sandbox-02"}, false},
		"a time after it":          {[]string{"--at", "2100-01-01T00:00:00Z"}, true},
		"a time before its making": {[]string{"--at", "2020-01-01T00:00:00Z"}, false},
	} {
		if out, err := execute(t, append([]string{"verify", file, "--trust", string(w.trust)}, c.args...)...); (err == nil) != c.proven || app.IsUsage(err) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no object":          {[]string{"--trust", string(w.trust)}, "name masked objects"},
		"no trust":           {[]string{file}, "--trust"},
		"no such folder":     {[]string{file, "--trust", file + ".none"}, "--trust"},
		"no such file":       {[]string{file + ".none", "--trust", string(w.trust)}, ".none"},
		"a folder":           {[]string{filepath.Dir(file), "--trust", string(w.trust)}, "folder"},
		"no time":            {[]string{file, "--trust", string(w.trust), "--at", "noon"}, "--at"},
		"no stack":           {[]string{"--dir", t.TempDir(), "--trust", string(w.trust)}, "--dir"},
		"outside of a stack": {[]string{"--dir", t.TempDir(), "--trust", string(w.trust), file}, "BUCKET/KEY"},
	} {
		if _, err := execute(t, append([]string{"verify"}, c.args...)...); !app.IsUsage(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want wrong usage that says %q", name, err, c.want)
		}
	}
}

// TestTrustAddWantsEnvironments: a key that is trusted nowhere, or in an environment that cannot be, is a slip.
func TestTrustAddWantsEnvironments(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "k.pem")
	if _, err := execute(t, "keygen", "--signing", key); err != nil {
		t.Fatal(err)
	}
	for _, env := range []string{"", "Sand Box", "sandbox,"} {
		folder := filepath.Join(t.TempDir(), "trust")
		_, err := execute(t, "trust", "add", folder, "--role", "masker", "--key", key+attest.PublicSuffix, "--env", env)
		if err == nil || !strings.Contains(err.Error(), "--env") {
			t.Errorf("--env %q: %v", env, err)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("--env %q: the folder was made all the same", env)
		}
	}
}
