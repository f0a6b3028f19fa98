package validator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// cut is a store that fails every writing call after the first left ones, as if the process had been killed there.
type cut struct {
	blob.Store
	left int
}

var errCut = errors.New("cut")

func (c *cut) write() error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return nil
}

func (c *cut) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if err := c.write(); err != nil {
		return blob.Object{}, err
	}
	return c.Store.Put(ctx, loc, body, size, o)
}

func (c *cut) Delete(ctx context.Context, loc blob.Location) error {
	if err := c.write(); err != nil {
		return err
	}
	return c.Store.Delete(ctx, loc)
}

func TestSecondDeliveryGivesTheSameReference(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	first, err := w.validate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	verdict := w.read(masked, first[0].Attestations[1])
	// A second time nothing may be written.
	w.deps.Store = &cut{Store: w.store}
	second, err := w.validate(t.Context(), in)
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("the second delivery gives other references, error %v", err)
	}
	if !bytes.Equal(verdict, w.read(masked, first[0].Attestations[1])) {
		t.Error("the verdict has changed")
	}
}

func TestVerdictIsNotTakenForAnotherPolicy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	if _, err := w.validate(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	w.use(strings.Replace(string(readFile(t, "testdata/policy.yaml")), "known: [acme, globex]", "known: [acme]", 1))
	if reason, _ := w.refused(in); reason.Class != ClassAttestation {
		t.Errorf("refused as %v", reason)
	}
	if !w.has(quarantine, in.Object.Key+VerdictSuffix) {
		t.Error("the verdict that no longer holds did not go with its object")
	}
}

func TestWhatLiesInTheVerdictsPlace(t *testing.T) {
	t.Parallel()
	sign := func(change func(*attest.Validated)) func(*world, objref.Ref) []byte {
		return func(w *world, in objref.Ref) []byte {
			v := attest.Validated{
				Environment: env, Entity: in.Entity, Tenant: in.Tenant, Masker: attest.Digest(w.read(masked, in.Attestations[0])), Rules: Rules,
				Policy: in.Policy, At: attest.FormatTime(time.Now()), Checks: []attest.Check{{Name: "all", Passed: true}}, Rows: in.Rows, Tenants: map[string]int64{"acme": in.Rows},
			}
			change(&v)
			raw, err := w.signer.SignValidated(in.Object.Key, in.Object.SHA256, v)
			if err != nil {
				w.t.Fatal(err)
			}
			return raw
		}
	}
	tests := map[string]struct {
		verdict   func(*world, objref.Ref) []byte
		permanent bool
	}{
		"as this validator would sign it": {sign(func(*attest.Validated) {}), false},
		"one by other rules":              {sign(func(v *attest.Validated) { v.Rules = "0" }), true},
		"one under another policy":        {sign(func(v *attest.Validated) { v.Policy = "sha256:00" }), true},
		"one that refuses":                {sign(func(v *attest.Validated) { v.Checks[0].Passed = false }), true},
		"one on another statement":        {sign(func(v *attest.Validated) { v.Masker = "sha256:00" }), true},
		"one for another environment":     {sign(func(v *attest.Validated) { v.Environment = "sandbox-02" }), true},
		"rubbish":                         {func(*world, objref.Ref) []byte { return []byte("{}") }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			in := w.put(w.good())
			w.overwrite(masked, in.Object.Key+VerdictSuffix, tt.verdict(w, in))
			out, err := w.validate(t.Context(), in)
			if stage.IsPermanent(err) != tt.permanent || !tt.permanent && err != nil {
				t.Fatalf("error %v, permanent %t", err, stage.IsPermanent(err))
			}
			if err == nil && w.read(masked, out[0].Attestations[1]) == nil {
				t.Error("no verdict")
			}
		})
	}
}

// TestOverruled: a refusal that a killed delivery left beside the object outweighs the verdict before it, and no other.
func TestOverruled(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	out, err := w.validate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	v := w.proven(out[0])
	trust, err := w.trust()
	if err != nil {
		t.Fatal(err)
	}
	e := &evidence{ref: in, environment: env, trust: trust, sha256: in.Object.SHA256, envelope: w.read(masked, in.Attestations[0])}
	given, err := v.Time()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at     time.Time
		signer *attest.Signer
		want   standing
	}{
		"of the same second": {given, w.signer, staleVerdict},
		"of before":          {given.Add(-time.Second), w.signer, goodVerdict},
		"of a stranger":      {given, newSigner(t), goodVerdict},
	} {
		refusal := v
		refusal.At, refusal.Checks = attest.FormatTime(c.at), []attest.Check{{Name: "detectors"}}
		raw, err := c.signer.SignValidated(in.Object.Key, in.Object.SHA256, refusal)
		if err != nil {
			t.Fatal(err)
		}
		w.overwrite(masked, in.Object.Key+RefusalSuffix, raw)
		if got, _, err := w.earlier(t.Context(), e); err != nil || got != c.want {
			t.Errorf("%s: %d, want %d: %v", name, got, c.want, err)
		}
	}
}

// TestVerdictOfOtherRules: it stays beside the new one, and goes with the object when the rules in force refuse that.
func TestVerdictOfOtherRules(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	older := in.Object.Key + attest.VerdictInfix + "0.dsse.json"
	w.overwrite(masked, older, []byte("{}"))
	if _, err := w.validate(t.Context(), in); err != nil || !w.has(masked, older) || !w.has(masked, in.Object.Key+VerdictSuffix) {
		t.Errorf("not both verdicts are there: %v", err)
	}
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	w.refused(w.put(o))
	if !w.has(quarantine, older) || !w.has(quarantine, in.Object.Key+VerdictSuffix) {
		t.Error("the verdicts that no longer hold did not go with their object")
	}
}

// TestMaskersKeyExpires: what was masked and checked in time stays proven, what was not is refused.
func TestMaskersKeyExpires(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	first, err := w.validate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	given := w.proven(first[0]).At
	until, err := time.Parse(time.RFC3339, given)
	if err != nil {
		t.Fatal(err)
	}
	entry := attest.Entry{Role: attest.Masker, Key: w.masker.PublicPEM(), Environments: []string{env}, NotAfter: until}
	own := attest.Entry{Role: attest.Validator, Key: w.signer.PublicPEM(), Environments: []string{env}}
	for name, c := range map[string]struct {
		expired time.Time
		want    bool
	}{"expired after the verdict": {until, true}, "expired before": {until.Add(-time.Second), false}} {
		entry.NotAfter = c.expired
		trust, err := attest.NewTrust(entry, own)
		if err != nil {
			t.Fatal(err)
		}
		e := &evidence{ref: in, environment: env, trust: trust.Allow(env, w.policies.Digests()...), sha256: in.Object.SHA256, envelope: w.read(masked, in.Attestations[0])}
		_, at, err := w.earlier(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if w.believe(e, at); (e.attested != nil) != c.want {
			t.Errorf("%s: believed %t, want %t: %s", name, e.attested != nil, c.want, e.doubt)
		}
	}
}

// TestEarlierSigningKeyHasExpired: the loader would not take the verdict any more, so there is another.
func TestEarlierSigningKeyHasExpired(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	first, err := w.validate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	given, err := w.proven(first[0]).Time()
	if err != nil {
		t.Fatal(err)
	}
	earlier, next := w.signer, newSigner(t)
	w.Service = w.service(next)
	here := []string{env}
	trust, err := attest.NewTrust(
		attest.Entry{Role: attest.Masker, Key: w.masker.PublicPEM(), Environments: here},
		attest.Entry{Role: attest.Validator, Key: earlier.PublicPEM(), Environments: here, NotAfter: given},
		attest.Entry{Role: attest.Validator, Key: next.PublicPEM(), Environments: here})
	if err != nil {
		t.Fatal(err)
	}
	w.trust = trust.Allow(env, w.policies.Digests()...).Always()
	before := w.read(masked, first[0].Attestations[1])
	if _, err := w.validate(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if after := w.read(masked, first[0].Attestations[1]); attest.KeyID(after) != next.KeyID() || bytes.Equal(before, after) {
		t.Error("the verdict is still that of the expired key")
	}
	w.proven(first[0])
}

// TestOwnKeyExpires: nothing is parked for a key that should have been replaced.
func TestOwnKeyExpires(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	trust, err := attest.NewTrust(attest.Entry{Role: attest.Validator, Key: w.signer.PublicPEM(), Environments: []string{env}, NotAfter: time.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	w.trust = trust.Always()
	_, err = w.validate(t.Context(), in)
	if _, wait := stage.Delay(err); !wait || !errors.Is(err, attest.ErrValidity) {
		t.Errorf("got %v, want another try later", err)
	}
	if _, err := New(w.cfg, w.policies, w.signer, w.opener, trust.Always(), w.deps); !app.IsUsage(err) {
		t.Errorf("a validator whose key has expired starts: %v", err)
	}
}

func TestPolicyThatIsNotAllowed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	trust, err := attest.NewTrust(
		attest.Entry{Role: attest.Masker, Key: w.masker.PublicPEM(), Environments: []string{env}},
		attest.Entry{Role: attest.Validator, Key: w.signer.PublicPEM(), Environments: []string{env}})
	if err != nil {
		t.Fatal(err)
	}
	w.trust = trust.Allow("elsewhere", w.policies.Digests()...).Always()
	if reason, _ := w.refused(w.put(w.good())); reason.Class != ClassAttestation || !strings.Contains(reason.Detail, "policy not allowed") {
		t.Errorf("refused as %v", reason)
	}
}

func TestPlantedVerdictDoesNotSaveALeak(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	in := w.put(o)
	w.overwrite(masked, in.Object.Key+VerdictSuffix, []byte("{}"))
	if reason, _ := w.refused(in); reason.Class != ClassHit {
		t.Errorf("refused as %v", reason)
	}
}

func TestEarlierSigningKeyStillCounts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := w.put(w.good())
	first, err := w.validate(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	earlier := w.signer
	w.Service = w.service(newSigner(t))
	if _, err := w.validate(t.Context(), in); !stage.IsPermanent(err) {
		t.Errorf("a verdict by a key that nobody trusts: %v", err)
	}
	w.trust = w.believes(w.signer, earlier).Always()
	second, err := w.validate(t.Context(), in)
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("a verdict by an earlier key that is trusted: %v", err)
	}
}

// TestRefusalIsFinishedAfterAKill stops the validator before each of its writes and lets the next delivery finish.
func TestRefusalIsFinishedAfterAKill(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	want, _ := w.refused(w.put(o))
	for writes := 0; ; writes++ {
		w := &world{Service: w.service(w.signer), t: t, store: w.store, masker: w.masker, opener: w.opener, policies: w.policies}
		o.ref.Object.Key = fmt.Sprintf("%s/interaction/acme/%04d.parquet", env, writes+100)
		o.ref.Attestations = []string{o.ref.Object.Key + ".masked.dsse.json"}
		in := w.put(o)
		c := &cut{Store: w.store, left: writes}
		w.deps.Store = c
		_, err := w.validate(t.Context(), in)
		if _, done := stage.Rejected(err); done && c.left >= 0 {
			if writes < 5 { // report, copy and removal of the object, and of its attestation
				t.Errorf("a refusal took %d writes", writes)
			}
			break
		}
		if !errors.Is(err, errCut) {
			t.Fatalf("after %d writes: %v", writes, err)
		}
		w.deps.Store = w.store
		for range 3 {
			if reason, _ := w.refused(in); reason != want {
				t.Errorf("after %d writes the reason is %v, want %v", writes, reason, want)
			}
			if !w.has(quarantine, in.Attestations[0]) {
				t.Errorf("after %d writes the attestation did not follow", writes)
			}
			if left := w.sketches(); len(left) > 0 {
				t.Errorf("after %d writes %d sketches are left", writes, len(left))
			}
		}
	}
}

// TestRefusedTwiceWithOtherBytes refuses an object whose key was refused before with other bytes.
func TestRefusedTwiceWithOtherBytes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	first := w.put(o)
	before, _ := w.refused(first)
	o.rows[0][o.at("notes")] = "ask ann@example.com"
	second := w.put(o)
	for range 2 {
		_, err := w.validate(t.Context(), second)
		if reason, ok := stage.Rejected(err); !ok || reason.Class != ClassHit || !strings.HasPrefix(reason.Detail, "email") {
			t.Fatalf("got %v", err)
		}
		for o := range w.store.List(t.Context(), masked, second.Object.Key) {
			t.Errorf("the masked bucket still holds %d bytes of the object", o.Bytes)
		}
		for _, suffix := range []string{"", ReportSuffix, ".masked.dsse.json"} {
			if place := places(second)[1]; !w.has(quarantine, place+suffix) {
				t.Errorf("quarantine lacks %s", suffix)
			}
		}
	}
	if again, _ := w.refused(first); again != before {
		t.Errorf("the first object is now refused as %v", again)
	}
}

func TestNotRefusedButDead(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*world, *objref.Ref){
		"an object that is nowhere": func(_ *world, in *objref.Ref) { in.Object.Key = "nowhere" },
		"another environment":       func(_ *world, in *objref.Ref) { in.Environment = "sandbox-02" },
		"an object in the raw bucket": func(w *world, in *objref.Ref) {
			w.overwrite("maskrail-raw", in.Object.Key, []byte(leaked))
			in.Object.Bucket, in.Object.Version = "maskrail-raw", "etag:"+digest([]byte(leaked))[:32]
		},
		"another attested object under the key": func(w *world, in *objref.Ref) {
			o := w.good()
			o.rows = o.rows[:1]
			o.count()
			w.put(o)
		},
		"the digest of the reference alone is wrong": func(_ *world, in *objref.Ref) { in.Object.SHA256 = digest(nil) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			in := w.put(w.good())
			spoil(w, &in)
			_, err := w.validate(t.Context(), in)
			if !stage.IsPermanent(err) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), in.Object.Key) {
				t.Errorf("the error shows the key: %v", err)
			}
			for range w.store.List(t.Context(), quarantine, "") {
				t.Error("something was parked")
			}
			if in.Object.Key != "nowhere" && !w.has(in.Object.Bucket, in.Object.Key) {
				t.Error("the object is gone")
			}
		})
	}
}

func TestTamperedBytes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	in := w.put(o)
	o.rows[0][o.at("notes")] = "call " + leaked
	w.overwrite(masked, in.Object.Key, o.encode(t))
	for range 2 {
		reason, report := w.refused(in)
		if reason.Class != ClassAttestation || !strings.Contains(reason.Detail, "overwritten") {
			t.Errorf("refused as %v", reason)
		}
		if _, ok := report.finding(ClassHit); !ok {
			t.Error("the report keeps quiet about the leak in what was put there")
		}
	}
}

// TestAttestationOfAnotherObject refuses a reference that names a foreign attestation, which must stay where it is.
func TestAttestationOfAnotherObject(t *testing.T) {
	t.Parallel()
	w := setup(t)
	other := w.good()
	other.ref.Object.Key = env + "/interaction/acme/other.parquet"
	neighbour := w.put(other)
	neighbour.Attestations = []string{neighbour.Object.Key + ".masked.dsse.json"}
	in := w.put(w.good())
	in.Attestations = neighbour.Attestations
	_, err := w.validate(t.Context(), in)
	if reason, ok := stage.Rejected(err); !ok || reason.Class != ClassAttestation {
		t.Errorf("got %v", err)
	}
	if _, err := w.validate(t.Context(), neighbour); err != nil {
		t.Errorf("the neighbour lost its attestation: %v", err)
	}
}

func TestStoppingRefusesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.good()
	o.rows[0][o.at("notes")] = "call " + leaked
	in := w.put(o)
	ctx, cancel := context.WithCancel(t.Context())
	w.deps.Store = stopping{w.store, cancel}
	_, err := w.validate(ctx, in)
	if _, refused := stage.Rejected(err); refused || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if !w.has(masked, in.Object.Key) {
		t.Error("the object was moved")
	}
}

// stopping cancels when the verdict is looked for, which is before the cells are read.
type stopping struct {
	blob.Store
	cancel context.CancelFunc
}

func (s stopping) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	body, o, err := s.Store.Get(ctx, loc, r)
	if strings.HasSuffix(loc.Key, VerdictSuffix) {
		s.cancel()
	}
	return body, o, err
}
