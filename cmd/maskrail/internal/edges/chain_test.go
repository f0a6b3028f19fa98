package edges

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/pair"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/loader"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

const policyText = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: edges, version: 1}
entity: interaction
key: [interactionId]
tenant: {path: tenant_id, required: true, known: [acme, globex]}
fields:
  - {path: interactionId, keep: true}
  - {path: tenant_id, keep: true}
  - {path: queue, keep: true}
  - {path: phoneNumber, token: {domain: phone, format: phone}}
  - {path: notes, scrub: {detect: [phone, email, card, ssn]}}
`

// row is a record as it lies in the raw bucket.
func row(id, tenant, phone string) string {
	return fmt.Sprintf(`{"interactionId":%q,"tenant_id":%q,"queue":"q-1","phoneNumber":%q,"notes":"call %s"}`, id, tenant, phone, phone)
}

// chain is the whole pipeline, for one environment or more.
type chain struct {
	t            *testing.T
	environments []string
	routes       []exporter.Route
	ring         *keys.Ring
	policies     *policy.Set
	keys         pair.Keys
	store        *store
	dropped      []objref.Object
	bus          *carrier
	dir          string // of sandboxes
	logs         *lines
	spans        *spans
	metrics      string // when the services were stopped
}

// pipe makes a chain of one environment.
func pipe(t *testing.T) *chain {
	t.Helper()
	c := &chain{t: t, environments: []string{"sandbox"}, ring: keys.Example(), dir: t.TempDir(), logs: &lines{}, spans: &spans{}}
	b := pair.Buckets()
	d := &death{}
	c.store = &store{memblob.New(b.Raw, b.Masked, b.Quarantine), d}
	c.bus = &carrier{Bus: membus.New(bus.Streams(bus.Horizon)), death: d}
	var err error
	c.policies, err = policy.Parse("edges.yaml", []byte(policyText), nil)
	c.must(err)
	c.keys, err = pair.NewKeys()
	c.must(err)
	return c
}

func (c *chain) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

var errStopped = errors.New("stopped by the test")

// start runs services, all when none are named, until the returned function is called, or death comes.
func (c *chain) start(names ...string) (stop func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancelCause(c.t.Context())
	c.store.death.kill = func() { cancel(errKilled) }
	var running sync.WaitGroup
	var all []*telemetry.Telemetry
	run := func(name, environment string, open func(app.Deps) (app.Worker, error)) {
		if len(names) > 0 && !slices.Contains(names, name) {
			return
		}
		tel, err := telemetry.New(c.t.Context(), telemetry.Config{Service: name, Environment: environment, Logs: c.logs, Level: slog.LevelDebug, Spans: c.spans})
		c.must(err)
		all = append(all, tel)
		w, err := open(app.Deps{Bus: c.bus, Store: c.store, Telemetry: tel})
		c.must(err)
		running.Go(func() {
			if err := w.Run(ctx); !errors.Is(err, errStopped) && !errors.Is(err, errKilled) && c.t.Context().Err() == nil {
				c.t.Errorf("%s ends with %v", name, err)
			}
		})
	}
	run(exporter.Name, "", func(d app.Deps) (app.Worker, error) {
		cfg := exporter.Default()
		cfg.Environments, cfg.Routes, cfg.AckWait = c.environments, c.routes, time.Second
		return exporter.New(cfg, d)
	})
	for _, env := range c.environments {
		c.serve(env, run)
	}
	return func() {
		c.t.Helper()
		var text bytes.Buffer
		answer := httptest.NewRecorder()
		all[0].Metrics(all[1:]...).ServeHTTP(answer, httptest.NewRequestWithContext(c.t.Context(), "GET", "/metrics", nil))
		_, err := text.ReadFrom(answer.Body)
		c.must(err)
		c.metrics = text.String()
		cancel(errStopped)
		running.Wait()
		for _, tel := range all {
			c.must(tel.Shutdown(context.Background()))
		}
	}
}

// serve runs the three services of an environment.
func (c *chain) serve(env string, run func(name, environment string, open func(app.Deps) (app.Worker, error))) {
	c.t.Helper()
	m, err := attest.NewSigner(c.keys.Masker)
	c.must(err)
	v, err := attest.NewSigner(c.keys.Validator)
	c.must(err)
	opener, err := sketch.NewOpener(c.keys.Seal)
	c.must(err)
	trust, err := attest.NewTrust(
		attest.Entry{Role: attest.Masker, Key: m.PublicPEM(), Environments: []string{env}},
		attest.Entry{Role: attest.Validator, Key: v.PublicPEM(), Environments: []string{env}})
	c.must(err)
	trust = trust.Allow(env, c.policies.Digests()...)
	temp := c.t.TempDir()
	run(masker.Name, env, func(d app.Deps) (app.Worker, error) {
		cfg := masker.Default()
		cfg.Environment, cfg.TempDir, cfg.Workers, cfg.AckWait = env, temp, 1, time.Second
		return masker.New(cfg, c.policies, c.ring, m, opener.Sealer(), trust, d)
	})
	run(validator.Name, env, func(d app.Deps) (app.Worker, error) {
		cfg := validator.Default()
		cfg.Environment, cfg.TempDir, cfg.Workers, cfg.AckWait = env, temp, 1, time.Second
		return validator.New(cfg, c.policies, v, opener, trust.Always(), d)
	})
	run(loader.Name, env, func(d app.Deps) (app.Worker, error) {
		cfg := loader.Default()
		cfg.Environment, cfg.TempDir, cfg.Sandbox, cfg.Threads, cfg.AckWait = env, temp, c.sandbox(env), 1, time.Second
		return loader.New(cfg, trust.Always(), d)
	})
}

func (c *chain) sandbox(env string) string { return filepath.Join(c.dir, env+".duckdb") }

// pass runs the whole chain until everything that was dropped has ended in every environment.
func (c *chain) pass() {
	c.t.Helper()
	stop := c.start()
	c.until("everything has ended", c.ended)
	stop()
}

// ended says that every object that was dropped has ended in every environment; one that the exporter has stopped has ended
// for all of them.
func (c *chain) ended() bool {
	done := map[string]bool{}
	for _, stream := range []string{bus.Loaded, bus.Rejected, bus.Dead} {
		for _, m := range c.messages(stream) {
			r, _, err := objref.Decode(m)
			c.must(err)
			if r.Source != nil {
				r.Object = *r.Source
			}
			done[r.Object.Identity()+" "+r.Environment] = true
		}
	}
	for _, o := range c.dropped {
		for _, env := range c.environments {
			if !done[o.Identity()+" "+env] && !done[o.Identity()+" "] {
				return false
			}
		}
	}
	return true
}

// patience is far beyond what anything takes, also where other tests have the machine; a hang shall fail and not stall.
const patience = 5 * time.Minute

// until waits for something to be so.
func (c *chain) until(what string, so func() bool) {
	c.t.Helper()
	limit := time.After(patience)
	for !so() {
		select {
		case <-limit:
			c.t.Fatalf("after %v it is not so that %s\n%s", patience, what, c.logs)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// drop puts rows, one a line, into the raw bucket.
func (c *chain) drop(key string, rows ...string) {
	c.t.Helper()
	c.dropText(key, strings.Join(rows, "\n")+"\n")
}

// dropText puts an object into the raw bucket and tells of it as VersityGW does.
func (c *chain) dropText(key, text string) {
	c.t.Helper()
	stored, err := c.store.Store.Put(c.t.Context(), blob.Location{Bucket: pair.Buckets().Raw, Key: key}, strings.NewReader(text), int64(len(text)), blob.PutOptions{})
	c.must(err)
	o := objref.From(stored)
	c.dropped = append(c.dropped, o)
	quoted, err := json.Marshal(key)
	c.must(err)
	c.must(c.bus.Bus.Publish(c.t.Context(), bus.Message{Subject: "maskrail.s3.events", Data: fmt.Appendf(nil,
		`{"Records":[{"eventVersion":"2.2","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05Z","eventName":"s3:ObjectCreated:Put",
"s3":{"bucket":{"name":%q},"object":{"key":%s,"size":%d,"eTag":"\"%s\"","versionId":null,"sequencer":"1"}}}]}`, o.Bucket, quoted, o.Bytes, o.ETag)}))
}

// loaded are the rows of a sandbox, by tenant and id with a slash between: the token of the phone number, and how often the
// row is there.
func (c *chain) loaded(env string) (tokens map[string]string, times map[string]int) {
	c.t.Helper()
	tokens, times = map[string]string{}, map[string]int{}
	db, err := sql.Open("duckdb", c.sandbox(env))
	c.must(err)
	defer db.Close()
	var tables int
	c.must(db.QueryRowContext(c.t.Context(), `SELECT count(*) FROM information_schema.tables WHERE table_name = 'interaction'`).Scan(&tables))
	if tables == 0 {
		return tokens, times
	}
	rows, err := db.QueryContext(c.t.Context(), `SELECT interactionId, tenant_id, coalesce(phoneNumber, '') FROM interaction`)
	c.must(err)
	defer rows.Close()
	for rows.Next() {
		var id, tenant, token string
		c.must(rows.Scan(&id, &tenant, &token))
		tokens[tenant+"/"+id] = token
		times[tenant+"/"+id]++
	}
	c.must(rows.Err())
	return tokens, times
}

// once wants just these rows in the sandbox, each once.
func (c *chain) once(want ...string) {
	c.t.Helper()
	_, times := c.loaded("sandbox")
	for _, k := range want {
		if times[k] != 1 {
			c.t.Errorf("the sandbox has a row %d times", times[k])
		}
	}
	if len(times) != len(want) {
		c.t.Errorf("the sandbox has %d rows, want %d", len(times), len(want))
	}
}

// messages are those of a stream.
func (c *chain) messages(stream string) (all []bus.Message) {
	c.t.Helper()
	c.must(c.bus.Read(c.t.Context(), bus.Query{Stream: stream}, func(m bus.Message) error {
		all = append(all, m)
		return nil
	}))
	return all
}

// rejected are the reasons of the objects that were stopped: service and class.
func (c *chain) rejected() (all []string) {
	c.t.Helper()
	for _, m := range c.messages(bus.Rejected) {
		r, _, err := objref.Decode(m)
		c.must(err)
		all = append(all, r.Outcome.Reason.Service+" "+r.Outcome.Reason.Class)
	}
	slices.Sort(all)
	return all
}

var errKilled = errors.New("killed")

// death ends all services at the so many-th step; 0 for never. A step is a Put or a Publish, and where it comes after the step
// that was carried out, and nobody is told.
type death struct {
	mu    sync.Mutex
	steps int
	at    int
	after bool
	kill  func()
	dead  bool
}

func (d *death) step(do func() error) error {
	d.mu.Lock()
	if d.dead {
		d.mu.Unlock()
		return errKilled
	}
	d.steps++
	mine := d.steps == d.at
	if mine {
		d.dead = true
	}
	d.mu.Unlock()
	if mine && !d.after {
		d.kill()
		return errKilled
	}
	err := do()
	if mine {
		d.kill()
		return errKilled
	}
	return err
}

// revive lets steps be made again, and says whether there was need.
func (d *death) revive() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	dead := d.dead
	d.dead, d.at = false, 0
	return dead
}

func (d *death) isDead() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.dead }

// store takes nothing from the dead.
type store struct {
	blob.Store
	death *death
}

func (s *store) Put(ctx context.Context, at blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (out blob.Object, err error) {
	err = s.death.step(func() (err error) {
		out, err = s.Store.Put(ctx, at, body, size, o)
		return err
	})
	return out, err
}

// carrier is a bus that takes nothing from the dead. It counts what it delivers, by stream.
type carrier struct {
	bus.Bus
	death *death

	mu        sync.Mutex
	delivered map[string]int
}

func (b *carrier) Consume(ctx context.Context, c bus.Consumer, handle func(context.Context, bus.Delivery)) error {
	c.All = true // as if the durable had been there before the first message, as provisioning makes it
	return b.Bus.Consume(ctx, c, func(ctx context.Context, d bus.Delivery) {
		handle(ctx, d)
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.delivered == nil {
			b.delivered = map[string]int{}
		}
		b.delivered[c.Stream]++
	})
}

// deliveries is how many of a stream were worked on.
func (b *carrier) deliveries(stream string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.delivered[stream]
}

func (b *carrier) Publish(ctx context.Context, m bus.Message) error {
	return b.death.step(func() error { return b.Bus.Publish(ctx, m) })
}

// lines keeps logs.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}
func (l *lines) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }

// spans keeps what was traced.
type spans struct {
	mu  sync.Mutex
	all []telemetry.SpanData
}

func (s *spans) Span(d telemetry.SpanData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, d)
}
func (s *spans) String() string { s.mu.Lock(); defer s.mu.Unlock(); return fmt.Sprintf("%+v", s.all) }
