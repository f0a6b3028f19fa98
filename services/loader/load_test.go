package loader

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

var two = [][3]string{{"acme", "i1", "one"}, {"globex", "i1", "two"}}

func TestLoad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.object("a", nil, two...)
	out, err := b.load(t.Context(), in)
	if err != nil || len(out) != 1 {
		t.Fatalf("load: %v, %v", out, err)
	}
	if o := *out[0].Outcome; o != (objref.Outcome{State: objref.Loaded, Loaded: 2}) || out[0].Object != in.Object || out[0].Rows != 2 {
		t.Errorf("outcome %+v", o)
	}
	b.expect(`SELECT string_agg(tenant_id || interactionId || note, ' ' ORDER BY tenant_id) FROM interaction`, "acmei1one globexi1two")
	b.expect(`SELECT object_sha256 || key_fingerprint || key_epoch || policy || source FROM maskrail_ledger`,
		in.Object.SHA256+"k11sha256:aa"+in.Source.Identity())
	b.expect(`SELECT count(*) FROM maskrail_ledger WHERE masker LIKE 'sha256:%' AND validator LIKE 'sha256:%' AND masker <> validator`, "1")
	again, err := b.load(t.Context(), in)
	if err != nil || *again[0].Outcome != *out[0].Outcome {
		t.Errorf("again: %+v, %v, want what it was the first time", again, err)
	}
	in.Run = "run-2"
	again, err = b.load(t.Context(), in)
	if err != nil || *again[0].Outcome != (objref.Outcome{State: objref.Skipped, Skipped: 2}) {
		t.Errorf("in another run: %+v, %v", again, err)
	}
	left, err := filepath.Glob(filepath.Join(b.path+".work", "*.parquet"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Every way in which a proof can be wrong, each by itself.
func TestNothingIsLoadedWithoutProof(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, says string
		change     func(bundle, *order)
		after      func(bundle, *objref.Ref)
	}{
		{name: "masker not trusted", says: "masker", change: func(b bundle, o *order) { o.signers[0] = b.stranger }},
		{name: "validator not trusted", says: "validator", change: func(b bundle, o *order) { o.signers[1] = b.stranger }},
		{name: "masker signs for the validator", says: "validator", change: func(b bundle, o *order) { o.signers[1] = b.masker }},
		{name: "another environment", says: "environment", change: func(_ bundle, o *order) { o.masked.Environment = "other" }},
		{name: "validated for another environment", says: "environment", change: func(_ bundle, o *order) { o.validated.Environment = "other" }},
		{name: "another entity", says: "entity", change: func(_ bundle, o *order) { o.masked.Entity, o.validated.Entity = "x", "x" }},
		{name: "another policy", says: "policy", change: func(_ bundle, o *order) { o.masked.Policy = "sha256:bb" }},
		{name: "another tenant", says: "tenant", change: func(_ bundle, o *order) { o.masked.Tenant, o.validated.Tenant = "acme", "acme" }},
		{name: "another key epoch", says: "key epoch", change: func(_ bundle, o *order) { o.masked.KeyEpoch = 2 }},
		{name: "another source", says: "source", change: func(_ bundle, o *order) { o.masked.Source.Identity = "x" }},
		{name: "another number of rows", says: "rows", change: func(_ bundle, o *order) { o.ref.Rows = 3 }},
		{name: "verdict on another statement", says: "another statement", change: func(_ bundle, o *order) { o.validated.Masker = "sha256:cc" }},
		{name: "a policy that is not allowed", says: "policy not allowed", change: func(_ bundle, o *order) {
			o.masked.Policy, o.validated.Policy, o.ref.Policy = "sha256:bb", "sha256:bb", "sha256:bb"
		}},
		{name: "checked against another policy", says: "policies differ", change: func(_ bundle, o *order) { o.validated.Policy = "sha256:bb" }},
		{name: "the masker's key expired before the verdict", says: "key outside its validity", after: func(b bundle, _ *objref.Ref) {
			b.trust = b.believes(attest.Entry{NotAfter: time.Date(1999, 12, 30, 0, 0, 0, 0, time.UTC)}, attest.Entry{}).Always()
		}},
		{name: "the validator's key has expired", says: "key outside its validity", after: func(b bundle, _ *objref.Ref) {
			b.trust = b.believes(attest.Entry{}, attest.Entry{NotAfter: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}).Always()
		}},
		{name: "a verdict of tomorrow", says: "lies after", change: func(_ bundle, o *order) {
			o.validated.At = attest.FormatTime(time.Now().Add(24 * time.Hour))
		}},
		{name: "a check failed", says: "every check passed", change: func(_ bundle, o *order) {
			o.validated.Checks = append(o.validated.Checks, attest.Check{Name: "detectors"})
		}},
		{name: "no validator's attestation", says: "validator's attestation is not in the bucket", after: func(_ bundle, r *objref.Ref) { r.Attestations[1] += "x" }},
		{name: "one attestation", says: "1 attestations", after: func(_ bundle, r *objref.Ref) { r.Attestations = r.Attestations[:1] }},
		{name: "attestations swapped", says: "masker", after: func(_ bundle, r *objref.Ref) {
			r.Attestations = []string{r.Attestations[1], r.Attestations[0]}
		}},
		{name: "a damaged attestation", says: "masker", after: func(b bundle, r *objref.Ref) { b.put(r.Attestations[0], []byte("{}")) }},
		{name: "other bytes under the key", says: "bytes", after: func(b bundle, r *objref.Ref) {
			r.Object.Version = objref.From(b.put(r.Object.Key, parquet(b.t, [3]string{"acme", "i1", "swapped"}))).Version
		}},
		{name: "other bytes and a reference to them", says: "digest", after: func(b bundle, r *objref.Ref) {
			r.Object = objref.From(b.put(r.Object.Key, parquet(b.t, [3]string{"acme", "i1", "swapped"})))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.object("a", func(o *order) {
				if test.change != nil {
					test.change(b, o)
				}
			}, two...)
			if test.after != nil {
				test.after(b, &in)
			}
			_, err := b.load(t.Context(), in)
			reason, ok := stage.Rejected(err)
			if !ok || reason.Class != "attestation" || !strings.Contains(reason.Detail, test.says) {
				t.Errorf("load: %v, want a rejection of class attestation that says %q", err, test.says)
			}
			if _, err := os.Stat(b.path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the sandbox was touched: %v", err)
			}
		})
	}
}

// A later refusal beside an object outweighs the verdict that let it pass; an earlier one, or a stranger's, does not.
func TestLaterRefusal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(bundle, *attest.Validated) *attest.Signer
		loaded bool
	}{
		"of the same second":     {func(b bundle, _ *attest.Validated) *attest.Signer { return b.validator }, false},
		"later":                  {func(b bundle, v *attest.Validated) *attest.Signer { v.At = "1999-12-31T08:00:01Z"; return b.validator }, false},
		"earlier":                {func(b bundle, v *attest.Validated) *attest.Signer { v.At = "1999-12-31T07:59:59Z"; return b.validator }, true},
		"a stranger's":           {func(b bundle, _ *attest.Validated) *attest.Signer { return b.stranger }, true},
		"of another environment": {func(b bundle, v *attest.Validated) *attest.Signer { v.Environment = "other"; return b.validator }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			in := b.object("a", nil, two...)
			v := attest.Validated{Environment: "box", Entity: in.Entity, Tenant: in.Tenant, Policy: in.Policy, Rules: "2", At: given,
				Checks: []attest.Check{{Name: "rows", Passed: true}, {Name: "detectors"}}}
			raw, err := c.change(b, &v).SignValidated(in.Object.Key, in.Object.SHA256, v)
			if err != nil {
				t.Fatal(err)
			}
			b.put(in.Object.Key+attest.VerdictInfix+"2"+attest.RefusalEnd, raw)
			_, err = b.load(t.Context(), in)
			if reason, refused := stage.Rejected(err); refused == c.loaded || refused && !strings.Contains(reason.Detail, "by rules 2, refuses") {
				t.Errorf("load: %v", err)
			}
		})
	}
}

// The masker's key counts at the time of the verdict: what it signed in time stays loadable.
func TestMaskersKeyHasExpiredSince(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.trust = b.believes(attest.Entry{NotAfter: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}, attest.Entry{}).Always()
	if _, err := b.load(t.Context(), b.object("a", nil, two...)); err != nil {
		t.Error(err)
	}
}

func TestWhatNoRetryMends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.object("a", nil, two...)
	gone, changed, foreign := good, good, good
	gone.Object.Key += "x"
	changed.Object.Version = "etag:0"
	foreign.Environment = "other"
	for name, in := range map[string]objref.Ref{"gone": gone, "overwritten": changed, "another environment": foreign} {
		_, err := b.load(t.Context(), in)
		if !stage.IsPermanent(err) {
			t.Errorf("%s: %v, want a permanent error", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "box/interaction") {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestLeftoversOfAKilledLoader(t *testing.T) {
	t.Parallel()
	b := setup(t)
	work := b.path + ".work"
	ours, theirs := filepath.Join(work, "load-box.1.parquet"), filepath.Join(work, "load-boxer.1.parquet")
	for _, f := range []string{ours, theirs} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := New(b.c, b.trust, b.deps); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(ours); err == nil {
		t.Error("the leftover is still there")
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Error("a file of another environment was removed")
	}
}
