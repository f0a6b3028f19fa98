package genesyssim_test

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

func TestJobReturnsTheTruth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lo, hi := from.AddDate(0, 0, 2), from.AddDate(0, 0, 3)
	got := b.results(b.job(nil, lo, hi), "17")
	var want []string
	for c := range b.sim.Conversations(from, hi) {
		if !c.End.Before(lo) {
			want = append(want, c.ID)
		}
	}
	if !slices.Equal(got, want) || len(want) < 144 {
		t.Errorf("%d conversations and not the %d that lived then", len(got), len(want))
	}
}

func TestPagesAreEqualEachTime(t *testing.T) {
	t.Parallel()
	a, b := setup(t), setup(t)
	pages := func(b *bench, job string) (all []byte) {
		for cursor := ""; ; {
			path := jobs + "/" + job + "/results?pageSize=50&cursor=" + cursor
			body := b.call(http.StatusOK, http.MethodGet, path, nil)
			if again := b.call(http.StatusOK, http.MethodGet, path, nil); !bytes.Equal(body, again) {
				t.Fatal("the page is another one the second time")
			}
			all = append(all, body...)
			if cursor = read[page](t, body).Cursor; cursor == "" {
				return all
			}
		}
	}
	hi := from.AddDate(0, 0, 1)
	first := pages(a, a.job(nil, from, hi))
	if !bytes.Equal(first, pages(b, b.job(nil, from, hi))) {
		t.Error("equal seeds give other bytes")
	}
	a.Forward(48 * time.Hour) // the data goes on, the old job does not
}

func TestJobStates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := read[struct{ JobID string }](t, b.call(http.StatusAccepted, http.MethodPost, jobs, map[string]any{"interval": "2026-03-02T00:00:00/2026-03-02T01:00:00"})).JobID
	for _, step := range []struct {
		after   time.Duration
		state   string
		results int
	}{
		{0, "QUEUED", http.StatusBadRequest},
		{time.Second, "PENDING", http.StatusBadRequest},
		{2 * time.Second, "FULFILLED", http.StatusOK},
		{24 * time.Hour, "EXPIRED", http.StatusNotFound},
	} {
		b.Forward(step.after)
		if step.state == "EXPIRED" {
			b.token = b.mint()
		}
		got := read[struct{ State string }](t, b.call(http.StatusOK, http.MethodGet, jobs+"/"+id, nil))
		if got.State != step.state {
			t.Errorf("%s and not %s", got.State, step.state)
		}
		b.call(step.results, http.MethodGet, jobs+"/"+id+"/results", nil)
	}
	b.call(http.StatusNotFound, http.MethodGet, jobs+"/nothing", nil)
	id = b.job(nil, from, from.Add(time.Hour))
	b.call(http.StatusNoContent, http.MethodDelete, jobs+"/"+id, nil)
	if got := read[struct{ State string }](t, b.call(http.StatusOK, http.MethodGet, jobs+"/"+id, nil)); got.State != "CANCELLED" {
		t.Errorf("%s and not CANCELLED", got.State)
	}
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Lag = 6 * time.Hour })
	edge := b.Now().Add(-6 * time.Hour)
	got := read[struct{ DataAvailabilityDate time.Time }](t, b.call(http.StatusOK, http.MethodGet, jobs+"/availability", nil))
	if !got.DataAvailabilityDate.Equal(edge) {
		t.Errorf("available until %s and not %s", got.DataAvailabilityDate, edge)
	}
	id := b.job(nil, edge.Add(-time.Hour), b.Now())
	p := read[page](t, b.call(http.StatusOK, http.MethodGet, jobs+"/"+id+"/results", nil))
	if !p.Available.Equal(edge) || len(p.Conversations) < 6 {
		t.Errorf("%d conversations, available until %s", len(p.Conversations), p.Available)
	}
	for _, c := range p.Conversations {
		if !c.Start.Before(edge) {
			t.Errorf("a conversation of %s is there before it is available", c.Start)
		}
	}
}
