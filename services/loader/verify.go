package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// maxAttestation is more than any signer makes.
const maxAttestation = 16 << 20

// proof is the two statements about an object, and their digests for the ledger.
type proof struct {
	attest.Proof
	masker, validator string
}

// verify holds the object of that SHA-256 against the two attestations that its reference names. Whatever is wrong
// with them is a rejection of class "attestation" that says which check failed.
func (l *Loader) verify(ctx context.Context, in objref.Ref, sha256 string) (proof, error) {
	if len(in.Attestations) != 2 {
		return proof{}, unproven("the reference names %d attestations and not the masker's and the validator's", len(in.Attestations))
	}
	if sha256 != in.Object.SHA256 {
		return proof{}, unproven("the object's bytes are not those of the reference")
	}
	masker, err := l.attestation(ctx, in, attest.Masker, in.Attestations[0])
	if err != nil {
		return proof{}, err
	}
	validator, err := l.attestation(ctx, in, attest.Validator, in.Attestations[1])
	if err != nil {
		return proof{}, err
	}
	trust, err := l.trust()
	if err != nil { // nothing is wrong with the object
		return proof{}, stage.RetryAfter(fmt.Errorf("read whom to trust: %w", err), time.Minute)
	}
	p, err := trust.VerifyProof(attest.Evidence{
		Masked: masker, Validated: validator, SHA256: sha256, Environment: l.c.Environment, At: time.Now(),
	})
	if err != nil {
		return proof{}, unproven("%v", err)
	}
	m := p.Masked
	switch {
	case m.Entity != in.Entity:
		return proof{}, unproven("the statements are about another entity than the reference")
	case m.Policy != in.Policy:
		return proof{}, unproven("the statements are about another policy than the reference")
	case m.Tenant != in.Tenant:
		return proof{}, unproven("the statements are about another tenant than the reference")
	case m.RowsOut != in.Rows:
		return proof{}, unproven("the statements are about %d rows, the reference about %d", m.RowsOut, in.Rows)
	case in.Source == nil || m.Source.Identity != in.Source.Identity():
		return proof{}, unproven("the statements are about another source than the reference")
	case m.KeyEpoch != in.KeyEpoch:
		return proof{}, unproven("the statements are about another key epoch than the reference")
	}
	if err := l.refused(ctx, trust, in, sha256, p.Validated); err != nil {
		return proof{}, err
	}
	return proof{p, attest.Digest(masker), attest.Digest(validator)}, nil
}

// refused looks for a verdict beside the object that overrules the one of the reference: better rules may have refused since
// what earlier ones let pass, and the object be on its way into quarantine.
func (l *Loader) refused(ctx context.Context, trust attest.Trust, in objref.Ref, sha256 string, passed attest.Validated) error {
	for o, err := range l.deps.Store.List(ctx, in.Object.Bucket, in.Object.Key+attest.VerdictInfix) {
		if err != nil {
			return fmt.Errorf("look for other verdicts on %s: %w", in.Object, err)
		}
		if o.Key == in.Attestations[1] || !attest.IsVerdict(o.Key, in.Object.Key) {
			continue
		}
		raw, err := l.attestation(ctx, in, attest.Validator, o.Key)
		if err != nil {
			return err
		}
		v, wrong := trust.VerifyValidated(raw, sha256)
		if wrong == nil && v.Environment == passed.Environment && v.Overrules(passed) {
			return unproven("a later verdict, by rules %s, refuses what this one let pass", v.Rules)
		}
	}
	return nil
}

func (l *Loader) attestation(ctx context.Context, in objref.Ref, role, key string) ([]byte, error) {
	body, _, err := l.deps.Store.Get(ctx, blob.Location{Bucket: in.Object.Bucket, Key: key}, blob.Range{})
	if errors.Is(err, blob.ErrNotFound) {
		return nil, unproven("the %s's attestation is not in the bucket", role)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch the %s's attestation: %w", role, err)
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, maxAttestation+1))
	if err != nil {
		return nil, fmt.Errorf("fetch the %s's attestation: %w", role, err)
	}
	if len(raw) > maxAttestation {
		return nil, unproven("the %s's attestation is too large to be one", role)
	}
	return raw, nil
}

func unproven(format string, a ...any) error {
	return stage.Reject(objref.Reason{Class: "attestation", Detail: fmt.Sprintf(format, a...) +
		"; nothing without both proofs is loaded: replay the object from the raw stage"})
}
