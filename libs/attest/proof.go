package attest

import (
	"fmt"
	"maps"
)

// VerifyMasked returns what a trusted masker said about the object with that SHA-256. An attestation of other
// bytes is ErrMismatch.
func (t Trust) VerifyMasked(envelope []byte, sha256 string) (Masked, error) {
	var m Masked
	err := t.verify(envelope, Masker, MaskedType, sha256, &m)
	if err == nil {
		err = malformed(Masker, m.check())
	}
	if err != nil {
		return Masked{}, err
	}
	return m, nil
}

// VerifyValidated returns the verdict of a trusted validator on the object with that SHA-256, whether or not the
// checks passed: see Validated.Passed.
func (t Trust) VerifyValidated(envelope []byte, sha256 string) (Validated, error) {
	var v Validated
	err := t.verify(envelope, Validator, ValidatedType, sha256, &v)
	if err == nil {
		err = malformed(Validator, v.check())
	}
	if err != nil {
		return Validated{}, err
	}
	return v, nil
}

// Proof is the two attestations that an object needs to be loaded.
type Proof struct {
	Masked    Masked
	Validated Validated
}

// VerifyProof is the gate before a load into one environment: both attestations are genuine, about the bytes with that
// SHA-256, for that environment, about the same entity, tenants and rows; the verdict names this very masker's
// statement; and every check passed. Anything else is ErrMalformed, ErrUntrusted, ErrSignature or ErrMismatch.
func (t Trust) VerifyProof(masked, validated []byte, sha256, environment string) (Proof, error) {
	m, err := t.VerifyMasked(masked, sha256)
	if err != nil {
		return Proof{}, err
	}
	v, err := t.VerifyValidated(validated, sha256)
	if err != nil {
		return Proof{}, err
	}
	mismatch := ""
	switch {
	case m.Environment != environment || v.Environment != environment:
		mismatch = "they are not for this environment"
	case v.Masker != Digest(masked):
		mismatch = "the verdict is on another statement of the masker"
	case m.Entity != v.Entity || m.Tenant != v.Tenant:
		mismatch = "entity or tenant differ"
	case m.RowsOut != v.Rows || !maps.Equal(m.Tenants, v.Tenants):
		mismatch = "the rows or the rows by tenant differ"
	case !v.Passed():
		mismatch = "the verdict is not that every check passed"
	}
	if mismatch != "" {
		return Proof{}, fmt.Errorf("verify proof: %w: %s", ErrMismatch, mismatch)
	}
	return Proof{Masked: m, Validated: v}, nil
}

func (t Trust) verify(envelope []byte, role, predicateType, sha256 string, predicate any) error {
	st, err := t.Verify(envelope, role, predicateType)
	if err != nil {
		return err
	}
	if len(st.Subject) != 1 || st.Subject[0].Digest["sha256"] != sha256 {
		return fmt.Errorf("verify %s attestation: %w: its digest is not the object's", role, ErrMismatch)
	}
	return malformed(role, strict(st.Predicate, predicate))
}

func malformed(role string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("verify %s attestation: %w: predicate: %w", role, ErrMalformed, err)
}
