package keys_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/keys"
)

// vectors were computed with another implementation of RFC 5869 than the one under test. They are never updated: a
// difference means that every token of every sandbox changes.
type vectors struct {
	File         string
	Fingerprints map[string]string
	Derived      []struct {
		Name                               string
		Epoch                              int
		Environment, Scope, Tenant, Domain string
		Key                                string
	}
}

func setup(t *testing.T) (*keys.Ring, vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/derive.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	r, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte(v.File))})
	if err != nil {
		t.Fatal(err)
	}
	return r, v
}

func TestDeriveVectors(t *testing.T) {
	t.Parallel()
	ring, v := setup(t)
	if ring.Epoch() != 3 {
		t.Errorf("active epoch %d, want the last, 3", ring.Epoch())
	}
	for _, c := range v.Derived {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			at, err := ring.At(c.Epoch)
			if err != nil {
				t.Fatal(err)
			}
			want, err := hex.DecodeString(c.Key)
			if err != nil {
				t.Fatal(err)
			}
			got, err := at.Derive(c.Environment, c.Scope, c.Tenant, c.Domain, len(want))
			if err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("key differs from the vector, error %v", err)
			}
			if got := at.Fingerprint(); got != v.Fingerprints[strconv.Itoa(c.Epoch)] {
				t.Errorf("fingerprint %s differs from the vector", got)
			}
		})
	}
	if _, err := ring.At(2); err == nil {
		t.Error("an epoch that is not there was taken")
	}
}

// Every list of names must have a key of its own, also where the names run together to the same text.
func TestDeriveSeparates(t *testing.T) {
	t.Parallel()
	ring, _ := setup(t)
	older, err := ring.At(1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, c := range []struct {
		name                               string
		ring                               *keys.Ring
		environment, scope, tenant, domain string
	}{
		{"base", ring, "env", keys.ScopeTenant, "ab", "cd"},
		{"environment", ring, "env2", keys.ScopeTenant, "ab", "cd"},
		{"tenant", ring, "env", keys.ScopeTenant, "ax", "cd"},
		{"domain", ring, "env", keys.ScopeTenant, "ab", "cx"},
		{"scope", ring, "env", keys.ScopeEnvironment, "", "cd"},
		{"epoch", older, "env", keys.ScopeTenant, "ab", "cd"},
		{"tenant takes from domain", ring, "env", keys.ScopeTenant, "abc", "d"},
		{"domain takes from tenant", ring, "env", keys.ScopeTenant, "a", "bcd"},
		{"domain takes the epoch", ring, "env", keys.ScopeTenant, "ab", "cd3"},
		{"separator in a name", ring, "env", keys.ScopeTenant, "ab\x00", "cd"},
		{"length in a name", ring, "env", keys.ScopeTenant, "ab\x00\x00\x00\x00\x00\x00\x00\x02cd", "cd"},
		{"environment takes from tenant", ring, "enva", keys.ScopeTenant, "b", "cd"},
	} {
		key, err := c.ring.Derive(c.environment, c.scope, c.tenant, c.domain, 32)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if other, ok := seen[string(key.Bytes())]; ok {
			t.Errorf("%s and %s have one key", c.name, other)
		}
		seen[string(key.Bytes())] = c.name
	}
}

func TestEnvironmentScopeIgnoresTheTenant(t *testing.T) {
	t.Parallel()
	ring, _ := setup(t)
	a, errA := ring.Derive("env", keys.ScopeEnvironment, "acme", "phone", 32)
	b, errB := ring.Derive("env", keys.ScopeEnvironment, "", "phone", 32)
	if errA != nil || errB != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("the tenant changes a key of scope environment: %v, %v", errA, errB)
	}
}

func TestDeriveRefuses(t *testing.T) {
	t.Parallel()
	ring, _ := setup(t)
	for _, c := range []struct {
		name                               string
		environment, scope, tenant, domain string
		n                                  int
		want                               string
	}{
		{"no environment", "", keys.ScopeTenant, "acme", "phone", 32, "environment"},
		{"environment that HMAC would pad to another", "env\x00", keys.ScopeTenant, "acme", "phone", 32, "environment"},
		{"environment that HMAC would hash", strings.Repeat("e", 65), keys.ScopeTenant, "acme", "phone", 32, "environment"},
		{"environment no text", "\xff", keys.ScopeTenant, "acme", "phone", 32, "environment"},
		{"no tenant", "env", keys.ScopeTenant, "", "phone", 32, "tenant"},
		{"no domain", "env", keys.ScopeTenant, "acme", "", 32, "domain"},
		{"other scope", "env", "global", "acme", "phone", 32, "scope"},
		{"too short", "env", keys.ScopeTenant, "acme", "phone", 15, "length"},
		{"too long", "env", keys.ScopeTenant, "acme", "phone", keys.MaxDerived + 1, "length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			key, err := ring.Derive(c.environment, c.scope, c.tenant, c.domain, c.n)
			if err == nil || !strings.Contains(err.Error(), c.want) || !key.IsZero() {
				t.Errorf("error %v, want one that names %s", err, c.want)
			}
		})
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	ring, v := setup(t)
	id := ring.Fingerprint()
	if len(id) != 16 || strings.Contains(v.File, id) {
		t.Errorf("fingerprint %q, want 16 hex digits", id)
	}
	again, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte(v.File))})
	if err != nil || again.Fingerprint() != id {
		t.Errorf("the same file has fingerprints %s and %s: %v", id, again.Fingerprint(), err)
	}
	root := bytes.Repeat([]byte{1, 2}, 32)
	other, err := keys.Load(keys.Source{Text: keys.NewSecret([]byte("maskrail-key-v1,3:" + base64.StdEncoding.EncodeToString(root)))})
	if err != nil || other.Fingerprint() == id {
		t.Errorf("two keys have one fingerprint: %v", err)
	}
}
