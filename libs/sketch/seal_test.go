package sketch

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/attest"
)

func newOpener(t *testing.T) *Opener {
	t.Helper()
	var pem bytes.Buffer
	if err := GenerateKey(&pem); err != nil {
		t.Fatal(err)
	}
	o, err := NewOpener(pem.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSeal(t *testing.T) {
	t.Parallel()
	o, object, k := newOpener(t), digest([]byte("masked")), NewKey()
	public, err := o.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSealer(public)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Seal(k, object)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := o.Open(sealed, object); got != k || err != nil {
		t.Fatalf("the key does not open: %v", err)
	}
	if bytes.Contains(sealed, k[:]) {
		t.Error("the key is not sealed")
	}
	if _, err := newOpener(t).Open(sealed, object); !errors.Is(err, ErrSealed) {
		t.Errorf("another validator: %v", err)
	}
	if _, err := o.Open(sealed, digest([]byte("another"))); !errors.Is(err, ErrSealed) {
		t.Errorf("another object: %v", err)
	}
	for i := range sealed {
		flipped := bytes.Clone(sealed)
		flipped[i] ^= 1
		if _, err := o.Open(flipped, object); !errors.Is(err, ErrSealed) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
	}
	if _, err := o.Open(nil, object); !errors.Is(err, ErrSealed) {
		t.Errorf("nothing: %v", err)
	}
}

func TestKeyPair(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seal.pem")
	if err := CreateKeyPair(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private key has mode %v, error %v", info.Mode(), err)
	}
	o, err := LoadOpener(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := LoadSealer(path + PublicSuffix)
	if err != nil {
		t.Fatal(err)
	}
	k := NewKey()
	sealed, err := s.Seal(k, "x")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := o.Open(sealed, "x"); got != k || err != nil {
		t.Errorf("the pair does not fit: %v", err)
	}
	if err := CreateKeyPair(path); err == nil {
		t.Error("a key was replaced")
	}
	signing := filepath.Join(t.TempDir(), "sign.pem")
	if err := attest.CreateKeyPair(signing); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a signing key":           second(LoadOpener(signing)),
		"a public signing key":    second(LoadSealer(signing + ".pub")),
		"a public key as private": second(LoadSealer(path)),
		"no file":                 second(LoadSealer(path + ".no")),
	} {
		if err == nil || strings.Contains(err.Error(), "MC4CAQ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
