package export_test

import (
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// TestFirstRun: a source that was never exported is exported at once, seven days back, in windows of a day.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		now := time.Now().UTC()
		_, stop := b.start()
		defer stop()
		wait(time.Minute)
		b.covers(now.Add(-7*day), now)
		m := b.manifests()
		if len(m) != 1 || !m[0].Sealed || len(m[0].Objects) != len(b.keys("interaction/")) || m[0].Failed != 0 || m[0].Window == nil || !m[0].Window.To.Equal(now) {
			t.Fatalf("manifests %+v", m)
		}
		for id, n := range b.delivered() {
			if n != 1 {
				t.Errorf("record %s was delivered %d times", id, n)
			}
		}
		if got := b.marks(); !got.Watermark.Equal(now) || !got.Exported.Equal(now) || !got.Start.Equal(now.Add(-7*day)) {
			t.Errorf("marks %+v, want everything up to %v", got, now)
		}
		log := b.log()
		want := []string{"run-requested", "run-planned", "run-sealed", "run-settled"}
		if got := actions(log, "window-begun", "window-done", "job-created", "job-done"); !slices.Equal(got, want) {
			t.Errorf("audit log %q, want %q", got, want)
		}
		for action, n := range map[string]int{export.WindowBegun: 7, "job-created": 7, "job-done": 7, export.WindowDone: 7} {
			if got := count(log, action); got != n {
				t.Errorf("%d entries %s, want %d", got, action, n)
			}
		}
		if journals := b.keys("_exports/" + name + "/"); len(journals) != 0 {
			t.Errorf("%d journals are left", len(journals))
		}
	})
}

// TestEveryNight: a month of nights: every record of every day is delivered, the days before a run's windows again, and what is
// four or 35 days old once more.
func TestEveryNight(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		start := time.Now().UTC() // midnight
		_, stop := b.start()
		wait(40*day + 3*time.Hour)
		stop()
		end := start.Add(40*day + 2*time.Hour) // the last tick
		b.covers(start.Add(-7*day), end)
		if got := b.marks(); got.Watermark.Before(end) || got.Watermark.After(end.Add(time.Hour)) {
			t.Errorf("watermark %v, want %v", got.Watermark, end)
		}
		got := b.delivered()
		for i, want := range map[int]int{
			-1: 6, // the first run, three nights with overlap, and at the ages of 4 and of 35 days
			10: 4, // the night after, two more with overlap, and at the age of 4 days
		} {
			id := start.Add(time.Duration(i)*day + 12*time.Hour).Format(time.RFC3339)
			if got[id] != want {
				t.Errorf("record of day %d was delivered %d times, want %d", i, got[id], want)
			}
		}
		if n := len(b.manifests()); n != 42 {
			t.Errorf("%d runs, want one at the start and one each night", n)
		}
	})
}

// TestCheckpointOlderThanAnyCap: an exporter that was away for weeks catches up in windows that the provider takes.
func TestCheckpointOlderThanAnyCap(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		b.settings.Resweeps = nil
		start := time.Now().UTC()
		_, stop := b.start()
		wait(time.Minute)
		stop()
		wait(20 * day)
		now := time.Now().UTC()
		b.provider.limit = 24 * 4 // records in a day
		_, stop = b.start()
		defer stop()
		wait(time.Minute)
		b.covers(start.Add(-7*day), now)
		if m := b.manifests(); len(m) != 2 || !m[1].Window.From.Equal(start.Add(-2*day)) {
			t.Errorf("manifests %+v, want one run that begins where the first ended, less the overlap", m)
		}
	})
}

// TestWatermarkWaits: the watermark stays until every object has ended well in every environment, or was given up; runs go on
// meanwhile. An object that was refused, as held ones are, is released and loaded, or discarded.
func TestWatermarkWaits(t *testing.T) {
	t.Parallel()
	for name, decided := range map[string][]objref.State{
		"discarded": {objref.Discarded},
		"released":  {objref.Released, objref.Loaded},
		"in vain":   {objref.Released, objref.Rejected, objref.Discarded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			watermarkWaits(t, decided)
		})
	}
}

func watermarkWaits(t *testing.T, decided []objref.State) {
	in(t, func(t *testing.T, b *bench) {
		first := time.Now().UTC()
		b.keep = true
		_, stop := b.start()
		defer stop()
		wait(time.Minute)
		if got := b.marks(); !got.Watermark.Equal(first.Add(-7*day)) || !got.Exported.Equal(first) {
			t.Fatalf("marks %+v before anything is loaded", got)
		}
		keys := b.keys("interaction/")
		for i, key := range keys {
			state := objref.Loaded
			if i == 3 {
				state = objref.Rejected
			}
			if err := b.end(blob.Location{Bucket: raw, Key: key}, state); err != nil {
				t.Fatal(err)
			}
		}
		b.mu.Lock()
		b.keep = false
		b.mu.Unlock()
		wait(2 * day)
		for _, state := range decided {
			if got := b.marks(); !got.Watermark.Equal(first.Add(-7*day)) || !got.Exported.After(first.Add(day)) {
				t.Fatalf("marks %+v with one object refused", got)
			}
			if err := b.end(blob.Location{Bucket: raw, Key: keys[3]}, state); err != nil {
				t.Fatal(err)
			}
			wait(20 * time.Minute)
		}
		if got := b.marks(); !got.Watermark.Equal(got.Exported) {
			t.Errorf("marks %+v after the last was decided about", got)
		}
	})
}

// TestSplit: a window of which the provider has too much is halved, and one that cannot be halved any more fails loudly; the
// watermark waits for it, and runs go on.
func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		limit int
		fails bool
	}{{"exactly at the limit", 96, false}, {"one more", 95, false}, {"down to an hour", 4, false}, {"one record is too much", 0, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in(t, func(t *testing.T, b *bench) {
				now := time.Now().UTC()
				b.settings.Lookback, b.settings.Resweeps, b.provider.limit = 2*day, nil, c.limit
				if c.fails {
					b.provider.before = func(_ int, w objref.Window) error {
						if bad := now.Add(-30 * time.Hour); !bad.Before(w.From) && bad.Before(w.To) {
							return source.ErrSplit
						}
						return nil
					}
				}
				_, stop := b.start()
				defer stop()
				wait(time.Minute)
				log := b.log()
				if !c.fails {
					b.covers(now.Add(-2*day), now)
					if n := count(log, export.WindowSplit); (n > 0) != (c.limit < 96) {
						t.Errorf("%d windows were split", n)
					}
					if b.provider.kept() != 0 {
						t.Errorf("%d jobs are left with the provider", b.provider.kept())
					}
					return
				}
				if n := count(log, export.WindowFailed); n == 0 {
					t.Errorf("no window failed: %q", actions(log))
				}
				if m := b.manifests(); len(m) != 1 || m[0].Sealed {
					t.Errorf("manifests %+v, want one that is not sealed", m)
				}
				wait(3 * day)
				if got := b.marks(); !got.Watermark.Equal(now.Add(-2*day)) || got.Exported.Before(now.Add(2*day)) {
					t.Errorf("marks %+v, want a watermark that waits and exports that go on", got)
				}
				b.provider.set(func(p *provider) { p.before, p.limit = nil, 0 })
				wait(2 * time.Hour)
				b.covers(now.Add(-2*day), time.Now().UTC().Add(-2*time.Hour).Truncate(day).Add(2*time.Hour))
				if got := b.marks(); !got.Watermark.Equal(got.Exported) {
					t.Errorf("marks %+v after the provider gives it", got)
				}
			})
		})
	}
}
