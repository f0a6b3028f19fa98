package attest

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Roles that a key is trusted for.
const (
	Masker    = "masker"
	Validator = "validator"
)

// Trust is the public keys by role. The zero value trusts nobody.
type Trust struct {
	roles map[string]map[string]ed25519.PublicKey // role → key id → key
}

// NewTrust takes PEM texts by role. A text may hold several keys, so that an old key stays trusted while a new one
// comes in. A key has one role: whoever masks must not be able to approve the result.
func NewTrust(byRole map[string][]byte) (Trust, error) {
	t := Trust{roles: map[string]map[string]ed25519.PublicKey{}}
	for _, role := range slices.Sorted(maps.Keys(byRole)) {
		if err := t.add(role, byRole[role]); err != nil {
			return Trust{}, fmt.Errorf("trust %s key: %w", role, err)
		}
	}
	return t, nil
}

// LoadTrust reads PEM files by role.
func LoadTrust(files map[string][]string) (Trust, error) {
	byRole := map[string][]byte{}
	for role, paths := range files {
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				return Trust{}, fmt.Errorf("trust %s key: %w", role, err)
			}
			// Alone first, so that an error names the file.
			if _, err := NewTrust(map[string][]byte{role: content}); err != nil {
				return Trust{}, fmt.Errorf("file %s: %w", path, err)
			}
			byRole[role] = append(append(byRole[role], content...), '\n')
		}
	}
	return NewTrust(byRole)
}

func (t Trust) add(role string, text []byte) error {
	found := 0
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != publicBlock {
			return fmt.Errorf("a PEM block is no %q: name the public key", publicBlock)
		}
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return errors.New("a PEM block is no public key: was the file cut off?")
		}
		public, ok := parsed.(ed25519.PublicKey)
		if !ok {
			return fmt.Errorf("a key is a %T: want Ed25519", parsed)
		}
		id := keyID(block.Bytes)
		for other, trusted := range t.roles {
			if _, ok := trusted[id]; ok && other != role {
				return fmt.Errorf("key %s is trusted for %s already: each role needs a key of its own", id[:12], other)
			}
		}
		if t.roles[role] == nil {
			t.roles[role] = map[string]ed25519.PublicKey{}
		}
		t.roles[role][id] = public
		found++
	}
	if found == 0 {
		return errors.New("no PEM block: want an Ed25519 public key")
	}
	return nil
}

// Verify returns the statement in an envelope when a key that is trusted for the role signed it and its predicate
// is of that type. Its errors are ErrMalformed, ErrUntrusted or ErrSignature, wrapped.
func (t Trust) Verify(envelope []byte, role, predicateType string) (Statement, error) {
	payload, id, sig, err := open(envelope)
	if err != nil {
		return Statement{}, fmt.Errorf("verify %s attestation: %w", role, err)
	}
	public, ok := t.roles[role][id]
	if !ok {
		return Statement{}, fmt.Errorf("verify %s attestation: %w: its key is not among the %d trusted for this role", role, ErrUntrusted, len(t.roles[role]))
	}
	if !ed25519.Verify(public, encoding(payload), sig) {
		return Statement{}, fmt.Errorf("verify %s attestation: %w", role, ErrSignature)
	}
	var st Statement
	if err := strict(payload, &st); err != nil {
		return Statement{}, fmt.Errorf("verify %s attestation: %w: statement: %w", role, ErrMalformed, err)
	}
	if err := st.check(); err != nil {
		return Statement{}, fmt.Errorf("verify %s attestation: %w: statement: %w", role, ErrMalformed, err)
	}
	if st.PredicateType != predicateType {
		return Statement{}, fmt.Errorf("verify %s attestation: %w: it says something else than %s", role, ErrMalformed, predicateType)
	}
	return st, nil
}
