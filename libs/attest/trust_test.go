package attest_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
)

// folder writes a trust folder.
func folder(t *testing.T, content string, keys map[string][]byte) attest.TrustFolder {
	t.Helper()
	dir := t.TempDir()
	for name, key := range keys {
		if err := os.WriteFile(filepath.Join(dir, name), key, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, attest.TrustFile), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return attest.TrustFolder(dir)
}

const rotating = `# the keys of 2026
keys:
  - file: masker.pub
    role: masker
    environments: ["*"]
    notAfter: 2026-06-30T22:00:00+02:00 # summer
  - {file: next.pub, role: masker, environments: [sandbox], notBefore: 2026-06-01T00:00:00Z}
  - {file: validator.pub, role: validator, environments: [sandbox]}
policies:
  sandbox: ["sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"]
  empty: []
`

func TestTrustFolder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	keys := map[string][]byte{
		"masker.pub": b.masker.PublicPEM(), "next.pub": b.stranger.PublicPEM(), "validator.pub": b.validator.PublicPEM(),
		"private.pub": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), "empty.pub": nil,
		"two.pub":  append(b.masker.PublicPEM(), b.stranger.PublicPEM()...),
		"cut.pub":  pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte{0x30, 1}}),
		"huge.pub": make([]byte, 70<<10),
	}
	trust, err := folder(t, rotating, keys).Open()
	if err != nil {
		t.Fatal(err)
	}
	m, v := b.sign(t)
	if _, err := trust.VerifyProof(attest.Evidence{Masked: m, Validated: v, SHA256: digest, Environment: "sandbox"}); err != nil {
		t.Errorf("a proof by keys of the folder: %v", err)
	}
	for _, c := range []struct {
		who     *attest.Signer
		at      string
		trusted bool
	}{
		{b.masker, "2026-06-30T20:00:00Z", true}, {b.masker, "2026-06-30T20:00:01Z", false},
		{b.stranger, "2026-06-15T00:00:00Z", true}, {b.stranger, "2026-05-31T23:59:59Z", false},
	} {
		if err := trust.Accepts(attest.Masker, c.who.KeyID(), "sandbox", at(c.at)); (err == nil) != c.trusted {
			t.Errorf("at %s: %v, want trusted %t", c.at, err, c.trusted)
		}
	}
	if err := trust.AllowsPolicy("empty", "sha256:"+other); err == nil {
		t.Error("an empty list allows a policy")
	}
	one := func(fields string) string { return "keys:\n  - {" + fields + "}\n" }
	for _, c := range []struct{ name, content, want string }{
		{"nothing at all", "", ""},
		{"unknown key", "keys: []\npolicy: {}\n", `line 2: unknown field "policy"`},
		{"unknown key of an entry", one("file: masker.pub, roles: [masker]"), `line 2: unknown field "roles"`},
		{"key twice", "keys: []\nkeys: []\n", "line 2"},
		{"no time", one("file: masker.pub, role: masker, notAfter: tomorrow"), "line 2: want a time such as"},
		{"an end without a time", one("file: masker.pub, role: masker, notAfter: "), "line 2: notAfter has no value"},
		{"a day", one("file: masker.pub, role: masker, notAfter: 2026-06-30"), "line 2: want a time such as"},
		{"ends before it begins", one("file: masker.pub, role: masker, notBefore: 2026-06-30T00:00:00Z, notAfter: 2026-06-29T00:00:00Z"), "keys[0] masker.pub: notAfter"},
		{"role", one("file: masker.pub, role: loader, environments: [a]"), "keys[0] masker.pub: role: want masker or validator"},
		{"empty environment", one(`file: masker.pub, role: masker, environments: [""]`), "environments: a name"},
		{"no such file", one("file: none.pub, role: masker"), "keys[0] none.pub"},
		{"file of another folder", one("file: ../masker.pub, role: masker"), "of this folder"},
		{"file of another kind", one("file: masker.pem, role: masker"), "*.pub"},
		{"no file", one("role: masker"), "file: want"},
		{"private key", one("file: private.pub, role: masker"), "name the public key"},
		{"empty key", one("file: empty.pub, role: masker"), "no PEM block"},
		{"two keys", one("file: two.pub, role: masker"), "more than one"},
		{"key cut off", one("file: cut.pub, role: masker"), "cut off"},
		{"huge key", one("file: huge.pub, role: masker"), "larger than"},
		{"one key for both roles", one("file: masker.pub, role: masker") + "  - {file: masker.pub, role: validator}\n", "a key of its own"},
		{"no digest", "policies: {sandbox: [latest]}\n", "policies sandbox: want digests"},
		{"two documents", "keys: []\n---\nkeys: []\n", "one YAML document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			trust, err := folder(t, c.content, keys).Open()
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), attest.TrustFile)) {
				t.Errorf("error %v, want %q and the file's name", err, c.want)
			}
			if trust.Accepts(attest.Masker, b.masker.KeyID(), "sandbox", at("2026-03-09T08:00:00Z")) == nil {
				t.Error("a key is trusted")
			}
		})
	}
	if _, err := attest.TrustFolder(filepath.Join(t.TempDir(), "none")).Open(); err == nil || !strings.Contains(err.Error(), "maskrail trust add") {
		t.Errorf("no folder: %v", err)
	}
}

func TestTrustFolderGrows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := attest.TrustFolder(filepath.Join(t.TempDir(), "trust"))
	masker := attest.Entry{Role: attest.Masker, Key: b.masker.PublicPEM(), Environments: []string{"sandbox"}}
	validator := attest.Entry{Role: attest.Validator, Key: b.validator.PublicPEM(), Environments: []string{"sandbox", "*"},
		NotBefore: at("2026-01-01T01:00:00+01:00"), NotAfter: at("2027-01-01T00:00:00Z")}
	for _, e := range []attest.Entry{masker, validator} {
		for _, want := range []bool{true, false} {
			if added, err := f.Add(e); err != nil || added != want {
				t.Fatalf("added %t, want %t: %v", added, want, err)
			}
		}
	}
	for _, want := range []int{1, 0} {
		if added, err := f.Allow("sandbox", "sha256:"+other, "sha256:"+other); err != nil || added != want {
			t.Fatalf("added %d, want %d: %v", added, want, err)
		}
	}
	trust, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	m, v := b.sign(t)
	if _, err := trust.VerifyProof(attest.Evidence{Masked: m, Validated: v, SHA256: digest, Environment: "sandbox"}); err != nil {
		t.Error(err)
	}
	content, err := os.ReadFile(filepath.Join(string(f), attest.TrustFile))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", attest.TrustFile)
	if *update {
		if err := os.WriteFile(golden, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(content, want) {
		t.Errorf("the file is\n%s\nwhich differs from %s: %v", content, golden, err)
	}

	// What is wrong is refused, and changes nothing.
	wrong := masker
	wrong.Role = attest.Validator
	if _, err := f.Add(wrong); err == nil || !strings.Contains(err.Error(), "a key of its own") {
		t.Errorf("a masker's key as a validator's: %v", err)
	}
	if _, err := f.Allow("sandbox", "latest"); err == nil {
		t.Error("a policy without a digest was allowed")
	}
	if after, err := os.ReadFile(filepath.Join(string(f), attest.TrustFile)); err != nil || !bytes.Equal(content, after) {
		t.Errorf("a refused change was written: %v", err)
	}
}

func TestTrustFolderKeepsWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := folder(t, rotating, map[string][]byte{
		"masker.pub": b.masker.PublicPEM(), "next.pub": b.stranger.PublicPEM(), "validator.pub": b.validator.PublicPEM()})
	if _, err := f.Allow("sandbox-02", "sha256:"+digest); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Allow("empty", "sha256:"+digest); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(string(f), attest.TrustFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# the keys of 2026", "# summer", "{file: next.pub, role: masker", "  sandbox-02:\n    - \"sha256:" + digest} {
		if !strings.Contains(string(content), want) {
			t.Errorf("%q is gone from\n%s", want, content)
		}
	}
	if trust, err := f.Open(); err != nil || trust.AllowsPolicy("empty", "sha256:"+digest) != nil {
		t.Error(err)
	}
}

// Two stacks on one folder start at the same time.
func TestTrustFolderGrowsFromSeveralSides(t *testing.T) {
	t.Parallel()
	f := attest.TrustFolder(t.TempDir())
	var all sync.WaitGroup
	environments := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	for _, e := range environments {
		all.Go(func() {
			if _, err := f.Allow(e, "sha256:"+digest); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	trust, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range environments {
		if err := trust.AllowsPolicy(e, "sha256:"+digest); err != nil {
			t.Error(err)
		}
	}
}

func FuzzTrustFolder(f *testing.F) {
	b := setup(f)
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "masker.pub"), b.masker.PublicPEM(), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Add(rotating)
	f.Add("keys:\n  - {file: masker.pub, role: masker, environments: [a], notAfter: 2020-01-01T00:00:00Z}\n")
	f.Add("keys: &a [*a]\n")
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(dir, attest.TrustFile)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		trust, err := attest.TrustFolder(dir).Open()
		if err != nil && trust.Accepts(attest.Masker, b.masker.KeyID(), "a", time.Now()) == nil {
			t.Error("a key of a file that was refused is trusted")
		}
	})
}
