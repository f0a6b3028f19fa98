package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/telemetry"
)

func serve(t *testing.T, c HTTP, logs io.Writer) (base string, stop func() error) {
	t.Helper()
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "loader", Logs: logs})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.Address, c.Service, c.Telemetry = "127.0.0.1:0", "loader", tel
	s, err := Serve(ctx, c)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	stop = func() error { cancel(); return s.Wait() }
	t.Cleanup(func() {
		if err := errors.Join(stop(), tel.Shutdown(context.Background())); err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Addr(), stop
}

// get asks without keeping the connection, so that nothing is left to leak.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	broken := errors.New("value 4155550100")
	var logs bytes.Buffer
	base, stop := serve(t, HTTP{
		Checks: []Check{
			{"bus", func(context.Context) error { return nil }},
			{"bucket", func(context.Context) error { return broken }},
			{"policy", func(context.Context) error { panic("value 4155550100") }},
		},
		Handlers: map[string]http.Handler{
			"GET /refresh/{run}": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.PathValue("run")) }),
			"GET /panic":         http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("value 4155550100") }),
		},
	}, &logs)
	for _, c := range []struct {
		path   string
		status int
		body   string
	}{
		{"/healthz", 200, `"service":"loader"`},
		{"/readyz", 503, `{"ready":false,"failing":["bucket","policy"]}`},
		{"/metrics", 200, "go_goroutines"},
		{"/refresh/r1", 200, "r1"},
		{"/panic", 500, "internal error"},
		{"/none", 404, ""},
	} {
		status, body := get(t, base+c.path)
		if status != c.status || !strings.Contains(body, c.body) {
			t.Errorf("%s: %d %s, want %d %s", c.path, status, body, c.status, c.body)
		}
		if strings.Contains(body, "4155550100") {
			t.Errorf("%s shows the text of an error", c.path)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(logs.String(), `"panic":"value`) || !strings.Contains(logs.String(), "http handler panicked") {
		t.Errorf("log %s", logs.String())
	}
	res, err := http.Post(base+"/healthz", "", nil)
	if err == nil {
		res.Body.Close()
		t.Error("the server answers after its end")
	}
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, HTTP{}, io.Discard)
	taken := strings.TrimPrefix(base, "http://")
	for _, c := range []struct {
		name string
		http HTTP
		want []string
	}{
		{"port taken", HTTP{Address: taken}, []string{taken, "is taken", "http (MASKRAIL_HTTP)"}},
		{"port taken, other setting", HTTP{Address: taken, Setting: "--http"}, []string{"set --http"}},
		{"no address of this machine", HTTP{Address: "192.0.2.1:9"}, []string{"192.0.2.1:9", "set http"}},
		{"pattern twice", HTTP{Address: "127.0.0.1:0", Handlers: map[string]http.Handler{"GET /readyz": http.NotFoundHandler()}}, []string{"GET /readyz"}},
	} {
		c.http.Telemetry = telemetry.Discard()
		_, err := Serve(t.Context(), c.http)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q", c.name, err, want)
			}
		}
	}
}

func TestServeCutsOffWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	entered, ended := make(chan struct{}), make(chan struct{})
	base, stop := serve(t, HTTP{Handlers: map[string]http.Handler{
		"GET /slow": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(entered)
			<-r.Context().Done() // the service's end reaches its requests
			close(ended)
		}),
	}}, io.Discard)
	go func() {
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, base+"/slow", nil)
		req.Close = true
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
		}
	}()
	<-entered
	if err := stop(); err != nil {
		t.Error(err)
	}
	<-ended
}

func TestReadyWaitsForNoOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release, runs := make(chan struct{}), 0
		var broken error
		r := newReadiness([]Check{
			{"fast", func(context.Context) error { return broken }},
			{"deaf", func(context.Context) error { runs++; <-release; return nil }},
			{"obeys", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		}, slog.New(slog.DiscardHandler))
		started := time.Now()
		if failing := r.run(t.Context()); !slices.Equal(failing, []string{"deaf", "obeys"}) || time.Since(started) != checkWait {
			t.Errorf("failing %v after %v, want deaf and obeys after %v", failing, time.Since(started), checkWait)
		}
		synctest.Wait()
		broken = errors.New("gone")
		if failing := r.run(t.Context()); !slices.Equal(failing, []string{"fast", "deaf", "obeys"}) || runs != 1 {
			t.Errorf("failing %v, %d runs of the check that hangs, want 1", failing, runs)
		}
		close(release)
		synctest.Wait()
		broken = nil
		if failing := r.run(t.Context()); !slices.Equal(failing, []string{"obeys"}) || runs != 2 {
			t.Errorf("failing %v, %d runs, want the check to be back", failing, runs)
		}
	})
}

func TestReadyLogsChangesOnly(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	var broken error
	r := newReadiness([]Check{{"bus", func(context.Context) error { return broken }}}, slog.New(slog.NewTextHandler(&logs, nil)))
	probe := func() int {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		return w.Code
	}
	codes := []int{probe(), probe()}
	broken = errors.New("no connection")
	codes = append(codes, probe(), probe())
	broken = nil
	codes = append(codes, probe())
	if !slices.Equal(codes, []int{200, 200, 503, 503, 200}) {
		t.Errorf("codes %v", codes)
	}
	if got := strings.Count(logs.String(), "\n"); got != 2 || !strings.Contains(logs.String(), "no connection") {
		t.Errorf("log %q, want one line for each change", logs.String())
	}
}
