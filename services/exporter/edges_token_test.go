package exporter_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func tokenExpires(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, _ *exporter.Source) {
		w.Faults = []genesyssim.Fault{{On: results, Nth: 2, Do: genesyssim.ExpireToken}}
	}, func(c *centre) {
		pages := (len(c.truth(c.day(2))) + 9) / 10
		c.export(c.day(2))
		c.once(c.day(2))
		c.asked(map[string]int{mint: 2, detailJobs: 1})
		if made := c.line.made(http.MethodGet, "/results"); len(made) < pages+1 || made[1].status != http.StatusUnauthorized || made[1].query != made[2].query {
			c.t.Errorf("%d pages were asked for, the second with status %d", len(made), made[1].status)
		}
	})
}

func oneMint(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
		s.Window, s.Concurrency = 6*time.Hour, 4
		w.Faults = []genesyssim.Fault{
			{On: mint, Times: -1, Do: genesyssim.Slow, Delay: 20 * time.Second}, // so that the others come meanwhile
			{On: results, Nth: 1, Do: genesyssim.ExpireToken},
		}
	}, func(c *centre) {
		c.export(c.day(2))
		c.once(c.day(2))
		c.asked(map[string]int{mint: 2, detailJobs: 4})
		refused := 0
		for _, m := range c.line.made(http.MethodGet, "") {
			if m.status == http.StatusUnauthorized {
				refused++
			}
		}
		if refused < 2 {
			c.t.Errorf("%d requests found the token expired, want two at least", refused)
		}
	})
}

func mintRefused(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, _ *exporter.Source) {
		w.Faults = []genesyssim.Fault{{On: mint, Times: 3, Do: genesyssim.TooMany, After: "7"}}
	}, func(c *centre) {
		c.export(c.day(2))
		c.once(c.day(2))
		c.asked(map[string]int{mint: 4})
		c.noted(map[string]int{export.WindowBegun: 1, export.WindowFailed: 0})
		c.quiet("/oauth/token", 7*time.Second)
	})
}

func storm(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
		s.Window, s.Concurrency = 2*time.Hour, 8
		w.Faults = []genesyssim.Fault{{On: "*", Nth: 12, Times: 10, Do: genesyssim.TooMany, After: "30"}}
	}, func(c *centre) {
		c.line.page = 2
		c.export(c.day(2))
		c.once(c.day(2))
		c.noted(map[string]int{export.WindowDone: 12, export.WindowFailed: 0, source.JobCreated: 12})
		if c.sim.Hits()[0] != 10 {
			c.t.Errorf("%d requests were refused", c.sim.Hits()[0])
		}
		c.quiet("", 30*time.Second)
	})
}

// quiet wants that nobody asks in the time after a refusal, but for who was on the way.
func (c *centre) quiet(path string, d time.Duration) {
	c.t.Helper()
	refused := 0
	all := append(c.line.made(http.MethodGet, path), c.line.made(http.MethodPost, path)...)
	for _, no := range all {
		if no.status != http.StatusTooManyRequests {
			continue
		}
		refused++
		for _, m := range all {
			if m.begun.After(no.ended) && m.begun.Before(no.ended.Add(d)) {
				c.t.Errorf("%s %s was asked for %s after a refusal", m.method, m.path, m.begun.Sub(no.ended))
			}
		}
	}
	if refused == 0 {
		c.t.Error("nothing was refused")
	}
}
