package attest

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Roles that a key is trusted for.
const (
	Masker    = "masker"
	Validator = "validator"
)

// Everywhere is the environment of an entry that counts in all of them.
const Everywhere = "*"

// Entry says what one public key is trusted for.
type Entry struct {
	Role         string
	Key          []byte    // one Ed25519 public key in PEM
	Environments []string  // names, or Everywhere; none means none
	NotBefore    time.Time // zero: since ever; the moment itself counts
	NotAfter     time.Time // zero: without end; the moment itself counts
}

// Trust is the entries and the digests of the policies that each environment allows. The zero value trusts nobody and
// allows nothing. It never changes.
type Trust struct {
	entries  []trusted
	policies map[string][]string
}

// TrustSource gives the trust as it is now: workers ask for it with each object, so that what is added, limited or taken out counts
// from the next one on. TrustFolder.Open is one. It is safe for concurrent use.
type TrustSource func() (Trust, error)

// Always is a source that gives t.
func (t Trust) Always() TrustSource { return func() (Trust, error) { return t, nil } }

// Ready is a part of /readyz: an object waits while nobody can tell whom to trust.
func (s TrustSource) Ready(context.Context) error {
	_, err := s()
	return err
}

type trusted struct {
	Entry
	id     string
	public ed25519.PublicKey
}

// NewTrust believes what the entries say. A key may have several entries, of one role: whoever masks must not be able
// to approve the result.
func NewTrust(entries ...Entry) (Trust, error) {
	var t Trust
	for i, e := range entries {
		one, err := e.read()
		if err != nil {
			return Trust{}, fmt.Errorf("trusted key %d: %w", i+1, err)
		}
		for _, other := range t.entries {
			if other.id == one.id && other.Role != one.Role {
				return Trust{}, fmt.Errorf("trusted key %d: it is trusted as %s already: each role needs a key of its own", i+1, other.Role)
			}
		}
		t.entries = append(t.entries, one)
	}
	return t, nil
}

// Own is the trust of a signer in itself, in every environment and at any time.
func (s *Signer) Own(role string) (Trust, error) {
	return NewTrust(Entry{Role: role, Key: s.PublicPEM(), Environments: []string{Everywhere}})
}

// Allow is the same trust with more policies for an environment.
func (t Trust) Allow(environment string, digests ...string) Trust {
	policies := maps.Clone(t.policies)
	if policies == nil {
		policies = map[string][]string{}
	}
	policies[environment] = append(slices.Clone(policies[environment]), digests...)
	return Trust{t.entries, policies}
}

func (e Entry) read() (trusted, error) {
	switch {
	case e.Role != Masker && e.Role != Validator:
		return trusted{}, fmt.Errorf("role: want %s or %s", Masker, Validator)
	case slices.Contains(e.Environments, ""):
		return trusted{}, fmt.Errorf("environments: a name must not be empty; %q means all", Everywhere)
	case !e.NotBefore.IsZero() && !e.NotAfter.IsZero() && e.NotAfter.Before(e.NotBefore):
		return trusted{}, errors.New("notAfter: must not lie before notBefore")
	}
	block, rest := pem.Decode(e.Key)
	if block == nil {
		return trusted{}, errors.New("no PEM block: want an Ed25519 public key")
	}
	if block.Type != publicBlock {
		return trusted{}, fmt.Errorf("the PEM block is no %q: name the public key", publicBlock)
	}
	if next, _ := pem.Decode(rest); next != nil {
		return trusted{}, errors.New("more than one PEM block: give each key a file and an entry of its own")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return trusted{}, errors.New("the PEM block is no public key: was the file cut off?")
	}
	public, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return trusted{}, fmt.Errorf("the key is a %T: want Ed25519", parsed)
	}
	return trusted{Entry: e, id: keyID(block.Bytes), public: public}, nil
}

// AllowsPolicy is nil when the environment allows the policy of that digest, otherwise ErrPolicy.
func (t Trust) AllowsPolicy(environment, digest string) error {
	if slices.Contains(t.policies[environment], digest) {
		return nil
	}
	return fmt.Errorf("%w: %s is not among the %d policies that %s allows: after review, add it with maskrail trust allow",
		ErrPolicy, digest, len(t.policies[environment]), environment)
}

// Accepts is nil when a signature by that key in that role counts in the environment at that time. Otherwise it is
// ErrUntrusted, ErrEnvironment or ErrValidity, whichever comes closest.
func (t Trust) Accepts(role, keyID, environment string, at time.Time) error {
	if err := t.knows(role, keyID); err != nil {
		return err
	}
	err := fmt.Errorf("%w: key %s is not trusted as %s in %s", ErrEnvironment, short(keyID), role, environment)
	for _, e := range t.entries {
		switch {
		case e.id != keyID || e.Role != role || !slices.Contains(e.Environments, environment) && !slices.Contains(e.Environments, Everywhere):
			continue
		case (e.NotBefore.IsZero() || !at.Before(e.NotBefore)) && (e.NotAfter.IsZero() || !at.After(e.NotAfter)):
			return nil
		}
		err = fmt.Errorf("%w: key %s is trusted as %s in %s %s, and not at %s",
			ErrValidity, short(keyID), role, environment, e.window(), FormatTime(at))
	}
	return err
}

// knows is nil when the key is trusted for the role somewhere at some time.
func (t Trust) knows(role, keyID string) error {
	other, keys := "", 0
	for _, e := range t.entries {
		switch {
		case e.id == keyID && e.Role == role:
			return nil
		case e.id == keyID:
			other = e.Role
		case e.Role == role:
			keys++
		}
	}
	if other != "" {
		return fmt.Errorf("%w: its key %s is trusted as %s and not as %s", ErrUntrusted, short(keyID), other, role)
	}
	return fmt.Errorf("%w: its key %s is not among the %d trusted as %s", ErrUntrusted, short(keyID), keys, role)
}

func (t Trust) public(role, keyID string) ed25519.PublicKey {
	for _, e := range t.entries {
		if e.id == keyID && e.Role == role {
			return e.public
		}
	}
	return nil
}

func (e Entry) window() string {
	var parts []string
	if !e.NotBefore.IsZero() {
		parts = append(parts, "from "+FormatTime(e.NotBefore))
	}
	if !e.NotAfter.IsZero() {
		parts = append(parts, "until "+FormatTime(e.NotAfter))
	}
	if len(parts) == 0 {
		return "at any time"
	}
	return strings.Join(parts, " ")
}

// short is a key's name as messages show it. An envelope's key id is whatever its writer put there.
func short(keyID string) string {
	if !isHex(keyID, 32) {
		return "without a proper name"
	}
	return keyID[:12]
}
