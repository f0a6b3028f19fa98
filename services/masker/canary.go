package masker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// canaries are the canary statements that this masker has made, by entity.
type canaries struct {
	mu   sync.Mutex
	made map[string]*attest.Beside
}

// canary masks the canary records of a plan in both ways that files are masked, and stores what became of them with a
// statement, once; the statement is named by every object that is masked after it. It must succeed before any.
func (s *Service) canary(ctx context.Context, plan *Plan) (*attest.Beside, error) {
	s.canaries.mu.Lock()
	defer s.canaries.mu.Unlock()
	if made, ok := s.canaries.made[plan.policy.Entity]; ok {
		return made, nil
	}
	made, err := s.makeCanary(ctx, plan)
	if err != nil {
		return nil, fmt.Errorf("make the canary of entity %s: %w", plan.policy.Entity, err)
	}
	if s.canaries.made == nil {
		s.canaries.made = map[string]*attest.Beside{}
	}
	s.canaries.made[plan.policy.Entity] = made
	return made, nil
}

func (s *Service) makeCanary(ctx context.Context, plan *Plan) (_ *attest.Beside, err error) {
	ctx, end := telemetry.Start(ctx, "make canary", telemetry.String("maskrail.entity", plan.policy.Entity))
	defer func() { end(err) }()
	pages, batches, err := plan.maskCanary(ctx)
	if err != nil {
		return nil, stage.Permanent(err) // the same records fail the same way
	}
	about := canary.Statement{
		Environment: plan.environment, Entity: plan.policy.Entity, Policy: plan.policy.Digest(), Writer: Writer, Code: app.Version(),
		KeyFingerprint: plan.ring.Fingerprint(), KeyEpoch: plan.ring.Epoch(), Rows: int64(canary.Count()),
	}
	key := canaryKey(about, s.signer.KeyID())
	var parts []canary.Part
	for _, p := range []struct {
		suffix string
		body   []byte
	}{{".pages.parquet", pages}, {".batches.parquet", batches}} {
		sum, err := s.storeBeside(ctx, key+p.suffix, parquetType, p.body)
		if err != nil {
			return nil, err
		}
		parts = append(parts, canary.Part{Key: key + p.suffix, SHA256: sum})
	}
	envelope, err := about.Sign(s.signer, parts)
	if err != nil {
		return nil, stage.Permanent(err)
	}
	key += attest.MaskedSuffix
	sum, err := s.storeBeside(ctx, key, attestationType, envelope)
	if err != nil {
		return nil, err
	}
	return &attest.Beside{Key: key, SHA256: sum}, nil
}

// canaryKey is where the canary of a statement by that signing key lies, without what tells its parts apart.
func canaryKey(c canary.Statement, signer string) string {
	h := sha256.New()
	for _, part := range []string{c.Policy, c.KeyFingerprint, strconv.Itoa(c.KeyEpoch), c.Writer, c.Code, signer} {
		h.Write(appendPart(nil, []byte(part)))
	}
	return canary.Prefix + objref.Token(c.Environment) + "/" + objref.Token(c.Entity) + "/" + hex.EncodeToString(h.Sum(nil)[:16])
}

// storeBeside stores a document unless it is there, and returns its digest.
func (s *Service) storeBeside(ctx context.Context, key, kind string, body []byte) (string, error) {
	digest := sha256.Sum256(body)
	sum := hex.EncodeToString(digest[:])
	loc := blob.Location{Bucket: s.config.Buckets.Masked, Key: key}
	_, err := s.deps.Store.Put(ctx, loc, bytes.NewReader(body), int64(len(body)), blob.PutOptions{IfAbsent: true, ContentType: kind, SHA256: sum})
	if !errors.Is(err, blob.ErrExists) {
		return sum, err
	}
	there, _, err := s.deps.Store.Get(ctx, loc, blob.Range{})
	if err != nil {
		return "", err
	}
	defer there.Close()
	found, err := io.ReadAll(io.LimitReader(there, int64(len(body))+1))
	switch {
	case err != nil:
		return "", blob.Fail("read", loc, err)
	case !bytes.Equal(found, body):
		return "", stage.Permanent(fmt.Errorf("%s: %w", loc, errDiffers))
	}
	return sum, nil
}

// maskCanary masks the records from Parquet, column by column, and from JSON Lines, batch by batch.
func (p *Plan) maskCanary(ctx context.Context) (pages, batches []byte, err error) {
	lines, err := canary.Records(p.policy)
	if err != nil {
		return nil, nil, err
	}
	file, err := p.toParquet(ctx, lines)
	if err != nil {
		return nil, nil, fmt.Errorf("write canaries as Parquet: %w", err)
	}
	mask := func(name string, body []byte) ([]byte, error) {
		var out bytes.Buffer
		r, err := p.Mask(ctx, bytes.NewReader(body), name, &out, Options{Workers: 1})
		if err == nil && r.RowsOut != int64(canary.Count()) {
			err = fmt.Errorf("%d records came out of %d", r.RowsOut, canary.Count())
		}
		if err != nil {
			return nil, fmt.Errorf("mask %s: %w", name, err)
		}
		return out.Bytes(), nil
	}
	if pages, err = mask("canary.parquet", file); err != nil {
		return nil, nil, err
	}
	batches, err = mask("canary.jsonl", lines)
	return pages, batches, err
}

// toParquet writes JSON Lines as a Parquet file with the types of the policy.
func (p *Plan) toParquet(ctx context.Context, lines []byte) (_ []byte, err error) {
	r, err := columnar.Open(bytes.NewReader(lines), columnar.Options{Format: columnar.FormatJSONL, Columns: p.declared(columnar.FormatJSONL, true)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, r.Schema(), columnar.WriteOptions{Format: columnar.FormatParquet})
	if err != nil {
		return nil, err
	}
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			err = w.Close()
			return out.Bytes(), err
		}
		if err == nil {
			err = w.Write(batch)
			batch.Release()
		}
		if err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
}
