// Package blobtest holds an implementation of blob.Store to its promises.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
)

// Run runs the suite. open returns a store and an empty bucket in it; it is called once for each test, and the
// bucket may be the same each time as long as it exists: tests use keys under prefixes of their own. except names
// promises that this server does not keep; the caller says why.
func Run(t *testing.T, open func(*testing.T) (blob.Store, string), except ...string) {
	tests := []struct {
		name string
		run  func(*testing.T, fixture)
	}{
		{"put and get", putAndGet},
		{"empty object", emptyObject},
		{"overwrite", overwrite},
		{"conditional put", conditionalPut},
		{"conditional put after delete", conditionalAfterDelete},
		{"conditional put by sixteen", conditionalRace},
		{"conditional put of larger bodies", conditionalLarge},
		{"ranges", ranges},
		{"pinned version", pinnedVersion},
		{"checksum", checksum},
		{"size that is not the body's", wrongSize},
		{"metadata", metadata},
		{"odd keys", oddKeys},
		{"list", list},
		{"list many", listMany},
		{"list after", listAfter},
		{"delete", remove},
		{"no bucket", noBucket},
		{"no key in errors", noKeyInErrors},
		{"cancelled", cancelled},
	}
	for _, tt := range tests {
		if slices.Contains(except, tt.name) {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, bucket := open(t)
			tt.run(t, fixture{store: store, bucket: bucket, prefix: strings.ReplaceAll(tt.name, " ", "-") + "/"})
		})
	}
}

type fixture struct {
	store  blob.Store
	bucket string
	prefix string
}

func (f fixture) at(key string) blob.Location {
	return blob.Location{Bucket: f.bucket, Key: f.prefix + key}
}

func (f fixture) put(t *testing.T, key, content string) blob.Object {
	t.Helper()
	o, err := f.tryPut(t.Context(), key, content, blob.PutOptions{})
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	return o
}

func (f fixture) tryPut(ctx context.Context, key, content string, o blob.PutOptions) (blob.Object, error) {
	return f.store.Put(ctx, f.at(key), strings.NewReader(content), int64(len(content)), o)
}

func (f fixture) read(t *testing.T, loc blob.Location, r blob.Range) (string, blob.Object) {
	t.Helper()
	body, o, err := f.store.Get(t.Context(), loc, r)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return string(b), o
}

func hexSum(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func putAndGet(t *testing.T, f fixture) {
	const content = "id,tenant\n1,acme\n"
	put := f.put(t, "a.csv", content)
	if put.Version == "" || put.ETag == "" || put.Bytes != int64(len(content)) {
		t.Errorf("put returns version %q, etag %q, %d bytes", put.Version, put.ETag, put.Bytes)
	}
	if put.SHA256 != "" && put.SHA256 != hexSum(content) {
		t.Errorf("put returns sha256 %s, want %s", put.SHA256, hexSum(content))
	}
	got, o := f.read(t, f.at("a.csv"), blob.Range{})
	if got != content {
		t.Errorf("got %q, want %q", got, content)
	}
	head, err := f.store.Head(t.Context(), f.at("a.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]blob.Object{"get": o, "head": head} {
		if other.Location != put.Location || other.ETag != put.ETag || other.Bytes != put.Bytes {
			t.Errorf("%s describes another object than put", name)
		}
		if other.Modified.IsZero() {
			t.Errorf("%s: no time of change", name)
		}
		if strings.Contains(other.ETag, `"`) {
			t.Errorf("%s: etag %s has quotes", name, other.ETag)
		}
	}
	for o, err := range f.store.List(t.Context(), f.bucket, f.prefix) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Location != put.Location || o.ETag != put.ETag || o.Bytes != put.Bytes || o.Modified.IsZero() {
			t.Error("the listing describes another object than put")
		}
	}
	if _, err := f.store.Head(t.Context(), f.at("missing")); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("head of a missing object: %v, want ErrNotFound", err)
	}
	if _, _, err := f.store.Get(t.Context(), f.at("missing"), blob.Range{}); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("get of a missing object: %v, want ErrNotFound", err)
	}
}

func emptyObject(t *testing.T, f fixture) {
	f.put(t, "empty", "")
	for _, r := range []blob.Range{{}, {Offset: 1}, {Length: 4}} {
		got, o := f.read(t, f.at("empty"), r)
		if got != "" || o.Bytes != 0 {
			t.Errorf("range %+v: %q of %d bytes, want nothing of 0", r, got, o.Bytes)
		}
	}
}

func overwrite(t *testing.T, f fixture) {
	a, b := f.put(t, "k", "one"), f.put(t, "k", "two!")
	if a.Version == b.Version {
		t.Error("two contents have one version")
	}
	if got, o := f.read(t, f.at("k"), blob.Range{}); got != "two!" || o.Version != b.Version {
		t.Errorf("got %q, want the second content with its version", got)
	}
}

func ranges(t *testing.T, f fixture) {
	const content = "0123456789"
	f.put(t, "k", content)
	tests := []struct {
		r    blob.Range
		want string
	}{
		{blob.Range{}, content},
		{blob.Range{Offset: 3}, "3456789"},
		{blob.Range{Length: 4}, "0123"},
		{blob.Range{Offset: 3, Length: 2}, "34"},
		{blob.Range{Offset: 8, Length: 100}, "89"},
		{blob.Range{Offset: 9, Length: 1}, "9"},
		{blob.Range{Offset: 10}, ""},
		{blob.Range{Offset: 500, Length: 3}, ""},
	}
	for _, tt := range tests {
		got, o := f.read(t, f.at("k"), tt.r)
		if got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.r, got, tt.want)
		}
		if o.Bytes != 10 {
			t.Errorf("%+v: object of %d bytes, want 10", tt.r, o.Bytes)
		}
	}
}

func checksum(t *testing.T, f fixture) {
	if _, err := f.tryPut(t.Context(), "wrong", "hello", blob.PutOptions{SHA256: hexSum("hallo")}); !errors.Is(err, blob.ErrChecksum) {
		t.Errorf("put with another digest: %v, want ErrChecksum", err)
	}
	if _, err := f.store.Head(t.Context(), f.at("wrong")); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the refused object is there: %v", err)
	}
	if _, err := f.tryPut(t.Context(), "right", "hello", blob.PutOptions{SHA256: hexSum("hello")}); err != nil {
		t.Fatalf("put with its digest: %v", err)
	}
	if o, err := f.store.Head(t.Context(), f.at("right")); err != nil || o.SHA256 != "" && o.SHA256 != hexSum("hello") {
		t.Errorf("head: sha256 %q, error %v", o.SHA256, err)
	}
}

func wrongSize(t *testing.T, f fixture) {
	for _, size := range []int64{3, 7} {
		if _, err := f.store.Put(t.Context(), f.at("k"), strings.NewReader("hello"), size, blob.PutOptions{}); err == nil {
			t.Errorf("a body of 5 bytes was stored as %d", size)
		}
	}
	if _, err := f.store.Head(t.Context(), f.at("k")); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the refused object is there: %v", err)
	}
}

func metadata(t *testing.T, f fixture) {
	meta := map[string]string{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "maskrail-rows": "12"}
	if _, err := f.tryPut(t.Context(), "k", "x", blob.PutOptions{Metadata: meta, ContentType: "text/csv"}); err != nil {
		t.Fatal(err)
	}
	head, err := f.store.Head(t.Context(), f.at("k"))
	if err != nil {
		t.Fatal(err)
	}
	_, get := f.read(t, f.at("k"), blob.Range{})
	for name, o := range map[string]blob.Object{"head": head, "get": get} {
		for k, v := range meta {
			if o.Metadata[k] != v {
				t.Errorf("%s: metadata %s is %q, want %q", name, k, o.Metadata[k], v)
			}
		}
	}
}

func remove(t *testing.T, f fixture) {
	old := f.put(t, "k", "one")
	f.put(t, "k", "two")
	if err := f.store.Delete(t.Context(), old.Location); err != nil && !errors.Is(err, blob.ErrChanged) {
		t.Errorf("delete of a version that was overwritten: %v", err)
	}
	if got, _ := f.read(t, f.at("k"), blob.Range{}); got != "two" {
		t.Errorf("deleting the old version left %q", got)
	}
	for range 2 {
		if err := f.store.Delete(t.Context(), f.at("k")); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	if _, err := f.store.Head(t.Context(), f.at("k")); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("head after delete: %v, want ErrNotFound", err)
	}
	pinned := f.put(t, "pinned", "x")
	if err := f.store.Delete(t.Context(), pinned.Location); err != nil {
		t.Errorf("delete of the current version: %v", err)
	}
	if err := f.store.Delete(t.Context(), pinned.Location); err != nil {
		t.Errorf("delete of a version that is gone: %v", err)
	}
}

func noBucket(t *testing.T, f fixture) {
	loc := blob.Location{Bucket: "maskrail-no-such-bucket", Key: "k"}
	_, putErr := f.store.Put(t.Context(), loc, strings.NewReader("x"), 1, blob.PutOptions{})
	_, _, getErr := f.store.Get(t.Context(), loc, blob.Range{})
	_, headErr := f.store.Head(t.Context(), loc)
	var listErr error
	for _, err := range f.store.List(t.Context(), loc.Bucket, "") {
		listErr = err
	}
	for name, err := range map[string]error{"put": putErr, "get": getErr, "head": headErr, "list": listErr} {
		if !errors.Is(err, blob.ErrNoBucket) {
			t.Errorf("%s: %v, want ErrNoBucket", name, err)
		}
	}
}

// noKeyInErrors makes every kind of error on a key that must not be shown.
func noKeyInErrors(t *testing.T, f fixture) {
	const canary = "phone=%2B12125550147 Canary"
	loc := f.at(canary)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	elsewhere := blob.Location{Bucket: "maskrail-no-such-bucket", Key: loc.Key}
	var errs []error
	keep := func(err error) { errs = append(errs, err) }

	_, err := f.store.Head(t.Context(), loc)
	keep(err)
	_, _, err = f.store.Get(t.Context(), loc, blob.Range{})
	keep(err)
	_, err = f.tryPut(t.Context(), canary, "x", blob.PutOptions{SHA256: hexSum("y")})
	keep(err)
	f.put(t, canary, "x")
	_, err = f.tryPut(t.Context(), canary, "x", blob.PutOptions{IfAbsent: true})
	keep(err)
	stale := loc
	stale.Version = "etag:0123456789abcdef0123456789abcdef"
	_, _, err = f.store.Get(t.Context(), stale, blob.Range{})
	keep(err)
	_, err = f.store.Head(t.Context(), stale)
	keep(err)
	_, err = f.store.Head(gone, loc)
	keep(err)
	_, _, err = f.store.Get(gone, loc, blob.Range{})
	keep(err)
	_, err = f.tryPut(gone, canary, "x", blob.PutOptions{})
	keep(err)
	keep(f.store.Delete(gone, loc))
	_, err = f.store.Put(t.Context(), elsewhere, strings.NewReader("x"), 1, blob.PutOptions{})
	keep(err)
	_, _, err = f.store.Get(t.Context(), elsewhere, blob.Range{})
	keep(err)

	for i, err := range errs {
		if err == nil {
			t.Errorf("operation %d succeeded", i)
			continue
		}
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", errors.Unwrap(err))} {
			if strings.Contains(text, "2125550147") || strings.Contains(text, "Canary") {
				t.Errorf("operation %d: the error shows the key: %s", i, text)
			}
		}
		if short := loc.ShortID(); !strings.Contains(err.Error(), short) && !strings.Contains(err.Error(), elsewhere.ShortID()) {
			t.Errorf("operation %d: the error does not name object %s: %v", i, short, err)
		}
	}
}

func cancelled(t *testing.T, f fixture) {
	f.put(t, "k", "x")
	why := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := f.store.Head(ctx, f.at("k")); !errors.Is(err, why) {
		t.Errorf("head: %v, want the cause of the context", err)
	}
	var got error
	for _, err := range f.store.List(ctx, f.bucket, f.prefix) {
		got = err
	}
	if !errors.Is(got, why) {
		t.Errorf("list: %v, want the cause of the context", got)
	}
}

func large(seed byte) []byte { return bytes.Repeat([]byte{seed, seed + 1, seed + 2, seed + 3}, 1<<20) }
