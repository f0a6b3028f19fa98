package analytics

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/quota"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// org is a source with the simulated organisation behind it, in virtual time.
type org struct {
	*testing.T
	sim  *genesyssim.Sim
	src  *Source
	now  time.Time // of the beginning
	ways *ways
}

// simulate runs fn in a bubble. more changes what is simulated and what is configured.
func simulate(t *testing.T, more func(*genesyssim.Config, *Config), fn func(o *org)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC()
		world := genesyssim.Config{Seed: 7, From: now.AddDate(0, 0, -7), Every: 20 * time.Minute}
		c := Config{PageSize: 25}
		if more != nil {
			more(&world, &c)
		}
		sim, err := genesyssim.New(world)
		if err != nil {
			t.Fatal(err)
		}
		o := &org{T: t, sim: sim, now: now, ways: &ways{}}
		pipe, done := genesyssim.Pipe(sim)
		defer done()
		o.ways.next = pipe.Transport
		client, err := genesys.New(genesys.Config{
			API: "http://localhost", Login: "http://localhost", ClientID: "maskrail", ClientSecret: keys.NewSecret([]byte("simulated-secret")),
			Limit: quota.Limit{Requests: 300, Per: time.Minute}, Transport: o.ways,
		})
		if err != nil {
			t.Fatal(err)
		}
		if o.src, err = New(client, c); err != nil {
			t.Fatal(err)
		}
		fn(o)
	})
}

// day is the window of 24 h that begins so many days before now.
func (o *org) day(before int) objref.Window {
	from := o.now.AddDate(0, 0, -before)
	return objref.Window{From: from, To: from.AddDate(0, 0, 1)}
}

// ways counts requests, and can end the process at one.
type ways struct {
	next http.RoundTripper
	deaths
}

func (w *ways) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.dies(false) {
		return nil, errKilled
	}
	resp, err := w.next.RoundTrip(r)
	if w.dies(true) {
		if err == nil {
			resp.Body.Close()
		}
		return nil, errKilled
	}
	return resp, err
}

var errKilled = errors.New("killed")

// deaths end the process at the so many-th step, before it is done or after.
type deaths struct {
	mu    sync.Mutex
	steps int
	at    int
	after bool
	kill  context.CancelCauseFunc
}

// arm sets the step; 0 is none.
func (d *deaths) arm(kill context.CancelCauseFunc, at int, after bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kill, d.at, d.after = kill, at, after
}

func (d *deaths) taken() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.steps
}

func (d *deaths) dies(after bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !after {
		d.steps++
	}
	if d.at == 0 || d.steps != d.at || d.after != after {
		return false
	}
	d.kill(errKilled)
	return true
}

// bucket is a sink in memory. It wants an object that comes twice to be the same.
type bucket struct {
	deaths
	t      *testing.T
	parts  map[string]source.Part // by entity and name
	states [][]byte
	notes  []string
}

func newBucket(t *testing.T) *bucket { return &bucket{t: t, parts: map[string]source.Part{}} }

func (b *bucket) step(do func()) error {
	if b.dies(false) {
		return errKilled
	}
	b.mu.Lock()
	do()
	b.mu.Unlock()
	if b.dies(true) {
		return errKilled
	}
	return nil
}

func (b *bucket) Put(_ context.Context, p source.Part) error {
	return b.step(func() {
		key := p.Entity + "/" + p.Name
		if before, twice := b.parts[key]; twice && (!bytes.Equal(before.Body, p.Body) || before.Tenant != p.Tenant) {
			b.t.Errorf("%s was put twice, with different content", key)
		}
		if !source.IsPartName(p.Name) {
			b.t.Errorf("no part can be called %s", p.Name)
		}
		if rows := bytes.Count(p.Body, []byte("\n")); int64(rows) != p.Rows || p.Format != "jsonl" || p.Tenant == "" {
			b.t.Errorf("%s: %d lines of %d rows, %s, tenant %q", key, rows, p.Rows, p.Format, p.Tenant)
		}
		b.parts[key] = p
	})
}

func (b *bucket) Adopt(context.Context, string, int64) error { return errors.New("nothing to adopt") }

func (b *bucket) Save(_ context.Context, state []byte) error {
	return b.step(func() { b.states = append(b.states, slices.Clone(state)) })
}

func (b *bucket) Note(_ context.Context, action, job string) error {
	return b.step(func() {
		if (job == "") != (action == source.JobForsaken) {
			b.t.Errorf("%s of job %q", action, job)
		}
		b.notes = append(b.notes, action)
	})
}

func (b *bucket) state() []byte {
	if len(b.states) == 0 {
		return nil
	}
	return b.states[len(b.states)-1]
}

// export runs the task until it is done, from the state that was saved.
func (o *org) export(b *bucket, t source.Task) error {
	t.State = b.state()
	return o.src.Export(o.Context(), t, b)
}

// must is export that succeeds.
func (o *org) must(t source.Task) *bucket {
	o.Helper()
	b := newBucket(o.T)
	if err := o.export(b, t); err != nil {
		o.Fatal(err)
	}
	return b
}

// lines are the records of an entity, held ones or the others, in the order of their parts.
func (b *bucket) lines(entity string, held bool) [][]byte {
	var all [][]byte
	for _, key := range slices.Sorted(maps.Keys(b.parts)) {
		if p := b.parts[key]; p.Entity == entity && (p.Held != nil) == held {
			all = append(all, bytes.Split(bytes.TrimSuffix(p.Body, []byte("\n")), []byte("\n"))...)
		}
	}
	return all
}

// flat are the interactions by id. One that is there twice is an error.
func (b *bucket) flat() map[string]interaction {
	all := map[string]interaction{}
	for _, line := range b.lines(Interaction, false) {
		var i interaction
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&i); err != nil {
			b.t.Errorf("%s: %v", line, err)
		}
		if _, twice := all[i.InteractionID]; twice {
			b.t.Errorf("conversation %s is there twice", i.InteractionID)
		}
		all[i.InteractionID] = i
	}
	return all
}

// truth are the conversations that ended in the window, as the data was at a time.
func (o *org) truth(w objref.Window, at time.Time) map[string]genesyssim.Conversation {
	all := map[string]genesyssim.Conversation{}
	for c := range o.sim.Conversations(w.From.AddDate(0, 0, -12), w.To) {
		if c.End.Before(w.From) || c.End.After(w.To) {
			continue
		}
		parsed, bad := parse(orEmpty(c.At(at)))
		if bad == "" && !parsed.end.IsZero() && !parsed.end.Before(w.From) && !parsed.end.After(w.To) {
			all[c.ID] = c
		}
	}
	return all
}

func orEmpty(record []byte) []byte {
	if record == nil {
		return []byte("{}")
	}
	return record
}

// same wants exactly these conversations, each with its tenant.
func (o *org) same(got map[string]interaction, want map[string]genesyssim.Conversation) {
	o.Helper()
	var missing, foreign, wrong int
	for id, c := range want {
		i, ok := got[id]
		switch {
		case !ok:
			missing++
		case i.TenantID != c.Tenant:
			wrong++
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			foreign++
		}
	}
	if missing+foreign+wrong > 0 || len(want) == 0 {
		o.Errorf("of %d conversations %d are missing, %d are of another tenant, and %d do not belong there", len(want), missing, wrong, foreign)
	}
}

func (b *bucket) noted() string { return strings.Join(b.notes, " ") }

// count is what the last state has counted.
func (b *bucket) count() counts {
	b.t.Helper()
	st, err := readState(b.state())
	if err != nil {
		b.t.Fatal(err)
	}
	return st.Count
}

// contextThatEnds is one of a process that can be killed.
func contextThatEnds(o *org) (context.Context, context.CancelCauseFunc) {
	return context.WithCancelCause(o.Context())
}
