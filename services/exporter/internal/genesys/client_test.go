package genesys_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// TestMeaning: each way in which the provider says no is one of the engine's errors, or none.
func TestMeaning(t *testing.T) {
	t.Parallel()
	job := genesys.Call{Op: "read results", Method: http.MethodGet, Path: "/job", Gone: source.ErrRestart}
	tests := map[string]struct {
		call          genesys.Call
		status        int
		code, message string
		want          error
		shows         string
	}{
		"a cap on results":            {call: ping, status: 400, code: "bad.request", message: "Pagination may not exceed 100000 results", want: source.ErrSplit, shows: "status 400 bad.request"},
		"a cap on the interval":       {call: ping, status: 400, code: "bad.request", message: "You must specify a search interval as part of your query that does not exceed 7 days", want: source.ErrSplit},
		"any other bad request":       {call: ping, status: 400, code: "bad.request", message: "Unknown property", want: source.ErrRefused},
		"a cursor that is no more":    {call: job, status: 400, code: "bad.request", message: "Invalid cursor", want: source.ErrRestart},
		"results that have expired":   {call: job, status: 400, code: "bad.request", message: "The results are not available: the job is EXPIRED", want: source.ErrRestart},
		"a job that is gone":          {call: job, status: 404, code: "not.found", want: source.ErrRestart, shows: "the job is gone: status 404 not.found, correlation id 7c2f0d1e-5a34-4b8f-9a51-0f6d1c2b3a41"},
		"a job that is gone for good": {call: job, status: 410, want: source.ErrRestart},
		"an operation that is not":    {call: ping, status: 404, code: "not.found", want: source.ErrRefused, shows: "region"},
		"a missing permission":        {call: ping, status: 403, code: "missing.permissions", message: "You are missing the following permission(s): x", want: source.ErrRefused, shows: "analytics:conversationDetail:view"},
		"a request that is too large": {call: ping, status: 413, code: "request.entity.too.large", want: source.ErrRefused},
		"a code that nobody knows":    {call: ping, status: 418, code: "jane.okafor", want: source.ErrRefused, shows: "status 418, correlation"},
		"not modified":                {call: ping, status: 304, want: source.ErrRefused, shows: "redirected"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				err := client(t, &provider{api: func(w http.ResponseWriter, _ *http.Request) {
					calls++
					refuse(w, tt.status, tt.code, tt.message)
				}}).Do(t.Context(), tt.call, nil)
				if !errors.Is(err, tt.want) || calls != 1 {
					t.Fatalf("error is %v after %d calls, want %v after one", err, calls, tt.want)
				}
				if !strings.Contains(err.Error(), tt.shows) || tt.message != "" && strings.Contains(err.Error(), tt.message) || strings.Contains(err.Error(), "okafor") {
					t.Errorf("error is %v, want %q in it and nothing of the answer", err, tt.shows)
				}
				if genesys.Status(err) != tt.status {
					t.Errorf("its status is %d", genesys.Status(err))
				}
			})
		})
	}
}

// TestFaults: what fails for a moment is tried again, when that does no harm.
func TestFaults(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	raw := func(text string) http.HandlerFunc { // instead of an answer of HTTP
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}
	post, query := genesys.Call{Op: "create job", Method: http.MethodPost, Path: "/jobs", Body: 1}, genesys.Call{Op: "query", Method: http.MethodPost, Path: "/query", Body: 1, Again: true}
	tests := map[string]struct {
		call  genesys.Call
		fault http.HandlerFunc
		calls int // 1 means that it fails
		shows string
		low   time.Duration
	}{
		"408":                          {call: ping, fault: status(408), calls: 2},
		"500":                          {call: ping, fault: status(500), calls: 2},
		"502":                          {call: ping, fault: status(502), calls: 2},
		"503":                          {call: ping, fault: status(503), calls: 2},
		"504":                          {call: ping, fault: status(504), calls: 2},
		"503 that says when":           {call: ping, fault: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "9"); w.WriteHeader(503) }, calls: 2, low: 9 * time.Second},
		"a query again":                {call: query, fault: status(503), calls: 2},
		"no job twice":                 {call: post, fault: status(503), calls: 1, shows: "create job: status 503"},
		"a job whose answer broke off": {call: post, fault: raw("HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{"), calls: 1, shows: "create job: the connection ended before the answer did"},
		"a limit refuses a job":        {call: post, fault: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "3"); w.WriteHeader(429) }, calls: 2, low: 3 * time.Second},
		"no answer":                    {call: ping, fault: raw(""), calls: 2},
		"an answer that breaks off":    {call: ping, fault: raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":"), calls: 2},
		"no HTTP":                      {call: ping, fault: raw("+14155550142 is not HTTP\r\n\r\n"), calls: 2},
		"JSON cut short":               {call: ping, fault: raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n{\"a\":"), calls: 2},
		"a page of a proxy":            {call: ping, fault: raw("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"), calls: 2},
		"two answers in one":           {call: ping, fault: raw("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n{} {} "), calls: 2},
		"a slow answer": {call: ping, fault: func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(time.Second):
				}
			}
		}, calls: 2, low: genesys.DefaultPatience},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				p := &provider{api: func(w http.ResponseWriter, r *http.Request) {
					if calls++; calls == 1 {
						tt.fault(w, r)
						return
					}
					_, _ = w.Write([]byte(`{"a":1}`))
				}}
				start := time.Now()
				var out struct{ A int }
				err := client(t, p).Do(t.Context(), tt.call, &out)
				if calls != tt.calls || time.Since(start) < tt.low {
					t.Errorf("%d calls in %v, want %d; %v", calls, time.Since(start), tt.calls, err)
				}
				if (tt.calls == 1) != (err != nil) || err == nil && out.A != 1 || err != nil && !strings.HasPrefix(err.Error(), tt.shows) {
					t.Errorf("answer %d, error %v", out.A, err)
				}
			})
		})
	}
}

func TestAwayForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		p := &provider{api: func(w http.ResponseWriter, _ *http.Request) { calls++; refuse(w, 503, "service.unavailable", "") }}
		err := client(t, p).Do(t.Context(), ping, nil)
		if err == nil || errors.Is(err, source.ErrRefused) || calls != 6 {
			t.Errorf("%d calls, %v; want the engine to try again later", calls, err)
		}
		p.api = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(429)
		}
		err = client(t, p).Do(t.Context(), ping, nil)
		var wait retry.Waiter
		if !errors.As(err, &wait) || wait.RetryAfter() < time.Hour {
			t.Errorf("error is %v, want one that says when", err)
		}
	})
}

// TestAnswer: what the answer holds arrives as it was sent.
func TestAnswer(t *testing.T) {
	t.Parallel()
	const record = `{ "id":1, "big":12345678901234567890.120, "é":"\u00e9", "id":2 }`
	synctest.Test(t, func(t *testing.T) {
		p := &provider{api: func(w http.ResponseWriter, r *http.Request) {
			var b bytes.Buffer
			_, _ = io.WriteString(&b, `{"rows":[`+record+`],"unknown":[1],"any":9007199254740993}`)
			if r.URL.Query().Get("zip") != "" && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				_, _ = z.Write(b.Bytes())
				_ = z.Close()
				return
			}
			_, _ = w.Write(b.Bytes())
		}}
		c := client(t, p)
		for _, zip := range []string{"", "yes"} {
			var out struct {
				Rows []json.RawMessage
				Any  any
			}
			call := ping
			call.Query = map[string][]string{"zip": {zip}}
			if err := c.Do(t.Context(), call, &out); err != nil {
				t.Fatal(err)
			}
			if string(out.Rows[0]) != record || out.Any != json.Number("9007199254740993") {
				t.Errorf("got %s and %v", out.Rows[0], out.Any)
			}
		}
		call := ping
		call.Most = 10
		if err := c.Do(t.Context(), call, &struct{}{}); !errors.Is(err, genesys.ErrTooLarge) {
			t.Errorf("error is %v, want ErrTooLarge", err)
		}
	})
}

// TestRedirect: the token goes to no other host, and a request with a body to none at all.
func TestRedirect(t *testing.T) {
	t.Parallel()
	post := genesys.Call{Op: "create job", Method: http.MethodPost, Path: "/", Body: "+14155550142", Again: true}
	filter := genesys.Call{Op: "query table", Method: http.MethodGet, Path: "/", Body: "+14155550142"}
	tests := map[string]struct {
		call    genesys.Call
		to      string
		follows bool
		token   bool
	}{
		"the same host":            {ping, "http://127.0.0.1:1/elsewhere", true, true},
		"another host":             {ping, "http://127.0.0.1:9/elsewhere?X-Amz-Signature=abc", true, false},
		"another host, no secrecy": {ping, "http://example.com/elsewhere?X-Amz-Signature=abc", false, false},
		"a POST":                   {post, "http://127.0.0.1:1/elsewhere", false, false},
		"a GET with a body":        {filter, "http://127.0.0.1:1/elsewhere", false, false},
		"in circles":               {ping, "http://127.0.0.1:1/", false, true},
	}
	for name, tt := range tests {
		for _, status := range []int{302, 307} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					followed := 0
					p := &provider{}
					p.api = func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path != "/elsewhere" {
							w.Header().Set("Location", tt.to)
							w.WriteHeader(status)
							return
						}
						followed++
						if p.takes(r) != tt.token || r.Header.Get("Referer") != "" && !tt.token {
							t.Error("the wrong headers were sent on")
						}
						_, _ = w.Write([]byte("{}"))
					}
					err := client(t, p).Do(t.Context(), tt.call, nil)
					if tt.follows != (err == nil) || tt.follows != (followed == 1) || err != nil && !errors.Is(err, source.ErrRefused) {
						t.Errorf("followed %d times, %v", followed, err)
					}
				})
			})
		}
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{"7c2f0d1e-5a34": true, "": false, "../jobs": false, "a b": false, strings.Repeat("x", 129): false} {
		if err := genesys.CheckID("create job", id); (err == nil) != ok {
			t.Errorf("%q: %v", id, err)
		}
	}
}
