package exporter_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
)

// stumbling fails to write one key once.
type stumbling struct {
	blob.Store
	key  string
	done atomic.Bool
}

func (s *stumbling) Put(ctx context.Context, loc blob.Location, r io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if strings.HasSuffix(loc.Key, s.key) && s.done.CompareAndSwap(false, true) {
		return blob.Object{}, errors.New("the store stumbles")
	}
	return s.Store.Put(ctx, loc, r, size, o)
}

// TestJoiningTogether proves that a failure between the marks of two first environments does not take from the second
// what lay in the bucket before.
func TestJoiningTogether(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T) {
		b := newBench(t, "first", "second")
		b.put("interaction/old.csv", "x")
		wait(time.Hour)
		store := &stumbling{Store: b.store, key: "second.json"}
		b.store = store
		stop := b.start()
		defer stop()
		wait(5 * time.Minute)
		if !store.done.Load() {
			t.Fatal("the store never stumbled: the test proves nothing")
		}
		if got := b.announced(bus.Raw); !slices.Equal(got, []string{"maskrail.raw.interaction._ interaction/old.csv"}) {
			t.Errorf("announced to all %q, replays %q, want the old object for both", got, b.announced(bus.Replay))
		}
	})
}
