package exporter_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

func backward(t *testing.T) {
	visit(t, time.Time{}, func(w *genesyssim.Config, _ *exporter.Source) {
		w.Faults = []genesyssim.Fault{{On: availability, Nth: 2, Times: 3, Do: genesyssim.Earlier, Delay: 48 * time.Hour}}
	}, func(c *centre) {
		c.export(c.day(2))
		c.once(c.day(2))
		c.asked(map[string]int{detailJobs: 1, availability: 5})
		c.noted(map[string]int{export.WindowBegun: 1, export.WindowDone: 1, export.WindowFailed: 0})
		asked := c.line.made(http.MethodGet, "/availability")
		if len(asked) != 5 {
			return
		}
		if job := c.line.made(http.MethodPost, "/jobs")[0]; job.begun.Before(asked[4].ended) {
			c.t.Error("the job was made while the data was not complete")
		}
	})
}

func skew(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"the provider is an hour ahead": time.Hour, "the provider is an hour behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
				w.Now = func() time.Time { return time.Now().Add(ahead) }
				s.Lookback = 24 * time.Hour
				w.Faults = []genesyssim.Fault{{On: results, Do: genesyssim.TooMany, After: "date+20"}}
			}, func(c *centre) {
				m := c.export(objref.Window{})
				latest := m.Created
				if ahead < 0 {
					latest = latest.Add(ahead)
				}
				if m.Window == nil || m.Window.To.After(latest.Add(time.Minute)) || m.Window.To.Before(latest.Add(-time.Minute)) {
					c.t.Fatalf("the span is %v, want it to end at %s", m.Window, latest)
				}
				c.once(*m.Window)
				pages := c.line.made(http.MethodGet, "/results")
				if waited := pages[1].begun.Sub(pages[0].ended); waited < 19*time.Second || waited > 25*time.Second {
					c.t.Errorf("it waited %s, want 20 s", waited)
				}
			})
		})
	}
}

func calendar(t *testing.T) {
	for name, tt := range map[string]struct{ from, to string }{
		"leap day":               {"2000-02-28T00:00:00Z", "2000-03-01T00:00:00Z"},
		"no leap day":            {"2001-02-28T00:00:00Z", "2001-03-01T00:00:00Z"},
		"a day of 23 hours":      {"2000-03-26T00:00:00+01:00", "2000-03-27T00:00:00+02:00"},
		"a day of 25 hours":      {"2000-10-29T00:00:00+02:00", "2000-10-30T00:00:00+01:00"},
		"turn of the year":       {"2000-12-31T00:00:00Z", "2001-01-01T12:00:00Z"},
		"half an hour of offset": {"2000-06-01T00:00:00+05:30", "2000-06-02T00:00:00+05:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := at(t, tt.from), at(t, tt.to)
			visit(t, to.Add(12*time.Hour), func(_ *genesyssim.Config, s *exporter.Source) { s.Window = 7 * time.Hour }, func(c *centre) {
				span := objref.Window{From: from, To: to}
				c.export(span)
				c.once(span)
				edge := from
				for _, span := range c.intervals() {
					if !span.From.Equal(edge) || span.To.Sub(span.From) > 7*time.Hour {
						c.t.Errorf("a window is %s to %s, want it to begin at %s", span.From, span.To, edge)
					}
					edge = span.To
				}
				if !edge.Equal(to) {
					c.t.Errorf("the windows end at %s, want %s", edge, to)
				}
			})
		})
	}
}

// intervals are those that jobs were made for, in order.
func (c *centre) intervals() (all []objref.Window) {
	c.t.Helper()
	for _, m := range c.line.made(http.MethodPost, "/jobs") {
		var body struct{ Interval string }
		if err := json.Unmarshal([]byte(m.body), &body); err != nil {
			c.t.Fatal(err)
		}
		from, to, _ := strings.Cut(body.Interval, "/")
		if !strings.HasSuffix(from, "Z") || !strings.HasSuffix(to, "Z") {
			c.t.Errorf("%s is not UTC", body.Interval)
		}
		all = append(all, objref.Window{From: at(c.t, from), To: at(c.t, to)})
	}
	slices.SortFunc(all, func(a, b objref.Window) int { return a.From.Compare(b.From) })
	return all
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// nightly exports a source by its schedule, and each time only what is new.
func nightly(s *exporter.Source) {
	s.Schedule, s.Jitter, s.Overlap, s.Resweeps = new("0 2 * * *"), new(time.Duration(0)), new(time.Duration(0)), []time.Duration{}
	s.Lookback = 48 * time.Hour
}

func midnight(t *testing.T) {
	var special genesyssim.Special
	visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
		nightly(s)
		special = genesyssim.Special{Start: time.Now().UTC().Add(-10 * time.Millisecond), Lasts: 4*24*time.Hour - 30*time.Minute}
		w.Also = []genesyssim.Special{special}
	}, func(c *centre) {
		for range 5 { // of the days that it takes, and one more
			wait(24 * time.Hour)
			c.load()
		}
		span := objref.Window{From: c.marks().Start, To: c.marks().Exported}
		if !span.To.After(special.Start.Add(special.Lasts)) || len(c.intervals()) < 6 {
			c.t.Fatalf("exported are %s to %s", span.From, span.To)
		}
		c.once(span)
		c.noted(map[string]int{export.WindowFailed: 0})
	})
}

func closes(t *testing.T) {
	for name, open := range map[string]bool{"closed alone": false, "open as well": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
				nightly(s)
				s.Open = open
				w.Count = 1 // and this one, which is open for the first export
				w.Also = []genesyssim.Special{{Start: time.Now().UTC().Add(-time.Hour), Lasts: 6 * time.Hour}}
			}, func(c *centre) {
				var id string
				for talk := range c.sim.Conversations(c.now.Add(-time.Hour), c.now) {
					id = talk.ID
				}
				ends := func() (all []bool) {
					for _, r := range c.records() {
						if r.id == id && r.entity == "conversation" {
							all = append(all, strings.Contains(r.body, `"conversationEnd"`))
						}
					}
					return all
				}
				want := [][]bool{nil, {true}}
				if open {
					want = [][]bool{{false}, {false, true}}
				}
				wait(time.Hour)
				first := ends()
				wait(27 * time.Hour)
				second := ends()
				slices.SortFunc(second, func(a, b bool) int { // the open one first
					switch {
					case a == b:
						return 0
					case b:
						return -1
					}
					return 1
				})
				if !slices.Equal(first, want[0]) || !slices.Equal(second, want[1]) {
					c.t.Errorf("whether it has ended, by version: %v, then %v; want %v", first, second, want)
				}
			})
		})
	}
}

func again(t *testing.T) {
	// twice adds to a page a copy of each record, as change makes it.
	twice := func(t *testing.T, change func(map[string]json.RawMessage)) func(string, []byte) []byte {
		return func(path string, body []byte) []byte {
			if !strings.HasSuffix(path, "/results") {
				return body
			}
			var page struct {
				Conversations []json.RawMessage `json:"conversations"`
				Cursor        string            `json:"cursor,omitempty"`
			}
			if err := json.Unmarshal(body, &page); err != nil {
				t.Error(err)
			}
			for _, r := range slices.Clone(page.Conversations) {
				var members map[string]json.RawMessage
				if err := json.Unmarshal(r, &members); err != nil {
					t.Error(err)
				}
				change(members)
				copied, err := json.Marshal(members) // in the order of the keys
				if err != nil {
					t.Error(err)
				}
				page.Conversations = append(page.Conversations, copied)
			}
			out, err := json.Marshal(page)
			if err != nil {
				t.Error(err)
			}
			return out
		}
	}
	for name, tt := range map[string]struct {
		change func(map[string]json.RawMessage)
		noted  int
	}{
		"keys in another order": {func(map[string]json.RawMessage) {}, 0},
		"other content":         {func(m map[string]json.RawMessage) { m["originatingDirection"] = json.RawMessage(`"elsewhere"`) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit(t, time.Time{}, nil, func(c *centre) {
				c.line.edit = twice(t, tt.change)
				c.export(c.day(2))
				c.once(c.day(2))
				c.noted(map[string]int{source.JobChanged: tt.noted})
				for _, r := range c.records() {
					if strings.Contains(r.body, "elsewhere") {
						c.t.Error("the copy was taken")
					}
				}
			})
		})
	}
	t.Run("a later run", func(t *testing.T) {
		t.Parallel()
		visit(t, time.Time{}, nil, func(c *centre) {
			span := c.day(1)
			c.export(span)
			c.once(span)
			wait(10 * 24 * time.Hour) // surveys, evaluations, corrections by night
			c.export(span)
			versions := map[string]map[string]bool{}
			for _, r := range c.records() {
				if r.entity == "conversation" {
					if versions[r.id] == nil {
						versions[r.id] = map[string]bool{}
					}
					versions[r.id][r.body] = true
				}
			}
			want, changed := c.truth(span), 0
			for id, talk := range want {
				switch n := len(versions[id]); {
				case n == 2:
					changed++
				case n != 1:
					c.t.Errorf("%d versions of the conversation of %s", n, talk.Start)
				}
			}
			if changed == 0 || len(versions) != len(want) {
				c.t.Errorf("%d of %d conversations have changed", changed, len(versions))
			}
		})
	})
}

func catchUp(t *testing.T) {
	const away = 40 * 24 * time.Hour
	visit(t, time.Time{}, func(w *genesyssim.Config, s *exporter.Source) {
		nightly(s)
		s.Window = 30 * 24 * time.Hour
		w.Every, w.Jobs.Interval = 12*time.Hour, 7*24*time.Hour
	}, func(c *centre) {
		wait(30 * time.Minute)
		c.load()
		wait(30 * time.Minute)
		before := c.marks()
		if before.Watermark.IsZero() || !before.Watermark.Equal(before.Exported) {
			c.t.Fatalf("the watermark is %s, exported is up to %s", before.Watermark, before.Exported)
		}
		c.stop()
		c.stop = func() {}
		time.Sleep(away)
		c.open()
		wait(6 * time.Hour)
		if m := c.marks(); !m.Exported.After(before.Exported.Add(away-48*time.Hour)) || !m.Watermark.Equal(before.Watermark) {
			c.t.Errorf("exported is up to %s, and the watermark went from %s to %s", m.Exported, before.Watermark, m.Watermark)
		}
		c.load()
		wait(time.Hour)
		after := c.marks()
		if !after.Watermark.Equal(after.Exported) {
			c.t.Errorf("the watermark is %s when all up to %s is loaded", after.Watermark, after.Exported)
		}
		c.once(objref.Window{From: after.Start, To: after.Exported})
		c.noted(map[string]int{export.WindowFailed: 0})
		splits := 0
		for _, e := range c.entries() {
			if e.Action == export.WindowSplit {
				splits++
			}
		}
		if splits == 0 {
			c.t.Error("no window was cut, though the provider gives 7 days at most")
		}
	})
}
