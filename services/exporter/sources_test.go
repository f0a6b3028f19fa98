package exporter_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
)

const goodSource = `
  - name: prod
    type: genesys-analytics
    region: mypurecloud.de
    clientId: 8f0c7a52
    clientSecretFile: /run/secrets/prod
`

// TestSources reads sources as an operator writes them.
func TestSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ yaml, want string }{
		"least":               {goodSource, ""},
		"all of it":           {goodSource + "    schedule: '*/30 * * * *'\n    jitter: 1m\n    window: 12h\n    concurrency: 4\n    lookback: 72h\n    overlap: 0s\n    resweeps: []\n    tenants: [acme]\n    filters: [{field: originatingDirection, value: inbound}]\n    write: [conversation]\n    open: true\n    tenantKey: tenant\n    knownTenants: [acme]\n    queues: {q: acme}\n    divisions: {d: acme}\n    customAttributes: true\n    customAttributeKey: owner\n    rateLimit: 180\n", ""},
		"on demand":           {goodSource + "    schedule: ''\n", ""},
		"no name":             {strings.Replace(goodSource, "name: prod", "name: ''", 1), "sources[0].name: want 1 to 32"},
		"a name twice":        {goodSource + goodSource, "sources[1].name: another source has it"},
		"one variable of two": {strings.Replace(goodSource, "name: prod", "name: a-b", 1) + strings.Replace(goodSource, "name: prod", "name: a_b", 1), "sources[1].name"},
		"type that is none":   {strings.Replace(goodSource, "genesys-analytics", "zendesk", 1), "sources[0].type: want one of"},
		"any domain":          {strings.Replace(goodSource, "mypurecloud.de", "evil.example", 1), "sources[0].region: want one of"},
		"no client":           {strings.Replace(goodSource, "8f0c7a52", "''", 1), "sources[0].clientId"},
		"secret in the file":  {goodSource + "    clientSecret: hush\n", `unknown field "clientSecret"`},
		"schedule":            {goodSource + "    schedule: at night\n", "sources[0].schedule: \"at night\" is no cron expression"},
		"never":               {goodSource + "    schedule: '0 0 31 2 *'\n", "sources[0].schedule: \"0 0 31 2 *\" never comes"},
		"window":              {goodSource + "    window: 1m\n", "sources[0].window: want 10m0s to"},
		"lookback":            {goodSource + "    lookback: -1h\n", "sources[0].lookback"},
		"overlap":             {goodSource + "    overlap: -1h\n", "sources[0].overlap"},
		"resweeps":            {goodSource + "    resweeps: [96h, 96h]\n", "sources[0].resweeps: age 2"},
		"concurrency":         {goodSource + "    concurrency: 17\n", "sources[0].concurrency"},
		"tenant":              {goodSource + "    tenants: ['_']\n", "sources[0].tenants: name 1"},
		"filter of two":       {goodSource + "    filters: [{field: a, values: [b, c]}]\n", "sources[0].filters: filter 1"},
		"what is not written": {goodSource + "    write: [calls]\n", "sources[0].write"},
		"data export":         {strings.Replace(goodSource, "genesys-analytics", "data-export", 1) + "    format: PARQUET\n    bucketRegion: eu-central-1\n    filters: [{field: direction, operator: IN, values: [INBOUND, OUTBOUND]}]\n", ""},
		"format that is none": {strings.Replace(goodSource, "genesys-analytics", "data-export", 1) + "    format: XML\n", "format: want JSON_LINES"},
		"field of the other":  {goodSource + "    format: CSV\n", "format: another type of source has this"},
		"operator":            {strings.Replace(goodSource, "genesys-analytics", "data-export", 1) + "    filters: [{field: direction, operator: LIKE, value: x}]\n", "filter 1"},
		"tail, no overlap":    {goodSource + "    tail: true\n    overlap: 1h\n", "sources[0].overlap: want at least 24h"},
		"entity of nobody":    {strings.Replace(goodSource, "genesys-analytics", "data-export", 1) + "entities: [conversation]\n", "sources[0].entity: want one of entities"},
		"written for nobody":  {goodSource + "    write: [conversation, interaction]\nentities: [interaction]\n", "sources[0].write: want those of entities"},
		"unknown field":       {goodSource + "    windows: 3\n", `unknown field "windows"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "exporter.yaml")
			if err := os.WriteFile(path, []byte("environments: [sandbox]\nsources:\n"+c.yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := exporter.Default()
			err := app.Load(path, &cfg)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

// org is a simulated organisation, an exporter that exports it, and what the exporter serves.
type org struct {
	t     *testing.T
	sim   *genesyssim.Sim
	now   time.Time
	store *memblob.Store
	http  *httptest.Server
	logs  *text
}

// text is a log that can be read while it is written.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *text) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const token = "a-token-of-some-length"

func newOrg(t *testing.T, change func(*exporter.Source)) *org {
	t.Helper()
	o := &org{t: t, now: time.Now().UTC().Truncate(time.Millisecond), store: memblob.New(raw, "maskrail-quarantine"), logs: &text{}}
	var err error
	o.sim, err = genesyssim.New(genesyssim.Config{
		Seed: 7, From: o.now.AddDate(0, 0, -3), Every: 20 * time.Minute, Now: time.Now,
		Jobs: genesyssim.Jobs{Queued: time.Millisecond, Running: time.Millisecond}, Quota: genesyssim.Quota{PerMinute: -1, PerSecond: -1},
		Store: o.store,
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(o.sim)
	t.Cleanup(provider.Close)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("simulated-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := exporter.Source{
		Name: "prod", Type: run.SourceAnalytics, API: provider.URL, Login: provider.URL, ClientID: "maskrail", ClientSecretFile: secret,
		Schedule: new(""), RateLimit: 60_000,
	}
	change(&s)
	c := exporter.Default()
	c.Environments, c.Sources = []string{"sandbox"}, []exporter.Source{s}
	c.Refresh.TokenFile = filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(c.Refresh.TokenFile, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: exporter.Name, Logs: o.logs})
	if err != nil {
		t.Fatal(err)
	}
	service, err := exporter.New(c, app.Deps{Bus: membus.New(bus.Streams(bus.Horizon)), Store: o.store, Telemetry: tel})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, h := range service.Handlers() {
		mux.Handle(pattern, h)
	}
	o.http = httptest.NewServer(mux)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = service.Run(t.Context()) // until the test ends
	}()
	t.Cleanup(func() {
		o.http.Close()
		<-done
		_ = tel.Shutdown(t.Context())
	})
	return o
}

// ask posts to /refresh.
func (o *org) ask(bearer, body string) (int, http.Header, exporter.RefreshAnswer) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, o.http.URL+"/refresh", strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	var a exporter.RefreshAnswer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		o.t.Fatal(err)
	}
	return res.StatusCode, res.Header, a
}

// manifest waits until the run is sealed.
func (o *org) manifest(id string) run.Manifest {
	o.t.Helper()
	for limit := time.After(time.Minute); ; {
		m, err := run.Read(o.t.Context(), o.store, raw, id)
		if err == nil && m.Sealed {
			return m
		}
		select {
		case <-limit:
			o.t.Fatalf("the run is not sealed: %v\n%s", err, o.logs)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ids are those of the records of the entity, by how often each lies in the bucket.
func (o *org) ids(entity, field string) map[string]int {
	o.t.Helper()
	return o.idsUnder(entity+"/", field)
}

func (o *org) idsUnder(prefix, field string) map[string]int {
	o.t.Helper()
	ids := map[string]int{}
	for obj, err := range o.store.List(o.t.Context(), raw, prefix) {
		if err != nil {
			o.t.Fatal(err)
		}
		body, _, err := o.store.Get(o.t.Context(), blob.Location{Bucket: raw, Key: obj.Key}, blob.Range{})
		if err != nil {
			o.t.Fatal(err)
		}
		var z io.Reader
		if strings.HasSuffix(obj.Key, ".gz") {
			z, err = gzip.NewReader(body)
		} else {
			z, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		}
		if err != nil {
			o.t.Fatal(err)
		}
		for d := json.NewDecoder(z); ; {
			var record map[string]any
			if err := d.Decode(&record); err == io.EOF {
				break
			} else if err != nil {
				o.t.Fatal(err)
			}
			ids[fmt.Sprint(record[field])]++
		}
	}
	return ids
}

// TestExportOnDemand: a day that is asked for over HTTP comes from the provider into the bucket, each conversation once.
func TestExportOnDemand(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(s *exporter.Source) { s.Window = 6 * time.Hour })
	from, to := o.now.AddDate(0, 0, -2), o.now.AddDate(0, 0, -1)
	status, header, a := o.ask(token, fmt.Sprintf(`{"source":"prod","from":%q,"to":%q,"by":"ana"}`, from.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano)))
	if status != http.StatusAccepted || !run.IsID(a.Run) || header.Get("Location") != "/refresh/"+a.Run {
		t.Fatalf("%d %v %+v", status, header, a)
	}
	m := o.manifest(a.Run)
	if m.Source != run.SourceAnalytics || m.Failed != 0 || len(m.Objects) == 0 || m.Window == nil || !m.Window.From.Equal(from) || !m.Window.To.Equal(to) {
		t.Errorf("manifest %+v\n%s", m, o.logs)
	}
	got, flat, want := o.ids("conversation", "conversationId"), o.ids("interaction", "interactionId"), 0
	for c := range o.sim.Conversations(o.now.AddDate(0, 0, -3), to) {
		var record struct {
			ID  string    `json:"conversationId"`
			End time.Time `json:"conversationEnd"`
		}
		if err := json.Unmarshal(c.At(o.now), &record); err != nil {
			t.Fatal(err)
		}
		if record.End.Before(from) || !record.End.Before(to) {
			continue
		}
		want++
		if got[record.ID] != 1 || flat[record.ID] != 1 {
			t.Errorf("a conversation came %d times, its projection %d times", got[record.ID], flat[record.ID])
		}
	}
	if want == 0 || len(got) != want {
		t.Errorf("%d conversations, want %d", len(got), want)
	}
	for _, secret := range []string{token, "simulated-secret", "Bearer"} {
		if strings.Contains(o.logs.String(), secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
}

// TestDataExportOnDemand: what the provider writes into the bucket itself belongs to the run, and so do the rows of a tenant
// that are read from its table.
func TestDataExportOnDemand(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(s *exporter.Source) {
		s.Type, s.Filters, s.RateLimit = run.SourceExport, []exporter.Filter{}, 1000
	})
	from, to := o.now.AddDate(0, 0, -2), o.now.AddDate(0, 0, -1)
	want := map[string]int{}
	for i := range o.sim.Interactions(from, to) {
		want[i.TenantID]++
		want[""]++
	}
	for _, tenant := range []string{"", "acme"} {
		named := ""
		if tenant != "" {
			named = `,"tenants":["` + tenant + `"]`
		}
		status, _, a := o.ask(token, fmt.Sprintf(`{"source":"prod","from":%q,"to":%q%s}`, from.Format(time.RFC3339Nano), to.Format(time.RFC3339Nano), named))
		if status != http.StatusAccepted {
			t.Fatalf("%d %+v", status, a)
		}
		m := o.manifest(a.Run)
		prefix := "interaction/run=" + a.Run + "/"
		if m.Source != run.SourceExport || m.Failed != 0 || len(m.Objects) == 0 || !strings.HasPrefix(m.Objects[0].Key, prefix) {
			t.Errorf("manifest %+v\n%s", m, o.logs)
		}
		got := o.idsUnder(prefix, "interactionId")
		for id, n := range got {
			if n != 1 {
				t.Errorf("record %s came %d times", id, n)
			}
		}
		if len(got) != want[tenant] || len(got) == 0 {
			t.Errorf("%d records of tenant %q, want %d", len(got), tenant, want[tenant])
		}
	}
}

func TestRefreshIsGuarded(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(*exporter.Source) {})
	for name, c := range map[string]struct {
		bearer, body string
		status       int
	}{
		"no token":         {"", `{"source":"prod"}`, http.StatusUnauthorized},
		"another token":    {token + "x", `{"source":"prod"}`, http.StatusUnauthorized},
		"no JSON":          {token, `source=prod`, http.StatusBadRequest},
		"unknown field":    {token, `{"source":"prod","tenant":"acme"}`, http.StatusBadRequest},
		"unknown source":   {token, `{"source":"test"}`, http.StatusNotFound},
		"from after to":    {token, `{"source":"prod","from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z"}`, http.StatusBadRequest},
		"from the future":  {token, `{"source":"prod","from":"2126-03-02T00:00:00Z"}`, http.StatusBadRequest},
		"tenant without a": {token, `{"source":"prod","tenants":[""]}`, http.StatusBadRequest},
		"a name of a page": {token, `{"source":"prod","by":"` + strings.Repeat("x", 200) + `"}`, http.StatusBadRequest},
	} {
		status, _, a := o.ask(c.bearer, c.body)
		if status != c.status || a.Error == "" || a.Run != "" {
			t.Errorf("%s: %d %+v, want %d", name, status, a, c.status)
		}
	}
	for obj, err := range o.store.List(t.Context(), raw, "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(obj.Key, "_environments/") {
			t.Error("a request that was refused left an object")
		}
	}
}

// TestSecretsOfSources: a source without its secret, or with two, does not start.
func TestSecretsOfSources(t *testing.T) {
	open := filepath.Join(t.TempDir(), "open")
	if err := os.WriteFile(open, []byte("hush"), 0o644); err != nil { //nolint:gosec // that is what is tested
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, variable, want string }{
		"none":          {"", "", "MASKRAIL_SOURCES_PROD_1_CLIENT_SECRET"},
		"two":           {open, "hush", "given twice"},
		"open to all":   {open, "", "chmod 600"},
		"by a variable": {"", "hush", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("MASKRAIL_SOURCES_PROD_1_CLIENT_SECRET", c.variable)
			cfg := exporter.Default()
			cfg.Environments = []string{"sandbox"}
			cfg.Sources = []exporter.Source{{Name: "prod-1", Type: run.SourceAnalytics, Region: "mypurecloud.com", ClientID: "x", ClientSecretFile: c.file}}
			_, err := exporter.New(cfg, app.Deps{Bus: membus.New(nil), Store: memblob.New(raw), Telemetry: telemetry.Discard()})
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush")) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
