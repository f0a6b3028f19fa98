package validator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// places are the keys that a refused object can have in the quarantine bucket: its own, or, where an object with other
// bytes and the same key was refused before, that and its identity.
func places(in objref.Ref) []string {
	return []string{in.Object.Key, in.Object.Key + "." + in.Object.Identity()}
}

// refuse moves the object into quarantine and returns the rejection. The signed refusal goes first, then the report: a worker
// that is killed between two steps leaves enough for the next one to finish and to say the same.
func (s *Service) refuse(ctx context.Context, e *evidence, outcomes []Outcome) error {
	if err := s.condemn(ctx, e, outcomes); err != nil {
		return err
	}
	r := newReport(e, outcomes, nil, "")
	place, err := s.report(ctx, e.ref, r)
	if err != nil {
		return fmt.Errorf("report on %s: %w", e.ref.Object, err)
	}
	to := blob.Location{Bucket: s.cfg.Buckets.Quarantine, Key: place}
	if _, err := blob.Move(ctx, s.deps.Store, e.object.Location, to); err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if err := s.follow(ctx, e.ref, place); err != nil {
		return err
	}
	if err := s.forget(ctx, e.ref); err != nil {
		return err
	}
	return stage.Reject(r.Reason)
}

// report stores the report and returns the place that it won for its object.
func (s *Service) report(ctx context.Context, in objref.Ref, r Report) (place string, err error) {
	docs, err := r.documents()
	if err != nil {
		return "", err
	}
	last := len(docs) - 1
	for _, place := range places(in) {
		free, err := s.claim(ctx, place+docs[last].suffix, r.Object, docs[last].body)
		if err != nil {
			return "", err
		}
		if !free {
			continue
		}
		for _, d := range docs[:last] { // whoever claimed the place writes the same
			if err := s.put(ctx, blob.Location{Bucket: s.cfg.Buckets.Quarantine, Key: place + d.suffix}, d.kind, d.body, false); err != nil {
				return "", err
			}
		}
		return place, nil
	}
	return "", stage.Permanent(errors.New("the quarantine bucket holds something else in its place: remove that, then replay the object"))
}

// claim stores the report on an object unless another object's is there. One on the same object is brought up to date.
func (s *Service) claim(ctx context.Context, key, object string, body []byte) (bool, error) {
	loc := blob.Location{Bucket: s.cfg.Buckets.Quarantine, Key: key}
	err := s.put(ctx, loc, jsonType, body, true)
	if !errors.Is(err, blob.ErrExists) {
		return err == nil, err
	}
	there, err := readDocument(ctx, s.deps.Store, s.cfg.Buckets.Quarantine, key)
	if errors.Is(err, errTooLarge) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if bytes.Equal(there, body) {
		return true, nil
	}
	if r, ok := decodeReport(there); !ok || r.Object != object {
		return false, nil
	}
	return true, s.put(ctx, loc, jsonType, body, false)
}

// follow moves what lies beside the object: the masker's attestation, and verdicts and reports that no longer hold.
func (s *Service) follow(ctx context.Context, in objref.Ref, place string) error {
	e := evidence{ref: in}
	keys := []string{in.Object.Key + ReportSuffix, in.Object.Key + MarkdownSuffix, in.Object.Key + PageSuffix}
	for verdict, err := range s.deps.Store.List(ctx, in.Object.Bucket, in.Object.Key+attest.VerdictInfix) {
		if err != nil {
			return fmt.Errorf("list the verdicts on %s: %w", in.Object, err)
		}
		keys = append(keys, verdict.Key)
	}
	if key := e.statementKey(); key != "" && !slices.Contains(keys, key) {
		keys = append(keys, key)
	}
	for _, key := range keys {
		from := blob.Location{Bucket: in.Object.Bucket, Key: key}
		to := blob.Location{Bucket: s.cfg.Buckets.Quarantine, Key: place + key[len(in.Object.Key):]}
		_, err := blob.Move(ctx, s.deps.Store, from, to)
		if errors.Is(err, blob.ErrExists) && strings.HasSuffix(key, attest.RefusalEnd) { // of several refusals the latest says most
			if err = s.deps.Store.Delete(ctx, to); err == nil {
				_, err = blob.Move(ctx, s.deps.Store, from, to)
			}
		}
		switch {
		case err == nil, errors.Is(err, blob.ErrNotFound): // there is none, or it has been moved
		case errors.Is(err, blob.ErrExists): // one of an earlier rejection: this one proves nothing without its object
			if err := s.deps.Store.Delete(ctx, from); err != nil {
				return fmt.Errorf("remove the attestation of %s: %w", in.Object, err)
			}
		default:
			return fmt.Errorf("quarantine the attestation of %s: %w", in.Object, err)
		}
	}
	return nil
}

// gone is the verdict on an object that is not in the masked bucket: the rejection of an earlier delivery, finished.
func (s *Service) gone(ctx context.Context, in objref.Ref) error {
	for _, place := range places(in) {
		body, err := readDocument(ctx, s.deps.Store, s.cfg.Buckets.Quarantine, place+ReportSuffix)
		if errors.Is(err, blob.ErrNotFound) || errors.Is(err, errTooLarge) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for %s in quarantine: %w", in.Object, err)
		}
		r, ok := decodeReport(body)
		if !ok || r.Object != in.Object.Identity() {
			continue
		}
		if err := s.follow(ctx, in, place); err != nil {
			return err
		}
		if err := s.forget(ctx, in); err != nil {
			return err
		}
		return stage.Reject(r.Reason)
	}
	return stage.Permanent(fmt.Errorf("%s is neither in the masked bucket nor in quarantine: replay it from the raw stage", in.Object))
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

const jsonType = "application/json"

// put stores a small document.
func (s *Service) put(ctx context.Context, loc blob.Location, kind string, body []byte, ifAbsent bool) error {
	_, err := s.deps.Store.Put(ctx, loc, bytes.NewReader(body), int64(len(body)), blob.PutOptions{
		IfAbsent: ifAbsent, ContentType: kind, SHA256: hexSHA256(body), Metadata: telemetry.ObjectMetadata(ctx),
	})
	return err
}
