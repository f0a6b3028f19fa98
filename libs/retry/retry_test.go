package retry_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
)

var (
	errAway = errors.New("away")
	errStop = errors.New("stopping")
)

func TestDo(t *testing.T) {
	t.Parallel()
	steady := retry.Policy{Initial: time.Second, Factor: 2, Max: 4 * time.Second, Jitter: -1}
	limited := steady
	limited.Attempts = 3
	tests := map[string]struct {
		policy retry.Policy
		errs   []error // of the tries in turn, nil after the last
		calls  int
		took   time.Duration
		want   error
	}{
		"success at once":                    {policy: steady, calls: 1},
		"success after waits that grow":      {policy: steady, errs: []error{errAway, errAway}, calls: 3, took: 3 * time.Second},
		"waits stop growing at the maximum":  {policy: steady, errs: []error{errAway, errAway, errAway, errAway, errAway}, calls: 6, took: (1 + 2 + 4 + 4 + 4) * time.Second},
		"permanent ends at once":             {policy: steady, errs: []error{errAway, retry.Permanent(errStop)}, calls: 2, took: time.Second, want: errStop},
		"wrapped permanent ends at once":     {policy: steady, errs: []error{fmt.Errorf("put: %w", retry.Permanent(errStop))}, calls: 1, want: errStop},
		"the last attempt's error comes out": {policy: limited, errs: []error{errStop, errStop, errAway, nil}, calls: 3, took: 3 * time.Second, want: errAway},
		"a wait that the error asks for":     {policy: steady, errs: []error{fmt.Errorf("get: %w", retry.After(errAway, time.Minute))}, calls: 2, took: time.Minute},
		"a negative wait is none":            {policy: steady, errs: []error{retry.After(errAway, -time.Minute)}, calls: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, calls := time.Now(), 0
				err := retry.Do(t.Context(), tt.policy, func(context.Context) error {
					calls++
					if calls <= len(tt.errs) {
						return tt.errs[calls-1]
					}
					return nil
				})
				if !errors.Is(err, tt.want) {
					t.Errorf("error is %v, want %v", err, tt.want)
				}
				if calls != tt.calls || time.Since(start) != tt.took {
					t.Errorf("%d calls in %v, want %d in %v", calls, time.Since(start), tt.calls, tt.took)
				}
			})
		})
	}
}

func TestDoStopsWithTheCause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		start := time.Now()
		time.AfterFunc(time.Minute, func() { cancel(errStop) })
		err := retry.Do(ctx, retry.Policy{Initial: time.Hour, Max: time.Hour}, func(context.Context) error { return errAway })
		if !errors.Is(err, errStop) || !errors.Is(err, errAway) {
			t.Errorf("error is %v, want both the cause and the last error", err)
		}
		if got := time.Since(start); got != time.Minute {
			t.Errorf("stopped after %v, want 1m", got)
		}
		if err := retry.Do(ctx, retry.Policy{}, func(context.Context) error { t.Error("called after the end"); return nil }); !errors.Is(err, errStop) {
			t.Errorf("error is %v, want the cause", err)
		}
	})
}

func TestDoNotifies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		p := retry.Policy{Initial: time.Second, Jitter: -1, Attempts: 3, Notify: func(err error, attempt int, wait time.Duration) {
			got = append(got, fmt.Sprintf("%v %d %v", err, attempt, wait))
		}}
		_ = retry.Do(t.Context(), p, func(context.Context) error { return errAway })
		if want := []string{"away 1 1s", "away 2 2s"}; !slices.Equal(got, want) {
			t.Errorf("notified of %q, want %q", got, want)
		}
	})
}

func TestDelay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		attempt  int
		low, top time.Duration
	}{
		"none counts as the first": {0, 1500 * time.Millisecond, 2500 * time.Millisecond},
		"first":                    {1, 1500 * time.Millisecond, 2500 * time.Millisecond},
		"second":                   {2, 6 * time.Second, 10 * time.Second},
		"fourth":                   {4, 96 * time.Second, 160 * time.Second},
		"at the maximum":           {6, 225 * time.Second, 375 * time.Second},
		"far beyond":               {1 << 40, 225 * time.Second, 375 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[time.Duration]bool{}
			for range 200 {
				d := retry.Delay(tt.attempt)
				if d < tt.low || d > tt.top {
					t.Fatalf("delay is %v, want %v to %v", d, tt.low, tt.top)
				}
				seen[d] = true
			}
			if len(seen) < 2 {
				t.Error("no jitter")
			}
		})
	}
}
