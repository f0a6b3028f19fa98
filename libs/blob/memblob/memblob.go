// Package memblob keeps objects in memory, with the promises of package blob.
package memblob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
)

// Store holds objects in memory. It is safe for concurrent use.
type Store struct {
	mu      sync.RWMutex
	buckets map[string]map[string]stored
	// Of a store with versioning: how many versions there were, and those that are not the newest of their key any more.
	versioned bool
	versions  int
	old       map[blob.Location]stored
}

type stored struct {
	blob.Object
	bytes []byte // never written after it was stored
}

var _ blob.Store = (*Store)(nil)

// NewVersioned makes a store whose buckets have versioning.
func NewVersioned(buckets ...string) *Store {
	s := New(buckets...)
	s.versioned, s.old = true, map[blob.Location]stored{}
	return s
}

// New makes a store with the buckets, which have no versioning.
func New(buckets ...string) *Store {
	s := &Store{buckets: map[string]map[string]stored{}}
	for _, b := range buckets {
		s.buckets[b] = map[string]stored{}
	}
	return s
}

// Put stores a copy of the body.
func (s *Store) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	obj, err := s.put(ctx, loc, body, size, o)
	return obj, blob.Fail("put", loc, err)
}

func (s *Store) put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if ctx.Err() != nil {
		return blob.Object{}, context.Cause(ctx)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return blob.Object{}, fmt.Errorf("read body: %w", err)
	}
	if int64(len(content)) != size {
		return blob.Object{}, fmt.Errorf("body has %d bytes and not %d", len(content), size)
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	if o.SHA256 != "" && o.SHA256 != digest {
		return blob.Object{}, blob.ErrChecksum
	}
	meta := make(map[string]string, len(o.Metadata))
	for k, v := range o.Metadata {
		meta[strings.ToLower(k)] = v
	}
	etag := digest[:32]
	obj := blob.Object{
		Location: blob.Location{Bucket: loc.Bucket, Key: loc.Key, Version: "etag:" + etag},
		ETag:     etag, Bytes: size, SHA256: digest, Modified: time.Now(), Metadata: meta,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket, ok := s.buckets[loc.Bucket]
	if !ok {
		return blob.Object{}, blob.ErrNoBucket
	}
	before, ok := bucket[loc.Key]
	if ok && o.IfAbsent {
		return blob.Object{}, blob.ErrExists
	}
	if s.versioned {
		s.keep(before)
		s.versions++
		obj.Version = fmt.Sprintf("v%08d", s.versions)
	}
	bucket[loc.Key] = stored{obj, content}
	obj.Modified = time.Time{}
	return obj, nil
}

// keep keeps a version that is not the newest any more.
func (s *Store) keep(o stored) {
	if s.versioned && o.Version != "" {
		s.old[o.Location] = o
	}
}

// Get reads the bytes as they were when it was called.
func (s *Store) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	o, err := s.find(ctx, loc)
	if err != nil {
		return nil, blob.Object{}, blob.Fail("get", loc, err)
	}
	if r.Offset < 0 || r.Length < 0 {
		return nil, blob.Object{}, blob.Fail("get", loc, errors.New("range is negative"))
	}
	part := o.bytes[min(r.Offset, o.Bytes):]
	if r.Length > 0 {
		part = part[:min(r.Length, int64(len(part)))]
	}
	return io.NopCloser(bytes.NewReader(part)), clone(o.Object), nil
}

// Head describes the object.
func (s *Store) Head(ctx context.Context, loc blob.Location) (blob.Object, error) {
	o, err := s.find(ctx, loc)
	return clone(o.Object), blob.Fail("head", loc, err)
}

// List yields a snapshot taken when the loop begins.
func (s *Store) List(ctx context.Context, bucket, prefix string) iter.Seq2[blob.Object, error] {
	return s.ListAfter(ctx, bucket, prefix, "")
}

// ListAfter implements blob.Seeker.
func (s *Store) ListAfter(ctx context.Context, bucket, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		objects, err := s.snapshot(bucket, prefix, after)
		if err != nil {
			yield(blob.Object{}, fmt.Errorf("list bucket %s: %w", bucket, err))
			return
		}
		for _, o := range objects {
			if ctx.Err() != nil {
				yield(blob.Object{}, fmt.Errorf("list bucket %s: %w", bucket, context.Cause(ctx)))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *Store) snapshot(bucket, prefix, after string) ([]blob.Object, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.buckets[bucket]
	if !ok {
		return nil, blob.ErrNoBucket
	}
	var objects []blob.Object
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if strings.HasPrefix(key, prefix) && (key > after || after == "") {
			o := b[key].Object
			o.Metadata, o.SHA256 = nil, "" // as a listing of the real store
			objects = append(objects, o)
		}
	}
	return objects, nil
}

// Delete removes the object.
func (s *Store) Delete(ctx context.Context, loc blob.Location) error {
	if ctx.Err() != nil {
		return blob.Fail("delete", loc, context.Cause(ctx))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket, ok := s.buckets[loc.Bucket]
	if !ok {
		return blob.Fail("delete", loc, blob.ErrNoBucket)
	}
	o, ok := bucket[loc.Key]
	switch {
	case ok && loc.Version != "" && loc.Version != o.Version && !s.versioned:
		return blob.Fail("delete", loc, blob.ErrChanged)
	case loc.Version == "":
		s.keep(o)
	case loc.Version != o.Version:
		delete(s.old, loc)
		return nil
	}
	delete(bucket, loc.Key)
	return nil
}

func (s *Store) find(ctx context.Context, loc blob.Location) (stored, error) {
	if ctx.Err() != nil {
		return stored{}, context.Cause(ctx)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	bucket, ok := s.buckets[loc.Bucket]
	if !ok {
		return stored{}, blob.ErrNoBucket
	}
	o, ok := bucket[loc.Key]
	if old, kept := s.old[loc]; kept {
		return old, nil
	}
	switch {
	case !ok, s.versioned && loc.Version != "" && loc.Version != o.Version:
		return stored{}, blob.ErrNotFound
	case loc.Version != "" && loc.Version != o.Version:
		return stored{}, blob.ErrChanged
	}
	return o, nil
}

func clone(o blob.Object) blob.Object {
	o.Metadata = maps.Clone(o.Metadata)
	return o
}
