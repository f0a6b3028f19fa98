package attest

import "errors"

// Errors of what is verified, for errors.Is. Whichever it is, the object must not be loaded.
var (
	// ErrMissing means that an attestation is not there.
	ErrMissing = errors.New("attestation is missing")
	// ErrMalformed means that the bytes are no attestation, or not the kind that was asked for.
	ErrMalformed = errors.New("malformed attestation")
	// ErrUntrusted means that no key trusted for the role signed.
	ErrUntrusted = errors.New("untrusted attestation")
	// ErrSignature means that the signature is not that of the content.
	ErrSignature = errors.New("wrong signature")
	// ErrMismatch means that a genuine attestation is about something else: other bytes, another statement, other rows.
	ErrMismatch = errors.New("attestation of something else")
	// ErrEnvironment means that a statement, or the trust in a key, is for another environment.
	ErrEnvironment = errors.New("for another environment")
	// ErrValidity means that a key is trusted, but not for that time.
	ErrValidity = errors.New("key outside its validity")
	// ErrPolicy means that the environment does not allow the policy.
	ErrPolicy = errors.New("policy not allowed")
	// ErrRefused means that the verdict is not that every check passed.
	ErrRefused = errors.New("refused by the validator")
)
