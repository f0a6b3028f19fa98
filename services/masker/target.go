package masker

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

// Writer is the version of everything that the bytes of a masked object depend on beside policy, key and rows:
// the operators, the canonical forms, the lists of inventions, the layout of the file. It is raised with every change
// of them, so that an object of the old version is never taken for one of the new.
const Writer = "masker/5"

// target is where the masked form of one raw object belongs.
type target struct {
	object, attestation blob.Location
}

// target is a pure function of the raw object's version and format, the policy, the key, the environment, the tenant and the
// writer: whoever masks the same again writes to the same place. It shows environment, entity and tenant, and
// nothing of the raw key.
func (s *Service) target(p *Plan, in objref.Ref) target {
	h := sha256.New()
	parts := []string{
		in.Object.Identity(), p.policy.Digest(), p.ring.Fingerprint(), strconv.Itoa(p.ring.Epoch()),
		p.environment, in.Entity, in.Tenant, Writer,
	}
	if o := in.Object; o.Format != "" || o.Dialect != "" { // how its bytes are read, where that is not theirs to say
		parts = append(parts, o.Format, o.Dialect)
	}
	for _, part := range parts {
		h.Write(appendPart(nil, []byte(part)))
	}
	key := objref.Token(p.environment) + "/" + objref.Token(in.Entity) + "/" + tenantToken(in.Tenant) + "/" +
		hex.EncodeToString(h.Sum(nil)[:16]) + ".parquet"
	return target{
		object:      blob.Location{Bucket: s.config.Buckets.Masked, Key: key},
		attestation: blob.Location{Bucket: s.config.Buckets.Masked, Key: key + attest.MaskedSuffix},
	}
}

func tenantToken(tenant string) string {
	if tenant == "" || tenant == objref.Several {
		return objref.Several
	}
	return objref.Token(tenant)
}
