package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/columnar"
)

// canaries remembers the files of canaries that were searched, which many objects share, by path and digest.
type canaries map[[2]string]searched

type searched struct {
	records int64
	err     error
}

// step opens the canary that a masker names: its statement must be that which is attested, by a masker that was trusted
// at the time of the verdict, about a canary that was masked as the object was; and nothing of the records may be left in
// its files. Which files are not at hand is said, and fails nothing: the validator had them.
func (c canaries) step(ctx context.Context, trust attest.Trust, file string, o verifiedObject) verifiedStep {
	step := verifiedStep{Name: "canary", Outcome: attest.Skipped}
	m := o.Masked
	if m == nil || m.Canary == nil {
		return step
	}
	at := time.Now()
	if o.Validated != nil {
		at, _ = o.Validated.Time() // which was read once already
	}
	path := near(file, m.Canary.Key)
	if path == "" {
		step.Detail = "not opened: " + m.Canary.Key + " lies neither beside the object nor in a folder above it"
		return step
	}
	detail, err := c.examine(ctx, trust, path, file, *m, at)
	if err != nil {
		return verifiedStep{step.Name, attest.Failed, err.Error()}
	}
	return verifiedStep{step.Name, attest.Passed, detail}
}

func (c canaries) examine(ctx context.Context, trust attest.Trust, path, file string, m attest.Masked, at time.Time) (string, error) {
	raw, err := attestation(path)
	if err != nil {
		return "", err
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != m.Canary.SHA256 {
		return "", fmt.Errorf("%w: its statement has other bytes than the masker attests", attest.ErrMismatch)
	}
	st, err := trust.Verify(raw, attest.Masker, canary.StatementType)
	if err != nil {
		return "", err
	}
	if err := trust.Accepts(attest.Masker, attest.KeyID(raw), m.Environment, at); err != nil {
		return "", err
	}
	about, parts, err := canary.Read(st)
	if err != nil {
		return "", err
	}
	if about.Environment != m.Environment || about.Entity != m.Entity || about.Policy != m.Policy || about.Writer != m.Writer || about.Code != m.Code ||
		about.KeyFingerprint != m.KeyFingerprint || about.KeyEpoch != m.KeyEpoch || about.Rows != int64(canary.Count()) {
		return "", fmt.Errorf("%w: it was masked otherwise than the object: by another policy, key, writer or program, or for another environment", attest.ErrMismatch)
	}
	var records int64
	for _, p := range parts {
		part := near(file, p.Key)
		if part == "" {
			return fmt.Sprintf("its statement is genuine, and of the masking that the object had; %s is not at hand to be opened", p.Key), nil
		}
		found, known := c[[2]string{part, p.SHA256}]
		if !known {
			found.records, found.err = search(ctx, part, p.SHA256)
			c[[2]string{part, p.SHA256}] = found
		}
		if found.err != nil {
			return "", found.err
		}
		records += found.records
	}
	return fmt.Sprintf("masked as the object was; nothing is left of %s in %s", count(records, "record"), count(int64(len(parts)), "file")), nil
}

// search reads a masked file of canaries and looks for what was in them.
func search(ctx context.Context, path, want string) (records int64, err error) {
	sum, size, err := digestOf(path)
	if err != nil {
		return 0, err
	}
	if sum != want {
		return 0, fmt.Errorf("%w: %s has other bytes than its statement says", attest.ErrMismatch, filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r, err := columnar.Open(io.NewSectionReader(f, 0, size), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var left int64
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		records += batch.NumRows()
		for _, column := range batch.Columns() {
			columnar.EachText(column, func(text string) {
				if class, _ := canary.Find(text); class != "" {
					left++
				}
			})
		}
		batch.Release()
	}
	switch {
	case left > 0:
		return 0, fmt.Errorf("%w: %s of its records survived", attest.ErrRefused, count(left, "value"))
	case records != int64(canary.Count()):
		return 0, fmt.Errorf("%w: %s has %s, want %d", attest.ErrMismatch, filepath.Base(path), count(records, "record"), canary.Count())
	}
	return records, nil
}

// near finds what has that key in the bucket of a file: beside the file, as somebody got them, or at the key below one of
// the folders above it, as in a copy of the bucket. "" when it is in neither.
func near(file, key string) string {
	if !filepath.IsLocal(filepath.FromSlash(key)) {
		return ""
	}
	here, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return ""
	}
	if found := filepath.Join(here, filepath.Base(key)); checkInput(found) == nil {
		return found
	}
	for {
		if found := filepath.Join(here, filepath.FromSlash(key)); checkInput(found) == nil {
			return found
		}
		above := filepath.Dir(here)
		if above == here {
			return ""
		}
		here = above
	}
}
