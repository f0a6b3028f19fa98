package validator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/stage"
)

// TestTrustChanges: what is done to the trust folder counts from the next object on, without a restart, also for canaries that
// were judged; a folder that cannot be read parks nothing.
func TestTrustChanges(t *testing.T) {
	t.Parallel()
	w := setup(t)
	folder := attest.TrustFolder(t.TempDir())
	w.trust = folder.Open
	trust := func(role string, s *attest.Signer) {
		t.Helper()
		if _, err := folder.Add(attest.Entry{Role: role, Key: s.PublicPEM(), Environments: []string{env}}); err != nil {
			t.Fatal(err)
		}
	}
	trust(attest.Validator, w.signer)
	if _, err := folder.Allow(env, w.policies.Digests()...); err != nil {
		t.Fatal(err)
	}
	edit := func(content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(string(folder), attest.TrustFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() string {
		t.Helper()
		content, err := os.ReadFile(filepath.Join(string(folder), attest.TrustFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	passes := func(key string) {
		t.Helper()
		out, err := w.validate(t.Context(), w.put(w.goodAt(key)))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		w.proven(out[0])
	}
	without := kept()
	w.refused(w.put(w.goodAt("0001")))
	trust(attest.Masker, w.masker)
	with := kept()
	passes("0002")

	// The next masker names the canary that the one before has made, and its key is taken out.
	next := newSigner(t)
	o := w.goodAt("0003")
	o.signer = next
	edit(without)
	trust(attest.Masker, next)
	_, report := w.refused(w.put(o))
	if f, ok := report.finding(ClassCanary); !ok || !strings.Contains(f.Detail, "untrusted") {
		t.Errorf("the report says %+v of a canary whose signer is not trusted any more", f)
	}
	edit(with)
	passes("0004")

	edit("keys: [{")
	if _, err := w.validate(t.Context(), w.put(w.goodAt("0005"))); err == nil || !strings.Contains(err.Error(), attest.TrustFile) {
		t.Errorf("%v, want one that names the file", err)
	} else if _, wait := stage.Delay(err); !wait {
		t.Errorf("%v, want another try later", err)
	}
	for _, c := range w.Checks() {
		if c.Name == "trust" && c.Run(t.Context()) == nil {
			t.Error("it says that it is ready")
		}
	}
}
