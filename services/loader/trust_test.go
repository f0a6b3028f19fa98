package loader

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// TestTrustChanges: what is done to the trust folder counts from the next object on, without a restart; a folder that cannot be
// read parks nothing.
func TestTrustChanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	folder := attest.TrustFolder(t.TempDir())
	b.trust = folder.Open
	policy := "sha256:" + strings.Repeat("a", 64)
	object := func(name string) objref.Ref {
		return b.object(name, func(o *order) { o.masked.Policy, o.validated.Policy, o.ref.Policy = policy, policy, policy }, two...)
	}
	trust := func(role string, s *attest.Signer) {
		t.Helper()
		if _, err := folder.Add(attest.Entry{Role: role, Key: s.PublicPEM(), Environments: []string{"box"}}); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(old, by string) {
		t.Helper()
		file := filepath.Join(string(folder), attest.TrustFile)
		content, err := os.ReadFile(file)
		if err == nil && !strings.Contains(string(content), old) {
			t.Fatalf("%q is not in %s", old, content)
		}
		if err == nil {
			err = os.WriteFile(file, []byte(strings.Replace(string(content), old, by, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ready := func(want bool) {
		t.Helper()
		for _, c := range b.Checks() {
			if c.Name == "trust" {
				if err := c.Run(t.Context()); (err == nil) != want {
					t.Errorf("the check says %v", err)
				}
				return
			}
		}
		t.Error("readiness does not tell of the folder")
	}
	for _, step := range []struct {
		name, says string // of the refusal; "" for none
		do         func()
	}{
		{"no validator", "signature", func() { trust(attest.Masker, b.masker) }},
		{"no policy", "policy not allowed", func() { trust(attest.Validator, b.validator) }},
		{"all of it", "", func() {
			if _, err := folder.Allow("box", policy); err != nil {
				t.Fatal(err)
			}
		}},
		{"a key that is limited", "validity", func() { replace("role: validator", "notAfter: 1999-12-31T00:00:00Z\n    role: validator") }},
		{"a key of before", "", func() { replace("notAfter: 1999-12-31T00:00:00Z\n", "\n") }},
		{"a key that is taken out", "signature", func() { replace("role: masker", "role: validator") }},
	} {
		step.do()
		ready(true)
		_, err := b.load(t.Context(), object(strings.ReplaceAll(step.name, " ", "-")))
		reason, refused := stage.Rejected(err)
		if refused != (step.says != "") || !refused && err != nil || refused && !strings.Contains(reason.Detail, step.says) {
			t.Errorf("%s: %v, want one that says %q", step.name, err, step.says)
		}
	}
	replace("\nkeys:", "\nkeyz:")
	ready(false)
	_, err := b.load(t.Context(), object("later"))
	if _, wait := stage.Delay(err); !wait || !strings.Contains(err.Error(), attest.TrustFile) {
		t.Errorf("%v, want another try that names the file", err)
	}
}
