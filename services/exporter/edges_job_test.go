package exporter_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func orphan(t *testing.T) {
	t.Run("of a details job", func(t *testing.T) {
		t.Parallel()
		visit(t, time.Time{}, nil, func(c *centre) {
			c.killed(http.MethodPost, "/details/jobs", 1)
			c.once(c.day(2))
			c.asked(map[string]int{detailJobs: 2})
			c.noted(map[string]int{source.JobForsaken: 1, source.JobCreated: 1, export.RunResumed: 1, export.RunSealed: 1})
		})
	})
	t.Run("of the guides' export", func(t *testing.T) {
		t.Parallel()
		visit(t, time.Time{}, func(_ *genesyssim.Config, s *exporter.Source) {
			s.Type, s.Filters = run.SourceExport, []exporter.Filter{}
		}, func(c *centre) {
			c.killed(http.MethodPost, "/data/export", 1)
			c.asked(map[string]int{"POST /api/v2/data/export": 1})
			c.noted(map[string]int{source.JobAdopted: 1, source.JobCreated: 0, source.JobDone: 1, export.RunSealed: 1})
			got, n := map[string]int{}, 0
			for _, r := range c.records() {
				got[r.id]++
			}
			for i := range c.sim.Interactions(c.day(2).From, c.day(2).To) {
				if n++; got[i.InteractionID] != 1 {
					c.t.Errorf("an interaction lies there %d times", got[i.InteractionID])
				}
			}
			if n == 0 || len(got) != n {
				c.t.Errorf("%d interactions, want %d", len(got), n)
			}
			c.onBus()
		})
	})
}

// killed exports a day in a process that is killed at a request, and in another one after it.
func (c *centre) killed(method, below string, nth int) {
	c.t.Helper()
	c.kill(method, below, nth)
	id := c.ask(c.day(2))
	c.dead()
	c.open()
	c.sealed(id)
}

func killedAtPage(t *testing.T) {
	visit(t, time.Time{}, nil, func(c *centre) {
		const before = 3
		c.killed(http.MethodGet, "/results", before)
		c.once(c.day(2))
		c.asked(map[string]int{detailJobs: 1})
		c.noted(map[string]int{source.JobCreated: 1, source.JobDone: 1, export.RunResumed: 1, export.RunSealed: 1})
		if pages := c.line.made(http.MethodGet, "/results"); pages[before].query != pages[before-1].query {
			c.t.Error("it goes on with another page than the one that was not stored")
		}
	})
}

func expired(t *testing.T) {
	visit(t, time.Time{}, nil, func(c *centre) {
		c.kill(http.MethodGet, "/results", 3)
		id := c.ask(c.day(2))
		c.dead()
		wait(25 * time.Hour) // the provider keeps results for 24 h
		c.open()
		c.sealed(id)
		c.present(c.day(2), versions)
		c.asked(map[string]int{detailJobs: 2})
		c.noted(map[string]int{source.JobLost: 1, export.WindowRestarted: 1, source.JobCreated: 2, source.JobDone: 1, export.RunSealed: 1})
	})
}

func failed(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, _ *exporter.Source) {
		w.Faults = []genesyssim.Fault{{On: detailJobs, Do: genesyssim.Fail}}
	}, func(c *centre) {
		m := c.export(c.day(2))
		c.once(c.day(2))
		c.noted(map[string]int{source.JobFailed: 1, export.WindowSplit: 1, export.WindowDone: 2, export.WindowFailed: 0})
		if m.Failed != 0 {
			c.t.Errorf("%d windows failed", m.Failed)
		}
	})
}

func nothing(t *testing.T) {
	visit(t, time.Time{}, nil, func(c *centre) {
		m := c.export(c.day(9))
		if len(m.Objects) != 0 || m.Failed != 0 || len(c.records()) != 0 {
			c.t.Errorf("%d objects, %d windows failed", len(m.Objects), m.Failed)
		}
		c.noted(map[string]int{source.JobDone: 1, export.WindowDone: 1, export.RunSealed: 1})
		c.asked(map[string]int{results: 1})
	})
}

func boundary(t *testing.T) {
	// found is how many conversations a job for the day gives: those that live on it.
	found := func(c *centre) (n int) {
		w := c.day(2)
		for talk := range c.sim.Conversations(w.From.AddDate(0, 0, -20), w.To) {
			if !talk.End.Before(w.From) {
				n++
			}
		}
		return n
	}
	for name, tt := range map[string]struct{ over, pages int }{"a page less one": {-1, 2}, "a page": {0, 1}, "a page more one": {1, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, nil, func(c *centre) {
				c.line.page = found(c) + tt.over
				c.export(c.day(2))
				c.once(c.day(2))
				c.asked(map[string]int{results: tt.pages, detailJobs: 1})
			})
		})
	}
	for name, tt := range map[string]struct{ over, splits int }{"the limit": {0, 0}, "one above the limit": {-1, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, nil, func(c *centre) {
				c.limit(found(c) + tt.over)
				c.export(c.day(2))
				if tt.splits == 0 {
					c.once(c.day(2))
				} else {
					c.present(c.day(2), copied) // what was read before the limit is read again by the halves
				}
				c.noted(map[string]int{export.WindowSplit: tt.splits, export.WindowFailed: 0, export.RunSealed: 1})
			})
		})
	}
}

// limit is the most that the results of a job may hold.
func (c *centre) limit(rows int) {
	c.t.Helper()
	if err := c.sim.Inject(genesyssim.Fault{On: results, Times: -1, Do: genesyssim.Cap, Rows: rows}); err != nil {
		c.t.Fatal(err)
	}
}

func tooLarge(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, _ *exporter.Source) { w.Every = 2 * time.Minute }, func(c *centre) {
		c.limit(1)
		log := &lines{}
		c.logs = log
		c.open()
		from := c.now.AddDate(0, 0, -2)
		m := c.export(objref.Window{From: from, To: from.Add(export.Smallest)})
		if m.Failed != 1 || log.count(`"level":"ERROR"`) == 0 || log.count(`"class":"too-large"`) != 1 {
			c.t.Errorf("%d windows failed, and the log says so %d times", m.Failed, log.count("too-large"))
		}
		c.noted(map[string]int{export.WindowFailed: 1, export.RunGivenUp: 1, export.WindowDone: 0})
		for _, e := range c.entries() {
			if e.Action == export.WindowFailed && (e.Class != export.ClassTooLarge || e.Window == nil) {
				c.t.Errorf("the window is noted as %q", e.Class)
			}
		}
	})
}
