package masker

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/ff1"
	"github.com/maskrail/maskrail/services/masker/internal/mac"
)

// purpose is what a key is for: one construction in one domain. No key has two purposes.
type purpose struct {
	domain string
	scope  policy.Scope
	// use is the construction. It is put behind the domain's name where the key is derived; a name has no slash, so that
	// no use is a domain.
	use   string
	radix int // of a permutation, 0 for a MAC
}

// The constructions.
const (
	useText   = ""      // HMAC-SHA256, base32
	useUUID   = "/uuid" // HMAC-SHA256
	usePhone  = "/ff1"  // FF1
	useCard   = "/card"
	useDigits = "/digits"
	useFPE    = "/fpe/"  // and the alphabet's characters
	useFake   = "/fake"  // HMAC-SHA256, see choose
	useShift  = "/shift" // the same, in shiftDomain
)

// keyFor numbers the key of a purpose.
func (p *Plan) keyFor(want purpose) int {
	i := slices.Index(p.keys, want)
	if i < 0 {
		i = len(p.keys)
		p.keys = append(p.keys, want)
	}
	return i
}

// tokenKey makes the tokens of one purpose and tenant. It is not safe for concurrent use.
type tokenKey struct {
	mac    *mac.Key    // nil for a permutation
	cipher *ff1.Cipher // nil for a MAC

	work    mac.Workspace // of choose
	message []byte
	sum     [mac.Size]byte
}

// derive makes a key: of HMAC-SHA256, or of AES-256 for a permutation.
func (p *Plan) derive(of purpose, tenant string) (*tokenKey, error) {
	secret, err := p.ring.Derive(p.environment, string(of.scope), tenant, of.domain+of.use, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive key of domain %s: %w", of.domain, err)
	}
	if of.radix == 0 {
		return &tokenKey{mac: mac.New(secret.Bytes())}, nil
	}
	c, err := ff1.New(secret.Bytes(), of.radix)
	if err != nil {
		return nil, fmt.Errorf("derive key of domain %s: %w", of.domain, err)
	}
	return &tokenKey{cipher: c}, nil
}
