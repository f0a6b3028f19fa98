package lease_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/lease"
)

const ttl = 20 * time.Second

var errCut = errors.New("cut off")

// cable is a connection that can be cut, and that can lose the answer to what arrived.
type cable struct {
	bus.Bus
	cut, mute atomic.Bool
}

type cutKV struct {
	bus.KV
	c *cable
}

func (c *cable) KV(ctx context.Context, bucket string) (bus.KV, error) {
	kv, err := c.Bus.KV(ctx, bucket)
	return cutKV{kv, c}, err
}

func (k cutKV) Get(ctx context.Context, key string) ([]byte, error) {
	if k.c.cut.Load() {
		return nil, errCut
	}
	return k.KV.Get(ctx, key)
}

func (k cutKV) Swap(ctx context.Context, key string, old, value []byte) error {
	if k.c.cut.Load() {
		return errCut
	}
	err := k.KV.Swap(ctx, key, old, value)
	if err == nil && k.c.mute.Load() {
		return errCut
	}
	return err
}

func open(t *testing.T, b bus.Bus) *lease.Lock {
	t.Helper()
	l, err := lease.Open(t.Context(), b, "export/prod", ttl)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestOneAtATime: of many that want the lock one has it, and it passes on at once.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New(nil)
		var inside, turns atomic.Int32
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				err := open(t, b).Hold(t.Context(), func(ctx context.Context) error {
					if inside.Add(1) != 1 {
						t.Error("two inside")
					}
					defer inside.Add(-1)
					turns.Add(1)
					select {
					case <-time.After(10 * ttl): // longer than a lease: it is renewed
					case <-ctx.Done():
						t.Errorf("lost: %v", context.Cause(ctx))
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if turns.Load() != 5 {
			t.Errorf("%d turns", turns.Load())
		}
	})
}

// TestCutOff: a holder that cannot renew stops before another begins, whatever their clocks say.
func TestCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New(nil)
		first := &cable{Bus: b}
		var stopped, began time.Time
		var wg sync.WaitGroup
		wg.Go(func() {
			err := open(t, first).Hold(t.Context(), func(ctx context.Context) error {
				<-ctx.Done()
				stopped = time.Now()
				return context.Cause(ctx)
			})
			if !errors.Is(err, lease.ErrLost) {
				t.Errorf("error is %v, want ErrLost", err)
			}
		})
		time.Sleep(3*ttl + ttl/10)
		cut := time.Now()
		first.cut.Store(true)
		wg.Go(func() {
			err := open(t, b).Hold(t.Context(), func(context.Context) error {
				began = time.Now()
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if !stopped.Before(began) || stopped.Sub(cut) > ttl || began.Sub(cut) > 2*ttl {
			t.Errorf("cut off, stopped after %v, taken over after %v", stopped.Sub(cut), began.Sub(cut))
		}
	})
}

// TestLostAnswers: a holder whose renewals arrive without an answer finds out by itself.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &cable{Bus: membus.New(nil)}
		b.mute.Store(true)
		err := open(t, b).Hold(t.Context(), func(ctx context.Context) error {
			select {
			case <-time.After(10 * ttl):
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

// TestWaitEnds: who waits stops with its context, and a holder that ends early is not waited for.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := membus.New(nil)
		enough := errors.New("enough")
		err := open(t, b).Hold(t.Context(), func(context.Context) error {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, enough)
			defer cancel()
			return open(t, b).Hold(ctx, func(context.Context) error {
				t.Error("two inside")
				return nil
			})
		})
		if !errors.Is(err, enough) {
			t.Errorf("error is %v, want the cause", err)
		}
		start := time.Now()
		if err := open(t, b).Hold(t.Context(), func(context.Context) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("error is %v, want that of the function", err)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("a free lock took %v", waited)
		}
	})
}

// TestAwayForAWhile: an outage shorter than the lease costs nothing.
func TestAwayForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &cable{Bus: membus.New(nil)}
		err := open(t, b).Hold(t.Context(), func(ctx context.Context) error {
			for range 5 {
				b.cut.Store(true)
				time.Sleep(ttl / 3)
				b.cut.Store(false)
				time.Sleep(ttl)
			}
			return context.Cause(ctx)
		})
		if err != nil {
			t.Error(err)
		}
	})
}
