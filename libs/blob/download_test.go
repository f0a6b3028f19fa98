package blob_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

func put(t *testing.T, store blob.Store, bucket, key, content string) blob.Object {
	t.Helper()
	o, err := store.Put(t.Context(), blob.Location{Bucket: bucket, Key: key}, strings.NewReader(content), int64(len(content)),
		blob.PutOptions{Metadata: map[string]string{"traceparent": "00-aa-bb-01"}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestDownload(t *testing.T) {
	t.Parallel()
	store, dir := memblob.New("b"), t.TempDir()
	for _, content := range []string{"", "hello", strings.Repeat("0123456789", 100_000)} {
		o := put(t, store, "b", "k", content)
		f, err := blob.Download(t.Context(), store, o.Location, dir)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != content {
			t.Errorf("read %d bytes and not %d, error %v", len(got), len(content), err)
		}
		if f.SHA256 != o.SHA256 || f.Bytes != o.Bytes || f.Object.Version != o.Version {
			t.Errorf("file of %d bytes with sha256 %s, want %d and %s", f.Bytes, f.SHA256, o.Bytes, o.SHA256)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 0 {
			t.Errorf("%d names in the directory while the file is open, want none", len(left))
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDownloadErrors(t *testing.T) {
	t.Parallel()
	store := memblob.New("b")
	old := put(t, store, "b", "Canary", "one")
	put(t, store, "b", "Canary", "two")
	now := blob.Location{Bucket: "b", Key: "Canary"}
	tests := []struct {
		name  string
		store blob.Store
		loc   blob.Location
		dir   string
		is    error
		says  string
	}{
		{"missing", store, blob.Location{Bucket: "b", Key: "missing Canary"}, t.TempDir(), blob.ErrNotFound, ""},
		{"overwritten", store, old.Location, t.TempDir(), blob.ErrChanged, ""},
		{"no directory", store, now, "/no/such/directory", os.ErrNotExist, "MASKRAIL_TEMP_DIR"},
		{"cut short", damaged{store, func(b []byte) []byte { return b[:1] }}, now, t.TempDir(), io.ErrUnexpectedEOF, "1 of 3 bytes"},
		{"other bytes", damaged{store, func([]byte) []byte { return []byte("tow") }}, now, t.TempDir(), blob.ErrChecksum, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := blob.Download(t.Context(), tt.store, tt.loc, tt.dir)
			if err == nil {
				f.Close()
			}
			if !errors.Is(err, tt.is) {
				t.Fatalf("%v, want %v", err, tt.is)
			}
			if !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), tt.loc.ShortID()) || strings.Contains(err.Error(), "Canary") {
				t.Errorf("error %q: want the object's short id and %q, and no key", err, tt.says)
			}
		})
	}
}

// damaged is a store whose bytes do not arrive as they are.
type damaged struct {
	blob.Store
	change func([]byte) []byte
}

func (d damaged) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	body, o, err := d.Store.Get(ctx, loc, r)
	if err != nil {
		return nil, blob.Object{}, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	return io.NopCloser(strings.NewReader(string(d.change(b)))), o, err
}
