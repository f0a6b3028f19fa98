package quota_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
)

// begin is where the time of synctest begins.
var begin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// TestPace: 50 workers of one token reach the provider's limit within 10 % of the ideal time.
func TestPace(t *testing.T) {
	t.Parallel()
	second, minute := quota.Limit{Requests: 100, Per: time.Second}, quota.Limit{Requests: 300, Per: time.Minute}
	tests := map[string]struct {
		limit    quota.Limit // as configured
		provider *provider
		each     int // requests of each worker
		refusals int // at most
	}{
		"a second, sliding":         {limit: second, provider: &provider{limit: 100, per: time.Second, jitter: 30 * time.Millisecond, work: 300 * time.Millisecond}, each: 40},
		"a second, sliding, slow":   {limit: second, provider: &provider{limit: 100, per: time.Second, jitter: 30 * time.Millisecond, work: 450 * time.Millisecond}, each: 80},
		"a second, from the second": {limit: second, provider: &provider{limit: 100, per: time.Second, fixed: true, jitter: 30 * time.Millisecond, work: 300 * time.Millisecond}, each: 40},
		"a limit higher than ours":  {limit: quota.Limit{Requests: 10, Per: time.Second}, provider: &provider{limit: 100, per: time.Second, work: 100 * time.Millisecond}, each: 40},
		"a limit lower than ours":   {limit: quota.Limit{Requests: 500, Per: time.Second}, provider: &provider{limit: 100, per: time.Second, work: 100 * time.Millisecond}, each: 40},
		"a limit that was used up":  {limit: second, provider: &provider{limit: 100, per: time.Second, taken: slices.Repeat([]time.Time{begin}, 100), work: 300 * time.Millisecond}, each: 80, refusals: 1},
		"a provider without a word": {limit: second, provider: &provider{limit: 100, per: time.Second, mute: true, work: 300 * time.Millisecond}, each: 40},
		"a minute":                  {limit: minute, provider: &provider{limit: 300, per: time.Minute, genes: true, jitter: 50 * time.Millisecond, work: time.Second}, each: 60},
		"a minute, a lower limit":   {limit: minute, provider: &provider{limit: 180, per: time.Minute, genes: true, work: time.Second}, each: 36},
	}
	const workers = 50
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				took, err := fan(budget(tt.limit).Transport(tt.provider), workers, tt.each)
				if err != nil {
					t.Fatal(err)
				}
				ideal := time.Duration(workers*tt.each) * tt.provider.per / time.Duration(tt.provider.limit)
				if took > ideal+ideal/10 {
					t.Errorf("took %v, the ideal is %v", took, ideal)
				}
				if n := len(tt.provider.refused); n > tt.refusals {
					t.Errorf("%d requests were refused, want at most %d", n, tt.refusals)
				}
			})
		})
	}
}

// TestShortExport: a limit of a minute does not make a short export wait for minutes to pass.
func TestShortExport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &provider{limit: 300, per: time.Minute, genes: true}
		took, err := fan(budget(quota.Limit{Requests: 300, Per: time.Minute}).Transport(p), 10, 20)
		if err != nil || took > 6*time.Second {
			t.Errorf("200 requests of 300 took %v, %v", took, err)
		}
	})
}

// TestStorm: one refusal pauses all workers; what was on its way may be refused as well, and nothing else is sent until
// the pause is over. Then one request goes ahead alone.
func TestStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := &provider{limit: 100, per: time.Second, work: 200 * time.Millisecond}
		p.answer = func(int) *http.Response {
			if since := time.Since(start); since > 3*time.Second && since < 8*time.Second {
				return reply(http.StatusTooManyRequests, "", "Retry-After", "7")
			}
			return nil
		}
		took, err := fan(budget(quota.Limit{Requests: 100, Per: time.Second}).Transport(p), 50, 20)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(p.refused); n == 0 || n > 50 {
			t.Errorf("%d requests were refused, want those on their way alone", n)
		}
		first, pause := p.refused[0], 7*time.Second
		var after []time.Time
		for _, at := range p.arrivals {
			switch since := at.Sub(first); {
			case since > 200*time.Millisecond && since < pause:
				t.Errorf("a request arrived %v after the refusal, in the middle of the pause", since)
			case since >= pause:
				after = append(after, at)
			}
		}
		if len(after) < 2 || after[1].Sub(after[0]) < 100*time.Millisecond {
			t.Error("after the pause no request went ahead of the others")
		}
		if want := 20*time.Second + 11*time.Second; took > want {
			t.Errorf("took %v, want at most %v", took, want)
		}
	})
}

// TestOthers: a second process uses the token; its share shows in the headers, and refusals stay rare.
func TestOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &provider{limit: 100, per: time.Second, work: 20 * time.Millisecond}
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					p.use(1) // half of the limit
				}
			}
		}()
		took, err := fan(budget(quota.Limit{Requests: 100, Per: time.Second}).Transport(p), 20, 50)
		close(stop)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(p.refused); n > 5 {
			t.Errorf("%d requests were refused", n)
		}
		if ideal := 20 * time.Second; took > ideal*6/5 {
			t.Errorf("took %v of the half that was left, the ideal is %v", took, ideal)
		}
	})
}

// TestHowLong: a refusal says in many ways how long to wait.
func TestHowLong(t *testing.T) {
	t.Parallel()
	const said = `{"status":429,"code":"too.many.requests","message":"Rate limit exceeded the maximum. Retry the request in [9] seconds"}`
	date := func(d time.Duration) string { return begin.Add(d).Format(http.TimeFormat) }
	tests := map[string]struct {
		body      string
		header    []string
		low, high time.Duration
	}{
		"seconds":                          {header: []string{"Retry-After", "5"}, low: 5 * time.Second},
		"seconds win over all else":        {header: []string{"Retry-After", "5", "inin-ratelimit-allowed", "300", "inin-ratelimit-reset", "40"}, body: said, low: 5 * time.Second},
		"a date":                           {header: []string{"Retry-After", date(8 * time.Second)}, low: 8 * time.Second},
		"a date by another clock":          {header: []string{"Retry-After", date(time.Hour), "Date", date(time.Hour - 6*time.Second)}, low: 6 * time.Second},
		"a date that is past":              {header: []string{"Retry-After", date(-time.Hour)}, low: time.Second / 2, high: 3 * time.Second / 2},
		"the reset of the real API":        {header: []string{"inin-ratelimit-allowed", "300", "inin-ratelimit-reset", "61"}, body: said, low: 61 * time.Second},
		"the reset of the guide":           {header: []string{"X-RateLimit-Reset", "3"}, low: 3 * time.Second},
		"a reset that is a point in time":  {header: []string{"X-RateLimit-Reset", "1767225600"}, body: said, low: 9 * time.Second},
		"the message":                      {body: said, low: 9 * time.Second},
		"no number":                        {header: []string{"Retry-After", "soon"}, body: said, low: 9 * time.Second},
		"a negative number":                {header: []string{"Retry-After", "-4"}, body: said, low: 9 * time.Second},
		"none":                             {body: "<html>", low: time.Second / 2, high: 3 * time.Second / 2},
		"zero":                             {header: []string{"Retry-After", "0"}, low: time.Second / 2, high: 3 * time.Second / 2},
		"another limit, said by its name":  {header: []string{"Retry-After", "4"}, body: `{"limit":{"key":"details.jobs.rate.per.second"}}`, low: 4 * time.Second},
		"another limit that does not tell": {header: []string{"inin-ratelimit-reset", "30"}, body: `{"limit":{"key":"details.jobs.concurrent.access.max"}}`, low: time.Second / 2, high: 3 * time.Second / 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{limit: 100, per: time.Second, answer: func(n int) *http.Response {
					if n == 1 {
						return reply(http.StatusTooManyRequests, tt.body, tt.header...)
					}
					return nil
				}}
				took, err := fan(budget(quota.Limit{Requests: 100, Per: time.Second}).Transport(p), 1, 1)
				if tt.high == 0 {
					tt.high = tt.low
				}
				if err != nil || took < tt.low || took > tt.high {
					t.Errorf("sent again after %v, want %v to %v; %v", took, tt.low, tt.high, err)
				}
			})
		})
	}
}

// TestGrowing: refusals that say nothing make the pause grow, by one step for each pause and not for each worker.
func TestGrowing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &provider{limit: 100, per: time.Second, work: 150 * time.Millisecond}
		start := time.Now()
		p.answer = func(int) *http.Response {
			if since := time.Since(start); since > time.Second && since < 6*time.Second {
				return reply(http.StatusTooManyRequests, "")
			}
			return nil
		}
		took, err := fan(budget(quota.Limit{Requests: 100, Per: time.Second}).Transport(p), 10, 20)
		if err != nil || took > 25*time.Second {
			t.Errorf("took %v, %v", took, err)
		}
		if n := len(p.refused); n < 2 || n > 20 {
			t.Errorf("%d requests were refused, want those on their way and one for each pause", n)
		}
	})
}

func TestGivesUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header []string
		want   func(error) bool
	}{
		"a huge wait is the caller's":         {[]string{"Retry-After", "9999999999999999999999"}, paused(24 * time.Hour)},
		"an hour is the caller's":             {[]string{"Retry-After", "3600"}, paused(time.Hour)},
		"refused again and again is an error": {[]string{"Retry-After", "1"}, func(err error) bool { return errors.Is(err, quota.ErrRefused) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{answer: func(int) *http.Response { return reply(http.StatusTooManyRequests, "", tt.header...) }}
				b := budget(quota.Limit{Requests: 100, Per: time.Second})
				took, err := fan(b.Transport(p), 5, 1)
				if !tt.want(err) || took > 5*time.Minute {
					t.Errorf("failed after %v with %v", took, err)
				}
				if b.Left() != 0 {
					t.Errorf("%d requests are left in a pause", b.Left())
				}
			})
		})
	}
}

func paused(d time.Duration) func(error) bool {
	return func(err error) bool {
		var wait retry.Waiter
		return errors.As(err, &wait) && wait.RetryAfter() > d-time.Second && wait.RetryAfter() <= d
	}
}

// TestNarrow: the limit on jobs holds up the request that met it, and no other.
func TestNarrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &provider{limit: 100, per: time.Second}
		p.answer = func(n int) *http.Response {
			if n == 1 {
				return reply(http.StatusTooManyRequests, `{"limit":{"key":"details.jobs.concurrent.access.max"}}`, "Retry-After", "60")
			}
			return nil
		}
		client := budget(quota.Limit{Requests: 100, Per: time.Second}).Transport(p)
		done := make(chan time.Duration)
		go func() {
			took, _ := fan(client, 1, 1)
			done <- took
		}()
		synctest.Wait()
		if took, err := fan(client, 10, 5); err != nil || took > time.Second {
			t.Errorf("the others took %v, %v", took, err)
		}
		if took := <-done; took != time.Minute {
			t.Errorf("the refused request took %v", took)
		}
	})
}

func TestStops(t *testing.T) {
	t.Parallel()
	errStop := errors.New("stopping")
	synctest.Test(t, func(t *testing.T) {
		p := &provider{answer: func(int) *http.Response { return reply(http.StatusTooManyRequests, "", "Retry-After", "60") }}
		client := budget(quota.Limit{Requests: 100, Per: time.Second}).Transport(p)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(errStop) })
		start, failed := time.Now(), make(chan error)
		for range 3 {
			go func() {
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://provider/", nil)
				resp, err := client.RoundTrip(req)
				if err == nil {
					_ = resp.Body.Close()
				}
				failed <- err
			}()
		}
		for range 3 {
			if err := <-failed; !errors.Is(err, errStop) {
				t.Errorf("error is %v, want the cause", err)
			}
		}
		if since := time.Since(start); since != 10*time.Second {
			t.Errorf("stopped after %v", since)
		}
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, l := range []quota.Limit{{}, {Requests: 1}, {Per: time.Second}, {Requests: 1 << 30, Per: time.Second}} {
		if _, err := quota.New(l); err == nil {
			t.Errorf("%v was taken", l)
		}
	}
	if left := budget(quota.Limit{Requests: 7, Per: time.Second}).Left(); left != 7 {
		t.Errorf("%d of 7 are left at the start", left)
	}
}

// FuzzRefusal: whatever a provider says, the budget neither panics nor waits longer than a day, and ends.
func FuzzRefusal(f *testing.F) {
	f.Add("5", "", "300", "301", "61", "")
	f.Add("Sat, 01 Jan 2000 00:00:05 GMT", "Sat, 01 Jan 2000 00:00:00 GMT", "x", "-1", "99999999999999999999", `{"message":"Retry the request in [3] seconds"}`)
	f.Add("", "", "0", "0", "0", `{"limit":{"key":"details.jobs."}}`)
	f.Fuzz(func(t *testing.T, after, date, allowed, count, reset, body string) {
		synctest.Test(t, func(t *testing.T) {
			p := &provider{limit: 10, per: time.Second}
			p.answer = func(n int) *http.Response {
				if n%3 == 1 {
					resp := reply(http.StatusTooManyRequests, body, "Retry-After", after, "Date", date)
					for name, value := range map[string]string{"limit": allowed, "remaining": count, "reset": reset} {
						resp.Header.Set("X-RateLimit-"+name, value)
					}
					for name, value := range map[string]string{"allowed": allowed, "count": count, "reset": reset} {
						resp.Header.Set("inin-ratelimit-"+name, value)
					}
					return resp
				}
				return nil
			}
			_, err := fan(budget(quota.Limit{Requests: 10, Per: time.Second}).Transport(p), 3, 2)
			var wait retry.Waiter
			if errors.As(err, &wait) && wait.RetryAfter() > 24*time.Hour {
				t.Errorf("waits %v", wait.RetryAfter())
			}
			if err != nil && strings.Contains(err.Error(), body) && len(body) > 40 {
				t.Errorf("%s shows the answer", strconv.Quote(err.Error()))
			}
		})
	})
}
