package masker

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/maskrail/maskrail/libs/detect"
)

// maxKeys bounds the derived keys that one goroutine keeps, about 2 KiB each.
const maxKeys = 1024

// scratch is what one goroutine needs to mask: buffers and keyed states, used for one batch at a time.
type scratch struct {
	plan      *Plan
	canonical *canonicaliser
	out, form []byte
	row       []byte
	spans     []detect.Span
	search    search

	keys  map[keyID]*tokenKey
	batch [][]*tokenKey // by domain and the batch's number of the tenant
}

type keyID struct {
	domain int
	tenant string
}

func newScratch(p *Plan) *scratch {
	return &scratch{
		plan:      p,
		canonical: newCanonicaliser(p.policy.Region),
		keys:      map[keyID]*tokenKey{},
		batch:     make([][]*tokenKey, len(p.domains)),
	}
}

// begin forgets the last batch.
func (s *scratch) begin(f *frame) {
	for i := range s.batch {
		s.batch[i] = append(s.batch[i][:0], make([]*tokenKey, len(f.tenants))...)
	}
	if len(s.keys) > maxKeys {
		clear(s.keys)
	}
}

// key is the key of a domain for the batch's tenant of that number.
func (s *scratch) key(domain int, f *frame, tenant int32) (*tokenKey, error) {
	if k := s.batch[domain][tenant]; k != nil {
		return k, nil
	}
	id := keyID{domain, f.tenants[tenant]}
	k := s.keys[id]
	if k == nil {
		var err error
		if k, err = s.plan.derive(s.plan.domains[domain], id.tenant); err != nil {
			return nil, err
		}
		if len(s.keys) < maxKeys {
			s.keys[id] = k
		}
	}
	s.batch[domain][tenant] = k
	return k, nil
}

// tokenKey computes the tokens of one scope, tenant and domain.
type tokenKey struct {
	mac    hash.Hash
	digits *ff1 // nil unless the domain has tokens that are digits
	sum    [sha256.Size]byte
	text   [28]byte
}

// append appends the first n characters of the token of a canonical value.
func (k *tokenKey) append(dst, canonical []byte, n int) []byte {
	k.mac.Reset()
	k.mac.Write(canonical)
	k.mac.Sum(k.sum[:0])
	tokenAlphabet.Encode(k.text[:], k.sum[:tokenBytes])
	return append(dst, k.text[:n]...)
}

// derive makes the keys of a domain: HMAC-SHA256 for text and AES-256 for digits, each with a derivation of its own.
// A domain's name in a policy has no slash, so that the second name is no domain's.
func (p *Plan) derive(d domain, tenant string) (*tokenKey, error) {
	secret, err := p.ring.Derive(p.environment, string(d.scope), tenant, d.name, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive key of domain %s: %w", d.name, err)
	}
	k := &tokenKey{mac: hmac.New(sha256.New, secret.Bytes())}
	if d.digits {
		if secret, err = p.ring.Derive(p.environment, string(d.scope), tenant, d.name+"/ff1", 32); err != nil {
			return nil, fmt.Errorf("derive key of domain %s: %w", d.name, err)
		}
		if k.digits, err = newFF1(secret.Bytes(), 10); err != nil {
			return nil, fmt.Errorf("derive key of domain %s: %w", d.name, err)
		}
	}
	return k, nil
}
