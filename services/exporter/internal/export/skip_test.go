package export_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/export"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// stuck has the provider fail, for ever, on each window with one of the bad records, and exports up to that.
func (b *bench) stuck(bad ...time.Time) (stop func()) {
	b.t.Helper()
	b.settings.Lookback, b.settings.Resweeps = 2*day, []time.Duration{4 * day}
	b.provider.before = func(_ int, w objref.Window) error {
		if slices.ContainsFunc(bad, func(at time.Time) bool { return !at.Before(w.From) && at.Before(w.To) }) {
			return source.ErrSplit
		}
		return nil
	}
	_, stop = b.start()
	wait(time.Minute)
	return stop
}

func (b *bench) status() export.Status {
	b.t.Helper()
	all, err := export.ReadStatus(b.t.Context(), b.store, raw)
	if err != nil || len(all) != 1 {
		b.t.Fatalf("status %+v, %v", all, err)
	}
	return all[0]
}

// TestSkip: what a source never gives holds the watermark until an operator gives it up, and later runs, which ask for it
// again and fail again, do not need him once more. Everything else is there; and what the source gives in the end is too.
func TestSkip(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		start := time.Now().UTC()
		bad := start.Add(-30 * time.Hour)
		stop := b.stuck(bad)
		defer stop()
		wait(3 * time.Hour)
		st := b.status()
		if !st.Watermark.Equal(start.Add(-2*day)) || len(st.Runs) != 2 || len(st.Runs[0].Stopped) != 1 || st.Runs[0].Stopped[0].Class != export.ClassTooLarge {
			t.Fatalf("status %+v, want two runs that wait for a window", st)
		}
		r := export.SkipRequest{Source: name, From: bad.Add(-15 * time.Minute), To: bad.Add(15 * time.Minute), By: "ana", Why: "the provider cannot repair it, case 4711"}
		hit, err := export.DecideSkip(t.Context(), b.store, raw, r)
		if err != nil || len(hit) != 2 || hit[0].Run == hit[1].Run {
			t.Fatalf("%+v, %v, want a window of each run", hit, err)
		}
		wait(20 * time.Minute)
		if st = b.status(); !st.Watermark.Equal(st.Exported) || len(st.Runs) != 0 || len(st.Skips) != 1 || st.Skips[0].By != "ana" || st.Skips[0].Why != r.Why {
			t.Errorf("status %+v after it was given up", st)
		}
		if m := b.manifests(); len(m) != 2 || !m[0].Sealed || m[0].Failed != 1 || m[1].Failed != 1 {
			t.Errorf("manifests %+v, want each to say that a window is missing", m)
		}
		if b.provider.kept() != 0 {
			t.Errorf("%d jobs are left with the provider", b.provider.kept())
		}
		log := b.log()
		if count(log, export.WindowSkipped) != 2 {
			t.Errorf("audit log %q", actions(log))
		}
		i := slices.IndexFunc(log, func(e audit.Entry) bool { return e.Action == export.SkipRequested })
		if i < 0 || log[i].Actor != "ana" || log[i].Why != r.Why || !log[i].Window.From.Equal(r.From) {
			t.Errorf("the audit log does not say who decided it and why")
		}
		wait(day) // the next run's overlap has it once more
		if st = b.status(); !st.Watermark.Equal(st.Exported) || count(b.log(), export.WindowSkipped) != 3 {
			t.Errorf("status %+v, and %d windows skipped, a night later", st, count(b.log(), export.WindowSkipped))
		}
		if got := b.delivered(); got[bad.Format(time.RFC3339)] != 0 || got[bad.Add(15*time.Minute).Format(time.RFC3339)] == 0 || got[bad.Add(-15*time.Minute).Format(time.RFC3339)] == 0 {
			t.Error("other records than the bad one are missing")
		}
		b.provider.set(func(p *provider) { p.before = nil })
		wait(3 * day) // at the age of four days it is asked for again
		b.covers(start.Add(-2*day), b.marks().Exported)
	})
}

// TestSkipOfOthers: a decision about other times moves nothing, and none is taken without a window that failed.
func TestSkipOfOthers(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		bad := time.Now().UTC().Add(-30 * time.Hour)
		defer b.stuck(bad)()
		w := b.status().Runs[0].Stopped[0]
		good := export.SkipRequest{Source: name, From: w.From, To: w.To, By: "ana", Why: "case 4711"}
		before := b.marks()
		for wrong, c := range map[string]struct {
			change func(r *export.SkipRequest)
			says   string
		}{
			"another source":      {func(r *export.SkipRequest) { r.Source = "test" }, "no window of source test"},
			"what has not failed": {func(r *export.SkipRequest) { r.From, r.To = w.To, w.To.Add(time.Hour) }, "no window"},
			"a part of it":        {func(r *export.SkipRequest) { r.To = w.To.Add(-time.Minute) }, "the span cuts the window"},
			"no end":              {func(r *export.SkipRequest) { r.To = time.Time{} }, "an end after it"},
			"backwards":           {func(r *export.SkipRequest) { r.From, r.To = r.To, r.From }, "an end after it"},
			"nobody":              {func(r *export.SkipRequest) { r.By = "" }, "who decides"},
			"without a reason":    {func(r *export.SkipRequest) { r.Why = " " }, "a reason"},
			"a number":            {func(r *export.SkipRequest) { r.Why = "ask +1 212 555 0147" }, "class phone"},
		} {
			r := good
			c.change(&r)
			_, err := export.DecideSkip(t.Context(), b.store, raw, r)
			if !errors.Is(err, export.ErrRequest) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "0147") {
				t.Errorf("%s: error is %v", wrong, err)
			}
		}
		wait(2 * time.Hour)
		if st := b.status(); !st.Watermark.Equal(before.Watermark) || len(st.Runs[0].Stopped) != 1 || len(st.Skips) != 0 || count(b.log(), export.SkipRequested) != 0 {
			t.Errorf("status %+v after decisions that were refused", st)
		}
	})
}

// TestSkipSurvives: a decision taken while no exporter runs is carried out by the next one.
func TestSkipSurvives(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		stop := b.stuck(time.Now().UTC().Add(-30 * time.Hour))
		stop()
		w := b.status().Runs[0].Stopped[0]
		if _, err := export.DecideSkip(t.Context(), b.store, raw, export.SkipRequest{Source: name, From: w.From, To: w.To, By: "ana", Why: "case 4711"}); err != nil {
			t.Fatal(err)
		}
		asked := b.provider.asked()
		_, stop = b.start()
		defer stop()
		wait(time.Minute)
		if st := b.status(); !st.Watermark.Equal(st.Exported) || b.provider.asked() != asked {
			t.Errorf("status %+v, and the provider was asked %d times more", st, b.provider.asked()-asked)
		}
	})
}

// TestSkipOne: of two windows that failed the one that was decided about is given up, and the watermark waits for the other.
func TestSkipOne(t *testing.T) {
	t.Parallel()
	in(t, func(t *testing.T, b *bench) {
		start := time.Now().UTC()
		stop := b.stuck(start.Add(-30*time.Hour), start.Add(-10*time.Hour))
		defer stop()
		all := b.status().Runs[0].Stopped
		if len(all) != 2 {
			t.Fatalf("windows that failed: %+v", all)
		}
		if _, err := export.DecideSkip(t.Context(), b.store, raw, export.SkipRequest{Source: name, From: all[1].From, To: all[1].To, By: "ana", Why: "case 4711"}); err != nil {
			t.Fatal(err)
		}
		wait(20 * time.Minute)
		if st := b.status(); !st.Watermark.Equal(start.Add(-2*day)) || len(st.Runs) != 1 || len(st.Runs[0].Stopped) != 1 || !st.Runs[0].Stopped[0].From.Equal(all[0].From) {
			t.Errorf("status %+v, want one window left that failed", st)
		}
	})
}
