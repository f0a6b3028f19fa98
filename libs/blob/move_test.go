package blob_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

func TestMove(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("row\n", 100_000)
	to := blob.Location{Bucket: "quarantine", Key: "sub/k"}
	tests := []struct {
		name  string
		setup func(*testing.T, *memblob.Store)
		store func(blob.Store) blob.Store
		err   error
		left  bool // the source is still there
	}{
		{name: "plain"},
		{name: "store without digests", store: func(s blob.Store) blob.Store { return forgetful{s} }},
		{name: "copy is there already", setup: func(t *testing.T, s *memblob.Store) { put(t, s, to.Bucket, to.Key, content) }},
		{name: "copy is there already, store without digests",
			setup: func(t *testing.T, s *memblob.Store) { put(t, s, to.Bucket, to.Key, content) },
			store: func(s blob.Store) blob.Store { return forgetful{s} }},
		{name: "other bytes of equal length there", err: blob.ErrExists, left: true,
			setup: func(t *testing.T, s *memblob.Store) {
				put(t, s, to.Bucket, to.Key, strings.Repeat("raw\n", 100_000))
			}},
		{name: "other length there", err: blob.ErrExists, left: true,
			setup: func(t *testing.T, s *memblob.Store) { put(t, s, to.Bucket, to.Key, "x") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mem := memblob.New("masked", "quarantine")
			src := put(t, mem, "masked", "k", content)
			if tt.setup != nil {
				tt.setup(t, mem)
			}
			var store blob.Store = mem
			if tt.store != nil {
				store = tt.store(mem)
			}
			for i := range 2 { // the second time it is done already, or fails again
				o, err := blob.Move(t.Context(), store, src.Location, to)
				if !errors.Is(err, tt.err) {
					t.Fatalf("move %d: %v, want %v", i, err, tt.err)
				}
				if err == nil && (o.Bucket != to.Bucket || o.Key != to.Key || o.Bytes != src.Bytes || o.Version == "") {
					t.Errorf("move %d returns another object", i)
				}
			}
			if _, err := mem.Head(t.Context(), src.Location); (err == nil) != tt.left {
				t.Errorf("head of the source: %v", err)
			}
			if tt.err == nil {
				o, err := mem.Head(t.Context(), to)
				if err != nil || o.SHA256 != src.SHA256 || o.Metadata["traceparent"] == "" {
					t.Errorf("the copy differs: %v", err)
				}
			}
		})
	}
}

func TestMoveMissing(t *testing.T) {
	t.Parallel()
	store := memblob.New("a", "b")
	_, err := blob.Move(t.Context(), store, blob.Location{Bucket: "a", Key: "k"}, blob.Location{Bucket: "b", Key: "k"})
	if !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

// forgetful is a store that keeps no digests and reads bodies twice, as a server that signs requests does.
type forgetful struct{ blob.Store }

func (f forgetful) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if _, err := io.Copy(io.Discard, body); err != nil {
		return blob.Object{}, err
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return blob.Object{}, err
	}
	obj, err := f.Store.Put(ctx, loc, body, size, o)
	obj.SHA256 = ""
	return obj, err
}

func (f forgetful) Head(ctx context.Context, loc blob.Location) (blob.Object, error) {
	obj, err := f.Store.Head(ctx, loc)
	obj.SHA256 = ""
	return obj, err
}
