package quota

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// maxRefusal bounds what is read of the body of a refusal, in bytes.
const maxRefusal = 64 << 10

// refusal is what a 429 says.
type refusal struct {
	wait time.Duration // 0 when unsaid
	// narrow says that another limit than the token's was met, such as that of jobs at the same time: waiting is for the
	// one request alone.
	narrow bool
}

// message is how the body of a refusal says how long to wait.
var message = regexp.MustCompile(`Retry the request in \[(\d{1,18})\] seconds`)

// jobLimits begins the names of the limits on jobs, beside those on the requests of a token.
const jobLimits = "details.jobs."

// refusalOf reads the answer and closes its body.
func refusalOf(resp *http.Response, r reading) refusal {
	defer resp.Body.Close()
	// A body that breaks off is read as far as it goes: nothing in it is needed.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	var says struct {
		Message string `json:"message"`
		Limit   struct {
			Key string `json:"key"`
		} `json:"limit"`
	}
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&says)
	f := refusal{narrow: strings.HasPrefix(says.Limit.Key, jobLimits)}
	if wait, ok := RetryAfter(resp.Header); ok {
		f.wait = wait
		return f
	}
	if r.reset > 0 && !f.narrow {
		f.wait = r.reset
		return f
	}
	if m := message.FindStringSubmatch(says.Message); m != nil {
		seconds, _ := number(m[1])
		f.wait = min(time.Duration(seconds)*time.Second, longest)
	}
	return f
}

// RetryAfter reads the header of that name (RFC 9110, 10.2.3): seconds, or a date. A date is held against the Date of the same answer
// where it has one: the provider's clock and ours may differ. The wait is 0 to 24 hours; ok is
// false when the header is not there or says neither.
func RetryAfter(h http.Header) (wait time.Duration, ok bool) {
	value := h.Get("Retry-After")
	if seconds, ok := number(value); ok {
		return min(time.Duration(seconds)*time.Second, longest), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), longest), true
}
