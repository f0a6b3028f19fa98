package validator

import (
	"context"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/blob"
)

// document is one form of a report.
type document struct {
	suffix, kind string // behind the object's key; media type
	body         []byte
}

// documents are the forms of a report, the one for programs last: where that is, the others are.
func (r Report) documents() ([]document, error) {
	markdown, err := r.Markdown()
	if err != nil {
		return nil, err
	}
	page, err := r.HTML()
	if err != nil {
		return nil, err
	}
	body, err := r.encode()
	if err != nil {
		return nil, err
	}
	return []document{
		{MarkdownSuffix, "text/markdown; charset=utf-8", markdown},
		{PageSuffix, "text/html; charset=utf-8", page},
		{ReportSuffix, jsonType, body},
	}, nil
}

// publish stores the report on an object that passed beside it, with the time of the verdict that stands there.
func (s *Service) publish(ctx context.Context, e *evidence, outcomes []Outcome) error {
	raw, err := readDocument(ctx, s.deps.Store, e.ref.Object.Bucket, verdictKey(e.ref))
	if err != nil {
		return fmt.Errorf("report on %s: read its verdict: %w", e.ref.Object, err)
	}
	v, err := e.trust.VerifyValidated(raw, e.sha256)
	if err != nil {
		return fmt.Errorf("report on %s: its verdict was replaced: %w", e.ref.Object, err)
	}
	docs, err := newReport(e, outcomes, raw, v.At).documents()
	if err != nil {
		return fmt.Errorf("report on %s: %w", e.ref.Object, err)
	}
	for _, d := range docs {
		if err := s.put(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: e.ref.Object.Key + d.suffix}, d.kind, d.body, false); err != nil {
			return fmt.Errorf("store the report on %s: %w", e.ref.Object, err)
		}
	}
	return nil
}

// published reports whether an object that passed has its report.
func (s *Service) published(ctx context.Context, e *evidence) (bool, error) {
	_, err := s.deps.Store.Head(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: e.ref.Object.Key + ReportSuffix})
	if errors.Is(err, blob.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the report on %s: %w", e.ref.Object, err)
	}
	return true, nil
}
