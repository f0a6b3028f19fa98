package blobtest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
)

func conditionalPut(t *testing.T, f fixture) {
	first, err := f.tryPut(t.Context(), "k", "one", blob.PutOptions{IfAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"one", "two"} {
		if _, err := f.tryPut(t.Context(), "k", content, blob.PutOptions{IfAbsent: true}); !errors.Is(err, blob.ErrExists) {
			t.Errorf("second put of %q: %v, want ErrExists", content, err)
		}
	}
	if got, o := f.read(t, f.at("k"), blob.Range{}); got != "one" || o.Version != first.Version {
		t.Errorf("got %q, want the first content", got)
	}
}

func conditionalAfterDelete(t *testing.T, f fixture) {
	f.put(t, "k", "one")
	if err := f.store.Delete(t.Context(), f.at("k")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.tryPut(t.Context(), "k", "three", blob.PutOptions{IfAbsent: true}); err != nil {
		t.Errorf("put after delete: %v", err)
	}
}

func conditionalRace(t *testing.T, f fixture) {
	for round := range 5 {
		key := "k" + string(rune('0'+round))
		bodies := make([][]byte, 16)
		for i := range bodies {
			bodies[i] = []byte(strings.Repeat(string(rune('a'+i)), 1000+i))
		}
		race(t, f, key, bodies)
	}
}

func conditionalLarge(t *testing.T, f fixture) {
	race(t, f, "k", [][]byte{large(1), large(2), large(3), large(4)})
}

// race lets all put at once and expects one winner, whose bytes are there.
func race(t *testing.T, f fixture, key string, bodies [][]byte) {
	t.Helper()
	errs := make([]error, len(bodies))
	var wg sync.WaitGroup
	for i, b := range bodies {
		wg.Go(func() {
			_, errs[i] = f.store.Put(t.Context(), f.at(key), bytes.NewReader(b), int64(len(b)), blob.PutOptions{IfAbsent: true})
		})
	}
	wg.Wait()
	winner, won := 0, 0
	for i, err := range errs {
		switch {
		case err == nil:
			winner, won = i, won+1
		case !errors.Is(err, blob.ErrExists):
			t.Errorf("writer %d: %v, want ErrExists", i, err)
		}
	}
	if won != 1 {
		t.Fatalf("%d of %d writers won, want one", won, len(bodies))
	}
	if got, _ := f.read(t, f.at(key), blob.Range{}); got != string(bodies[winner]) {
		t.Error("the bytes there are not the winner's")
	}
}

func pinnedVersion(t *testing.T, f fixture) {
	old := f.put(t, "k", "one")
	if got, _ := f.read(t, old.Location, blob.Range{}); got != "one" {
		t.Errorf("got %q by version, want %q", got, "one")
	}
	if got, _ := f.read(t, old.Location, blob.Range{Offset: 1, Length: 1}); got != "n" {
		t.Errorf("got %q by version and range, want %q", got, "n")
	}
	f.put(t, "k", "two")
	// Under versioning the old content is still there; otherwise it is gone. The new one never comes instead.
	for r, want := range map[blob.Range]string{{}: "one", {Offset: 1, Length: 1}: "n"} {
		body, _, err := f.store.Get(t.Context(), old.Location, r)
		if err == nil {
			b, _ := io.ReadAll(body)
			body.Close()
			if string(b) != want {
				t.Errorf("range %+v: got %q under the old version, want %q", r, b, want)
			}
		} else if !errors.Is(err, blob.ErrChanged) && !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("range %+v: %v, want ErrChanged or ErrNotFound", r, err)
		}
	}
	if o, err := f.store.Head(t.Context(), old.Location); err == nil && o.Version != old.Version {
		t.Error("head by version describes another version")
	} else if err != nil && !errors.Is(err, blob.ErrChanged) && !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("head: %v, want ErrChanged or ErrNotFound", err)
	}
	if err := f.store.Delete(t.Context(), f.at("k")); err != nil {
		t.Fatal(err)
	}
	current := blob.Location{Bucket: f.bucket, Key: f.prefix + "gone", Version: old.Version}
	if _, _, err := f.store.Get(t.Context(), current, blob.Range{}); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("get of a version of a missing object: %v, want ErrNotFound", err)
	}
}
