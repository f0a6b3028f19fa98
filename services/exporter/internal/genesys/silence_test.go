package genesys_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
)

const (
	phone  = "+14155550142"
	signed = "X-Amz-Signature=5f1d0c"
)

// spans keeps what leaves as traces.
type spans struct {
	mu  sync.Mutex
	all []telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
}

// TestSilence: a token, a secret, a signed address and a telephone number in a request show in no error, log or span,
// though the provider says all that it was told back in every place that it has.
func TestSilence(t *testing.T) {
	t.Parallel()
	echo := func(r *http.Request) string {
		b, _ := httputil.DumpRequest(r, true)
		return string(b) + signed + " " + clientSecret
	}
	line := func(r *http.Request) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(echo(r)) }
	reply := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ININ-Correlation-Id", line(r))
			w.Header().Set("Location", "https://127.0.0.1:3/?"+signed)
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"code":%q,"error":%q,"error_description":%[1]q,"message":%[1]q,"a":[%[1]q]}`, line(r), line(r))
		}
	}
	raw := func(format string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			text := fmt.Sprintf(format, line(r))
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}
	faults := map[string]http.HandlerFunc{
		"a status line":   raw("HTTP/1.1 %s\r\n\r\n"),
		"a version":       raw("%s\r\n\r\n"),
		"a header":        raw("HTTP/1.1 200 OK\r\n%s\r\n\r\n"),
		"a length":        raw("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n"),
		"an encoding":     raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n"),
		"a chunk":         raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n"),
		"a gzip":          raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n%s"),
		"a location":      raw("HTTP/1.1 302 Found\r\nLocation: http://[%s\r\nContent-Length: 0\r\n\r\n"),
		"what is no JSON": raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s"),
		"a wait":          raw("HTTP/1.1 503 Away\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n"),
		"another type":    reply(200),
	}
	for _, status := range []int{302, 307, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503} {
		faults[fmt.Sprintf("status %d", status)] = reply(status)
	}
	calls := map[string]genesys.Call{
		"a GET":     {Op: "list", Method: http.MethodGet, Path: "/x", Query: url.Values{"number": {phone}, "X-Amz-Signature": {"5f1d0c"}}},
		"a POST":    {Op: "query", Method: http.MethodPost, Path: "/x", Body: map[string]string{"value": phone}, Again: true},
		"a filter":  {Op: "table", Method: http.MethodGet, Path: "/x", Body: map[string]string{"value": phone}},
		"no path":   {Op: "wrong", Method: http.MethodGet, Path: "x" + phone},
		"a bad one": {Op: "wrong", Method: http.MethodGet, Path: "/%zz" + phone},
		"no method": {Op: "wrong", Method: "GET " + phone, Path: "/x"},
		"no JSON":   {Op: "wrong", Method: http.MethodPost, Path: "/x", Body: map[string]any{phone: func() {}}},
	}
	for name, fault := range faults {
		for _, at := range []string{"api", "login"} {
			t.Run(at+" says it in "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p := &provider{api: fault}
					if at == "login" {
						p.mint = fault
					}
					var logs bytes.Buffer
					var seen spans
					tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "exporter", Logs: &logs, Spans: &seen})
					if err != nil {
						t.Fatal(err)
					}
					c := client(t, p)
					var all strings.Builder
					for _, call := range calls {
						ctx, end := tel.Root(t.Context(), "export")
						var out struct{ A int }
						err := c.Do(ctx, call, &out)
						end(err)
						if err == nil {
							t.Errorf("%s went well", call.Op)
							continue
						}
						tel.Log().ErrorContext(ctx, "export failed", "error", err.Error(), "cause", err)
						for e := err; e != nil; e = errors.Unwrap(e) {
							fmt.Fprintf(&all, "%v %+v %#v %q\n", e, e, e, e)
						}
					}
					fmt.Fprintf(&all, "%v %+v %#v\n", c, c, config(nil))
					if err := tel.Shutdown(t.Context()); err != nil {
						t.Error(err)
					}
					fmt.Fprintf(&all, "%s %+v", logs.String(), seen.all)
					if len(seen.all) <= len(calls) || logs.Len() == 0 {
						t.Error("nothing was recorded")
					}
					basic := base64.StdEncoding.EncodeToString([]byte(clientID + ":" + clientSecret))
					for _, secret := range []string{"token-a", clientSecret, basic, signed, "5f1d0c", phone, phone[1:]} {
						if i := strings.Index(all.String(), secret); i >= 0 {
							t.Errorf("%s shows in %q", secret, all.String()[max(i-200, 0):i+len(secret)])
						}
					}
					time.Sleep(time.Hour) // what is still on its way ends
				})
			})
		}
	}
}
