package loader

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun(t *testing.T) {
	t.Parallel()
	// The files are written outside of the bubble: the compressor's channels are shared with other tests.
	outside := setup(t)
	first := outside.object("a", nil, two...)
	second := outside.object("b", nil, [3]string{"acme", "i1", "changed"}, [3]string{"acme", "i2", "new"})
	bad := outside.object("c", func(o *order) { o.signers[1] = outside.stranger }, two...)
	synctest.Test(t, func(t *testing.T) { outside.inside(t).testRun(first, second, bad) })
}

// inside is the bundle with a bus and a loader that belong to the bubble of t.
func (b bundle) inside(t *testing.T) bundle {
	b.t, b.bus = t, membus.New(bus.Streams(bus.Horizon))
	deps := b.deps
	deps.Bus = b.bus
	l, err := New(b.c, b.trust, deps)
	if err != nil {
		t.Fatal(err)
	}
	b.Loader = l
	return b
}

func (b bundle) testRun(first, second, bad objref.Ref) {
	t := b.t
	b.start()
	synctest.Wait() // the durables are there: they start at new messages
	sources := []objref.Object{*first.Source, *second.Source, *bad.Source}
	m := run.Manifest{Run: "run-1", Source: run.SourceExport, Objects: sources[:2]}
	write := func() {
		t.Helper()
		if err := run.Write(t.Context(), b.store, b.c.Buckets.Raw, m); err != nil {
			t.Fatal(err)
		}
	}
	write()
	b.refreshes("nothing", http.StatusNotFound, "no such run")
	b.refreshes("run-1", http.StatusAccepted, `"pending":2`)
	b.publish(first, first.Subject(objref.AtValidated))
	b.publish(second, second.Subject(objref.AtValidated))
	loaded := b.ends(bus.Loaded, 2)
	if o := *loaded[0].Outcome; o.Loaded != 2 {
		t.Errorf("first: %+v", o)
	}
	if o := *loaded[1].Outcome; o != (objref.Outcome{State: objref.Loaded, Loaded: 1, Skipped: 1}) {
		t.Errorf("second: %+v", o)
	}
	b.refreshes("run-1", http.StatusAccepted, `"sealed":false`)
	m.Sealed = true
	write()
	b.refreshes("run-1", http.StatusOK, `"rowsLoaded":3`)

	m = run.Manifest{Run: "run-2", Source: run.SourceExport, Objects: sources, Sealed: true}
	write()
	b.publish(bad, bad.Subject(objref.AtValidated))
	if r := b.ends(bus.Rejected, 1)[0].Outcome.Reason; r.Class != "attestation" || r.Service != "loader" {
		t.Errorf("reason %+v", r)
	}
	b.refreshes("run-2", http.StatusConflict, `"reasons":{"attestation":1}`)

	again := first
	again.Run = "run-3"
	b.publish(again, again.ReplaySubject("box", objref.AtValidated))
	if o := *b.ends(bus.Loaded, 3)[2].Outcome; o != (objref.Outcome{State: objref.Skipped, Skipped: 2}) {
		t.Errorf("replayed: %+v", o)
	}
	b.expect(`SELECT count(*) FROM interaction`, "3")
}

// refreshes asks when the states have followed the messages.
func (b bundle) refreshes(id string, status int, body string) {
	b.t.Helper()
	mux := http.NewServeMux()
	for pattern, h := range b.Handlers() {
		mux.Handle(pattern, h)
	}
	synctest.Wait()
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/refresh/"+id, nil))
	if w.Code != status || !strings.Contains(w.Body.String(), body) || !json.Valid(w.Body.Bytes()) {
		b.t.Errorf("GET /refresh/%s = %d %s, want %d with %s", id, w.Code, w.Body, status, body)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	whole := Default()
	whole.Trust = "trust"
	if err := whole.Validate(); err != nil {
		t.Errorf("the default configuration with a trust folder: %v", err)
	}
	if d := Default().database(); d.Path != "sandbox.duckdb" || d.TempDir != "sandbox.duckdb.work" {
		t.Errorf("default sandbox %s, %s", d.Path, d.TempDir)
	}
	for name, change := range map[string]func(*Config){
		"environment": func(c *Config) { c.Environment = "" },
		"notice":      func(c *Config) { c.Notice = 0 },
		"memory":      func(c *Config) { c.Memory = "much" },
		"threads":     func(c *Config) { c.Threads = 0 },
		"trust":       func(c *Config) { c.Trust = "" },
		"sandbox":     func(c *Config) { c.Sandbox = filepath.Join(t.TempDir(), "a?b") },
	} {
		c := whole
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
