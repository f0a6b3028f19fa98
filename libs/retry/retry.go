// Package retry tries again: exponential waits with jitter, a wait that the other side asked for, and an end
// when the context ends. It is the only importer of the backoff module.
package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Policy says how often and how fast to try again. The zero value is Default.
type Policy struct {
	Initial time.Duration // the first wait, before jitter; 0 means 250 ms
	Max     time.Duration // the longest wait, before jitter; 0 means 30 s
	Factor  float64       // growth of the wait from try to try; 0 means 2
	// Jitter is the part of a wait that is random: 0.5 means between 50 and 150 percent; 0 means 0.5, and a
	// negative value none.
	Jitter float64
	// Attempts is the number of tries in all; 0 means until the context ends.
	Attempts int
	// Notify, when set, is told of each failed try that will be followed by another after wait.
	Notify func(err error, attempt int, wait time.Duration)
}

// Default tries until the context ends, at waits from a quarter of a second to half a minute.
func Default() Policy {
	return Policy{Initial: 250 * time.Millisecond, Max: 30 * time.Second, Factor: 2, Jitter: 0.5}
}

// Waiter is an error that says how long to wait before the next try, as a server does by Retry-After. The wait
// is taken as it is, without jitter; it may be longer than Policy.Max.
type Waiter interface {
	error
	RetryAfter() time.Duration
}

// Do calls fn until it succeeds and returns nil. It returns the error of fn as it is when that is Permanent, or
// when it is that of the last of p.Attempts tries. When ctx ends it returns its cause, joined with the last error of fn if
// there was one; fn is not called at all when ctx has ended before.
func Do(ctx context.Context, p Policy, fn func(context.Context) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w := &waits{policy: p, exponential: p.exponential()}
	err := backoff.RetryNotify(func() error {
		w.attempt++
		w.last = fn(ctx)
		return w.last
	}, backoff.WithContext(w, ctx), func(err error, wait time.Duration) {
		if p.Notify != nil {
			p.Notify(err, w.attempt, wait)
		}
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil, isPermanent(w.last), errors.Is(w.last, context.Cause(ctx)):
		return w.last
	default:
		return fmt.Errorf("%w; last try: %w", context.Cause(ctx), w.last)
	}
}

// Permanent marks err as one that Do returns at once.
func Permanent(err error) error { return backoff.Permanent(err) }

func isPermanent(err error) bool {
	var p *backoff.PermanentError
	return errors.As(err, &p)
}

type after struct {
	error
	wait time.Duration
}

func (a *after) Unwrap() error             { return a.error }
func (a *after) RetryAfter() time.Duration { return a.wait }

// After gives err a wait, see Waiter.
func After(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return &after{error: err, wait: wait}
}

// waits is the backoff.BackOff of one Do.
type waits struct {
	policy      Policy
	exponential *backoff.ExponentialBackOff
	attempt     int
	last        error
}

func (w *waits) Reset() { w.exponential.Reset() }

func (w *waits) NextBackOff() time.Duration {
	if w.policy.Attempts > 0 && w.attempt >= w.policy.Attempts {
		return backoff.Stop
	}
	next := w.exponential.NextBackOff()
	var asked Waiter
	if errors.As(w.last, &asked) {
		return max(asked.RetryAfter(), 0)
	}
	return next
}

func (p Policy) exponential() *backoff.ExponentialBackOff {
	d := Default()
	if p.Initial <= 0 {
		p.Initial = d.Initial
	}
	if p.Max <= 0 {
		p.Max = d.Max
	}
	if p.Factor < 1 {
		p.Factor = d.Factor
	}
	switch {
	case p.Jitter == 0:
		p.Jitter = d.Jitter
	case p.Jitter < 0:
		p.Jitter = 0
	}
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(min(p.Initial, p.Max)), backoff.WithMaxInterval(p.Max),
		backoff.WithMultiplier(p.Factor), backoff.WithRandomizationFactor(min(p.Jitter, 1)),
		backoff.WithMaxElapsedTime(0))
}
