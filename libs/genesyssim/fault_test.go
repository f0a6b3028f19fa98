package genesyssim_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
)

const resultsPath = "GET " + jobs + "/*/results"

// world is what a fault is tried on: a job of an hour that is done, and an export.
type world struct {
	*bench
	job string
}

func (w *world) page(query string) (int, []byte, error) {
	status, _, body, err := w.try(http.MethodGet, jobs+"/"+w.job+"/results?"+query, nil)
	return status, body, err
}

func (w *world) state(id string) string {
	return read[struct{ State string }](w, w.call(http.StatusOK, http.MethodGet, jobs+"/"+id, nil)).State
}

// actions tries each action once; the fault is in place, and the second request is free of it.
var actions = map[string]struct {
	fault genesyssim.Fault
	try   func(t *testing.T, w *world)
}{
	genesyssim.Status: {genesyssim.Fault{On: resultsPath, Status: 408}, func(t *testing.T, w *world) {
		if status, body, _ := w.page(""); status != 408 || !strings.Contains(string(body), `"code":"client.timeout"`) {
			t.Errorf("%d %s", status, body)
		}
		w.healthy()
	}},
	genesyssim.TooMany: {genesyssim.Fault{On: resultsPath, After: "7"}, func(t *testing.T, w *world) {
		status, header, _, _ := w.try(http.MethodGet, jobs+"/"+w.job+"/results", nil)
		if status != 429 || header.Get("Retry-After") != "7" || header.Get("inin-ratelimit-reset") != "7" {
			t.Errorf("%d %v", status, headers(header))
		}
		w.healthy()
	}},
	genesyssim.HTML: {genesyssim.Fault{On: resultsPath}, func(t *testing.T, w *world) {
		if status, body, _ := w.page(""); status != 502 || !strings.HasPrefix(string(body), "<html>") {
			t.Errorf("%d %s", status, body)
		}
		w.healthy()
	}},
	genesyssim.Reset: {genesyssim.Fault{On: "POST " + jobs, Nth: 2}, func(t *testing.T, w *world) {
		if w.create() {
			t.Error("the connection did not break")
		}
		if n := w.sim.Requests()["POST "+jobs]; n != 2 {
			t.Errorf("%d requests and not 2", n)
		}
	}},
	genesyssim.Lost: {genesyssim.Fault{On: "POST " + exports}, func(t *testing.T, w *world) {
		if _, _, _, err := w.try(http.MethodPost, exports, order(nil)); err == nil {
			t.Error("there was a reply")
		}
		if list := w.call(http.StatusOK, http.MethodGet, exports, nil); !strings.Contains(string(list), `"state":"QUEUED"`) {
			t.Errorf("the job was not made: %s", list)
		}
	}},
	genesyssim.Cut: {genesyssim.Fault{On: resultsPath, Bytes: 100}, func(t *testing.T, w *world) {
		if _, body, err := w.page(""); err == nil || len(body) != 100 {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		w.healthy()
	}},
	genesyssim.Truncate: {genesyssim.Fault{On: resultsPath, Bytes: 100}, func(t *testing.T, w *world) {
		if status, body, err := w.page(""); status != 200 || err != nil || len(body) != 100 || json.Valid(body) {
			t.Errorf("%d, %d bytes, %v", status, len(body), err)
		}
		w.healthy()
	}},
	genesyssim.Slow: {genesyssim.Fault{On: resultsPath, Delay: 30 * time.Millisecond}, func(t *testing.T, w *world) {
		before := time.Now()
		w.healthy()
		if took := time.Since(before); took < 30*time.Millisecond {
			t.Errorf("it took %s", took)
		}
	}},
	genesyssim.Redirect: {genesyssim.Fault{On: resultsPath}, func(_ *testing.T, w *world) { w.healthy() }},
	genesyssim.Zip: {genesyssim.Fault{On: resultsPath}, func(t *testing.T, w *world) {
		_, zipped, _ := w.page("")
		z, err := gzip.NewReader(bytes.NewReader(zipped))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(z); err != nil || !json.Valid(body) {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	}},
	genesyssim.Big: {genesyssim.Fault{On: resultsPath}, func(t *testing.T, w *world) {
		if _, body, err := w.page("pageSize=1"); len(body) < 10<<20 || err != nil || !json.Valid(body) {
			t.Errorf("%d bytes, %v", len(body), err)
		}
	}},
	genesyssim.ExpireToken: {genesyssim.Fault{On: resultsPath, Nth: 2}, func(t *testing.T, w *world) {
		w.healthy()
		if status, body, _ := w.page(""); status != 401 || !strings.Contains(string(body), "credentials.expired") {
			t.Errorf("%d %s", status, body)
		}
		w.token = w.mint()
		w.healthy()
	}},
	genesyssim.Fail: {genesyssim.Fault{On: "POST " + jobs, Nth: 2, Message: "too much"}, func(t *testing.T, w *world) {
		id := w.bench.job(nil, from, from.Add(time.Hour))
		if body := w.call(200, http.MethodGet, jobs+"/"+id, nil); !strings.Contains(string(body), `"state":"FAILED","errorMessage":"too much"`) {
			t.Errorf("%s", body)
		}
		w.call(400, http.MethodGet, jobs+"/"+id+"/results", nil)
	}},
	genesyssim.Stall: {genesyssim.Fault{On: "GET " + jobs + "/*", Delay: time.Minute}, func(t *testing.T, w *world) {
		if got := w.state(w.job); got != "PENDING" {
			t.Error(got)
		}
		w.Forward(time.Minute)
		if got := w.state(w.job); got != "FULFILLED" {
			t.Error(got)
		}
	}},
	genesyssim.Expire: {genesyssim.Fault{On: resultsPath, Nth: 2}, func(t *testing.T, w *world) {
		w.healthy()
		if status, _, _ := w.page(""); status != 404 || w.state(w.job) != "EXPIRED" {
			t.Errorf("%d, %s", status, w.state(w.job))
		}
	}},
	genesyssim.Vanish: {genesyssim.Fault{On: resultsPath, Nth: 2}, func(_ *testing.T, w *world) {
		w.healthy()
		w.call(404, http.MethodGet, jobs+"/"+w.job+"/results", nil)
		w.call(404, http.MethodGet, jobs+"/"+w.job, nil)
	}},
	genesyssim.Partial: {genesyssim.Fault{On: "POST " + exports}, func(t *testing.T, w *world) {
		if e := w.export(order(nil)); e.State != "FAILED" || e.ErrorMessage == "" {
			t.Errorf("%+v", e)
		}
		objects := 0
		for range w.store.List(t.Context(), "raw", "") {
			objects++
		}
		if objects != 1 {
			t.Errorf("%d objects and not 1", objects)
		}
	}},
	genesyssim.Earlier: {genesyssim.Fault{On: "GET " + jobs + "/availability", Nth: 2, Delay: time.Hour}, func(t *testing.T, w *world) {
		at := func() time.Time {
			return read[struct{ DataAvailabilityDate time.Time }](t, w.call(200, http.MethodGet, jobs+"/availability", nil)).DataAvailabilityDate
		}
		if first, second := at(), at(); !second.Equal(first.Add(-time.Hour)) {
			t.Errorf("%s after %s", second, first)
		}
	}},
	genesyssim.Cap: {genesyssim.Fault{On: resultsPath, Rows: 3, Times: -1}, func(t *testing.T, w *world) {
		status, body, _ := w.page("pageSize=3")
		if status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		status, body, _ = w.page("pageSize=3&cursor=" + read[page](t, body).Cursor)
		if status != 400 || !strings.Contains(string(body), "pagination may not exceed 3 results") {
			t.Errorf("%d %s", status, body)
		}
	}},
	genesyssim.Empty: {genesyssim.Fault{On: resultsPath, Nth: 2}, func(t *testing.T, w *world) {
		first := w.read("pageSize=3")
		second := w.read("pageSize=3&cursor=" + first.Cursor)
		if len(second.Conversations) != 0 || second.Cursor == "" || second.Cursor == first.Cursor {
			t.Errorf("%+v", second)
		}
		if again := w.read("pageSize=3&cursor=" + first.Cursor); len(again.Conversations) != 0 || again.Cursor != second.Cursor {
			t.Errorf("the second time it is %+v", again)
		}
		if third := w.read("pageSize=3&cursor=" + second.Cursor); len(third.Conversations) != 3 {
			t.Errorf("%+v", third)
		}
	}},
	genesyssim.Duplicate: {genesyssim.Fault{On: resultsPath, Nth: 2}, func(t *testing.T, w *world) {
		first := w.read("pageSize=3")
		second := w.read("pageSize=3&cursor=" + first.Cursor)
		again := w.read("pageSize=3&cursor=" + first.Cursor)
		if len(second.Conversations) != 4 || second.Conversations[0].ID != first.Conversations[2].ID || len(again.Conversations) != 4 {
			t.Errorf("%d, then %d conversations", len(second.Conversations), len(again.Conversations))
		}
	}},
	genesyssim.Repeat: {genesyssim.Fault{On: resultsPath, Nth: 2}, func(t *testing.T, w *world) {
		first := w.read("pageSize=3")
		second := w.read("pageSize=3&cursor=" + first.Cursor)
		if second.Cursor != first.Cursor {
			t.Error("the cursor is another one")
		}
	}},
	genesyssim.Shuffle: {genesyssim.Fault{On: "POST /api/v2/analytics/conversations/details/query", Nth: 2, Rows: 1}, func(t *testing.T, w *world) {
		body := map[string]any{"interval": "2026-03-02T00:00:00Z/2026-03-03T00:00:00Z"}
		ask := func() page {
			return read[page](t, w.call(200, http.MethodPost, "/api/v2/analytics/conversations/details/query", body))
		}
		if first, second := ask(), ask(); first.Conversations[1].ID != second.Conversations[0].ID {
			t.Error("the order is the same")
		}
	}},
}

func (w *world) healthy() {
	w.Helper()
	if status, body, err := w.page(""); status != 200 || err != nil || !json.Valid(body) {
		w.Fatalf("%d %.200s %v", status, body, err)
	}
}

func (w *world) read(query string) page {
	w.Helper()
	status, body, err := w.page(query)
	if status != 200 || err != nil {
		w.Fatalf("%d %.200s %v", status, body, err)
	}
	return read[page](w, body)
}

// create makes a job, and says whether there was a reply.
func (w *world) create() bool {
	_, _, _, err := w.try(http.MethodPost, jobs, map[string]any{"interval": "2026-03-02T00:00:00Z/2026-03-02T01:00:00Z"})
	return err == nil
}

func TestEveryAction(t *testing.T) {
	t.Parallel()
	if got := slices.Sorted(maps.Keys(actions)); !slices.Equal(got, slices.Sorted(slices.Values(genesyssim.Actions()))) {
		t.Errorf("the actions that are tried are %v", got)
	}
	for do, c := range actions {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			c.fault.Do = do
			b := setup(t, func(config *genesyssim.Config) {
				config.Faults = []genesyssim.Fault{c.fault}
				config.Jobs.ObjectRows = 20
			})
			w := &world{bench: b}
			w.job = b.job(nil, from.AddDate(0, 0, 1), from.AddDate(0, 0, 1).Add(time.Hour))
			c.try(t, w)
			if b.sim.Hits()[0] == 0 {
				t.Error("the fault hit nothing")
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := from.AddDate(0, 0, 7)
	for _, c := range []struct{ name, after, header, reset, says string }{
		{"seconds", "30", "30", "30", "[30]"},
		{"huge", "86400", "86400", "86400", "[86400]"},
		{"date", "date+90", now.Add(90 * time.Second).Format(http.TimeFormat), "90", "[90]"},
		{"reset alone", "reset", "", "1", "maximum."},
		{"message alone", "message", "", "", "[1]"},
		{"nothing", "none", "", "", "maximum."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{jobs + "/availability", exports + "/schemas"} {
				reset := map[bool]string{true: "X-RateLimit-Reset", false: "inin-ratelimit-reset"}[strings.HasPrefix(path, exports)]
				b := setup(t, func(config *genesyssim.Config) {
					config.Faults = []genesyssim.Fault{{On: "GET " + path, Do: genesyssim.TooMany, After: c.after, Times: 2}}
				})
				for range 2 {
					status, header, body, _ := b.try(http.MethodGet, path, nil)
					if status != 429 || header.Get("Retry-After") != c.header || header.Get(reset) != c.reset || !strings.Contains(string(body), c.says) {
						t.Errorf("%s: %d %v %s", path, status, headers(header), body)
					}
				}
				b.call(200, http.MethodGet, path, nil)
			}
		})
	}
}

func TestWhichRequestsAreHit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault genesyssim.Fault
		want  string // of twelve requests, x is hit
	}{
		{"the first", genesyssim.Fault{}, "x..........."},
		{"the third", genesyssim.Fault{Nth: 3}, "..x........."},
		{"three from the second on", genesyssim.Fault{Nth: 2, Times: 3}, ".xxx........"},
		{"all from the fifth on", genesyssim.Fault{Nth: 5, Times: -1}, "....xxxxxxxx"},
		{"by chance", genesyssim.Fault{Chance: 0.5}, "x...x.x.xx.x"},
		{"by chance, twice", genesyssim.Fault{Chance: 0.5, Times: 2}, "x...x......."},
		{"another method", genesyssim.Fault{On: "POST " + jobs + "/availability", Times: -1}, "............"},
		{"any method", genesyssim.Fault{On: jobs + "/availability", Nth: 12}, "...........x"},
		{"any path", genesyssim.Fault{On: "GET *", Nth: 2}, ".x.........."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.fault.Do, c.fault.Status = genesyssim.Status, 503
			if c.fault.On == "" {
				c.fault.On = "GET " + jobs + "/availability"
			}
			b := setup(t)
			if err := b.sim.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			got := ""
			for range len(c.want) {
				status, _, _, _ := b.try(http.MethodGet, jobs+"/availability", nil)
				got += map[int]string{200: ".", 503: "x"}[status]
			}
			if got != c.want {
				t.Errorf("%s and not %s", got, c.want)
			}
		})
	}
}
