package attest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
)

// at is a time that the test knows to be one.
func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestVerifyProof(t *testing.T) {
	t.Parallel()
	b := setup(t)
	goodM, goodV := b.sign(t)
	change := func(edit func(*attest.Masked, *attest.Validated)) (m, v []byte) {
		mm := masked()
		vv := validated(goodM)
		edit(&mm, &vv)
		m, err := b.masker.SignMasked(object, digest, mm)
		if err != nil {
			t.Fatal(err)
		}
		if vv.Masker == attest.Digest(goodM) {
			vv.Masker = attest.Digest(m)
		}
		v, err = b.validator.SignValidated(object, digest, vv)
		if err != nil {
			t.Fatal(err)
		}
		return m, v
	}
	for _, c := range []struct {
		name        string
		edit        func(*attest.Masked, *attest.Validated)
		sha256, env string
		want        error
	}{
		{"as signed", func(*attest.Masked, *attest.Validated) {}, digest, "sandbox", nil},
		{"other bytes", func(*attest.Masked, *attest.Validated) {}, other, "sandbox", attest.ErrMismatch},
		{"other environment", func(*attest.Masked, *attest.Validated) {}, digest, "sandbox-02", attest.ErrEnvironment},
		{"masked for another environment", func(m *attest.Masked, _ *attest.Validated) { m.Environment = "x" }, digest, "sandbox", attest.ErrEnvironment},
		{"validated for another environment", func(_ *attest.Masked, v *attest.Validated) { v.Environment = "x" }, digest, "sandbox", attest.ErrEnvironment},
		{"verdict on another statement", func(_ *attest.Masked, v *attest.Validated) { v.Masker = attest.Digest(goodV) }, digest, "sandbox", attest.ErrMismatch},
		{"other entity", func(_ *attest.Masked, v *attest.Validated) { v.Entity = "x" }, digest, "sandbox", attest.ErrMismatch},
		{"checked against another policy", func(_ *attest.Masked, v *attest.Validated) { v.Policy = "sha256:" + digest }, digest, "sandbox", attest.ErrMismatch},
		{"a policy that is not allowed", func(m *attest.Masked, v *attest.Validated) {
			m.Policy, v.Policy = "sha256:"+digest, "sha256:"+digest
		}, digest, "sandbox", attest.ErrPolicy},
		{"other tenant", func(_ *attest.Masked, v *attest.Validated) { v.Tenant = "acme" }, digest, "sandbox", attest.ErrMismatch},
		{"other rows", func(_ *attest.Masked, v *attest.Validated) { v.Rows, v.Tenants = 9, nil }, digest, "sandbox", attest.ErrMismatch},
		{"other rows by tenant", func(_ *attest.Masked, v *attest.Validated) {
			v.Tenants = map[string]int64{"acme": 5, "globex": 5}
		}, digest, "sandbox", attest.ErrMismatch},
		{"a check failed", func(_ *attest.Masked, v *attest.Validated) { v.Checks[1].Passed = false }, digest, "sandbox", attest.ErrRefused},
		{"no checks", func(_ *attest.Masked, v *attest.Validated) { v.Checks = nil }, digest, "sandbox", attest.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, v := change(c.edit)
			p, err := b.trust.VerifyProof(attest.Evidence{Masked: m, Validated: v, SHA256: c.sha256, Environment: c.env})
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if (err == nil) != (p.Masked.Entity != "") {
				t.Error("a proof came back with an error, or none without")
			}
		})
	}
	for name, c := range map[string]struct {
		e    attest.Evidence
		want error
	}{
		"swapped":            {attest.Evidence{Masked: goodV, Validated: goodM}, attest.ErrUntrusted},
		"nothing":            {attest.Evidence{}, attest.ErrMissing},
		"no verdict":         {attest.Evidence{Masked: goodM}, attest.ErrMissing},
		"a verdict alone":    {attest.Evidence{Validated: goodV}, attest.ErrMissing},
		"no environment":     {attest.Evidence{Masked: goodM, Validated: goodV}, nil},
		"before the verdict": {attest.Evidence{Masked: goodM, Validated: goodV, At: at("2026-03-09T07:00:00Z")}, attest.ErrValidity},
		"clocks apart":       {attest.Evidence{Masked: goodM, Validated: goodV, At: at("2026-03-09T07:59:00Z")}, nil},
	} {
		c.e.SHA256 = digest
		if _, err := b.trust.VerifyProof(c.e); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}

// The verdict of the golden files is of 2026-03-09T08:00:00Z.
func TestValidity(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, v := b.sign(t)
	here := []string{"sandbox-02", "sandbox"}
	for _, c := range []struct {
		name              string
		masker, validator attest.Entry
		at                string
		want              error
		says              string
	}{
		{"no limits", attest.Entry{Environments: here}, attest.Entry{Environments: here}, "", nil, ""},
		{"within, limits included", attest.Entry{Environments: here, NotBefore: at("2026-03-09T08:00:00Z"), NotAfter: at("2026-03-09T08:00:00Z")},
			attest.Entry{Environments: here}, "", nil, ""},
		{"masker in no environment", attest.Entry{}, attest.Entry{Environments: here}, "", attest.ErrEnvironment, "masker's key"},
		{"validator in another", attest.Entry{Environments: here}, attest.Entry{Environments: here[:1]}, "", attest.ErrEnvironment, "validator's key"},
		{"masker expired before the verdict", attest.Entry{Environments: here, NotAfter: at("2026-03-09T07:59:59Z")},
			attest.Entry{Environments: here}, "", attest.ErrValidity, "until 2026-03-09T07:59:59Z"},
		{"masker expired between verdict and load", attest.Entry{Environments: here, NotAfter: at("2026-04-01T00:00:00Z")},
			attest.Entry{Environments: here}, "2026-05-01T00:00:00Z", nil, ""},
		{"validator expired between verdict and load", attest.Entry{Environments: here},
			attest.Entry{Environments: here, NotAfter: at("2026-04-01T00:00:00Z")}, "2026-05-01T00:00:00Z", attest.ErrValidity, "not at 2026-05-01"},
		{"the same, asked for the verdict's time", attest.Entry{Environments: here},
			attest.Entry{Environments: here, NotAfter: at("2026-04-01T00:00:00Z")}, "", nil, ""},
		{"validator not valid yet at its verdict", attest.Entry{Environments: here},
			attest.Entry{Environments: here, NotBefore: at("2026-03-10T00:00:00Z")}, "2026-05-01T00:00:00Z", attest.ErrValidity, "from 2026-03-10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.masker.Role, c.masker.Key = attest.Masker, b.masker.PublicPEM()
			c.validator.Role, c.validator.Key = attest.Validator, b.validator.PublicPEM()
			trust, err := attest.NewTrust(c.masker, c.validator)
			if err != nil {
				t.Fatal(err)
			}
			e := attest.Evidence{Masked: m, Validated: v, SHA256: digest, Environment: "sandbox"}
			if c.at != "" {
				e.At = at(c.at)
			}
			_, err = trust.Allow("sandbox", masked().Policy).VerifyProof(e)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %v that says %q", err, c.want, c.says)
			}
		})
	}
}

func TestSeveralEntriesOfOneKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entry := func(environment, from, until string) attest.Entry {
		return attest.Entry{Role: attest.Masker, Key: b.masker.PublicPEM(), Environments: []string{environment}, NotBefore: at(from), NotAfter: at(until)}
	}
	trust, err := attest.NewTrust(
		entry("a", "2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z"), entry("a", "2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z"),
		entry("b", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environment, at string
		want            error
	}{
		{"a", "2026-01-15T00:00:00Z", nil}, {"a", "2026-03-15T00:00:00Z", nil}, {"b", "2026-02-15T00:00:00Z", nil},
		{"a", "2026-02-15T00:00:00Z", attest.ErrValidity}, {"b", "2026-03-15T00:00:00Z", attest.ErrValidity},
		{"c", "2026-02-15T00:00:00Z", attest.ErrEnvironment},
	} {
		if err := trust.Accepts(attest.Masker, b.masker.KeyID(), c.environment, at(c.at)); !errors.Is(err, c.want) {
			t.Errorf("%s at %s: %v, want %v", c.environment, c.at, err, c.want)
		}
	}
	if err := trust.Accepts(attest.Validator, b.masker.KeyID(), "a", at("2026-01-15T00:00:00Z")); !errors.Is(err, attest.ErrUntrusted) {
		t.Errorf("in another role: %v", err)
	}
}

// Examine goes on behind a failed step, so that whoever reads it sees all that is wrong, and what is not.
func TestExamineGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, v := b.sign(t)
	outcome := func(x attest.Examination) map[string]string {
		by := map[string]string{}
		for _, s := range x.Steps {
			by[s.Name] = s.Outcome
		}
		return by
	}
	good := b.trust.Examine(attest.Evidence{Masked: m, Validated: v, SHA256: digest})
	for name, o := range outcome(good) {
		if o != attest.Passed {
			t.Errorf("%s: %s", name, o)
		}
	}
	bytesChanged := outcome(b.trust.Examine(attest.Evidence{Masked: m, Validated: v, SHA256: other}))
	removed := outcome(b.trust.Examine(attest.Evidence{Masked: m, SHA256: digest}))
	for _, c := range []struct {
		of         map[string]string
		step, want string
	}{
		{bytesChanged, "masker's signature", attest.Passed}, {bytesChanged, "masker's subject", attest.Failed},
		{bytesChanged, "validator's subject", attest.Failed}, {bytesChanged, "rules", attest.Skipped},
		{removed, "masker's subject", attest.Passed}, {removed, "policy", attest.Passed},
		{removed, "validator's attestation", attest.Failed}, {removed, "masker's key", attest.Skipped},
	} {
		if c.of[c.step] != c.want {
			t.Errorf("%s: %q, want %q", c.step, c.of[c.step], c.want)
		}
	}
	if (attest.Examination{}).Err() == nil {
		t.Error("nothing was examined, and that is proof")
	}
}

func TestAcceptMasked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, _ := b.sign(t)
	limited, err := attest.NewTrust(attest.Entry{
		Role: attest.Masker, Key: b.masker.PublicPEM(), Environments: []string{"sandbox"}, NotAfter: at("2026-04-01T00:00:00Z")})
	if err != nil {
		t.Fatal(err)
	}
	allowed := limited.Allow("sandbox", masked().Policy)
	for _, c := range []struct {
		name            string
		trust           attest.Trust
		environment, at string
		want            error
	}{
		{"allowed", allowed, "sandbox", "2026-03-09T00:00:00Z", nil},
		{"expired", allowed, "sandbox", "2026-04-09T00:00:00Z", attest.ErrValidity},
		{"another environment", allowed, "sandbox-02", "2026-03-09T00:00:00Z", attest.ErrEnvironment},
		{"no policy is allowed", limited, "sandbox", "2026-03-09T00:00:00Z", attest.ErrPolicy},
		{"allowed elsewhere", limited.Allow("sandbox-02", masked().Policy), "sandbox", "2026-03-09T00:00:00Z", attest.ErrPolicy},
	} {
		if _, err := c.trust.AcceptMasked(m, digest, c.environment, at(c.at)); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func BenchmarkVerifyProof(b *testing.B) {
	s := setup(b)
	m, v := s.sign(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.trust.VerifyProof(attest.Evidence{Masked: m, Validated: v, SHA256: digest, Environment: "sandbox"}); err != nil {
			b.Fatal(err)
		}
	}
}
