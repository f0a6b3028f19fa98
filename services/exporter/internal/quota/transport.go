package quota

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// tries bounds how often one request is sent when it is refused each time.
const tries = 10

// errOnce means that a refused request cannot be sent again.
var errOnce = errors.New("quota: the provider refused the request for its limit, and its body can be read once only")

// Transport sends requests through next when the budget allows it. A request that is refused with 429 was not worked on:
// it waits with all the others and is sent again, so that the caller sees no 429. A request whose context ends while it
// waits fails with the cause.
func (b *Budget) Transport(next http.RoundTripper) http.RoundTripper {
	return &transport{budget: b, next: next}
}

type transport struct {
	budget *Budget
	next   http.RoundTripper
}

// RoundTrip is that of http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for try, attempt := 1, req; ; try++ {
		leave, err := t.budget.take(ctx)
		if err != nil {
			if attempt.Body != nil {
				_ = attempt.Body.Close() // nobody has read it
			}
			return nil, err
		}
		resp, err := t.next.RoundTrip(attempt)
		if err != nil {
			t.budget.ended(leave)
			return nil, err
		}
		r := read(resp.Header)
		if resp.StatusCode != http.StatusTooManyRequests {
			t.budget.answered(leave, r)
			return resp, nil
		}
		f := refusalOf(resp, r)
		if f.narrow {
			t.budget.answered(leave, r)
			err = alone(ctx, f.wait, try)
		} else {
			t.budget.refused(leave, r, f.wait)
		}
		switch {
		case err != nil:
			return nil, err
		case try == tries:
			return nil, ErrRefused
		}
		if attempt, err = repeat(req); err != nil {
			return nil, err
		}
	}
}

// repeat is the request once more.
func repeat(req *http.Request) (*http.Request, error) {
	again := req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return again, nil
	}
	if req.GetBody == nil {
		return nil, errOnce
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errOnce, err)
	}
	again.Body = body
	return again, nil
}

// alone waits for one request's sake, while all others go on.
func alone(ctx context.Context, wait time.Duration, try int) error {
	if wait <= 0 {
		wait = unsaid.Delay(try)
	}
	if wait > patience {
		return &PausedError{wait: wait}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
