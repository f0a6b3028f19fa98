package export_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/survey"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// TestTrouble: what a provider can do to an export, and that every record comes all the same.
func TestTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(b *bench, calls int64, once *atomic.Bool, page int) error
		check  func(b *bench, log []string)
	}{
		"errors that pass": {
			func(_ *bench, calls int64, _ *atomic.Bool, _ int) error {
				if calls%3 == 1 {
					return errAway
				}
				return nil
			}, nil,
		},
		"a job that is lost": {
			func(b *bench, _ int64, once *atomic.Bool, page int) error {
				if page == 2 && once.CompareAndSwap(false, true) {
					b.provider.expire()
					return errAway // and on the next try the job is gone
				}
				return nil
			},
			func(b *bench, log []string) {
				if !slices.Contains(log, export.WindowRestarted) {
					b.t.Errorf("no window was restarted: %q", log)
				}
			},
		},
		"other bytes in the second try": {
			func(b *bench, _ int64, once *atomic.Bool, page int) error {
				if page == 2 && once.CompareAndSwap(false, true) {
					b.provider.set(func(p *provider) { p.version++ })
					b.provider.expire()
					return errAway
				}
				return nil
			},
			func(b *bench, _ []string) {
				twice := 0
				for _, n := range b.delivered() {
					if n > 1 {
						twice++
					}
				}
				if m := b.manifests(); twice == 0 || len(m[0].Objects) != len(b.keys("interaction/")) {
					b.t.Errorf("%d records in two versions; %d objects in the manifest and %d in the bucket", twice, len(m[0].Objects), len(b.keys("interaction/")))
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T, b *bench) {
				now := time.Now().UTC()
				b.provider.complete = now
				b.settings.Resweeps = nil
				var calls atomic.Int64
				var once atomic.Bool
				b.provider.before = func(page int, _ objref.Window) error { return c.before(b, calls.Add(1), &once, page) }
				_, stop := b.start()
				defer stop()
				wait(90 * time.Minute)
				b.covers(now.Add(-7*day), now)
				if m := b.marks(); !m.Watermark.Equal(now) {
					t.Errorf("marks %+v, want %v", m, now)
				}
				if c.check != nil {
					c.check(b, actions(b.log()))
				}
			})
		})
	}
}

// TestRefused: what the provider refuses is not asked for again at once; the run waits for an operator, and for the next night.
func TestRefused(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		start := time.Now().UTC()
		b.settings.Schedule = "0 5 * * *"
		b.provider.before = func(int, objref.Window) error { return fmt.Errorf("403: %w", source.ErrRefused) }
		_, stop := b.start()
		defer stop()
		wait(30 * time.Minute)
		if b.provider.asked() != 7 {
			t.Errorf("the provider was asked %d times for 7 windows", b.provider.asked())
		}
		if log := actions(b.log(), "window-begun", "job-created"); !slices.Contains(log, "window-failed refused") || slices.Contains(log, export.RunSealed) {
			t.Errorf("audit log %q", log)
		}
		b.provider.set(func(p *provider) { p.before = nil })
		wait(day)
		b.covers(start.Add(-7*day), start.Add(5*time.Hour))
		if left := b.keys("_exports/" + name + "/"); len(left) != 0 {
			t.Errorf("%d runs are left", len(left))
		}
	})
}

const interactions = `apiVersion: maskrail.io/v1
kind: Policy
metadata: {name: small, version: 1}
entity: interaction
key: [id]
fields:
  - {path: id, keep: true}
  - {path: tenant_id, keep: true}
`

// TestDrift: a field that the policy does not treat stops a window before its job, and so does a schema that cannot be had.
func TestDrift(t *testing.T) {
	t.Parallel()
	schema := func(names ...string) map[string]drift.Source {
		s := drift.Source{Typed: true}
		for _, n := range names {
			s.Columns = append(s.Columns, survey.Column{Path: policy.Path{{Name: n}}, Type: "string"})
		}
		return map[string]drift.Source{"interaction": s, "unheard": s}
	}
	for name, c := range map[string]struct {
		schemas map[string]drift.Source
		err     error
		class   string
	}{
		"as the policy":     {schema("id", "tenant_id"), nil, ""},
		"no schemas":        {nil, nil, ""},
		"a sensitive field": {schema("id", "tenant_id", "mobile_number"), nil, export.ClassDrift},
		"no answer":         {nil, errAway, export.ClassFailing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T, b *bench) {
				set, err := policy.Parse("policy.yaml", []byte(interactions), nil)
				if err != nil {
					t.Fatal(err)
				}
				b.deps.Policies = set
				b.provider.schemas = func() (map[string]drift.Source, error) { return c.schemas, c.err }
				_, stop := b.start()
				defer stop()
				wait(3 * time.Hour)
				log := b.log()
				if c.class == "" {
					if len(b.keys("interaction/")) == 0 {
						t.Error("nothing was exported")
					}
					return
				}
				if b.provider.asked() != 0 || count(log, export.WindowBegun) != 0 {
					t.Errorf("%d jobs were asked for", b.provider.asked())
				}
				if !slices.Contains(actions(log), "window-failed "+c.class) {
					t.Errorf("audit log %q", actions(log))
				}
				var told []string
				for n, err := range drift.Notices(t.Context(), b.store, park, env) {
					if err != nil {
						t.Fatal(err)
					}
					told = append(told, n.Field.Path+" "+string(n.Field.Opinion.Class))
				}
				if want := c.class == export.ClassDrift; (len(told) == 1) != want || want && told[0] != "mobile_number "+string(classify.Phone) {
					t.Errorf("notices %q", told)
				}
				for _, e := range log {
					if e.Class == export.ClassDrift && strings.Join(e.Fields, " ") != "interaction.mobile_number" {
						t.Errorf("entry %+v names other fields", e)
					}
				}
			})
		})
	}
}

// TestAwayAtTheHour: a provider that cannot be reached when the time has come delays that run, and does not make it two.
func TestAwayAtTheHour(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]time.Duration{"minutes": 10 * time.Minute, "half a day": 12 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T, b *bench) {
				b.settings.Schedule = "0 12 * * *"
				start := time.Now().UTC()
				b.provider.away, b.provider.complete = true, start
				_, stop := b.start()
				defer stop()
				wait(outage)
				b.provider.set(func(p *provider) { p.away = false })
				wait(3 * time.Hour)
				log := b.log()
				if n := count(log, export.RunRequested); n > 2 || n == 2 && outage < time.Hour {
					t.Errorf("%d runs were begun", n)
				}
				b.covers(start.Add(-7*day), start)
			})
		})
	}
}

// TestGoesOnWithTheJob: a process that dies between two pages leaves a job that the next one goes on with, from the page at
// which it stood.
func TestGoesOnWithTheJob(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Lookback, b.settings.Resweeps = day, nil
		now := time.Now().UTC()
		b.provider.complete = now
		m := newMortal(1<<40, false)
		var pages []int
		b.provider.before = func(page int, _ objref.Window) error {
			if pages = append(pages, page); len(pages) == 3 {
				m.left.Store(1)
			}
			return nil
		}
		if !b.live(m) || b.live(newMortal(-1, false)) {
			t.Fatal("it should have died once")
		}
		b.covers(now.Add(-day), now)
		if want := []int{0, 1, 2, 2, 3}; !slices.Equal(pages, want) {
			t.Errorf("pages %v were asked for, want %v", pages, want)
		}
		if n := count(b.log(), source.JobCreated); n != 1 {
			t.Errorf("%d jobs for one window", n)
		}
	})
}

// TestTwoSchedulers: of two processes that are due at the same time one does a window, and the other takes over when it dies.
func TestTwoSchedulers(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		start := time.Now().UTC()
		first := newMortal(1<<40, false)
		deps := b.deps
		deps.Store, deps.Bus = mortalStore{b.store, first}, mortalBus{b.bus, first}
		_, stopFirst := b.startWith(deps, b.provider)
		_, stopSecond := b.start()
		wait(10 * day)
		log := b.log()
		if got, want := count(log, export.RunRequested), 11; got != want {
			t.Errorf("%d runs in ten nights and at the start, want %d", got, want)
		}
		if begun, done := count(log, export.WindowBegun), count(log, export.WindowDone); begun != done || b.provider.asked() != done {
			t.Errorf("%d windows begun, %d done, the provider was asked %d times", begun, done, b.provider.asked())
		}
		first.left.Store(1)
		wait(3 * day)
		stopFirst()
		stopSecond()
		b.covers(start.Add(-7*day), start.Add(12*day+2*time.Hour))
	})
}

// TestAvailability: nothing is asked for that the provider does not have complete, also when it takes back what it said.
func TestAvailability(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		start := time.Now().UTC()
		b.settings.Resweeps = nil
		b.provider.behind = 6 * time.Hour
		b.provider.before = func(_ int, w objref.Window) error {
			if w.To.Equal(start.Add(-6 * time.Hour)) {
				return source.ErrRefused
			}
			return nil
		}
		_, stop := b.start()
		defer stop()
		wait(time.Minute)
		b.covers(start.Add(-6*time.Hour-7*day), start.Add(-6*time.Hour-day)) // the last window is refused
		before := b.marks()
		b.provider.set(func(p *provider) { p.behind, p.before = 4*day, nil }) // it goes backward
		wait(day)
		if got := b.marks(); got.Exported.Before(before.Exported) || got.Watermark.Before(before.Watermark) {
			t.Errorf("marks %+v went back, before %+v", got, before)
		}
		b.covers(start.Add(-6*time.Hour-7*day), start.Add(-6*time.Hour-day))
		b.provider.set(func(p *provider) { p.behind = 30 * time.Minute })
		wait(day)
		b.covers(start.Add(-6*time.Hour-7*day), start.Add(day+90*time.Minute))
		if b.provider.early != 0 {
			t.Errorf("%d times what is not complete was asked for", b.provider.early)
		}
	})
}

// TestOnDemand: a run that somebody asks for covers what it names and moves no mark; one that cannot be done ends, and takes
// back what it left with the provider.
func TestOnDemand(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Schedule = ""
		e, stop := b.start()
		defer stop()
		wait(day)
		if len(b.keys("")) != 0 {
			t.Errorf("%d objects without a request", len(b.keys("")))
		}
		from, to := date("1999-02-27T22:59:59.99"), date("1999-03-02T00:00:00")
		id, err := e.Request(t.Context(), export.Request{Source: name, From: from, To: to, By: "ana", Tenants: []string{"acme"}})
		if err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		b.covers(from, to)
		if m := b.manifests(); len(m) != 1 || m[0].Run != id || !m[0].Sealed || !m[0].Window.From.Equal(from) {
			t.Errorf("manifests %+v", m)
		}
		if m := b.marks(); !m.Exported.IsZero() {
			t.Errorf("marks %+v were moved", m)
		}
		if log := b.log(); log[0].Actor != "ana" || log[0].Action != export.RunRequested || !slices.Equal(log[0].Tenants, []string{"acme"}) {
			t.Errorf("the log begins with %+v", log[0])
		}

		b.provider.set(func(p *provider) { p.before = func(int, objref.Window) error { return source.ErrRefused } })
		if id, err = e.Request(t.Context(), export.Request{Source: name, From: from, To: to, By: "ana"}); err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		m := b.manifests()[1]
		if m.Run != id || !m.Sealed || m.Failed != 3 {
			t.Errorf("manifest %+v, want one that says that three windows are missing", m)
		}
		if b.provider.kept() != 0 {
			t.Errorf("%d jobs are left with the provider", b.provider.kept())
		}
		if !slices.Contains(actions(b.log()), export.RunGivenUp) {
			t.Errorf("audit log %q", actions(b.log()))
		}
	})
}
