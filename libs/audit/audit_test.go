package audit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

const (
	bucket = "raw"
	prefix = "_audit/exports/"
)

// shaky is a store on which one Put in five fails, and one in five loses its answer.
type shaky struct{ blob.Store }

func (s shaky) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	switch rand.IntN(5) {
	case 0:
		return blob.Object{}, blob.ErrUnavailable
	case 1:
		if obj, err := s.Store.Put(ctx, loc, body, size, o); err != nil {
			return obj, err
		}
		return blob.Object{}, blob.ErrUnavailable
	}
	return s.Store.Put(ctx, loc, body, size, o)
}

// list reads the log as "actor action" lines.
func list(t *testing.T, s blob.Store) (lines []string) {
	t.Helper()
	for e, err := range audit.Open(s, bucket, prefix).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Number != int64(len(lines)+1) || e.At.IsZero() || e.ID == "" {
			t.Fatalf("entry %d is %+v", len(lines)+1, e)
		}
		lines = append(lines, e.Actor+" "+e.Action)
	}
	return lines
}

// TestOneOrder: entries of writers that compete on a store that fails are all there, each once, each writer's in its order.
func TestOneOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const writers, entries = 4, 25
		store := memblob.New(bucket)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				log := audit.Open(shaky{store}, bucket, prefix)
				for n := range entries {
					if n%10 == 0 { // it was started anew
						log = audit.Open(shaky{store}, bucket, prefix)
					}
					if err := log.Append(t.Context(), audit.Entry{Actor: fmt.Sprint(w), Action: fmt.Sprint(n)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		next := map[string]int{}
		lines := list(t, store)
		for _, line := range lines {
			w, n, _ := strings.Cut(line, " ")
			if n != fmt.Sprint(next[w]) {
				t.Fatalf("writer %s: %s where %d should be", w, n, next[w])
			}
			next[w]++
		}
		if len(lines) != writers*entries {
			t.Errorf("%d entries", len(lines))
		}
	})
}

// counting counts listings.
type counting struct {
	blob.Store
	puts, others atomic.Int32
}

func (c *counting) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	c.puts.Add(1)
	return c.Store.Put(ctx, loc, body, size, o)
}

func (c *counting) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	c.others.Add(1)
	return c.Store.Get(ctx, loc, r)
}

// TestCost: an entry costs one request.
func TestCost(t *testing.T) {
	t.Parallel()
	store := &counting{Store: memblob.New(bucket)}
	log := audit.Open(store, bucket, prefix)
	for range 50 {
		if err := log.Append(t.Context(), audit.Entry{Action: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if store.puts.Load() != 50 || store.others.Load() != 0 {
		t.Errorf("%d puts and %d gets for 50 entries", store.puts.Load(), store.others.Load())
	}
}

// TestLongEntries: what can be appended can be read again, and what is too long for that leaves the log as it is.
func TestLongEntries(t *testing.T) {
	t.Parallel()
	many := make([]string, 10_000)
	for i := range many {
		many[i] = fmt.Sprintf("%0128d", i)
	}
	store := memblob.New(bucket)
	log := audit.Open(store, bucket, prefix)
	if err := log.Append(t.Context(), audit.Entry{Action: "whole", Tenants: many}); err != nil {
		t.Error(err)
	}
	if err := log.Append(t.Context(), audit.Entry{Action: strings.Repeat("x", 17<<20)}); err == nil {
		t.Error("an entry that nobody can read is taken")
	}
	if err := log.Append(t.Context(), audit.Entry{Action: "next"}); err != nil {
		t.Error(err)
	}
	if lines := list(t, store); len(lines) != 2 {
		t.Errorf("%d entries", len(lines))
	}
}

func TestTampering(t *testing.T) {
	t.Parallel()
	key := func(n int) blob.Location {
		return blob.Location{Bucket: bucket, Key: fmt.Sprintf("%s%012d.json", prefix, n)}
	}
	for name, c := range map[string]struct {
		spoil  func(t *testing.T, s blob.Store) error
		before int // entries that are read
		want   error
	}{
		"nothing":                    {func(*testing.T, blob.Store) error { return nil }, 5, nil},
		"the oldest taken by a rule": {func(t *testing.T, s blob.Store) error { return s.Delete(t.Context(), key(1)) }, 4, nil},
		"one removed":                {func(t *testing.T, s blob.Store) error { return s.Delete(t.Context(), key(3)) }, 2, audit.ErrBroken},
		"one changed": {func(t *testing.T, s blob.Store) error {
			const other = `{"number":2,"id":"x","at":"2026-01-01T00:00:00Z","actor":"nobody","action":"nothing"}`
			_, err := s.Put(t.Context(), key(2), strings.NewReader(other), int64(len(other)), blob.PutOptions{})
			return err
		}, 1, audit.ErrBroken},
		"one that is none": {func(t *testing.T, s blob.Store) error {
			_, err := s.Put(t.Context(), key(4), strings.NewReader("x"), 1, blob.PutOptions{})
			return err
		}, 3, audit.ErrBroken},
		"another object": {func(t *testing.T, s blob.Store) error {
			_, err := s.Put(t.Context(), blob.Location{Bucket: bucket, Key: prefix + "notes.txt"}, strings.NewReader("x"), 1, blob.PutOptions{})
			return err
		}, 5, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := memblob.New(bucket)
			log := audit.Open(store, bucket, prefix)
			for n := range 5 {
				if err := log.Append(t.Context(), audit.Entry{Action: fmt.Sprint(n)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.spoil(t, store); err != nil {
				t.Fatal(err)
			}
			read := 0
			var failed error
			for _, err := range audit.Open(store, bucket, prefix).All(t.Context()) {
				if err != nil {
					failed = err
					break
				}
				read++
			}
			if !errors.Is(failed, c.want) {
				t.Fatalf("error is %v, want %v", failed, c.want)
			}
			if read != c.before {
				t.Errorf("%d entries read, want %d", read, c.before)
			}
		})
	}
}
