package genesyssim

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// before answers in place of the operation where a fault says so.
func (s *Sim) before(x *exchange) (reply, bool) {
	for _, f := range x.faults {
		switch f.Do {
		case Reset:
			panic(http.ErrAbortHandler)
		case Status:
			return x.refuse(f.Status, cmp.Or(f.Code, statusCode(f.Status)), f.message(http.StatusText(f.Status))), true
		case HTML:
			status := cmp.Or(f.Status, http.StatusBadGateway)
			page := fmt.Sprintf("<html><head><title>%d %s</title></head><body><h1>%[2]s</h1></body></html>\n", status, http.StatusText(status))
			return reply{status, map[string]string{"Content-Type": "text/html"}, []byte(page)}, true
		case TooMany:
			return s.storm(x, f), true
		case ExpireToken:
			s.mu.Lock()
			_, text, _ := strings.Cut(x.Header.Get("Authorization"), " ")
			if t := s.tokens[text]; t != nil {
				t.expires = x.now
			}
			s.mu.Unlock()
		}
	}
	return reply{}, false
}

// statusCode is the API's code of a status.
func statusCode(status int) string {
	switch status {
	case http.StatusRequestTimeout:
		return "client.timeout"
	case http.StatusRequestEntityTooLarge:
		return "request.entity.too.large"
	case http.StatusServiceUnavailable:
		return "service.unavailable"
	case http.StatusGatewayTimeout:
		return "request.timeout"
	}
	return strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", ".")
}

// storm is a 429 that no quota has caused.
func (s *Sim) storm(x *exchange, f Fault) reply {
	wait := time.Second
	if n, err := strconv.Atoi(strings.TrimPrefix(f.After, AfterDate)); err == nil {
		wait = time.Duration(n) * time.Second
	}
	r := x.tooMany("token.rate.per.minute", s.Quota.PerMinute, wait)
	if f.After == AfterReset || f.After == AfterNothing {
		r = x.refuse(http.StatusTooManyRequests, "too.many.requests", "Rate limit exceeded the maximum.")
	}
	switch {
	case f.After == AfterMessage || f.After == AfterNothing:
		r.header = nil
		return r
	case f.After == AfterReset:
		r.header = map[string]string{}
	case strings.HasPrefix(f.After, AfterDate):
		r.header["Retry-After"] = x.now.Add(wait).Format(http.TimeFormat)
	}
	reset := "inin-ratelimit-reset"
	if x.api == guide {
		reset = "X-RateLimit-Reset"
	}
	r.header[reset] = seconds(wait)
	return r
}

// send writes the reply, spoilt as the faults say.
func (s *Sim) send(w http.ResponseWriter, x *exchange, r reply) {
	if x.isHit(Lost) {
		panic(http.ErrAbortHandler)
	}
	if f, ok := x.hit(Redirect); ok {
		r = reply{status: http.StatusSeeOther, header: map[string]string{"Location": cmp.Or(f.To, x.URL.Path+"?"+cmp.Or(x.URL.RawQuery, "downloadUrl"))}}
	}
	h := w.Header()
	if len(r.body) > 0 {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range r.header {
		h.Set(name, value)
	}
	if f, ok := x.hit(Truncate); ok {
		r.body = r.body[:part(f, r.body)]
	}
	if x.isHit(Zip) || s.Gzip && strings.Contains(x.Header.Get("Accept-Encoding"), "gzip") {
		r.body = zipped(r.body)
		h.Set("Content-Encoding", "gzip")
	}
	if r.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	if f, ok := x.hit(Cut); ok {
		w.WriteHeader(r.status)
		_, _ = w.Write(r.body[:part(f, r.body)]) // a client that has gone does not see the rest
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	pieces, pause := 1, time.Duration(0)
	if f, ok := x.hit(Slow); ok {
		pieces, pause = 10, f.Delay/10
	}
	w.WriteHeader(r.status)
	for n := range pieces {
		if !x.sleep(pause) {
			return
		}
		if _, err := w.Write(r.body[n*len(r.body)/pieces : (n+1)*len(r.body)/pieces]); err != nil {
			return
		}
		if pieces > 1 {
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// part is where a fault ends a body.
func part(f Fault, body []byte) int { return min(cmp.Or(f.Bytes, len(body)/2), len(body)) }

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// sleep waits, and says whether the client has.
func (x *exchange) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.Context().Done():
		return false
	}
}

// splitList are the elements of repeated parameters that may each be a list with commas.
func splitList(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, strings.FieldsFunc(v, func(c rune) bool { return c == ',' })...)
	}
	return out
}
