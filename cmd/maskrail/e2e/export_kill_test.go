package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	generate "github.com/maskrail/maskrail/libs/synth"
)

// TestExportKill kills the exporter at 30 random moments of exports of several windows: every conversation is in the
// sandbox once, or parked where its tenant cannot be told, and every job, window and command stands in the audit log.
func TestExportKill(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "../../../policies/genesys-interaction.yaml")
	sim := c.simulate(t, genesyssim.Config{
		Every: 20 * time.Minute, Quota: genesyssim.Quota{PerMinute: -1}, Odd: []genesyssim.Oddity{{Tenant: generate.TenantConflict, Every: 40}},
		Jobs: genesyssim.Jobs{Queued: 50 * time.Millisecond, Running: 100 * time.Millisecond},
	}, "genesys-analytics", "    write: [interaction]\n    window: 4h\n    pageSize: 5\n")
	from, to := c.exportKilled(t, 30)

	want, odd := map[string]string{}, map[string]bool{}
	for conv := range sim.Conversations(from.Add(-35*24*time.Hour), to) {
		if conv.End.Before(from) || !conv.End.Before(to) {
			continue
		}
		if conv.Oddity != "" {
			odd[conv.ID] = true
		} else {
			want[conv.ID] = owned(conv.Tenant, conv.Start, conv.End)
		}
	}
	if len(want) < 100 || len(odd) < 2 {
		t.Fatalf("%d conversations and %d unclear ones prove little", len(want), len(odd))
	}
	differ(t, "the sandbox", c.loadedRows(t), want)
	differ(t, "what is parked", c.parked(t), odd)
}

// TestExportKillOfJobs is the same with export jobs whose objects the provider writes itself.
func TestExportKillOfJobs(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "../../../policies/guide-interaction.yaml")
	sim := c.simulate(t, genesyssim.Config{
		Every: 5 * time.Minute, Jobs: genesyssim.Jobs{Queued: 100 * time.Millisecond, Running: 200 * time.Millisecond, ObjectRows: 40},
	}, "data-export", "    window: 12h\n    filters: []\n")
	from, to := c.exportKilled(t, 10)

	want := map[string]string{}
	for row := range sim.Interactions(from, to) {
		if row.End.Before(time.Now()) {
			want[row.InteractionID] = owned(row.TenantID, row.Start, row.End)
		}
	}
	if len(want) < 100 {
		t.Fatalf("%d interactions prove little", len(want))
	}
	differ(t, "the sandbox", c.loadedRows(t), want)
}

// exportKilled exports spans of two days, kills the exporter so many times on the way, and exports all once more; every
// object has ended then. The whole span is half-open.
func (c *cluster) exportKilled(t *testing.T, kills int) (from, to time.Time) {
	t.Helper()
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (again with -kill.seed %d)", seed, seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	c.start(t)
	exporter := c.workers["exporter"]
	to = time.Now().UTC().Truncate(time.Hour).Add(-4 * 24 * time.Hour) // nothing is written into these records any more
	from = to
	var runs []string
	for exporter.kills < kills {
		if len(runs) == 0 || c.sealed(t, runs[len(runs)-1]) {
			runs = append(runs, c.refresh(t, "prod", from.Add(-48*time.Hour), from))
			from = from.Add(-48 * time.Hour)
		}
		after(t, time.Duration(rng.Int64N(int64(2500*time.Millisecond)))) // as long as the lease of the one before, and then some
		if !exporter.kill() {
			t.Fatalf("the exporter had ended by itself: %s", exporter.tail())
		}
		exporter.start(t)
	}
	runs = append(runs, c.refresh(t, "prod", from, to)) // nothing comes twice
	c.end(t, runs)
	t.Logf("%d kills, %d runs from %s to %s", exporter.kills, len(runs), from.Format(time.RFC3339), to.Format(time.RFC3339))
	c.stop(t)
	c.checkAudit(t, runs)
	return from, to
}

func owned(tenant string, start, end time.Time) string {
	return tenant + " " + start.UTC().Format(time.RFC3339Nano) + " " + end.UTC().Format(time.RFC3339Nano)
}

// loadedRows are the interactions of the sandbox: whose each is, and when it was.
func (c *cluster) loadedRows(t *testing.T) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, row := range query(t, c.sandbox(), `SELECT interactionId, tenant_id, strftime(startTime AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%g'), strftime(endTime AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%g') FROM interaction`) {
		if _, twice := rows[row[0]]; twice {
			t.Errorf("%s is there twice", row[0])
		}
		rows[row[0]] = owned(row[1], instant(t, row[2]), instant(t, row[3]))
	}
	return rows
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.000", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// differ names what is missing, what is too much and what is different.
func differ[V comparable](t *testing.T, where string, got, want map[string]V) {
	t.Helper()
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if v, ok := got[id]; !ok {
			t.Errorf("%s: %s is missing", where, id)
		} else if v != want[id] {
			t.Errorf("%s: %s is %v, want %v", where, id, v, want[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[id]; !ok {
			t.Errorf("%s: %s should not be there", where, id)
		}
	}
}

// refreshToken is who may ask for an export.
const refreshToken = "a-token-for-the-test"

// simulate serves a simulated provider, and configures the exporter to export it on demand.
func (c *cluster) simulate(t *testing.T, cfg genesyssim.Config, kind, more string) *genesyssim.Sim {
	t.Helper()
	cfg.Store = c.store
	sim, err := genesyssim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	secret, token := filepath.Join(c.dir, "client.secret"), filepath.Join(c.dir, "refresh.token")
	for path, text := range map[string]string{secret: "simulated-secret", token: refreshToken} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.configure(t, "exporter", "environments: [%s]\nsweep: 5s\nrefresh: {tokenFile: %s}\nsources:\n  - name: prod\n    type: %s\n    api: %s\n    login: %s\n    clientId: maskrail\n"+
		"    clientSecretFile: %s\n    schedule: \"\"\n%s", environment, token, kind, server.URL, server.URL, secret, more)
	w := c.workers["exporter"]
	text, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("ackWait: "+ackWait.String()), []byte("ackWait: 1s"), 1)
	if err := os.WriteFile(w.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return sim
}

// refresh asks for an export and returns its run.
func (c *cluster) refresh(t *testing.T, source string, from, to time.Time) string {
	t.Helper()
	c.workers["exporter"].alive(t)
	body, err := json.Marshal(map[string]any{"source": source, "from": from, "to": to, "by": "operator"})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+c.workers["exporter"].address+"/refresh", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+refreshToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Run, Error string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusAccepted {
		t.Fatalf("refresh answers %s: %s %v", resp.Status, answer.Error, err)
	}
	return answer.Run
}

func (c *cluster) sealed(t *testing.T, id string) bool {
	t.Helper()
	m, err := run.Read(t.Context(), c.store, c.common.Buckets.Raw, id)
	if err != nil {
		t.Fatal(err)
	}
	return m.Sealed
}

// end waits until every run is sealed and each of its objects has ended.
func (c *cluster) end(t *testing.T, runs []string) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for _, id := range runs {
		url := "http://" + c.workers["loader"].address + "/refresh/" + id
		code, body := get(t, url)
		for ; code == http.StatusAccepted && time.Now().Before(deadline); code, body = get(t, url) {
			after(t, 200*time.Millisecond)
		}
		if code != http.StatusOK && code != http.StatusConflict { // a conflict, where conversations are parked
			t.Fatalf("run %s: %d %s\nexporter: %s\nmasker: %s", id, code, body, c.workers["exporter"].tail(), c.workers["masker"].tail())
		}
		var r run.Report
		if err := json.Unmarshal([]byte(body), &r); err != nil || r.Failed > 0 || r.Dead > 0 || r.Objects == 0 {
			t.Errorf("run %s: %s %v", id, body, err)
		}
		for _, s := range r.Stopped {
			if s.Reason == nil || !strings.HasPrefix(s.Reason.Class, "tenant-") {
				t.Errorf("run %s: object %s is %s: %v", id, s.Object, s.State, s.Reason)
			}
		}
	}
}

// parked are the conversations in objects that are held.
func (c *cluster) parked(t *testing.T) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for o, err := range c.store.List(t.Context(), c.common.Buckets.Raw, "conversation/") {
		if err != nil {
			t.Fatal(err)
		}
		body, head, err := c.store.Get(t.Context(), blob.Location{Bucket: o.Bucket, Key: o.Key}, blob.Range{})
		if err != nil {
			t.Fatal(err)
		}
		if head.Metadata["maskrail-held"] == "" {
			t.Errorf("object %s is not held", objref.From(o).ShortID())
		}
		for line := range lines(t, body) {
			var conv struct{ ConversationID string }
			if err := json.Unmarshal(line, &conv); err != nil {
				t.Fatal(err)
			}
			ids[conv.ConversationID] = true
		}
		body.Close()
	}
	return ids
}

func lines(t *testing.T, packed io.Reader) func(func([]byte) bool) {
	t.Helper()
	return func(yield func([]byte) bool) {
		z, err := zstd.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		s := bufio.NewScanner(z)
		s.Buffer(nil, 16<<20)
		for s.Scan() {
			if !yield(s.Bytes()) {
				return
			}
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
	}
}

// checkAudit wants every command, window and job in the audit log, each in its place.
func (c *cluster) checkAudit(t *testing.T, runs []string) {
	t.Helper()
	var n int64
	begun, done := map[string]map[string]int64{}, map[string]map[string]bool{} // windows by run
	jobs, seen := map[string]string{}, map[string][]string{}
	for e, err := range audit.Open(c.store, c.common.Buckets.Raw, "_audit/exports/").All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; e.Number != n {
			t.Fatalf("entry %d has the number %d", n, e.Number)
		}
		seen[e.Run] = append(seen[e.Run], e.Action)
		if begun[e.Run] == nil {
			begun[e.Run], done[e.Run] = map[string]int64{}, map[string]bool{}
		}
		span := ""
		if e.Window != nil {
			span = fmt.Sprint(e.Window.From.Unix(), " ", e.Window.To.Unix())
		}
		switch e.Action {
		case "window-begun":
			begun[e.Run][span] = n
		case "window-done":
			if begun[e.Run][span] == 0 {
				t.Errorf("entry %d: a window is done that was not begun", n)
			}
			done[e.Run][span] = true
		case "job-created", "job-adopted":
			jobs[e.Job] = e.Action
		case "job-done":
			if jobs[e.Job] == "" {
				t.Errorf("entry %d: a job is done that was not created", n)
			}
		}
	}
	for _, id := range runs {
		actions := seen[id]
		if len(actions) == 0 || actions[0] != "run-requested" || !slices.Contains(actions, "run-planned") || !slices.Contains(actions, "run-sealed") {
			t.Errorf("run %s: the audit log has %q", id, actions)
		}
		if len(done[id]) != len(begun[id]) || len(done[id]) == 0 {
			t.Errorf("run %s: %d windows are done of %d", id, len(done[id]), len(begun[id]))
		}
	}
	if len(jobs) == 0 {
		t.Error("the audit log has no job")
	}
	t.Logf("%d entries in the audit log, %d jobs", n, len(jobs))
}
