package memblob_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/blobtest"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) (blob.Store, string) { return memblob.New("bucket"), "bucket" })
}

func TestConformanceTraced(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) (blob.Store, string) { return blob.Traced(memblob.New("bucket")), "bucket" })
}

func TestConformanceVersioned(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) (blob.Store, string) { return memblob.NewVersioned("bucket"), "bucket" })
}

func TestVersions(t *testing.T) {
	t.Parallel()
	s := memblob.NewVersioned("bucket")
	at := blob.Location{Bucket: "bucket", Key: "k"}
	put := func(content string) blob.Location {
		o, err := s.Put(t.Context(), at, strings.NewReader(content), int64(len(content)), blob.PutOptions{})
		if err != nil || !o.Kept() {
			t.Fatalf("version %s, %v", o.Version, err)
		}
		return o.Location
	}
	first, second := put("same"), put("same")
	if first == second {
		t.Error("two puts have one version")
	}
	if err := s.Delete(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	for _, old := range []blob.Location{first, second} {
		if o, err := s.Head(t.Context(), old); err != nil || o.Location != old {
			t.Errorf("version %s of a deleted object: %v", old.Version, err)
		}
	}
	if _, err := s.Head(t.Context(), at); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the deleted object: %v", err)
	}
	if err := s.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Head(t.Context(), first); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a deleted version: %v", err)
	}
}
