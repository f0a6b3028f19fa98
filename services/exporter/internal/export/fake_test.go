package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// provider is a provider of exports in memory: a record each quarter of an hour since for ever, of two tenants in turn, in
// pages. What it has of a job is lost when the job expires, as with a real one.
type provider struct {
	mu      sync.Mutex
	jobs    map[string]objref.Window
	next    int
	exports int // calls of Export
	early   int // of them, for windows that are not complete
	limit   int // records that a job may have; 0 for any number
	left    map[string]bool

	// behind is by how much what is available lies behind now.
	behind time.Duration
	// away does not say what is available.
	away bool
	// complete, when set, is up to when there is data.
	complete time.Time
	// before is asked before each page.
	before  func(page int, w objref.Window) error
	schemas func() (map[string]drift.Source, error)
	version int // of the records: what they hold besides their id
}

const (
	step     = 15 * time.Minute
	pageSize = 30
)

func newProvider() *provider {
	return &provider{jobs: map[string]objref.Window{}, left: map[string]bool{}}
}

var errAway = errors.New("the provider is away")

func (p *provider) Available(context.Context) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return time.Time{}, errAway
	}
	if !p.complete.IsZero() {
		return p.complete, nil
	}
	return time.Now().Add(-p.behind), nil
}

func (p *provider) Schemas(context.Context) (map[string]drift.Source, error) {
	if p.schemas == nil {
		return nil, nil
	}
	return p.schemas()
}

// progress is the state of a task.
type progress struct {
	Job  string `json:"job"`
	Page int    `json:"page"`
}

// set changes the provider while it is asked.
func (p *provider) set(change func(p *provider)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// asked is how often Export was called.
func (p *provider) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exports
}

// kept is how many jobs are left with the provider.
func (p *provider) kept() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.left)
}

// records are the times of the records in a window.
func records(w objref.Window) (all []time.Time) {
	at := w.From.Truncate(step)
	if at.Before(w.From) {
		at = at.Add(step)
	}
	for ; at.Before(w.To); at = at.Add(step) {
		all = append(all, at)
	}
	return all
}

func (p *provider) create(w objref.Window) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	id := fmt.Sprintf("job-%d", p.next)
	p.jobs[id], p.left[id] = w, true
	return id
}

// expire loses every job.
func (p *provider) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.jobs)
}

func (p *provider) Export(ctx context.Context, t source.Task, sink source.Sink) error {
	p.mu.Lock()
	p.exports++
	if p.complete.IsZero() && t.Window.To.After(time.Now().Add(-p.behind)) {
		p.early++
	}
	p.mu.Unlock()
	all := records(t.Window)
	var at progress
	if t.State != nil {
		if err := json.Unmarshal(t.State, &at); err != nil {
			return err
		}
		p.mu.Lock()
		_, there := p.jobs[at.Job]
		p.mu.Unlock()
		if !there {
			return source.ErrRestart
		}
	} else {
		at.Job = p.create(t.Window)
		if err := sink.Note(ctx, source.JobCreated, at.Job); err != nil {
			return err
		}
		if err := p.save(ctx, sink, at); err != nil {
			return err
		}
	}
	p.mu.Lock()
	limit, before := p.limit, p.before
	p.mu.Unlock()
	if limit > 0 && len(all) > limit {
		return source.ErrSplit
	}
	for ; at.Page*pageSize < len(all); at.Page++ {
		if before != nil {
			if err := before(at.Page, t.Window); err != nil {
				return err
			}
		}
		if err := p.page(ctx, t, sink, at.Page, all[at.Page*pageSize:min(len(all), (at.Page+1)*pageSize)]); err != nil {
			return err
		}
		if err := p.save(ctx, sink, progress{at.Job, at.Page + 1}); err != nil {
			return err
		}
	}
	p.mu.Lock()
	delete(p.left, at.Job)
	p.mu.Unlock()
	return sink.Note(ctx, source.JobDone, at.Job)
}

func (p *provider) save(ctx context.Context, sink source.Sink, at progress) error {
	state, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return sink.Save(ctx, state)
}

func (p *provider) page(ctx context.Context, t source.Task, sink source.Sink, page int, all []time.Time) error {
	p.mu.Lock()
	version := p.version
	p.mu.Unlock()
	bodies := map[string]*bytes.Buffer{}
	rows := map[string]int64{}
	for _, at := range all {
		tenant := []string{"acme", "globex"}[at.Unix()/int64(step/time.Second)%2]
		if bodies[tenant] == nil {
			bodies[tenant] = &bytes.Buffer{}
		}
		fmt.Fprintf(bodies[tenant], `{"id":%q,"tenant_id":%q,"version":%d}`+"\n", at.Format(time.RFC3339), tenant, version)
		rows[tenant]++
	}
	for _, tenant := range []string{"acme", "globex"} {
		if bodies[tenant] == nil {
			continue
		}
		err := sink.Put(ctx, source.Part{
			Entity: "interaction", Tenant: tenant, Format: "jsonl", Rows: rows[tenant], Body: bodies[tenant].Bytes(),
			Name: fmt.Sprintf("%d-%d-%s-%d", t.Window.From.UnixMilli(), t.Window.To.UnixMilli(), tenant, page),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *provider) Abandon(_ context.Context, t source.Task) error {
	var at progress
	if t.State == nil || json.Unmarshal(t.State, &at) != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.jobs, at.Job)
	delete(p.left, at.Job)
	return nil
}
