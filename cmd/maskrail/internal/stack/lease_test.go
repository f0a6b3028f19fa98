package stack

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/lease"
)

// TestLeaseOnServer: on a real server one of several connections holds a lock, it outlives its lease while it is renewed, and
// passes to another when its holder's connection goes.
func TestLeaseOnServer(t *testing.T) {
	t.Parallel()
	const ttl = 6 * time.Second // of which renewing may take a half, where other tests have the disk
	n := runServer(t, t.TempDir(), 0)
	t.Cleanup(func() {
		if err := n.stop(); err != nil {
			t.Error(err)
		}
	})
	var inside atomic.Int32
	var wg sync.WaitGroup
	hold := func(do func(context.Context) error) error {
		b := connectNATS(t, n.url())
		defer b.Close()
		l, err := lease.Open(t.Context(), b, "export/prod", ttl)
		if err != nil {
			return err
		}
		return l.Hold(t.Context(), func(ctx context.Context) error {
			if inside.Add(1) != 1 {
				t.Error("two inside")
			}
			defer inside.Add(-1)
			return do(ctx)
		})
	}
	for i := range 3 {
		wg.Go(func() {
			err := hold(func(ctx context.Context) error {
				select {
				case <-time.After([]time.Duration{ttl + ttl/2, 0, 0}[i]):
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()

	gone := connectNATS(t, n.url())
	l, err := lease.Open(t.Context(), gone, "export/prod", ttl)
	if err != nil {
		t.Fatal(err)
	}
	wg.Go(func() {
		err := l.Hold(t.Context(), func(ctx context.Context) error {
			if err := gone.Close(); err != nil {
				t.Error(err)
			}
			inside.Add(1)
			<-ctx.Done()
			inside.Add(-1)
			return context.Cause(ctx)
		})
		if !errors.Is(err, lease.ErrLost) {
			t.Errorf("error is %v, want ErrLost", err)
		}
	})
	for inside.Load() == 0 {
		<-time.After(time.Millisecond)
	}
	if err := hold(func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
	wg.Wait()
}
