package attest

import (
	"fmt"
	"time"
)

// Verify returns the statement in an envelope when a key that is trusted for the role, somewhere and at some time,
// signed it and its predicate is of that type. Its errors are ErrMalformed, ErrUntrusted or ErrSignature, wrapped.
func (t Trust) Verify(envelope []byte, role, predicateType string) (Statement, error) {
	o, err := open(envelope)
	if err == nil {
		_, err = t.signature(o, role)
	}
	var st Statement
	if err == nil {
		st, err = statement(o, predicateType)
	}
	if err != nil {
		return Statement{}, fmt.Errorf("verify %s attestation: %w", role, err)
	}
	return st, nil
}

// VerifyMasked returns what a masker said about the object with that SHA-256, in whatever environment and at whatever
// time its key is trusted. It is for those who ask who wrote an object; who acts on it asks AcceptMasked.
func (t Trust) VerifyMasked(envelope []byte, sha256 string) (Masked, error) {
	var x Examination
	m, _ := x.masked(t, Evidence{Masked: envelope, SHA256: sha256})
	if err := x.Err(); err != nil {
		return Masked{}, err
	}
	return *m, nil
}

// AcceptMasked returns what a masker said about the object with that SHA-256 when its key counts in the environment at
// that time, the statement is for that environment, and the environment allows the policy.
func (t Trust) AcceptMasked(envelope []byte, sha256, environment string, at time.Time) (Masked, error) {
	var x Examination
	m, id := x.masked(t, Evidence{Masked: envelope, SHA256: sha256})
	x.step("environment", m != nil, func() (string, error) {
		if m.Environment != environment {
			return "", fmt.Errorf("%w: the statement is not for %s", ErrEnvironment, environment)
		}
		return environment, nil
	})
	x.step("masker's key", m != nil, func() (string, error) { return t.judge(Masker, id, environment, at) })
	x.step("policy", m != nil, func() (string, error) { return "", t.AllowsPolicy(environment, m.Policy) })
	if err := x.Err(); err != nil {
		return Masked{}, err
	}
	return *m, nil
}

// VerifyValidated returns the verdict on the object with that SHA-256 of a validator whose key counts in the verdict's
// environment at the verdict's time, whether or not the checks passed: see Validated.Passed.
func (t Trust) VerifyValidated(envelope []byte, sha256 string) (Validated, error) {
	var x Examination
	v, id := x.validated(t, Evidence{Validated: envelope, SHA256: sha256})
	x.step("validator's key", v != nil, func() (string, error) { return t.judge(Validator, id, v.Environment, v.time()) })
	if err := x.Err(); err != nil {
		return Validated{}, err
	}
	return *v, nil
}

// Proof is the two attestations that an object needs to be loaded.
type Proof struct {
	Masked    Masked
	Validated Validated
}

// VerifyProof is the gate before a load at that time: Examine, where every step must pass.
func (t Trust) VerifyProof(e Evidence) (Proof, error) {
	x := t.Examine(e)
	if err := x.Err(); err != nil {
		return Proof{}, err
	}
	return Proof{Masked: *x.Masked, Validated: *x.Validated}, nil
}
