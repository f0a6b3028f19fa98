package quota

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reading is what the headers of one answer say about the limit.
type reading struct {
	limit   int           // requests in a span; 0 when unsaid
	left    int           // requests that the span has left
	counted bool          // left is known
	reset   time.Duration // until the span is over; 0 when unsaid
}

// maxReset is the longest span that is believed: a reset beyond it is a point in time or an error.
const maxReset = time.Hour

// read takes either dialect: X-RateLimit-Limit, -Remaining and -Reset (seconds left), or inin-ratelimit-allowed, -count
// (used) and -reset (seconds left). What does not parse is unsaid.
func read(h http.Header) reading {
	var r reading
	if limit, ok := count(h, "X-RateLimit-Limit"); ok {
		r.limit = limit
	}
	if left, ok := count(h, "X-RateLimit-Remaining"); ok {
		r.left, r.counted = left, r.limit > 0
	}
	reset, ok := count(h, "X-RateLimit-Reset")
	if allowed, is := count(h, "inin-ratelimit-allowed"); is {
		r.limit = allowed
		if used, known := count(h, "inin-ratelimit-count"); known {
			r.left, r.counted = max(allowed-used, 0), allowed > 0
		}
		reset, ok = count(h, "inin-ratelimit-reset")
	}
	if d := time.Duration(reset) * time.Second; ok && d <= maxReset {
		r.reset = d
	}
	return r
}

// count reads a number that is not negative; one that is too large for an int32 is the largest.
func count(h http.Header, name string) (int, bool) {
	return number(h.Get(name))
}

func number(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil { // digits alone, so it is out of range
		return math.MaxInt32, true
	}
	return int(n), true
}
