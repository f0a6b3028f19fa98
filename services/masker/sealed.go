package masker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// sketchKey is where a sketch of an object lies, by its digest: of two maskers each has its own.
func sketchKey(environment, object, sha256 string) string {
	return "_sketch/" + objref.Token(environment) + "/" + object + "." + sha256[:16]
}

// sketch stores what was taken out of the object with that digest, sealed to the validator, before a statement names it. What a
// masker leaves that is killed between the two is deleted with the validator's verdict on the object.
func (s *Service) sketch(ctx context.Context, t target, object string, observer *Observer) (_ *attest.Beside, err error) {
	ctx, end := telemetry.Start(ctx, "sketch")
	defer func() { end(err) }()
	file, err := newTemp(s.config.TempDir)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // unlinked already; its bytes are stored by then
	if err := observer.Encode(file, s.sealer, object); err != nil {
		return nil, explain(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("rewind temporary file: %w", err)
	}
	b := &attest.Beside{Key: sketchKey(s.config.Environment, t.object.Key, file.sha256()), SHA256: file.sha256()}
	_, err = s.deps.Store.Put(ctx, blob.Location{Bucket: t.object.Bucket, Key: b.Key}, file, file.bytes, blob.PutOptions{
		IfAbsent: true, ContentType: "application/octet-stream", SHA256: b.SHA256, Metadata: telemetry.ObjectMetadata(ctx),
	})
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return nil, fmt.Errorf("store sketch: %w", err)
	}
	return b, nil
}

// standing keeps a statement about the same bytes that is there already, if a validator can still go by it: its sketch is
// there, or was of use. One that was left behind when its object was parked gives way to the new one.
func (s *Service) standing(ctx context.Context, t target, there attest.Masked, envelope []byte) error {
	of := []string{t.object.Key + attest.VerdictInfix}
	if there.Sketch != nil {
		of = append(of, there.Sketch.Key)
	}
	for _, prefix := range of {
		for _, err := range s.deps.Store.List(ctx, t.object.Bucket, prefix) {
			if err != nil {
				return fmt.Errorf("look for what belongs to an earlier attestation: %w", err)
			}
			return nil
		}
	}
	sum := sha256.Sum256(envelope)
	_, err := s.deps.Store.Put(ctx, t.attestation, bytes.NewReader(envelope), int64(len(envelope)), blob.PutOptions{
		ContentType: attestationType, SHA256: hex.EncodeToString(sum[:]), Metadata: telemetry.ObjectMetadata(ctx),
	})
	if err != nil {
		return fmt.Errorf("store attestation: %w", err)
	}
	return nil
}
