package genesyssim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// window are the requests of the last span of time, oldest first.
type window struct{ times []time.Time }

// take counts a request, unless limit were there already. reset is how long it takes until the oldest is forgotten.
func (w *window) take(now time.Time, limit int, span time.Duration) (count int, reset time.Duration, ok bool) {
	for len(w.times) > 0 && !w.times[0].After(now.Add(-span)) {
		w.times = w.times[1:]
	}
	if ok = limit < 0 || len(w.times) < limit; ok {
		w.times = append(w.times, now)
	}
	if len(w.times) > 0 {
		reset = w.times[0].Add(span).Sub(now)
	}
	return len(w.times), reset, ok
}

// take counts a request in the window of that name.
func (s *Sim) take(name string, now time.Time, limit int, span time.Duration) (count int, reset time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.windows[name]
	if w == nil {
		w = &window{}
		s.windows[name] = w
	}
	return w.take(now, limit, span)
}

// charge counts a request against its token, and tells the headers that say so.
func (s *Sim) charge(x *exchange) (header map[string]string, refusal reply, ok bool) {
	if x.api == guide {
		count, reset, ok := s.take("guide "+x.token.text, x.now, s.Quota.PerSecond, time.Second)
		header = map[string]string{"X-RateLimit-Limit": strconv.Itoa(s.Quota.PerSecond), "X-RateLimit-Remaining": strconv.Itoa(max(0, s.Quota.PerSecond-count)), "X-RateLimit-Reset": seconds(reset)}
		if s.Quota.PerSecond < 0 {
			header = nil
		}
		if !ok {
			return header, x.tooMany("token.rate.per.second", s.Quota.PerSecond, reset), false
		}
		return header, reply{}, true
	}
	count, reset, ok := s.take("analytics "+x.token.text, x.now, s.Quota.PerMinute, time.Minute)
	header = map[string]string{"inin-ratelimit-count": strconv.Itoa(count), "inin-ratelimit-allowed": strconv.Itoa(s.Quota.PerMinute), "inin-ratelimit-reset": seconds(reset)}
	if s.Quota.PerMinute < 0 {
		header = nil
	}
	if !ok {
		return header, x.tooMany("token.rate.per.minute", s.Quota.PerMinute, reset), false
	}
	return header, reply{}, true
}

// chargeLogin counts a request for a token.
func (s *Sim) chargeLogin(x *exchange, client string) (reply, bool) {
	_, reset, ok := s.take("login "+client, x.now, s.Quota.Tokens, time.Minute)
	if !ok {
		return x.tooMany("client.credentials.token.rate.per.minute", s.Quota.Tokens, reset), false
	}
	return reply{}, true
}

// tooMany is a 429 that says when to come back.
func (x *exchange) tooMany(key string, limit int, reset time.Duration) reply {
	after := seconds(reset)
	r := answer(http.StatusTooManyRequests, struct {
		Status    int            `json:"status"`
		Code      string         `json:"code"`
		Message   string         `json:"message"`
		Limit     map[string]any `json:"limit"`
		ContextID string         `json:"contextId"`
		Details   []any          `json:"details"`
		Errors    []any          `json:"errors"`
	}{
		http.StatusTooManyRequests, "too.many.requests.retry.after",
		fmt.Sprintf("Rate limit exceeded the maximum. Retry the request in [%s] seconds", after),
		map[string]any{"key": key, "namespace": "platform.api", "value": limit}, x.id, []any{}, []any{},
	})
	r.header = map[string]string{"Retry-After": after}
	return r
}

// seconds rounds up to whole ones.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
