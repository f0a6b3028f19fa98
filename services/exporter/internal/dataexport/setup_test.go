package dataexport_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/dataexport"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const runID = "01J8ZQ4Y7N3T5V9X2B6D8F0GHJ"

// bench is a simulated provider, the raw bucket that it writes into, and the source under test. It lives in a bubble of
// testing/synctest, whose time is the provider's.
type bench struct {
	*testing.T
	sim    *genesyssim.Sim
	store  *memblob.Store
	source *dataexport.Source
	window objref.Window // the day before the test began
	seen   func(*http.Request, []byte)
}

type change func(*genesyssim.Config, *dataexport.Config)

func setup(t *testing.T, changes ...change) *bench {
	t.Helper()
	b := &bench{T: t, store: memblob.New("raw")}
	now := time.Now().UTC()
	b.window = objref.Window{From: now.Add(-24 * time.Hour), To: now}
	provider := genesyssim.Config{Seed: 11, Every: 5 * time.Minute, From: now.AddDate(0, 0, -2), Store: b.store}
	config := dataexport.Config{Bucket: "raw", Region: "us-east-1"}
	for _, c := range changes {
		c(&provider, &config)
	}
	var err error
	if b.sim, err = genesyssim.New(provider); err != nil {
		t.Fatal(err)
	}
	client, done := genesyssim.Pipe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b.seen != nil {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			b.seen(r, body)
		}
		b.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(done)
	b.source = b.make(client.Transport, config)
	return b
}

func (b *bench) make(transport http.RoundTripper, config dataexport.Config) *dataexport.Source {
	b.Helper()
	client, err := genesys.New(genesys.Config{
		API: "http://127.0.0.1", Login: "http://127.0.0.1", ClientID: "maskrail", ClientSecret: keys.NewSecret([]byte("simulated-secret")),
		Limit: quota.Limit{Requests: 100, Per: time.Second}, Transport: transport,
	})
	if err != nil {
		b.Fatal(err)
	}
	s, err := dataexport.New(client, config)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func (b *bench) task() source.Task { return source.Task{Run: runID, Window: b.window} }

// truth are the ids of the interactions of the window that are there to be exported.
func (b *bench) truth(of func(genesyssim.Interaction) bool) map[string]bool {
	ids := map[string]bool{}
	for r := range b.sim.Interactions(b.window.From, b.window.To) {
		if r.End.Before(b.window.To) && of(r) {
			ids[r.InteractionID] = true
		}
	}
	return ids
}

func inbound(r genesyssim.Interaction) bool { return r.Direction == "INBOUND" }

var errKilled = errors.New("killed")

// sink keeps what is delivered. It fails from the call on that it is told to, as one in a killed process would.
type sink struct {
	mu      sync.Mutex
	kill    int // the call that fails, 0 for none
	calls   int
	parts   map[string]source.Part
	adopted map[string]int64
	state   []byte
	notes   []string
}

func newSink() *sink { return &sink{parts: map[string]source.Part{}, adopted: map[string]int64{}} }

func (s *sink) call(do func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls++; s.kill > 0 && s.calls >= s.kill {
		return errKilled
	}
	do()
	return nil
}

var partName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

func (s *sink) Put(_ context.Context, p source.Part) error {
	if !partName.MatchString(p.Name) {
		return errors.New("the name cannot stand in a key")
	}
	p.Body = bytes.Clone(p.Body)
	return s.call(func() { s.parts[p.Tenant+"/"+p.Name] = p })
}

func (s *sink) Adopt(_ context.Context, key string, rows int64) error {
	return s.call(func() { s.adopted[key] = rows })
}

func (s *sink) Save(_ context.Context, state []byte) error {
	return s.call(func() { s.state = bytes.Clone(state) })
}

func (s *sink) Note(_ context.Context, action, job string) error {
	if job == "" {
		return errors.New("a note without a job")
	}
	return s.call(func() { s.notes = append(s.notes, action) })
}

// rows are the ids in the adopted objects.
func (b *bench) rows(s *sink) map[string]bool {
	b.Helper()
	ids := map[string]bool{}
	for key, rows := range s.adopted {
		body, _, err := b.store.Get(b.Context(), blob.Location{Bucket: "raw", Key: key}, blob.Range{})
		if err != nil {
			b.Fatal(err)
		}
		plain, err := gzip.NewReader(body)
		if err != nil {
			b.Fatal(err)
		}
		if n := collect(b.T, plain, ids); n != rows {
			b.Errorf("an object has %d rows, %d were adopted", n, rows)
		}
	}
	return ids
}

// collect adds the ids of JSON Lines.
func collect(t *testing.T, r io.Reader, ids map[string]bool) (rows int64) {
	t.Helper()
	for lines := bufio.NewScanner(r); lines.Scan(); rows++ {
		var row struct{ InteractionID string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil || row.InteractionID == "" {
			t.Fatalf("row %d is none: %v", rows, err)
		}
		ids[row.InteractionID] = true
	}
	return rows
}
