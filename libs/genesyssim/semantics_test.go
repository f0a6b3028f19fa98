package genesyssim_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

// midnight is a start of the edge: 10 ms before a day ends, over in the fourth day after it.
var midnight = genesyssim.Special{Start: time.Date(2026, 3, 2, 23, 59, 59, 990_000_000, time.UTC), Lasts: 75 * time.Hour}

func TestWhatAnIntervalMatches(t *testing.T) {
	t.Parallel()
	day := func(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name     string
		from, to time.Time
		byDay    bool
		want     bool // whether midnight is there
	}{
		{"its own day", day(2, 0), day(3, 0), false, true},
		{"its own day by day", day(2, 0), day(3, 0), true, true},
		{"the hours before it", day(2, 0), day(2, 23), false, false},
		{"the hours before it, by day", day(2, 0), day(2, 23), true, true},
		{"a day of its life", day(4, 0), day(5, 0), false, true},
		{"a day of its life, by day", day(4, 0), day(5, 0), true, false},
		{"its last hours", day(6, 2), day(6, 3), false, true},
		{"after its end", day(6, 4), day(7, 0), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(config *genesyssim.Config) { config.Also = []genesyssim.Special{midnight} })
			var id string
			for special := range b.sim.Conversations(midnight.Start, midnight.Start.Add(time.Millisecond)) {
				id = special.ID
			}
			got := b.results(b.job(map[string]any{"startOfDayIntervalMatching": c.byDay}, c.from, c.to), "1000")
			if slices.Contains(got, id) != c.want {
				t.Errorf("it is there: %v", !c.want)
			}
			if c.byDay {
				n := 0
				for range b.sim.Conversations(day(c.from.Day(), 0), day(c.from.Day()+1, 0)) {
					n++
				}
				if len(got) != n {
					t.Errorf("%d conversations and not the %d of the day", len(got), n)
				}
			}
		})
	}
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		name, interval string
		status         int
	}{
		{"UTC", "2026-03-02T00:00:00Z/2026-03-03T00:00:00Z", 202},
		{"no offset", "2026-03-02T00:00:00/2026-03-03T00:00:00", 202},
		{"offsets", "2026-03-29T00:00:00+01:00/2026-03-30T00:00:00+02:00", 202},
		{"milliseconds", "2026-03-02T23:59:59.990Z/2026-03-02T23:59:59.991Z", 202},
		{"leap day that is", "2028-02-29T00:00:00Z/2028-03-01T00:00:00Z", 202},
		{"leap day that is not", "2026-02-29T00:00:00Z/2026-03-01T00:00:00Z", 400},
		{"for ever", "1900-01-01T00:00:00Z/9999-01-01T00:00:00Z", 202},
		{"no length", "2026-03-02T00:00:00Z/2026-03-02T00:00:00Z", 400},
		{"backward", "2026-03-03T00:00:00Z/2026-03-02T00:00:00Z", 400},
		{"one instant", "2026-03-03T00:00:00Z", 400},
		{"empty", "", 400},
	} {
		status, _, body, err := b.try(http.MethodPost, jobs, map[string]any{"interval": c.interval})
		if status != c.status || err != nil {
			t.Errorf("%s: %d and not %d: %s %v", c.name, status, c.status, body, err)
		}
	}
}

func TestJobBody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lo, hi := from, from.AddDate(0, 0, 1)
	all := b.results(b.job(nil, lo, hi), "1000")
	ends := map[string]time.Time{}
	for c := range b.sim.Conversations(lo, hi) {
		ends[c.ID] = c.End
	}
	backward := slices.Clone(all)
	slices.Reverse(backward)
	byEnd := slices.Clone(all)
	slices.SortStableFunc(byEnd, func(a, b string) int { return ends[a].Compare(ends[b]) })
	for _, c := range []struct {
		name string
		body map[string]any
		want []string
	}{
		{"order", map[string]any{"order": "desc"}, backward},
		{"order by", map[string]any{"orderBy": "segmentEnd"}, byEnd},
		{"limit", map[string]any{"limit": 7}, all[:7]},
	} {
		if got := b.results(b.job(c.body, lo, hi), "1000"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d conversations and not these %d", c.name, len(got), len(c.want))
		}
	}
	count := func(body map[string]any) int { return len(b.results(b.job(body, lo, hi), "1000")) }
	filter := func(level, kind string, predicates ...map[string]string) map[string]any {
		return map[string]any{level: []any{map[string]any{"type": kind, "predicates": predicates}}}
	}
	voice := count(filter("segmentFilters", "and", map[string]string{"dimension": "mediaType", "value": "voice"}))
	mail := count(filter("segmentFilters", "or", map[string]string{"dimension": "mediaType", "value": "email"}))
	either := count(filter("segmentFilters", "or", map[string]string{"dimension": "mediaType", "value": "email"}, map[string]string{"dimension": "mediaType", "value": "voice"}))
	if voice == 0 || mail == 0 || either != voice+mail || either >= len(all) {
		t.Errorf("%d by voice, %d by mail, %d by either of %d", voice, mail, either, len(all))
	}
	inbound := count(filter("conversationFilters", "and", map[string]string{"dimension": "originatingDirection", "value": "inbound"}))
	outbound := count(filter("conversationFilters", "and", map[string]string{"dimension": "originatingDirection", "value": "outbound"}))
	if inbound+outbound != len(all) {
		t.Errorf("%d inbound and %d outbound of %d", inbound, outbound, len(all))
	}
	tagged := count(filter("conversationFilters", "and", map[string]string{"dimension": "externalTag", "operator": "exists"}))
	bare := count(filter("conversationFilters", "and", map[string]string{"dimension": "externalTag", "operator": "notExists"}))
	if tagged == 0 || tagged+bare != len(all) {
		t.Errorf("%d with a tag and %d without of %d", tagged, bare, len(all))
	}
	for _, wrong := range []map[string]any{
		{"order": "sideways"}, {"orderBy": "shoeSize"},
		filter("segmentFilters", "xor"), filter("segmentFilters", "and", map[string]string{"dimension": "shoeSize"}),
		filter("segmentFilters", "and", map[string]string{"dimension": "ani", "operator": "resembles"}),
	} {
		wrong["interval"] = "2026-03-02T00:00:00Z/2026-03-03T00:00:00Z"
		b.call(400, http.MethodPost, jobs, wrong)
	}
}

func TestPageSizes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lo, hi := from.AddDate(0, 0, 2), from.AddDate(0, 0, 2).Add(3*time.Hour)
	id := b.job(nil, lo, hi)
	n := len(b.results(id, "1000"))
	for _, c := range []struct {
		query  string
		status int
		first  int
		last   bool
	}{
		{"", 200, n, true}, {"pageSize=100000", 200, n, true},
		{"pageSize=" + itoa(n), 200, n, true}, // exactly: no cursor to an empty page
		{"pageSize=" + itoa(n-1), 200, n - 1, false},
		{"pageSize=0", 400, 0, false}, {"pageSize=-3", 400, 0, false}, {"pageSize=many", 400, 0, false},
		{"cursor=guess", 400, 0, false},
	} {
		status, _, body, _ := b.try(http.MethodGet, jobs+"/"+id+"/results?"+c.query, nil)
		if status != c.status {
			t.Errorf("%s: %d and not %d", c.query, status, c.status)
		} else if p := read[page](t, body); status == 200 && (len(p.Conversations) != c.first || (p.Cursor == "") != c.last) {
			t.Errorf("%s: %d conversations, last is %v", c.query, len(p.Conversations), p.Cursor == "")
		}
	}
	other := b.job(nil, lo, hi)
	foreign := read[page](t, b.call(200, http.MethodGet, jobs+"/"+other+"/results?pageSize=2", nil)).Cursor
	b.call(400, http.MethodGet, jobs+"/"+id+"/results?cursor="+foreign, nil)
	empty := read[page](t, b.call(200, http.MethodGet, jobs+"/"+b.job(nil, from.AddDate(0, 0, -9), from.AddDate(0, 0, -8))+"/results", nil))
	if len(empty.Conversations) != 0 || empty.Cursor != "" {
		t.Errorf("a window before all has %+v", empty)
	}
}

func TestJobLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Jobs.Rows, c.Jobs.Interval = 20, 24*time.Hour })
	b.call(400, http.MethodPost, jobs, map[string]any{"interval": "2026-03-02T00:00:00Z/2026-03-03T00:00:01Z"})
	id := b.job(nil, from, from.AddDate(0, 0, 1))
	p := read[page](t, b.call(200, http.MethodGet, jobs+"/"+id+"/results?pageSize=20", nil))
	if body := b.call(400, http.MethodGet, jobs+"/"+id+"/results?pageSize=20&cursor="+p.Cursor, nil); !strings.Contains(string(body), "pagination may not exceed 20 results") {
		t.Errorf("%s", body)
	}
	if got := b.results(b.job(nil, from, from.Add(2*time.Hour)), "20"); len(got) == 0 || len(got) > 20 {
		t.Errorf("half the window has %d", len(got))
	}
}

// A conversation is open, ends, is wrapped up, is evaluated, is processed by night: a job of each time has the version
// of that time, and the truth knows it.
func TestConversationsChange(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Count, c.ErasedEvery = 40, 10 })
	b.now = from
	var open, closed, late, evaluated, revised, erased int
	for c := range b.sim.Conversations(from, from.AddDate(0, 0, 1)) {
		changes := c.Changes()
		if !slices.IsSortedFunc(changes, time.Time.Compare) || !changes[0].Equal(c.Start) {
			t.Fatalf("%s changes at %v", c.ID, changes)
		}
		if c.At(c.Start) != nil {
			t.Error("it is known before it is")
		}
		last := []byte(nil)
		for _, at := range changes {
			before, after := c.At(at), c.At(at.Add(time.Millisecond))
			if bytes.Equal(before, after) {
				t.Errorf("%s does not change at %s", c.ID, at)
			}
			last = after
		}
		if c.Erased.IsZero() != (last != nil) {
			t.Errorf("%s is erased at %s, and has %d bytes afterwards", c.ID, c.Erased, len(last))
		}
		open += strings.Count(string(c.At(c.End)), `"conversationStart"`) - strings.Count(string(c.At(c.End)), `"conversationEnd"`)
		atEnd, final := string(c.At(c.End.Add(time.Second))), string(last)
		closed += strings.Count(atEnd, `"conversationEnd"`)
		late += min(1, strings.Count(final, `"wrapup"`)-strings.Count(atEnd, `"wrapup"`))
		evaluated += strings.Count(final, `"evaluationId"`)
		revised += strings.Count(final, `"customerParticipation":true`) - strings.Count(atEnd, `"customerParticipation":true`)
		if !c.Erased.IsZero() {
			erased++
		}
	}
	if open != 40 || closed != 40 || late == 0 || evaluated == 0 || revised == 0 || erased != 4 {
		t.Errorf("open %d, closed %d, wrapped up late %d, evaluated %d, revised %d, erased %d", open, closed, late, evaluated, revised, erased)
	}
}

func TestJobHasTheVersionOfItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *genesyssim.Config) { c.Count, c.ErasedEvery, c.Lag = 40, 10, time.Hour })
	b.now = from.Add(2 * time.Hour)
	hi := from.AddDate(0, 0, 1)
	seen := map[string]int{}
	for range 30 {
		b.token = b.mint()
		asOf := b.Now().Add(-time.Hour)
		body := b.call(200, http.MethodGet, jobs+"/"+b.job(nil, from, hi)+"/results", nil)
		var p struct{ Conversations []json.RawMessage }
		if err := json.Unmarshal(body, &p); err != nil {
			t.Fatal(err)
		}
		var want []string
		for c := range b.sim.Conversations(from, hi) {
			if record := c.At(asOf); record != nil {
				want = append(want, string(record))
			}
		}
		got := make([]string, len(p.Conversations))
		for i, c := range p.Conversations {
			got[i] = string(c)
			seen[got[i]]++
		}
		if !slices.Equal(got, want) {
			t.Fatalf("as of %s there are %d conversations, not these %d", asOf, len(got), len(want))
		}
		b.Forward(11 * time.Hour)
	}
	if len(seen) < 60 {
		t.Errorf("only %d versions of 40 conversations", len(seen))
	}
}
