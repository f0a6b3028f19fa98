package validator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
)

// maxDocument is the most bytes that an attestation or report may have; signers write at most half of it.
const maxDocument = 16 << 20

// errTooLarge is for a document that no program of ours wrote.
var errTooLarge = errors.New("too large to be what its name says")

// readDocument reads a small object whole. Its errors are blob.ErrNotFound, errTooLarge or operational.
func readDocument(ctx context.Context, store blob.Store, bucket, key string) ([]byte, error) {
	return readSome(ctx, store, blob.Location{Bucket: bucket, Key: key}, maxDocument)
}

// readSome reads an object of at most so many bytes whole.
func readSome(ctx context.Context, store blob.Store, loc blob.Location, most int64) ([]byte, error) {
	body, _, err := store.Get(ctx, loc, blob.Range{})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, most+1))
	if err != nil {
		return nil, blob.Fail("read", loc, err)
	}
	if int64(len(raw)) > most {
		return nil, blob.Fail("read", loc, errTooLarge)
	}
	return raw, nil
}

// statementKey is where the masker's attestation lies, "" when the reference does not name exactly one that belongs to
// its object. The attestation of another object must not be touched, let alone moved.
func (e *evidence) statementKey() string {
	if len(e.ref.Attestations) != 1 || !strings.HasPrefix(e.ref.Attestations[0], e.ref.Object.Key+".") {
		return ""
	}
	return e.ref.Attestations[0]
}

// readStatement fetches the masker's attestation. That there is none is evidence, an error is operational.
func (s *Service) readStatement(ctx context.Context, e *evidence) error {
	key := e.statementKey()
	if key == "" {
		e.doubt = fmt.Sprintf("the reference names %d attestations and not the one beside its object", len(e.ref.Attestations))
		if len(e.ref.Attestations) == 1 {
			e.doubt = "the reference names an attestation that is not beside its object"
		}
		return nil
	}
	raw, err := readDocument(ctx, s.deps.Store, e.ref.Object.Bucket, key)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		e.doubt = "the masker's attestation is not in the bucket"
		return nil
	case errors.Is(err, errTooLarge):
		e.doubt = "the masker's attestation is " + errTooLarge.Error()
		return nil
	case err != nil:
		return fmt.Errorf("fetch the masker's attestation of %s: %w", e.ref.Object, err)
	}
	e.envelope = raw
	return nil
}

// believe verifies the masker's attestation for the bytes that were read, as of a time. What is wrong with it is evidence.
func (s *Service) believe(e *evidence, at time.Time) {
	if e.doubt != "" {
		return
	}
	m, wrong := e.trust.AcceptMasked(e.envelope, e.sha256, e.environment, at)
	if wrong != nil {
		e.doubt = wrong.Error()
		return
	}
	e.attested = &m
}
