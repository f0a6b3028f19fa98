package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// sink takes what one window delivers.
type sink struct {
	*work
	to *Window
}

var _ source.Sink = (*sink)(nil)

// Put stores the part under a name that holds the digest of its bytes, unless it is there, and announces it. Equal bytes are
// one object however often they come. Other bytes under the name of a part that was stored before are another object, so
// that no row of either is lost.
func (s *sink) Put(ctx context.Context, p source.Part) error {
	at, body, err := s.place(p)
	if err != nil {
		return fmt.Errorf("store a part: %w", err)
	}
	options := blob.PutOptions{IfAbsent: true, SHA256: hexDigest(body), Metadata: map[string]string{}}
	if parent := telemetry.TraceParent(ctx); parent != "" {
		options.Metadata["traceparent"] = parent
	}
	o := Object{Rows: p.Rows}
	if p.Held != nil {
		hold := source.HoldMetadata(*p.Held)
		maps.Copy(options.Metadata, hold)
		o.Held = p.Held.Class
	}
	stored, err := s.Store.Put(ctx, at, bytes.NewReader(body), int64(len(body)), options)
	if errors.Is(err, blob.ErrExists) {
		stored, err = s.Store.Head(ctx, at)
	}
	if err != nil {
		return fmt.Errorf("store a part: %w", err)
	}
	o.Object = objref.From(stored)
	return s.add(ctx, o, p.Entity)
}

// Adopt announces an object that the provider wrote.
func (s *sink) Adopt(ctx context.Context, key string, rows int64) error {
	at, ok := source.ParseKey(key)
	if !ok || at.Run != s.j.Run {
		return errors.New("adopt an object: it does not lie under the prefix of the run")
	}
	stored, err := s.Store.Head(ctx, blob.Location{Bucket: s.Raw, Key: key})
	if err != nil {
		return fmt.Errorf("adopt an object: %w", err)
	}
	return s.add(ctx, Object{Object: objref.From(stored), Rows: rows}, at.Entity)
}

// add announces an object and adds it to the window, once.
func (s *sink) add(ctx context.Context, o Object, entity string) error {
	if err := s.Announce(ctx, o.Location()); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.to.Objects, func(old Object) bool { return old.Identity() == o.Identity() }) {
		return nil
	}
	s.to.Objects = append(s.to.Objects, o)
	s.Telemetry.Count(ctx, "maskrail.export.rows", o.Rows, telemetry.String("maskrail.source", s.Name), telemetry.String("maskrail.entity", entity))
	return nil
}

// Save keeps the state of the task, with the objects that it has delivered.
func (s *sink) Save(ctx context.Context, state []byte) error {
	return s.keep(ctx, s.to, func() { s.to.State = bytes.Clone(state) })
}

// Note appends to the audit log what the source did.
func (s *sink) Note(ctx context.Context, action, job string) error {
	return s.note(ctx, s.j, s.to, action, func(e *audit.Entry) { e.Job = job })
}

// Names are examples of what objects are called, of each way to store parts, for who has patterns for names.
var Names = []string{
	"20260301T000000000Z-20260302T000000000Z-0a1b2c3d-p00001-0123456789abcdef.jsonl.zst",
	"20260301T000000000Z-20260302T000000000Z-0a1b2c3d-p00001-tenant-conflict-0123456789abcdef.jsonl.zst",
	"20260301T000000000Z-20260302T000000000Z-00001-0123456789abcdef.jsonl.zst",
	"20260301T000000000Z-20260302T000000000Z-00001-0123456789abcdef.parquet",
}

// digested is how many hex digits of a part's digest stand in its key.
const digested = 16

// place is where the part goes, and its bytes as they are stored.
func (s *sink) place(p source.Part) (at blob.Location, body []byte, err error) {
	if !source.IsPartName(p.Name) {
		return at, nil, errors.New("its name has other characters than letters, digits, dots, dashes and _, or too many")
	}
	name := p.Name + "-" + hexDigest(p.Body)[:digested]
	switch p.Format {
	case string(columnar.FormatJSONL):
		name, body = name+".jsonl.zst", s.encoder.EncodeAll(p.Body, nil)
	case string(columnar.FormatParquet):
		name, body = name+".parquet", p.Body
	default:
		return at, nil, errors.New("its format is neither jsonl nor parquet")
	}
	key := source.Place{Entity: p.Entity, Run: s.j.Run, Tenant: p.Tenant, Name: name}.Key()
	return blob.Location{Bucket: s.Raw, Key: key}, body, nil
}

func hexDigest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// newEncoder makes an encoder that gives equal bytes for equal bytes: each works alone.
func newEncoder() *zstd.Encoder {
	e, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithEncoderLevel(zstd.SpeedDefault)) // wrong options alone fail
	return e
}
