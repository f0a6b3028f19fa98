// Package attest signs what a worker did to an object and verifies it: DSSE envelopes around in-toto statements,
// Ed25519 signatures. An attestation holds digests, counts, column names and tenants, and never a value from the
// data. The masker's has no time, so that equal work gives equal bytes but for the id of its trace.
//
// Formats: DSSE v1 (secure-systems-lab/dsse), in-toto Statement v1 (in-toto/attestation), RFC 8032.
package attest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// StatementType is the _type of every statement.
const StatementType = "https://in-toto.io/Statement/v1"

// Statement says something, the predicate, about objects, the subjects.
type Statement struct {
	Type          string          `json:"_type"` // StatementType; Sign fills it in when it is empty
	Subject       []Subject       `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// Subject is one object: its key in the masked bucket and its digest, {"sha256": hex}.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// Errors of Verify, for errors.Is. Whichever it is, the object must not be loaded.
var (
	// ErrMalformed means that the bytes are no attestation, or not the kind that was asked for.
	ErrMalformed = errors.New("malformed attestation")
	// ErrUntrusted means that no key trusted for the role signed.
	ErrUntrusted = errors.New("untrusted attestation")
	// ErrSignature means that the signature is not that of the content.
	ErrSignature = errors.New("wrong signature")
	// ErrMismatch means that a genuine attestation is about something else: other bytes, another environment.
	ErrMismatch = errors.New("attestation of something else")
)

func (s Statement) check() error {
	switch {
	case s.Type != StatementType:
		return errors.New("_type: want " + StatementType)
	case s.PredicateType == "":
		return errors.New("predicateType: must not be empty")
	case len(s.Subject) == 0:
		return errors.New("subject: want at least one")
	case len(s.Predicate) == 0 || string(s.Predicate) == "null":
		return errors.New("predicate: must not be empty")
	}
	for i, sub := range s.Subject {
		if sub.Name == "" || !isSHA256(sub.Digest["sha256"]) {
			return fmt.Errorf("subject %d: want a name and a sha256 digest of 64 lower-case hex digits", i)
		}
	}
	return nil
}

func isSHA256(s string) bool { return isHex(s, 32) }

// strict decodes one JSON value and refuses unknown members and whatever follows it.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("not the expected JSON") // the decoder's message shows content
	}
	if d.InputOffset() != int64(len(raw)) {
		return errors.New("something follows the JSON")
	}
	return nil
}
