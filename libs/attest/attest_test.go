package attest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	object = "maskrail/sandbox/interaction/acme/0123.parquet"
	digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	other  = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"
)

// bundle is two roles with fixed keys, so that envelopes can be compared with golden files, and a stranger.
type bundle struct {
	masker, validator, stranger *attest.Signer
	trust                       attest.Trust
}

func signer(t testing.TB, seed byte) *attest.Signer {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := attest.NewSigner(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func setup(t testing.TB) bundle {
	t.Helper()
	b := bundle{masker: signer(t, 1), validator: signer(t, 2), stranger: signer(t, 3)}
	var err error
	everywhere := []string{attest.Everywhere}
	b.trust, err = attest.NewTrust(
		attest.Entry{Role: attest.Masker, Key: b.masker.PublicPEM(), Environments: everywhere},
		attest.Entry{Role: attest.Validator, Key: b.validator.PublicPEM(), Environments: everywhere},
	)
	if err != nil {
		t.Fatal(err)
	}
	b.trust = b.trust.Allow("sandbox", "sha256:"+other)
	return b
}

func masked() attest.Masked {
	return attest.Masked{
		Environment: "sandbox", Entity: "interaction", Tenant: "_",
		Source: attest.Source{SHA256: other, Identity: "w4qxz3fkzq2zq7p4n5h6a7b2cd", Bytes: 4096},
		Policy: "sha256:" + other, KeyFingerprint: "afaa6b1f429db574", KeyEpoch: 3, Writer: "1",
		RowsIn: 12, RowsOut: 10, Rejects: map[string]int64{"duplicate-key": 2},
		Columns: []attest.Column{
			{Name: "interactionId", Type: "utf8", Treatment: "keep"},
			{Name: "phoneNumber", Type: "utf8", Treatment: "token", Distinct: new(int64(9)), Nulls: new(int64(1)), Collision: "2.7e-38"},
		},
		Tenants: map[string]int64{"acme": 6, "globex": 4},
		Code:    "v1.2.3", Trace: "4bf92f3577b34da6a3ce929d0e0e4736",
		Domains: []attest.Domain{{Domain: "phone", Scope: "tenant", Distinct: []int64{9}, Estimate: 9}},
		Sketch:  &attest.Beside{Key: "_sketch/a", SHA256: other}, Canary: &attest.Beside{Key: "_canary/a", SHA256: other},
	}
}

func validated(masker []byte) attest.Validated {
	return attest.Validated{
		Environment: "sandbox", Entity: "interaction", Tenant: "_", Masker: attest.Digest(masker), Rules: "1",
		Policy: "sha256:" + other, At: "2026-03-09T08:00:00Z",
		Checks: []attest.Check{{Name: "rows", Passed: true}, {Name: "detectors", Passed: true, Detail: "4 columns"}},
		Hits:   []attest.Hit{{Column: "notes", Class: "name", Suspicions: 2}},
		Rows:   10, Tenants: map[string]int64{"acme": 6, "globex": 4},
	}
}

func (b bundle) sign(t testing.TB) (m, v []byte) {
	t.Helper()
	m, err := b.masker.SignMasked(object, digest, masked())
	if err != nil {
		t.Fatal(err)
	}
	v, err = b.validator.SignValidated(object, digest, validated(m))
	if err != nil {
		t.Fatal(err)
	}
	return m, v
}

func TestEnvelopesAreGolden(t *testing.T) {
	t.Parallel()
	m, v := setup(t).sign(t)
	for name, got := range map[string][]byte{"masked": m, "validated": v} {
		path := filepath.Join("testdata", name+".dsse.json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s: %v", name, path, err)
		}
	}
}

// The signature must be what DSSE says, checked with the standard library alone.
func TestEnvelopeFollowsDSSE(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, _ := b.sign(t)
	var e struct {
		PayloadType, Payload string
		Signatures           []struct{ KeyID, Sig string }
	}
	if err := json.Unmarshal(m, &e); err != nil {
		t.Fatal(err)
	}
	payload, _ := base64.StdEncoding.DecodeString(e.Payload)
	sig, _ := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	pae := fmt.Sprintf("DSSEv1 %d %s %d %s", len(e.PayloadType), e.PayloadType, len(payload), payload)
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey)
	if e.PayloadType != "application/vnd.in-toto+json" || !ed25519.Verify(public, []byte(pae), sig) {
		t.Error("not a DSSE signature over the in-toto payload")
	}
	if e.Signatures[0].KeyID != b.masker.KeyID() || len(b.masker.KeyID()) != 64 {
		t.Errorf("keyid %s, want the signer's", e.Signatures[0].KeyID)
	}
	var st map[string]any
	if err := json.Unmarshal(payload, &st); err != nil || st["_type"] != attest.StatementType || st["predicateType"] != attest.MaskedType {
		t.Errorf("statement %v: %v", st["_type"], err)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, v := b.sign(t)
	byStranger, err := b.stranger.SignMasked(object, digest, masked())
	if err != nil {
		t.Fatal(err)
	}
	// The stranger signs, and claims to be the masker.
	forged := bytes.Replace(byStranger, []byte(b.stranger.KeyID()), []byte(b.masker.KeyID()), 1)
	odd, err := b.masker.Sign(attest.Statement{
		Subject:       []attest.Subject{{Name: object, Digest: map[string]string{"sha256": digest}}},
		PredicateType: attest.MaskedType, Predicate: json.RawMessage(`{"more":1}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, role, predicate string
		envelope              []byte
		want                  error
	}{
		{"masker", attest.Masker, attest.MaskedType, m, nil},
		{"validator", attest.Validator, attest.ValidatedType, v, nil},
		{"wrong role", attest.Validator, attest.MaskedType, m, attest.ErrUntrusted},
		{"no such role", "admin", attest.MaskedType, m, attest.ErrUntrusted},
		{"other predicate", attest.Masker, attest.ValidatedType, m, attest.ErrMalformed},
		{"stranger", attest.Masker, attest.MaskedType, byStranger, attest.ErrUntrusted},
		{"stranger with the masker's key id", attest.Masker, attest.MaskedType, forged, attest.ErrSignature},
		{"empty", attest.Masker, attest.MaskedType, nil, attest.ErrMalformed},
		{"not JSON", attest.Masker, attest.MaskedType, []byte("PAR1"), attest.ErrMalformed},
		{"line break behind", attest.Masker, attest.MaskedType, append(bytes.Clone(m), '\n'), attest.ErrMalformed},
		{"two envelopes", attest.Masker, attest.MaskedType, append(bytes.Clone(m), m...), attest.ErrMalformed},
		{"other member", attest.Masker, attest.MaskedType, bytes.Replace(m, []byte("{"), []byte(`{"a":1,`), 1), attest.ErrMalformed},
		{"no signature", attest.Masker, attest.MaskedType, []byte(`{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[]}`), attest.ErrMalformed},
		{"too large", attest.Masker, attest.MaskedType, make([]byte, 9<<20), attest.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st, err := b.trust.Verify(c.envelope, c.role, c.predicate)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && (st.Subject[0].Name != object || st.Subject[0].Digest["sha256"] != digest) {
				t.Errorf("subject %v", st.Subject)
			}
			if err != nil && (st.Type != "" || st.Predicate != nil) {
				t.Error("a statement came back with the error")
			}
		})
	}
	if _, err := (attest.Trust{}).Verify(m, attest.Masker, attest.MaskedType); !errors.Is(err, attest.ErrUntrusted) {
		t.Errorf("nobody is trusted, error %v", err)
	}
	if _, err := b.trust.VerifyMasked(odd, digest); !errors.Is(err, attest.ErrMalformed) {
		t.Errorf("a predicate of another shape, error %v", err)
	}
}

// Every byte counts, also those that the signature does not cover. Bit 5 turns a letter's case, which a lenient
// decoder would overlook.
func TestOneByteFlippedAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, _ := b.sign(t)
	for i := range m {
		for _, mask := range []byte{1 << 0, 1 << 5} {
			bad := bytes.Clone(m)
			bad[i] ^= mask
			if _, err := b.trust.Verify(bad, attest.Masker, attest.MaskedType); err == nil {
				t.Fatalf("byte %d changed by %#x, and the envelope is still taken", i, mask)
			}
		}
	}
	for _, cut := range []int{1, len(m) / 2, len(m) - 1} {
		if _, err := b.trust.Verify(m[:cut], attest.Masker, attest.MaskedType); !errors.Is(err, attest.ErrMalformed) {
			t.Errorf("cut off at %d: %v", cut, err)
		}
	}
}

func TestSigningRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name string
		edit func(*attest.Masked)
		want string
	}{
		{"a row lost", func(m *attest.Masked) { m.RowsIn++ }, "rows: 13 in"},
		{"a row too many", func(m *attest.Masked) { m.Rejects = nil; m.RowsOut++; m.Tenants = nil }, "rows: 12 in"},
		{"tenants do not add up", func(m *attest.Masked) { m.Tenants["acme"]++ }, "tenants: 11"},
		{"negative", func(m *attest.Masked) { m.Rejects = map[string]int64{"a": 3, "b": -1} }, "negative"},
		{"no policy", func(m *attest.Masked) { m.Policy = "" }, "policy"},
		{"no tenant", func(m *attest.Masked) { m.Tenant = "" }, "tenant"},
		{"source without digest", func(m *attest.Masked) { m.Source.SHA256 = "" }, "source"},
		{"trace in capitals", func(m *attest.Masked) { m.Trace = strings.Repeat("AB", 16) }, "trace"},
		{"sketch without digest", func(m *attest.Masked) { m.Sketch = &attest.Beside{Key: "_sketch/a"} }, "sketch"},
		{"canary without key", func(m *attest.Masked) { m.Canary = &attest.Beside{SHA256: digest} }, "canary"},
		{"negative distinct", func(m *attest.Masked) { m.Columns[1].Distinct = new(int64(-1)) }, "column 1: distinct"},
		{"negative nulls in a member", func(m *attest.Masked) {
			m.Columns[1] = attest.Column{Name: "a", Members: []attest.Column{{Name: "b", Nulls: new(int64(-1))}}}
		}, "column 1: member 0: distinct"},
		{"counts of an object", func(m *attest.Masked) {
			m.Columns[1] = attest.Column{Name: "a", Nulls: new(int64(1)), Members: []attest.Column{{Name: "b"}}}
		}, "not for objects"},
		{"collision is no number", func(m *attest.Masked) { m.Columns[1].Collision = "NaN" }, "collision"},
		{"collision above 1", func(m *attest.Masked) { m.Columns[1].Collision = "1.5" }, "collision"},
		{"scope of a domain", func(m *attest.Masked) { m.Domains = []attest.Domain{{Domain: "phone", Scope: "row"}} }, "domain 0: scope"},
		{"negative distinct of a domain", func(m *attest.Masked) {
			m.Domains = []attest.Domain{{Domain: "phone", Scope: "tenant", Distinct: []int64{-1}}}
		}, "domain 0: distinct"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := masked()
			c.edit(&m)
			if _, err := b.masker.SignMasked(object, digest, m); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	m, _ := b.sign(t)
	for name, edit := range map[string]func(*attest.Validated){
		"at: want": func(v *attest.Validated) { v.At = "2026-01-31T08:00:00+00:00" },
		"hit 0":    func(v *attest.Validated) { v.Hits = []attest.Hit{{Column: "notes", Class: "phone"}} },
	} {
		v := validated(m)
		edit(&v)
		if _, err := b.validator.SignValidated(object, digest, v); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q", err, name)
		}
	}
	for name, sum := range map[string]string{"no digest": "", "short": digest[2:], "upper case": strings.ToUpper(digest)} {
		if _, err := b.masker.SignMasked(object, sum, masked()); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	if _, err := b.masker.Sign(attest.Statement{PredicateType: "x", Predicate: json.RawMessage("{}")}); err == nil {
		t.Error("a statement without a subject was signed")
	}
}

func TestSignerFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "masker.key")
	if err := keys.Create(path, attest.GenerateKey); err != nil {
		t.Fatal(err)
	}
	s, err := attest.LoadSigner(path)
	if err != nil {
		t.Fatal(err)
	}
	private, _ := os.ReadFile(path)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x"} {
		if text := fmt.Sprintf(verb, *s); strings.Contains(text, fmt.Sprintf("%x", private[40:60])) || strings.Contains(text, "48 46 2 1") {
			t.Errorf("%s prints the private key", verb)
		}
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "no PEM block"},
		{"public key", s.PublicPEM(), "Ed25519"},
		{"cut off", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{0x30, 1}}), "cut off"},
		{"other kind", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ecDER}), "want Ed25519"},
		{"two keys", append(bytes.Clone(private), private...), "more than one"},
	} {
		if _, err := attest.NewSigner(c.content); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := attest.LoadSigner(path); err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
		t.Errorf("a private key that all may read: %v", err)
	}
}

func TestCreateKeyPair(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "masker.key")
	if err := attest.CreateKeyPair(path); err != nil {
		t.Fatal(err)
	}
	s, err := attest.LoadSigner(path)
	if err != nil {
		t.Fatal(err)
	}
	public, err := os.ReadFile(path + attest.PublicSuffix)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := attest.NewTrust(attest.Entry{Role: attest.Masker, Key: public})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.SignMasked(object, digest, masked())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trust.VerifyMasked(m, digest); err != nil {
		t.Errorf("the public part does not verify what the private one signed: %v", err)
	}
	if err := attest.CreateKeyPair(path); err == nil || !strings.Contains(err.Error(), "not replaced") {
		t.Errorf("a key was replaced: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := attest.CreateKeyPair(path); err == nil || !strings.Contains(err.Error(), attest.PublicSuffix) {
		t.Errorf("a public key was replaced: %v", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("half a pair was left: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	b := setup(f)
	m, v := b.sign(f)
	f.Add(m)
	f.Add(v)
	f.Add([]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"","sig":""}]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := b.trust.Verify(raw, attest.Masker, attest.MaskedType); (err == nil) != bytes.Equal(raw, m) {
			t.Errorf("error %v for bytes that equal the signed ones: %v", err, bytes.Equal(raw, m))
		}
		if _, err := b.trust.VerifyValidated(raw, digest); (err == nil) != bytes.Equal(raw, v) {
			t.Errorf("error %v for bytes that equal the signed ones: %v", err, bytes.Equal(raw, v))
		}
	})
}
