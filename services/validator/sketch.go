package validator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// sketchPrefix is what the keys of all sketches of an object begin with. A masker that was killed may have left one that
// no statement names.
func sketchPrefix(environment string, in objref.Ref) string {
	return "_sketch/" + objref.Token(environment) + "/" + in.Object.Key + "."
}

// readSketch fetches the sketch that the masker's statement names, and opens it. What is wrong with it is evidence, an
// error is operational.
func (s *Service) readSketch(ctx context.Context, e *evidence) (err error) {
	ctx, end := telemetry.Start(ctx, "read sketch")
	defer func() { end(err) }()
	switch {
	case e.attested == nil: // the rule attestation says why
		return nil
	case e.attested.Sketch == nil:
		e.sketchDoubt = "the masker's statement names no sketch of the raw object's identifiers: mask the object again, with sealTo in the masker's configuration"
		return nil
	case !strings.HasPrefix(e.attested.Sketch.Key, sketchPrefix(e.environment, e.ref)):
		e.sketchDoubt = "the masker's statement names the sketch of another object"
		return nil
	}
	f, err := blob.Download(ctx, s.deps.Store, blob.Location{Bucket: e.ref.Object.Bucket, Key: e.attested.Sketch.Key}, s.cfg.TempDir)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		e.sketchGone = true
		e.sketchDoubt = "the sketch is not in the bucket: it was deleted before a verdict, so mask the object again"
		return nil
	case errors.Is(err, blob.ErrChecksum):
		e.sketchDoubt = "the sketch is not the one that the masker attests: its bytes were changed"
		return nil
	case err != nil:
		return fmt.Errorf("fetch the sketch of %s: %w", e.ref.Object, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if f.SHA256 != e.attested.Sketch.SHA256 {
		e.sketchDoubt = "the sketch is not the one that the masker attests: its bytes were changed"
		return nil
	}
	set, err := sketch.Read(f, f.Bytes, func() (sketch.File, error) { return blob.Temp(s.cfg.TempDir) })
	if errors.Is(err, sketch.ErrMalformed) {
		e.sketchDoubt = "the sketch cannot be read: it is damaged, or of another version"
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the sketch of %s: %w", e.ref.Object, err)
	}
	key, err := s.opener.Open(set.Sealed(), e.sha256)
	if err != nil {
		e.sketchDoubt = "the sketch's key does not open with sealKey: it was sealed to another validator, or for another object"
		return set.Close()
	}
	e.sketch = set
	region := ""
	if e.policy != nil {
		region = e.policy.Region
	}
	e.wanted = newWanted(set, key, region)
	return nil
}

// recall looks for an earlier verdict on these bytes and this statement, by these or other rules, that judged what survived:
// the sketch was deleted with it.
func (s *Service) recall(ctx context.Context, e *evidence) error {
	for o, err := range s.deps.Store.List(ctx, e.ref.Object.Bucket, e.ref.Object.Key+attest.VerdictInfix) {
		if err != nil {
			return fmt.Errorf("look for earlier verdicts on %s: %w", e.ref.Object, err)
		}
		raw, err := readDocument(ctx, s.deps.Store, o.Bucket, o.Key)
		if errors.Is(err, blob.ErrNotFound) || errors.Is(err, errTooLarge) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read an earlier verdict on %s: %w", e.ref.Object, err)
		}
		v, err := e.trust.VerifyValidated(raw, e.sha256)
		if err != nil || !v.Passed() || v.Masker != attest.Digest(e.envelope) || v.Environment != e.environment ||
			v.Entity != e.ref.Entity || v.Tenant != e.ref.Tenant || v.Rows != e.ref.Rows {
			continue
		}
		if e.earlier = &v; v.Rules == Rules {
			return nil
		}
	}
	return nil
}

// forget deletes all sketches of an object, after its verdict.
func (s *Service) forget(ctx context.Context, in objref.Ref) error {
	for o, err := range s.deps.Store.List(ctx, in.Object.Bucket, sketchPrefix(s.cfg.Environment, in)) {
		if err != nil {
			return fmt.Errorf("look for sketches of %s: %w", in.Object, err)
		}
		// This version, so that where the bucket keeps versions none is left behind a marker.
		if err := s.deps.Store.Delete(ctx, o.Location); err != nil {
			return fmt.Errorf("delete the sketch of %s: %w", in.Object, err)
		}
	}
	return nil
}
