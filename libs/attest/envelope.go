package attest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// payloadType is the media type of an in-toto statement.
const payloadType = "application/vnd.in-toto+json"

// maxEnvelope is the most that an envelope may hold in bytes: room for thousands of columns and tenants.
const maxEnvelope = 8 << 20

// envelope is a DSSE envelope with exactly one signature.
type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"` // standard base64
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"` // standard base64
}

// encoding is the pre-authentication encoding of DSSE, the bytes that are signed.
func encoding(payload []byte) []byte {
	b := append([]byte("DSSEv1 "), strconv.Itoa(len(payloadType))...)
	b = append(b, ' ')
	b = append(b, payloadType...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	b = append(b, ' ')
	return append(b, payload...)
}

// seal writes the one form that open accepts.
func seal(payload []byte, keyID string, sig []byte) ([]byte, error) {
	return json.Marshal(envelope{
		PayloadType: payloadType,
		Payload:     base64.StdEncoding.EncodeToString(payload),
		Signatures:  []signature{{KeyID: keyID, Sig: base64.StdEncoding.EncodeToString(sig)}},
	})
}

// open takes an envelope apart. It accepts the exact bytes that seal writes for the content and no other spelling
// of it, so that an attestation cannot be altered at all, not even where the signature does not reach.
func open(raw []byte) (payload []byte, keyID string, sig []byte, err error) {
	if len(raw) > maxEnvelope {
		return nil, "", nil, fmt.Errorf("%w: %d bytes, want at most %d", ErrMalformed, len(raw), maxEnvelope)
	}
	var e envelope
	if err := strict(raw, &e); err != nil {
		return nil, "", nil, fmt.Errorf("%w: envelope: %w", ErrMalformed, err)
	}
	if e.PayloadType != payloadType || len(e.Signatures) != 1 {
		return nil, "", nil, fmt.Errorf("%w: envelope: want payload type %s and one signature", ErrMalformed, payloadType)
	}
	payload, errPayload := base64.StdEncoding.DecodeString(e.Payload)
	sig, errSig := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	if errPayload != nil || errSig != nil {
		return nil, "", nil, fmt.Errorf("%w: envelope: payload and signature must be standard base64", ErrMalformed)
	}
	keyID = e.Signatures[0].KeyID
	if again, err := seal(payload, keyID, sig); err != nil || !bytes.Equal(again, raw) {
		return nil, "", nil, fmt.Errorf("%w: envelope: not in the form that it was signed in", ErrMalformed)
	}
	return payload, keyID, sig, nil
}

// Digest is "sha256:" and the hex digest of the statement in an envelope, by which another statement names it; "" when
// the bytes are no envelope. It verifies nothing.
func Digest(envelope []byte) string {
	payload, _, _, err := open(envelope)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(payload)
	return "sha256:" + hex.EncodeToString(sum[:])
}
