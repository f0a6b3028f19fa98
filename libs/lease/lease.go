// Package lease lets one of several processes do a thing. A lock is a key of the bus's key/value state with a lease over
// it; a holder that dies or is cut off loses it to whoever waits.
//
// No clocks are compared. Each renewal writes another value. Who waits measures, on its own clock, how long it has seen the
// same value; when that is the whole lease the holder is taken over. The holder measures from before a renewal was sent
// until the next one is answered, and gives up when that takes most of the lease: so it stops before anybody else begins.
// Clocks must only run about equally fast.
//
// A process that the system halts for longer than the lease does not know that it lost it, and a bus that lost its state lets a
// second holder in until the first one's next renewal. So what is done under a lease must be safe to be done twice; the
// lease keeps it from being the rule.
package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
)

// ErrLost is the cause of a holder's context that ends because the lease could not be renewed, or somebody else has it.
var ErrLost = errors.New("the lease was lost")

// Default is how long a holder that has gone blocks the others.
const Default = 15 * time.Second

// bucket is the key/value bucket of the locks.
const bucket = "maskrail_leases"

// free is the value of a lock that nobody holds. A holder's begins with its id.
const free = "free"

// Lock is one lock of a bus. Several processes that give it the same name and ttl share it.
type Lock struct {
	kv  bus.KV
	key string
	ttl time.Duration
}

// Open makes a lock. The name is one that bus.CheckKey accepts.
func Open(ctx context.Context, b bus.Bus, name string, ttl time.Duration) (*Lock, error) {
	if err := bus.CheckKey(name); err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	kv, err := b.KV(ctx, bucket)
	if err != nil {
		return nil, fmt.Errorf("open lock %s: %w", name, err)
	}
	return &Lock{kv: kv, key: name, ttl: ttl}, nil
}

// Hold waits for the lock, calls fn, and frees it when fn returns. The context of fn ends with ErrLost when the lease is lost;
// fn must return soon then. The error is that of fn, or the cause of ctx when it ends before the lock is there.
func (l *Lock) Hold(ctx context.Context, fn func(context.Context) error) error {
	h := &holder{Lock: l, id: rand.Text()}
	if err := h.acquire(ctx); err != nil {
		return err
	}
	working, lose := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		h.keep(working, lose)
	}()
	defer func() {
		lose(nil)
		<-stopped
		h.release(ctx)
	}()
	return fn(working)
}

// holder is one who waits for the lock or has it.
type holder struct {
	*Lock
	id    string
	turn  int
	value []byte    // what the lock holds since the last renewal
	since time.Time // before that renewal was sent
}

// acquire returns when the lock is this holder's.
func (h *holder) acquire(ctx context.Context) error {
	var seen []byte       // nil means nothing, or not looked yet
	watched := time.Now() // since when that is seen
	for {
		now, err := h.read(ctx)
		switch {
		case err != nil: // asked again
			watched = time.Now() // what happened meanwhile is not known
		case now == nil, string(now) == free, h.owns(now):
			err = h.renew(ctx, now)
		case string(now) != string(seen):
			seen, watched, err = now, time.Now(), bus.ErrConflict
		case time.Since(watched) >= h.ttl:
			err = h.renew(ctx, now)
		default:
			err = bus.ErrConflict
		}
		if err == nil {
			return nil
		}
		select {
		case <-time.After(h.ttl / pulses):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// pulses is how often within a lease the holder renews it, and those who wait look.
const pulses = 4

// margin is the part of a lease that a holder leaves unused, for clocks that run unequally and work that ends slowly.
const margin = 4

// keep renews the lease until ctx ends, and loses it when it cannot.
func (h *holder) keep(ctx context.Context, lose context.CancelCauseFunc) {
	rest := h.ttl / pulses
	for {
		last := h.since.Add(h.ttl - h.ttl/margin)
		select {
		case <-time.After(min(rest, time.Until(last))):
		case <-ctx.Done():
			return
		}
		asking, cancel := context.WithDeadline(ctx, last)
		err := h.renew(asking, h.value)
		cancel()
		rest = h.ttl / pulses
		switch {
		case err == nil, ctx.Err() != nil:
		case errors.Is(err, bus.ErrConflict), !time.Now().Before(last):
			lose(ErrLost)
			return
		default:
			rest /= pulses // there is not much time
		}
	}
}

// renew writes a new value over an old one. After an answer that was lost it finds its own value there, and that is as good.
func (h *holder) renew(ctx context.Context, old []byte) error {
	start := time.Now()
	h.turn++
	value := fmt.Appendf(nil, "%s %d", h.id, h.turn)
	err := h.kv.Swap(ctx, h.key, old, value)
	if err != nil {
		now, readErr := h.read(ctx)
		switch {
		case readErr != nil || !h.owns(now):
			return err
		case string(now) != string(value): // of an earlier try, which began at a time that is not kept
			h.value = now
			return errEarlier
		}
	}
	h.value, h.since = value, start
	return nil
}

// errEarlier means that the lock is this holder's, and was not renewed now.
var errEarlier = errors.New("renewed by an earlier try alone")

func (h *holder) owns(value []byte) bool { return strings.HasPrefix(string(value), h.id+" ") }

// read returns what the lock holds, nil for nothing.
func (h *holder) read(ctx context.Context) ([]byte, error) {
	now, err := h.kv.Get(ctx, h.key)
	if errors.Is(err, bus.ErrNotFound) {
		return nil, nil
	}
	return now, err
}

// release frees the lock if it is still this holder's. If that fails the lease ends by itself.
func (h *holder) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.ttl)
	defer cancel()
	_ = h.kv.Swap(ctx, h.key, h.value, []byte(free))
}
