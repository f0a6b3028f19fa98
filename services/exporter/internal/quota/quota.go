// Package quota keeps all workers that share one token below the provider's limit. A Budget sends requests off in the
// order in which they were asked for, as fast as the limit allows and no faster, and learns the limit from the provider's
// answers. One refusal (429) pauses every worker of the token; after the pause one request goes ahead alone.
package quota

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
)

// Limit is how many requests the provider takes in any span of a length.
type Limit struct {
	Requests int
	Per      time.Duration
}

const (
	// slack makes the span in which Requests are sent longer than the provider's by one part in so many. Requests sent in
	// one span may arrive in a shorter one: of a limit of 100 a second, 40 ms of jitter on the way are no harm.
	slack = 25
	// A limit of a minute may be used up faster than evenly, so that a short export takes no minute; one of a second may
	// not, as nothing would be won.
	burst     = 10 // times the even rate
	burstFrom = 10 * time.Second
	// lead is how long the request after a start or a pause goes ahead of the others, when no answer comes sooner.
	lead = 2 * time.Second
	// patience is the longest pause that a request waits for; a longer one is the caller's to plan with.
	patience = 5 * time.Minute
	// longest is the longest pause that is believed.
	longest = 24 * time.Hour
	// maxRequests is the highest limit that is believed.
	maxRequests = 100_000
)

// unsaid is the pause after a refusal that does not say how long: the n-th in a row.
var unsaid = retry.Policy{Initial: time.Second, Max: time.Minute, Factor: 2, Jitter: 0.5}

// Budget is what one token may ask for. It is safe for concurrent use.
type Budget struct {
	turn chan struct{} // held by the worker that is next; the others wait for it, in order

	mu      sync.Mutex
	limit   Limit
	gap     time.Duration // between two requests
	even    bool          // never faster than evenly
	sent    []time.Time   // within the last span, oldest first
	last    int64         // number of the request that was sent last
	read    int64         // number of the youngest request whose answer was taken into account
	others  int           // requests of the span that other processes sent with the token, as far as is known
	expires time.Time     // of others
	shared  time.Time     // until then somebody else is taken to use the token
	until   time.Time     // nothing is sent before
	pause   int64         // the pause is of this request's and older ones' refusals
	strikes int           // refusals in a row, one for each pause
	careful bool          // the next request goes ahead alone
	trial   int64         // number of the request that goes ahead, 0 when none does
	ahead   time.Time     // until then
	changed chan struct{} // closed when a wait may be over sooner than was thought
}

// New makes a budget. The limit holds until the provider's headers say another number.
func New(l Limit) (*Budget, error) {
	if l.Requests < 1 || l.Requests > maxRequests || l.Per <= 0 {
		return nil, fmt.Errorf("new quota: want 1 to %d requests in a span longer than 0", maxRequests)
	}
	b := &Budget{turn: make(chan struct{}, 1), limit: l, careful: true, changed: make(chan struct{})}
	b.spread()
	return b, nil
}

// Left is how many requests could be sent at once now, by what is known.
func (b *Budget) Left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Before(b.until) {
		return 0
	}
	return max(b.room(now)-len(b.sent), 0)
}

// ticket is the leave to send one request.
type ticket struct {
	number int64
	own    int // requests of ours in the span, this one with them
}

// take waits for the leave to send one request. It fails when ctx ends, and when the pause is longer than patience.
func (b *Budget) take(ctx context.Context) (ticket, error) {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return ticket{}, context.Cause(ctx)
	}
	defer func() { <-b.turn }()
	for {
		t, wait, changed := b.try(time.Now())
		switch {
		case wait <= 0:
			return t, nil
		case wait > patience:
			return ticket{}, &PausedError{wait: wait}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
			timer.Stop()
			return ticket{}, context.Cause(ctx)
		}
		timer.Stop()
	}
}

// try takes the leave, or says how long to wait for it and what ends the wait sooner.
func (b *Budget) try(now time.Time) (t ticket, wait time.Duration, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if wait := b.next(now).Sub(now); wait > 0 {
		return ticket{}, wait, b.changed
	}
	b.last++
	b.sent = append(b.sent, now)
	if b.careful {
		b.careful, b.trial, b.ahead = false, b.last, now.Add(lead)
	}
	return ticket{number: b.last, own: len(b.sent)}, 0, nil
}

// next is when the next request may be sent.
func (b *Budget) next(now time.Time) time.Time {
	at := b.until
	if b.trial != 0 {
		at = later(at, b.ahead)
	}
	switch room := b.room(now); {
	case room <= 0:
		at = later(at, b.expires)
	case len(b.sent) >= room:
		at = later(at, b.sent[len(b.sent)-room].Add(b.span()))
	}
	if n := len(b.sent); n > 0 {
		at = later(at, b.sent[n-1].Add(b.gap))
	}
	return at
}

// room is how many requests of a span are ours. It forgets what has left the span.
func (b *Budget) room(now time.Time) int {
	gone := 0
	for gone < len(b.sent) && now.Sub(b.sent[gone]) >= b.span() {
		gone++
	}
	b.sent = b.sent[gone:]
	if !now.Before(b.expires) {
		b.others = 0
	}
	return b.limit.Requests - b.others
}

// span is how long a request counts.
func (b *Budget) span() time.Duration { return b.limit.Per + b.limit.Per/slack }

// spread sets the gap between two requests.
func (b *Budget) spread() {
	b.gap = b.span() / time.Duration(b.limit.Requests)
	if !b.even && b.limit.Per >= burstFrom {
		b.gap /= burst
	}
}

// ended is told of a request that got no answer.
func (b *Budget) ended(t ticket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.back(t)
}

// answered is told of a request that was let through, and of what its answer says.
func (b *Budget) answered(t ticket, r reading) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.number > b.pause {
		b.strikes = 0
	}
	b.learn(t, r)
	b.back(t)
}

// refused is told of a request that was not let through. All workers pause for asked; 0 means that the provider did not
// say. A refusal of what was sent before the pause began belongs to the same pause.
func (b *Budget) refused(t ticket, r reading, asked time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := t.number > b.pause
	if fresh {
		b.pause = b.last
		b.strikes++
		b.even, b.careful = true, true
	}
	if asked <= 0 && fresh {
		asked = unsaid.Delay(b.strikes)
	}
	b.until = later(b.until, time.Now().Add(min(asked, longest)))
	b.learn(t, r)
	b.spread()
	b.back(t)
}

// back ends the trial when t is it.
func (b *Budget) back(t ticket) {
	if b.trial == t.number {
		b.trial = 0
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// learn takes the provider's counts over. When they say that more was used than we have sent, somebody else uses the
// token, and that much less is ours.
func (b *Budget) learn(t ticket, r reading) {
	if r.limit > 0 && r.limit != b.limit.Requests {
		b.limit.Requests = min(r.limit, maxRequests)
		b.spread()
	}
	if !r.counted || t.number <= b.read {
		return
	}
	b.read = t.number
	now := time.Now()
	b.others = max(b.limit.Requests-r.left-t.own, 0)
	few := b.limit.Requests/slack + 1
	if b.others > few {
		b.shared = now.Add(b.span())
	}
	if now.Before(b.shared) {
		b.others += few / 2 // that they may send before we hear of it
	} else {
		b.others = 0 // requests that overtake one another on the way make the counts differ by a few
	}
	b.expires = now.Add(b.span())
	if r.reset > 0 && r.reset < b.span() {
		b.expires = now.Add(r.reset)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// PausedError is what a request fails with that would have to wait too long. RetryAfter says how long, as retry.Waiter.
type PausedError struct{ wait time.Duration }

func (e *PausedError) Error() string {
	return fmt.Sprintf("quota: the provider takes no request of this client for another %s", e.wait.Round(time.Second))
}

// RetryAfter is how long the pause lasts.
func (e *PausedError) RetryAfter() time.Duration { return e.wait }

// Class is the error's name in telemetry.
func (*PausedError) Class() string { return "quota-paused" }

// ErrRefused means that the provider refused a request for its limit however often it was sent.
var ErrRefused = errors.New("quota: the provider goes on refusing the request for its limit on requests: lower rateLimit, or find out who else uses the client")
