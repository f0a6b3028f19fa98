package attest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// payloadType is the media type of an in-toto statement.
const payloadType = "application/vnd.in-toto+json"

// maxEnvelope is the most that an envelope may hold in bytes: room for thousands of columns and tenants.
const maxEnvelope = 8 << 20

// opened is an envelope in the one form that is taken, with exactly one signature. Nothing of it is verified.
type opened struct {
	envelope dsse.Envelope
	payload  []byte
	keyID    string
}

// seal signs a payload and writes the one form that open accepts.
func (s *Signer) seal(payload []byte) ([]byte, error) {
	signer, err := dsse.NewEnvelopeSigner(sealer{s})
	if err != nil {
		return nil, err
	}
	e, err := signer.SignPayload(context.Background(), payloadType, payload)
	if err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

// open takes an envelope apart. The library reads base64 in two alphabets and several signatures; here the exact bytes
// that seal writes for the content are accepted and no other spelling of it, so that an attestation cannot be altered at
// all, not even where the signature does not reach.
func open(raw []byte) (opened, error) {
	if len(raw) > maxEnvelope {
		return opened{}, fmt.Errorf("%w: %d bytes, want at most %d", ErrMalformed, len(raw), maxEnvelope)
	}
	var e dsse.Envelope
	if err := strict(raw, &e); err != nil {
		return opened{}, fmt.Errorf("%w: envelope: %w", ErrMalformed, err)
	}
	if e.PayloadType != payloadType || len(e.Signatures) != 1 {
		return opened{}, fmt.Errorf("%w: envelope: want payload type %s and one signature", ErrMalformed, payloadType)
	}
	payload, plain := unbase64(e.Payload)
	_, plainSig := unbase64(e.Signatures[0].Sig)
	again, err := json.Marshal(e)
	if !plain || !plainSig || err != nil || !bytes.Equal(again, raw) {
		return opened{}, fmt.Errorf("%w: envelope: not in the form that it was signed in", ErrMalformed)
	}
	return opened{envelope: e, payload: payload, keyID: e.Signatures[0].KeyID}, nil
}

// unbase64 decodes standard base64 and reports whether the text is the one way to write those bytes.
func unbase64(text string) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(text)
	return b, err == nil && base64.StdEncoding.EncodeToString(b) == text
}

// signedBy reports whether the signature is that key's.
func (o opened) signedBy(id string, key ed25519.PublicKey) bool {
	v, err := dsse.NewEnvelopeVerifier(verifier{id, key})
	if err != nil {
		return false
	}
	_, err = v.Verify(context.Background(), &o.envelope)
	return err == nil
}

// Digest is "sha256:" and the hex digest of the statement in an envelope, by which another statement names it; "" when
// the bytes are no envelope. It verifies nothing.
func Digest(envelope []byte) string {
	o, err := open(envelope)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(o.payload)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// KeyID names the key that an envelope says it was signed with; "" when the bytes are no envelope. It verifies nothing.
func KeyID(envelope []byte) string {
	o, err := open(envelope)
	if err != nil {
		return ""
	}
	return o.keyID
}

// sealer is a signer as the library wants it.
type sealer struct{ s *Signer }

func (k sealer) Sign(_ context.Context, content []byte) ([]byte, error) {
	return ed25519.Sign(k.s.private.Bytes(), content), nil
}

func (k sealer) KeyID() (string, error) { return k.s.id, nil }

// verifier is a public key as the library wants it.
type verifier struct {
	id  string
	key ed25519.PublicKey
}

func (v verifier) Verify(_ context.Context, content, sig []byte) error {
	if !ed25519.Verify(v.key, content, sig) {
		return errors.New("wrong signature")
	}
	return nil
}

func (v verifier) KeyID() (string, error)   { return v.id, nil }
func (v verifier) Public() crypto.PublicKey { return v.key }
