// Package keys holds the root keys that masking derives its keys from, and the type of every secret.
//
// A key file is text:
//
//	# made with maskrail keygen
//	maskrail-key-v1
//	1:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=
//
//	2:awskms:AQIDAHh2Zm9yIGFuIGV4YW1wbGU...
//
// The first line that is neither empty nor a comment names the format. Each line after it is an epoch, a colon and
// the standard base64 of 32 to 1024 random bytes, or, between two colons, who wrapped them, and the base64 of what came
// of it. Epochs ascend; the last one is active, the others are kept for what was masked with them.
//
// This package unwraps nothing itself: Open is given a function that does, so that only programs that need a vendor's
// client link it.
package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Scopes of a derived key.
const (
	// ScopeTenant gives equal values of two tenants different tokens.
	ScopeTenant = "tenant"
	// ScopeEnvironment gives them equal ones; the tenant plays no part.
	ScopeEnvironment = "environment"
)

// Labels at the head of each info, so that no key for one purpose is ever the key for another.
const (
	tokenVersion       = "maskrail-token-v1"
	fingerprintVersion = "maskrail-fingerprint-v1"
)

const (
	// MinRoot is the least length of a root key in bytes.
	MinRoot = 32
	maxRoot = 1024
	// MinDerived and MaxDerived bound Derive's n: no key weaker than 128 bit, and the limit of HKDF-SHA256.
	MinDerived = 16
	MaxDerived = 255 * sha256.Size
	// maxEnvironment keeps the salt within one HMAC block; a longer one would be hashed first.
	maxEnvironment = 64
)

// Ring is the root keys by epoch. It is safe for concurrent use.
type Ring struct {
	roots  map[int]Secret
	active int
}

// Epoch is the epoch that keys are derived from.
func (r *Ring) Epoch() int { return r.active }

// At returns the same ring with another epoch active.
func (r *Ring) At(epoch int) (*Ring, error) {
	if _, ok := r.roots[epoch]; !ok {
		return nil, fmt.Errorf("there is no key of epoch %d, only of %s", epoch, r.epochs())
	}
	return &Ring{roots: r.roots, active: epoch}, nil
}

// epochs lists the epochs for an error.
func (r *Ring) epochs() string {
	text := "epoch "
	for i, e := range slices.Sorted(maps.Keys(r.roots)) {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(e)
	}
	return text
}

// Fingerprint names the active root key, 16 hex digits that are safe to publish. It is derived like a key of its
// own, so it helps nobody to find the root or a derived key.
func (r *Ring) Fingerprint() string {
	id, err := hkdf.Key(sha256.New, r.roots[r.active].Bytes(), nil, info(fingerprintVersion, strconv.Itoa(r.active)), 8)
	if err != nil { // only a length over MaxDerived
		return ""
	}
	return hex.EncodeToString(id)
}

// Derive returns the n bytes (16 to 8160) that the active epoch has for one environment, scope, tenant and domain:
// HKDF-SHA256 (RFC 5869) with the environment as salt, and as info the version, scope, tenant, domain and epoch in
// decimal, each behind its length in eight bytes, big endian. With ScopeEnvironment the tenant is taken as "".
func (r *Ring) Derive(environment, scope, tenant, domain string, n int) (Secret, error) {
	if err := checkEnvironment(environment); err != nil {
		return Secret{}, fmt.Errorf("derive key: environment: %w", err)
	}
	switch scope {
	case ScopeTenant:
		if tenant == "" {
			return Secret{}, errors.New("derive key: tenant: must not be empty with scope tenant")
		}
	case ScopeEnvironment:
		tenant = ""
	default:
		return Secret{}, fmt.Errorf("derive key: scope: want %s or %s", ScopeTenant, ScopeEnvironment)
	}
	if domain == "" {
		return Secret{}, errors.New("derive key: domain: must not be empty")
	}
	if n < MinDerived || n > MaxDerived {
		return Secret{}, fmt.Errorf("derive key: length: %d bytes, want %d to %d", n, MinDerived, MaxDerived)
	}
	key, err := hkdf.Key(sha256.New, r.roots[r.active].Bytes(), []byte(environment),
		info(tokenVersion, scope, tenant, domain, strconv.Itoa(r.active)), n)
	if err != nil {
		return Secret{}, fmt.Errorf("derive key: %w", err)
	}
	return NewSecret(key), nil
}

// checkEnvironment keeps different names different salts: HMAC fills a short key up with zero bytes and hashes
// a long one, so a name that ends in zero bytes, or that is a hash, would equal another.
func checkEnvironment(name string) error {
	switch {
	case name == "":
		return errors.New("must not be empty")
	case len(name) > maxEnvironment:
		return fmt.Errorf("%d bytes, want at most %d", len(name), maxEnvironment)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New("must be text without control characters")
	}
	return nil
}

// info joins the parts with their lengths, so that no two lists of parts give one info.
func info(parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return string(b)
}
