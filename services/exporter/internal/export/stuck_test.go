package export_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// failing is a provider whose jobs fail for a time. One that has failed has failed for ever.
type failing struct {
	*provider
	mu     sync.Mutex
	fails  bool
	failed map[string]bool
	tasks  []source.Task
}

func (f *failing) Export(ctx context.Context, t source.Task, sink source.Sink) error {
	f.mu.Lock()
	f.tasks = append(f.tasks, t)
	gone := f.hasFailed(t.State)
	f.mu.Unlock()
	if gone {
		return source.ErrSplit
	}
	return f.provider.Export(ctx, t, &watched{sink, f})
}

// hasFailed reports that the job of the state is one that has failed.
func (f *failing) hasFailed(state []byte) bool {
	for job := range f.failed {
		if strings.Contains(string(state), `"`+job+`"`) {
			return true
		}
	}
	return false
}

// watched learns the names of jobs.
type watched struct {
	source.Sink
	f *failing
}

func (w *watched) Note(ctx context.Context, action, job string) error {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	if action == source.JobCreated && w.f.fails {
		w.f.failed[job] = true
	}
	return w.Sink.Note(ctx, action, job)
}

func (w *watched) Save(ctx context.Context, state []byte) error {
	if err := w.Sink.Save(ctx, state); err != nil {
		return err
	}
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	if w.f.hasFailed(state) {
		return source.ErrSplit
	}
	return nil
}

// TestFailedJobIsNotAskedForEver: a window that cannot be halved, whose job failed, gets another job with its next try.
func TestFailedJobIsNotAskedForEver(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		now := time.Now().UTC()
		b.settings.Lookback, b.settings.Resweeps = export.Smallest, nil
		src := &failing{provider: b.provider, fails: true, failed: map[string]bool{}}
		_, stop := b.startWith(b.deps, src)
		defer stop()
		wait(time.Minute)
		if n := count(b.log(), export.WindowFailed); n == 0 {
			t.Errorf("no window failed: %q", actions(b.log()))
		}
		src.mu.Lock()
		src.fails = false
		src.mu.Unlock()
		wait(70 * time.Minute)
		b.covers(now.Add(-export.Smallest), now)
		if got := b.marks(); !got.Watermark.Equal(now) {
			t.Errorf("watermark %v, want %v: %q", got.Watermark, now, actions(b.log()))
		}
		if b.provider.kept() != 0 {
			t.Errorf("%d jobs are left with the provider", b.provider.kept())
		}
	})
}

// TestEmptyListOfTenants: a list of tenants that is there and empty, as YAML can say it, means everyone's rows.
func TestEmptyListOfTenants(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Tenants, b.settings.Resweeps = []string{}, nil
		src := &failing{provider: b.provider, failed: map[string]bool{}}
		_, stop := b.startWith(b.deps, src)
		defer stop()
		wait(time.Minute)
		src.mu.Lock()
		defer src.mu.Unlock()
		if len(src.tasks) == 0 || slices.ContainsFunc(src.tasks, func(t source.Task) bool { return t.Tenants != nil }) {
			t.Errorf("%d tasks, some for no tenant at all", len(src.tasks))
		}
	})
}

// TestLongAgo: a year that was mistyped does not become a million jobs.
func TestLongAgo(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Schedule = ""
		e, stop := b.start()
		defer stop()
		for _, r := range []export.Request{
			{From: date("0199-03-01T00:00:00")},
			{From: date("0199-03-01T00:00:00"), To: date("1999-03-01T00:00:00")},
			{To: date("0199-03-01T00:00:00")},
		} {
			r.Source, r.By = name, "ana"
			if _, err := e.Request(t.Context(), r); !errors.Is(err, export.ErrRequest) {
				t.Errorf("%v to %v: error is %v, want ErrRequest", r.From, r.To, err)
			}
		}
	})
}

// TestCannotBegin: of a run whose provider cannot even be asked how far it is, progress and audit log tell why.
func TestCannotBegin(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Schedule = ""
		src := &mute{provider: b.provider, err: source.ErrRefused}
		e, stop := b.startWith(b.deps, src)
		defer stop()
		id, err := e.Request(t.Context(), export.Request{Source: name, From: time.Now().Add(-day), By: "ana"})
		if err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		p, err := export.ReadProgress(t.Context(), b.store, raw, name, id)
		if err != nil || !p.Stuck() || p.Why != export.ClassRefused {
			t.Errorf("progress %+v, %v: want one that is stuck, and why", p, err)
		}
		if log := actions(b.log()); !slices.Contains(log, export.RunFailed+" "+export.ClassRefused) {
			t.Errorf("audit log %q", log)
		}
		src.set(nil)
		wait(2 * time.Hour)
		if m := b.manifests(); len(m) != 1 || !m[0].Sealed || len(b.delivered()) == 0 {
			t.Errorf("manifests %+v with %d records after the provider says it", m, len(b.delivered()))
		}
	})
}

// TestTellsWhileItTries: who waits for a run whose provider is away learns it soon, though it is tried for longer.
func TestTellsWhileItTries(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Schedule = ""
		src := &mute{provider: b.provider, err: errAway}
		e, stop := b.startWith(b.deps, src)
		defer stop()
		id, err := e.Request(t.Context(), export.Request{Source: name, From: time.Now().Add(-day), By: "ana"})
		if err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		if p, err := export.ReadProgress(t.Context(), b.store, raw, name, id); err != nil || !p.Stuck() || p.Why != export.ClassFailing {
			t.Errorf("progress %+v, %v: want one that says why", p, err)
		}
		src.set(nil)
		wait(20 * time.Minute)
		if m := b.manifests(); len(m) != 1 || !m[0].Sealed || len(b.delivered()) == 0 {
			t.Errorf("manifests %+v after the provider is back", m)
		}
	})
}

// mute is a provider that does not say up to when it has data.
type mute struct {
	*provider
	mu  sync.Mutex
	err error
}

func (m *mute) set(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *mute) Available(ctx context.Context) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return time.Time{}, m.err
	}
	return m.provider.Available(ctx)
}

// TestDamaged: a journal and marks that cannot be read are named by what an operator can find, with what to do.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"_exports/prod/01JQ8Z3V5T7M9K2N4P6R8S0W1X.json": "run 01JQ8Z3V5T7M9K2N4P6R8S0W1X",
		"_exports/prod.json":                            "lookback",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T, b *bench) {
				if _, err := b.store.Put(t.Context(), blob.Location{Bucket: raw, Key: key}, strings.NewReader("{"), 1, blob.PutOptions{}); err != nil {
					t.Fatal(err)
				}
				_, err := export.ReadStatus(t.Context(), b.store, raw)
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is %v, want one with %q", err, want)
				}
			})
		})
	}
}

// TestPartsOfAnyTenant: a part of a tenant whose name no key can show is stored.
func TestPartsOfAnyTenant(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Resweeps = nil
		src := putting{b.provider, source.Part{
			Entity: "interaction", Tenant: "Acme & Sons, " + strings.Repeat("é", 50), Name: "p1-" + source.Tag("Acme & Sons, "+strings.Repeat("é", 50)),
			Format: "jsonl", Rows: 1, Body: []byte("{}\n"),
		}}
		_, stop := b.startWith(b.deps, src)
		defer stop()
		wait(time.Minute)
		if count(b.log(), export.WindowDone) != 7 {
			t.Errorf("audit log %q", actions(b.log()))
		}
	})
}

// putting delivers one part for each window.
type putting struct {
	*provider
	part source.Part
}

func (p putting) Export(ctx context.Context, _ source.Task, sink source.Sink) error {
	return sink.Put(ctx, p.part)
}

// TestDaysOfTwoAges: after a long absence a day may have come to both ages. The run exports it once more, not twice.
func TestDaysOfTwoAges(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		_, stop := b.start()
		wait(3 * day)
		stop()
		time.Sleep(60 * day)
		_, stop = b.start()
		defer stop()
		wait(time.Hour)
		seen := map[string]bool{}
		for _, e := range b.log() {
			if e.Action != export.WindowBegun {
				continue
			}
			key := e.Run + e.Window.From.String() + e.Window.To.String()
			if seen[key] {
				t.Errorf("the window from %v was begun twice", e.Window.From)
			}
			seen[key] = true
		}
	})
}
