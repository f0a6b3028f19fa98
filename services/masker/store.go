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
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const (
	parquetType     = "application/vnd.apache.parquet"
	attestationType = "application/vnd.dsse.envelope.v1+json"
	// maxAttestation bounds what is read as an attestation, in bytes.
	maxAttestation = 8 << 20
)

var (
	errNotDone = errors.New("not masked yet")
	errDiffers = errors.New("another object lies where this one belongs; nothing was overwritten")
)

// existing is the reference of an object that was masked before, errNotDone when it was not.
func (s *Service) existing(ctx context.Context, plan *Plan, in objref.Ref, t target) (objref.Ref, error) {
	envelope, err := s.envelope(ctx, t)
	if err != nil {
		return objref.Ref{}, err
	}
	object, err := s.stored(ctx, t)
	if errors.Is(err, blob.ErrNotFound) { // a validator parked it; the same bytes will be written again
		return objref.Ref{}, errNotDone
	}
	if err != nil {
		return objref.Ref{}, err
	}
	m, err := s.verify(envelope, object.SHA256)
	if err != nil {
		return objref.Ref{}, stage.Permanent(err)
	}
	if m.Environment != plan.environment || m.Entity != in.Entity || m.Tenant != in.Tenant || m.Writer != Writer ||
		m.Source.Identity != in.Object.Identity() || m.Policy != plan.policy.Digest() || m.KeyFingerprint != plan.ring.Fingerprint() {
		return objref.Ref{}, stage.Permanent(fmt.Errorf("%w: its attestation is about another object", attest.ErrMismatch))
	}
	telemetry.Set(ctx, telemetry.String("maskrail.outcome", "skipped"))
	return refTo(plan, in, t, object, m), nil
}

// envelope reads the attestation, errNotDone when there is none.
func (s *Service) envelope(ctx context.Context, t target) ([]byte, error) {
	body, _, err := s.deps.Store.Get(ctx, t.attestation, blob.Range{})
	if errors.Is(err, blob.ErrNotFound) {
		return nil, errNotDone
	}
	if err != nil {
		return nil, fmt.Errorf("read attestation: %w", err)
	}
	defer body.Close()
	envelope, err := io.ReadAll(io.LimitReader(body, maxAttestation+1))
	if err != nil {
		return nil, fmt.Errorf("read attestation: %w", err)
	}
	return envelope, nil
}

// stored describes the masked object with the digest of its bytes, computed here when the store does not keep it.
func (s *Service) stored(ctx context.Context, t target) (blob.Object, error) {
	o, err := s.deps.Store.Head(ctx, t.object)
	if err != nil || o.SHA256 != "" {
		return o, err
	}
	body, o, err := s.deps.Store.Get(ctx, o.Location, blob.Range{})
	if err != nil {
		return o, err
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return o, fmt.Errorf("read masked object: %w", err)
	}
	o.SHA256 = hex.EncodeToString(h.Sum(nil))
	return o, nil
}

// store writes the masked object unless it is there. Of two writers one succeeds, and the other finds its own bytes.
func (s *Service) store(ctx context.Context, t target, f *temp) (_ blob.Object, err error) {
	ctx, end := telemetry.Start(ctx, "store", telemetry.Int("maskrail.bytes", f.bytes))
	defer func() { end(err) }()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return blob.Object{}, fmt.Errorf("rewind temporary file: %w", err)
	}
	_, err = s.deps.Store.Put(ctx, t.object, f, f.bytes, blob.PutOptions{
		IfAbsent: true, ContentType: parquetType, SHA256: f.sha256(), Metadata: telemetry.ObjectMetadata(ctx),
	})
	if err != nil && !errors.Is(err, blob.ErrExists) {
		return blob.Object{}, fmt.Errorf("store masked object: %w", err)
	}
	// Also after a write: what the store says of the object is then the same for everybody.
	o, err := s.stored(ctx, t)
	if err != nil {
		return blob.Object{}, fmt.Errorf("look at masked object: %w", err)
	}
	if o.SHA256 != f.sha256() {
		return blob.Object{}, stage.Permanent(fmt.Errorf("masked %s: %w", o.Location, errDiffers))
	}
	return o, nil
}

// attest writes the signed statement about the object unless it is there.
func (s *Service) attest(ctx context.Context, t target, o blob.Object, m attest.Masked) (err error) {
	ctx, end := telemetry.Start(ctx, "attest")
	defer func() { end(err) }()
	envelope, err := s.signer.SignMasked(o.Key, o.SHA256, m)
	if err != nil {
		return stage.Permanent(err)
	}
	sum := sha256.Sum256(envelope)
	_, err = s.deps.Store.Put(ctx, t.attestation, bytes.NewReader(envelope), int64(len(envelope)), blob.PutOptions{
		IfAbsent: true, ContentType: attestationType, SHA256: hex.EncodeToString(sum[:]), Metadata: telemetry.ObjectMetadata(ctx),
	})
	if err == nil {
		return nil
	}
	if !errors.Is(err, blob.ErrExists) {
		return fmt.Errorf("store attestation: %w", err)
	}
	there, err := s.envelope(ctx, t)
	if err != nil {
		return err
	}
	before, err := s.verify(there, o.SHA256)
	if err != nil {
		return stage.Permanent(err)
	}
	return s.standing(ctx, t, before, envelope)
}

// verify is what a masker said about the object with that digest, if the masker is this one or one before it.
func (s *Service) verify(envelope []byte, sha256 string) (attest.Masked, error) {
	m, err := s.own.VerifyMasked(envelope, sha256)
	if errors.Is(err, attest.ErrUntrusted) {
		m, err = s.trust.VerifyMasked(envelope, sha256)
	}
	return m, err
}
