package export_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const (
	raw  = "maskrail-raw"
	park = "maskrail-quarantine"
	name = "prod"
	env  = "sandbox"
	day  = 24 * time.Hour
)

// bench is a bucket, a bus and a provider, in a synctest bubble. What is announced is loaded at once, unless it is kept.
type bench struct {
	t        *testing.T
	store    *memblob.Store
	bus      *membus.Bus
	provider *provider
	states   *run.States
	settings export.Settings
	deps     export.Deps

	mu        sync.Mutex
	announced map[string]int // by key
	keep      bool           // announced objects are not loaded
}

func in(t *testing.T, f func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{
			t: t, store: memblob.New(raw, park), bus: membus.New(nil), provider: newProvider(), announced: map[string]int{},
			settings: export.Settings{
				Name: name, Type: run.SourceAnalytics, Schedule: "0 2 * * *", Window: day, Lookback: 7 * day, Overlap: 2 * day,
				Resweeps: []time.Duration{4 * day, 35 * day}, Workers: 2,
			},
		}
		var err error
		if b.states, err = run.OpenStates(t.Context(), b.bus); err != nil {
			t.Fatal(err)
		}
		b.deps = export.Deps{
			Bus: b.bus, Store: b.store, Telemetry: telemetry.Discard(), Raw: raw, Quarantine: park, Environments: []string{env},
			Announce: b.announce,
		}
		f(t, b)
	})
}

func (b *bench) announce(ctx context.Context, at blob.Location) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.announced[at.Key]++
	if b.keep {
		return nil
	}
	return b.end(at, objref.Loaded)
}

// end lets an object end.
func (b *bench) end(at blob.Location, state objref.State) error {
	head, err := b.store.Head(b.t.Context(), at)
	if err != nil {
		return err
	}
	return b.states.Put(b.t.Context(), env, objref.From(head).Identity(), run.Entry{State: state})
}

var errStopped = errors.New("stopped by the test")

// start runs an engine on the source until stop is called.
func (b *bench) start() (e *export.Engine, stop func()) {
	b.t.Helper()
	return b.startWith(b.deps, b.provider)
}

func (b *bench) startWith(deps export.Deps, src source.Source) (e *export.Engine, stop func()) {
	b.t.Helper()
	e = export.New(deps)
	e.Add(b.settings, src)
	ctx, cancel := context.WithCancelCause(b.t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	synctest.Wait()
	return e, func() {
		b.t.Helper()
		cancel(errStopped)
		if err := <-done; !errors.Is(err, errStopped) {
			b.t.Errorf("run ends with %v, want the cause of its context", err)
		}
	}
}

// wait lets time pass.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// keys are the keys in the raw bucket under the prefix.
func (b *bench) keys(prefix string) (keys []string) {
	b.t.Helper()
	for o, err := range b.store.List(b.t.Context(), raw, prefix) {
		if err != nil {
			b.t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// delivered counts, by id, how often each record lies in the bucket.
func (b *bench) delivered() map[string]int {
	b.t.Helper()
	ids := map[string]int{}
	for _, key := range b.keys("interaction/") {
		for _, id := range b.read(key) {
			ids[id]++
		}
	}
	return ids
}

// read returns the ids of the records of an object.
func (b *bench) read(key string) (ids []string) {
	b.t.Helper()
	body, _, err := b.store.Get(b.t.Context(), blob.Location{Bucket: raw, Key: key}, blob.Range{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer body.Close()
	z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
	if err != nil {
		b.t.Fatal(err)
	}
	defer z.Close()
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		var r struct{ ID string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			b.t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	if err := lines.Err(); err != nil {
		b.t.Fatal(err)
	}
	return ids
}

// covers fails unless every record of the span was delivered at least once, and none outside of it.
func (b *bench) covers(from, to time.Time) {
	b.t.Helper()
	got := b.delivered()
	for _, at := range records(objref.Window{From: from, To: to}) {
		id := at.UTC().Format(time.RFC3339)
		if got[id] == 0 {
			b.t.Errorf("record %s is missing", id)
			return
		}
		delete(got, id)
	}
	for id := range got {
		b.t.Errorf("record %s is outside of %v to %v", id, from, to)
		return
	}
}

// record reads an object of maskrail's own; v stays as it is when there is none.
func (b *bench) record(key string, v any) bool {
	b.t.Helper()
	body, _, err := b.store.Get(b.t.Context(), blob.Location{Bucket: raw, Key: key}, blob.Range{})
	if errors.Is(err, blob.ErrNotFound) {
		return false
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer body.Close()
	content, err := io.ReadAll(body)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(content, v); err != nil {
		b.t.Fatal(err)
	}
	return true
}

func (b *bench) marks() (m export.Marks) {
	b.t.Helper()
	b.record("_exports/"+name+".json", &m)
	return m
}

// manifests are those of all runs, the oldest first.
func (b *bench) manifests() (all []run.Manifest) {
	b.t.Helper()
	for _, key := range b.keys(run.Prefix) {
		m, err := run.Read(b.t.Context(), b.store, raw, strings.TrimSuffix(strings.TrimPrefix(key, run.Prefix), ".json"))
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

// log is the audit log, "action" or "action class" each.
func (b *bench) log() (all []audit.Entry) {
	b.t.Helper()
	for e, err := range audit.Open(b.store, raw, export.AuditPrefix).All(b.t.Context()) {
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func actions(log []audit.Entry, but ...string) (all []string) {
	skip := strings.Join(but, " ")
	for _, e := range log {
		if !strings.Contains(skip, e.Action) {
			all = append(all, strings.TrimSpace(e.Action+" "+e.Class))
		}
	}
	return all
}

// count is how many entries of the log have the action.
func count(log []audit.Entry, action string) (n int) {
	for _, e := range log {
		if e.Action == action {
			n++
		}
	}
	return n
}

func date(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05.999", text)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return t
}
