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

	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// StatementType is the _type of every statement.
const StatementType = intoto.StatementTypeUri

// Statement says something, the predicate, about objects, the subjects. It is an in-toto statement as it is written:
// the library's own type has no form that is the same bytes every time, and its predicate turns counts into floating
// point. What the library says of a statement is asked whenever one is signed or read.
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

// encode writes the statement; equal statements are equal bytes.
func (s Statement) encode() ([]byte, error) {
	payload, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	_, err = decode(payload)
	return payload, err
}

// decode reads a statement that the library takes and that holds nothing else.
func decode(payload []byte) (Statement, error) {
	var seen intoto.Statement
	if err := protojson.Unmarshal(payload, &seen); err != nil {
		return Statement{}, errors.New("not the JSON of an in-toto statement") // the decoder's message shows content
	}
	if err := seen.Validate(); err != nil {
		return Statement{}, validity(err)
	}
	var s Statement
	if err := strict(payload, &s); err != nil {
		return Statement{}, err
	}
	return s, s.check()
}

// validity keeps of the library's message what shows no content.
func validity(err error) error {
	for _, known := range []error{
		intoto.ErrInvalidStatementType, intoto.ErrSubjectRequired, intoto.ErrDigestRequired, intoto.ErrPredicateTypeRequired,
		intoto.ErrPredicateRequired, intoto.ErrRDRequiredField, intoto.ErrIncorrectDigestLength, intoto.ErrInvalidDigestEncoding,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errors.New("not a valid in-toto statement")
}

// check refuses what in-toto allows and we do not: the statement of an older version, subjects without a name, and
// digests that are none of ours.
func (s Statement) check() error {
	if s.Type != StatementType {
		return errors.New("_type: want " + StatementType)
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
