package exporter_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// The operations of the simulated provider that faults are set on.
const (
	mint         = "POST /oauth/token"
	detailJobs   = "POST /api/v2/analytics/conversations/details/jobs"
	detailJob    = "GET /api/v2/analytics/conversations/details/jobs/*"
	availability = "GET /api/v2/analytics/conversations/details/jobs/availability"
	results      = "GET /api/v2/analytics/conversations/details/jobs/*/results"
)

// centre is a simulated contact centre, and an exporter that exports it, in virtual time.
type centre struct {
	*bench
	sim  *genesyssim.Sim
	line *line
	now  time.Time // when it opened
	stop func()    // ends the exporter that was opened last
}

// visit runs act in a bubble whose time begins at a time; zero leaves it at midnight, 1 January 2000. A centre has a
// conversation every half hour of the last three days, its pages hold ten, and it is exported on demand.
func visit(t *testing.T, at time.Time, change func(w *genesyssim.Config, s *exporter.Source), act func(c *centre)) {
	t.Helper()
	in(t, func(t *testing.T) {
		time.Sleep(time.Until(at))
		b := newBench(t, "sandbox")
		c := &centre{bench: b, now: time.Now().UTC(), stop: func() {}}
		w := genesyssim.Config{Seed: 7, From: c.now.AddDate(0, 0, -3), Every: 30 * time.Minute, Now: time.Now, Store: b.store}
		s := exporter.Source{
			Name: "prod", Type: run.SourceAnalytics, API: "http://localhost", Login: "http://localhost", ClientID: "maskrail",
			ClientSecretFile: filepath.Join(t.TempDir(), "secret"), Schedule: new(""),
		}
		if change != nil {
			change(&w, &s)
		}
		if err := os.WriteFile(s.ClientSecretFile, []byte("simulated-secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		sim, err := genesyssim.New(w)
		if err != nil {
			t.Fatal(err)
		}
		pipe, done := genesyssim.Pipe(sim)
		defer done()
		c.sim, c.line = sim, &line{next: pipe.Transport, page: 10}
		b.store = &disk{Store: b.store, line: c.line}
		b.config.Sources, b.config.Transport, b.config.Sweep = []exporter.Source{s}, c.line, 24*time.Hour
		b.config.Grace = 24 * time.Hour // nobody takes what is announced
		b.config.Refresh.Token = keys.NewSecret([]byte(token))
		c.open()
		defer func() { c.stop() }()
		act(c)
	})
}

// open starts the exporter, once the one before has ended.
func (c *centre) open() {
	c.t.Helper()
	c.stop()
	c.line.revive()
	c.stop = c.start()
}

// kill ends the exporter at the request that is met, when it was answered: nobody hears the answer, and nothing is written
// any more.
func (c *centre) kill(method, below string, nth int) {
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	c.line.fatal = func(r call) bool {
		if r.method == method && strings.HasSuffix(r.path, below) {
			nth--
		}
		return nth == 0
	}
	cancel := c.cancel
	c.line.die = func() { cancel(errStopped) }
}

// dead waits until the exporter was killed.
func (c *centre) dead() {
	c.t.Helper()
	for range 1000 {
		if c.line.isDead() {
			return
		}
		wait(10 * time.Second)
	}
	c.t.Fatal("the exporter is alive")
}

// day is the span of 24 h that begins so many days before the centre opened.
func (c *centre) day(before int) objref.Window {
	from := c.now.AddDate(0, 0, -before)
	return objref.Window{From: from, To: from.AddDate(0, 0, 1)}
}

// ask asks for an export, and returns the run.
func (c *centre) ask(w objref.Window) string {
	c.t.Helper()
	asked := exporter.RefreshRequest{Source: "prod", From: w.From, To: w.To, By: "ana"}
	body, err := json.Marshal(asked)
	if err != nil {
		c.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(c.t.Context(), http.MethodPost, "/refresh", bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	c.service.Handlers()["POST /refresh"].ServeHTTP(answer, r)
	var a exporter.RefreshAnswer
	if err := json.Unmarshal(answer.Body.Bytes(), &a); err != nil || answer.Code != http.StatusAccepted {
		c.t.Fatalf("%d %s %v", answer.Code, a.Error, err)
	}
	return a.Run
}

// sealed waits until the run is sealed.
func (c *centre) sealed(id string) run.Manifest {
	c.t.Helper()
	for range 10_000 {
		if m, err := run.Read(c.t.Context(), c.store, raw, id); err == nil && m.Sealed {
			return m
		}
		wait(10 * time.Second)
	}
	c.t.Fatal("the run is not sealed after a day")
	return run.Manifest{}
}

// export asks for a span and waits until the run is sealed.
func (c *centre) export(w objref.Window) run.Manifest {
	c.t.Helper()
	return c.sealed(c.ask(w))
}

// record is one record in the bucket.
type record struct {
	entity, id, tenant string
	held               string // class of the reason to park its object, "" for none
	key                string // of its object
	body               string
}

// records are those of the objects of all runs.
func (c *centre) records() (all []record) {
	c.t.Helper()
	for o, err := range c.store.List(c.t.Context(), raw, "") {
		if err != nil {
			c.t.Fatal(err)
		}
		at, ok := source.ParseKey(o.Key)
		if !ok {
			continue
		}
		body, head, err := c.store.Get(c.t.Context(), blob.Location{Bucket: raw, Key: o.Key}, blob.Range{})
		if err != nil {
			c.t.Fatal(err)
		}
		reason, _ := source.Held(head.Metadata, true)
		for row := range strings.Lines(c.unpack(o.Key, body)) {
			var says struct {
				Conversation string `json:"conversationId"`
				Interaction  string `json:"interactionId"`
			}
			if err := json.Unmarshal([]byte(row), &says); err != nil {
				c.t.Fatal(err)
			}
			all = append(all, record{at.Entity, says.Conversation + says.Interaction, at.Tenant, reason.Class, o.Key, row})
		}
	}
	return all
}

// unpack reads an object: the exporter packs with zstd, the provider with gzip.
func (c *centre) unpack(key string, body io.ReadCloser) string {
	c.t.Helper()
	defer body.Close()
	var plain io.Reader
	var err error
	if strings.HasSuffix(key, ".gz") {
		plain, err = gzip.NewReader(body)
	} else {
		z, zErr := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		if zErr == nil {
			defer z.Close()
		}
		plain, err = z, zErr
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return c.text(plain)
}

func (c *centre) text(r io.Reader) string {
	c.t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// truth are the conversations that ended in the span, its ends included.
func (c *centre) truth(w objref.Window) map[string]genesyssim.Conversation {
	all := map[string]genesyssim.Conversation{}
	for talk := range c.sim.Conversations(w.From.AddDate(0, 0, -40), w.To) {
		if !talk.End.Before(w.From) && !talk.End.After(w.To) {
			all[talk.ID] = talk
		}
	}
	return all
}

// once wants each conversation that ended in the span, and its projection, to lie in the bucket once, and nothing else.
func (c *centre) once(w objref.Window) { c.t.Helper(); c.present(w, single) }

// How often a record may lie in the bucket.
const (
	single   = iota
	copied   // in further objects, with the same content
	versions // in further objects, as it was at another time
)

func (c *centre) present(w objref.Window, how int) {
	c.t.Helper()
	want := c.truth(w)
	seen := map[string][]record{}
	for _, r := range c.records() {
		if _, ok := want[r.id]; !ok {
			c.t.Errorf("a record of %s does not belong there", r.entity)
		}
		seen[r.entity+" "+r.id] = append(seen[r.entity+" "+r.id], r)
	}
	for id, talk := range want {
		for _, entity := range []string{"conversation", "interaction"} {
			there := seen[entity+" "+id]
			if len(there) == 0 || len(there) > 1 && how == single {
				c.t.Errorf("a %s of %s lies there %d times", entity, talk.Start, len(there))
			}
			for _, r := range there {
				if r.held != "" || how != versions && r.body != there[0].body || r.tenant != objref.Several && r.tenant != talk.Tenant {
					c.t.Errorf("a %s is another one, or held: %q", entity, r.held)
				}
			}
		}
	}
	if len(want) == 0 {
		c.t.Error("nothing ended in the span")
	}
	c.onBus()
}

// onBus wants each object of a run to be on the bus once, in RAW or, held, in REJECTED. After a day the sweep announces
// again what nobody has taken.
func (c *centre) onBus() {
	c.t.Helper()
	if time.Since(c.now) > 24*time.Hour {
		return
	}
	told := map[string]int{}
	for _, stream := range []string{bus.Raw, bus.Rejected} {
		for _, m := range c.messages(stream) {
			r, _, err := objref.Decode(m)
			if err != nil {
				c.t.Fatal(err)
			}
			told[r.Object.Key]++
		}
	}
	for _, r := range c.records() {
		if told[r.key] != 1 {
			c.t.Errorf("an object is announced %d times", told[r.key])
		}
	}
}

// entries is the audit log.
func (c *centre) entries() (all []audit.Entry) {
	c.t.Helper()
	for e, err := range audit.Open(c.store, raw, export.AuditPrefix).All(c.t.Context()) {
		if err != nil {
			c.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// noted wants each action to stand in the audit log so often.
func (c *centre) noted(want map[string]int) {
	c.t.Helper()
	got := map[string]int{}
	var order []string
	for _, e := range c.entries() {
		got[e.Action]++
		order = append(order, e.Action)
	}
	for action, n := range want {
		if got[action] != n {
			c.t.Errorf("the audit log has %s %d times, want %d: %s", action, got[action], n, strings.Join(order, " "))
		}
	}
}

// asked wants so many requests for each operation to have reached the provider.
func (c *centre) asked(want map[string]int) {
	c.t.Helper()
	got := c.sim.Requests()
	for op, n := range want {
		// The simulator names the parts of a path.
		have := 0
		for route, k := range got {
			if sameRoute(route, op) {
				have += k
			}
		}
		if have != n {
			c.t.Errorf("%s was asked %d times, want %d: %v", op, have, n, got)
		}
	}
}

// sameRoute compares a route such as GET /a/{b}/c with GET /a/*/c.
func sameRoute(route, pattern string) bool {
	a, b := strings.Split(route, "/"), strings.Split(pattern, "/")
	return slices.EqualFunc(a, b, func(x, y string) bool { return x == y || y == "*" && strings.HasPrefix(x, "{") })
}

// load lets every object that was announced end as loaded, so that runs settle.
func (c *centre) load() {
	c.t.Helper()
	for _, m := range c.messages(bus.Raw) {
		r, _, err := objref.Decode(m)
		if err != nil {
			c.t.Fatal(err)
		}
		c.end("sandbox", r.Object, objref.Loaded)
	}
}

// marks are how far the source has come.
func (c *centre) marks() (m export.Marks) {
	c.t.Helper()
	body, _, err := c.store.Get(c.t.Context(), blob.Location{Bucket: raw, Key: export.Prefix + objref.Token("prod") + ".json"}, blob.Range{})
	if err != nil {
		c.t.Fatal(err)
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(&m); err != nil {
		c.t.Fatal(err)
	}
	return m
}

// call is one request to the provider.
type call struct {
	method, path, query, body string
	begun, ended              time.Time
	status                    int
}

// line is the exporter's way to the provider. It notes every request, and can be cut.
type line struct {
	next http.RoundTripper

	mu    sync.Mutex
	page  int // conversations of a page, whatever is asked for; 0 leaves it
	calls []call
	fatal func(call) bool // whether the exporter is killed when it has made the request
	die   func()
	gone  bool
	edit  func(path string, body []byte) []byte // changes answers; nil leaves them
	held  map[string]bool                       // tokens that were sent
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	gone, page, edit := l.gone, l.page, l.edit
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if l.held == nil {
			l.held = map[string]bool{}
		}
		l.held[t] = true
	}
	l.mu.Unlock()
	if gone {
		return nil, errStopped
	}
	if page > 0 && strings.HasSuffix(r.URL.Path, "/results") {
		r = r.Clone(r.Context())
		q := r.URL.Query()
		q.Set("pageSize", fmt.Sprint(page))
		r.URL.RawQuery = q.Encode()
	}
	made := call{method: r.Method, path: r.URL.Path, query: r.URL.RawQuery, begun: time.Now()}
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			text, _ := io.ReadAll(body)
			made.body = string(text)
		}
	}
	resp, err := l.next.RoundTrip(r)
	if err == nil {
		made.status = resp.StatusCode
	}
	if err == nil && edit != nil && resp.StatusCode == http.StatusOK {
		body, readErr := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if readErr != nil {
			return nil, readErr
		}
		body = edit(r.URL.Path, body)
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		resp.Header.Set("Content-Length", fmt.Sprint(len(body)))
	}
	made.ended = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, made)
	if l.fatal != nil && l.fatal(made) {
		l.gone, l.fatal = true, nil
		l.die()
	}
	if l.gone {
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, errStopped
	}
	return resp, err
}

// tokens are those that were sent.
func (l *line) tokens() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.held))
}

func (l *line) isDead() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.gone }
func (l *line) revive()      { l.mu.Lock(); defer l.mu.Unlock(); l.gone = false }

// made are the requests so far that end like this.
func (l *line) made(method, below string) (all []call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.calls {
		if m.method == method && strings.HasSuffix(m.path, below) {
			all = append(all, m)
		}
	}
	return all
}

// disk is a store that takes nothing from an exporter that was killed.
type disk struct {
	blob.Store
	line *line
}

func (d *disk) Put(ctx context.Context, at blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	if d.line.isDead() {
		return blob.Object{}, errStopped
	}
	return d.Store.Put(ctx, at, body, size, o)
}

func (d *disk) Delete(ctx context.Context, at blob.Location) error {
	if d.line.isDead() {
		return errStopped
	}
	return d.Store.Delete(ctx, at)
}
