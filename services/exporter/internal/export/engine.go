package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/lease"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// AuditPrefix is where the audit log of exports lies in the raw bucket.
const AuditPrefix = "_audit/exports/"

// actor is the engine's name in the audit log, where nobody else asked for a thing.
const actor = "exporter"

// Engine exports sources.
type Engine struct {
	Deps
	shelf
	log     *audit.Log
	encoder *zstd.Encoder
	feeds   map[string]*feed
}

// New makes an engine without sources.
func New(d Deps) *Engine {
	return &Engine{
		Deps: d, shelf: shelf{d.Store, d.Raw}, feeds: map[string]*feed{},
		log: audit.Open(d.Store, d.Raw, AuditPrefix), encoder: newEncoder(),
	}
}

// Add gives the engine a source. It must not be called once Run was.
func (e *Engine) Add(s Settings, src source.Source) {
	e.feeds[s.Name] = &feed{Engine: e, Settings: s, src: src, wake: make(chan struct{}, 1), resting: map[string]time.Time{}, pause: look}
}

// Run exports until ctx ends, and returns the cause.
func (e *Engine) Run(ctx context.Context) error {
	states, err := run.OpenStates(ctx, e.Bus)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	var wg sync.WaitGroup
	for _, f := range e.feeds {
		lock, err := lease.Open(ctx, e.Bus, "export/"+objref.Token(f.Name), cmp.Or(e.Lease, lease.Default))
		if err != nil {
			return fmt.Errorf("export source %s: %w", f.Name, err)
		}
		f.lock, f.states = lock, states
		f.gauge()
		wg.Go(func() { f.run(ctx) })
	}
	wg.Wait()
	<-ctx.Done()
	return context.Cause(ctx)
}

// Request asks for a run on demand.
type Request struct {
	Source string
	// From and To are the span, half-open. Without From it is the source's lookback before To; without To it ends where the
	// provider's data does; and without either, and without tenants, the run goes on where the last one ended, as a scheduled
	// one does.
	From, To time.Time
	Tenants  []string
	By       string // who asks, for the audit log
}

// Errors of a request.
var (
	ErrNoSource = errors.New("no such source")
	ErrRequest  = errors.New("the request is wrong")
)

// Request notes a run and returns its id. The run begins when it is its turn, in this process or in another one.
func (e *Engine) Request(ctx context.Context, r Request) (id string, err error) {
	f, ok := e.feeds[r.Source]
	if !ok {
		return "", ErrNoSource
	}
	if err := r.check(time.Now()); err != nil {
		return "", err
	}
	j := &Journal{
		Run: run.NewID(), Source: r.Source, By: r.By, Created: time.Now().UTC().Truncate(time.Millisecond),
		From: r.From, To: r.To, Tenants: slices.Clone(r.Tenants),
	}
	if err := f.begin(ctx, j); err != nil {
		return "", err
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return j.Run, nil
}

const (
	maxTenants = 10_000
	maxName    = 128 // bytes
	// oldest bounds how far back a request goes: a year that was mistyped would be a million windows.
	oldest = 10 * 366 * day
)

func (r Request) check(now time.Time) error {
	switch {
	case !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To):
		return fmt.Errorf("%w: from is not before to", ErrRequest)
	case !r.From.IsZero() && r.From.Before(now.Add(-oldest)), !r.To.IsZero() && r.To.Before(now.Add(-oldest)):
		return fmt.Errorf("%w: the span begins or ends more than ten years ago", ErrRequest)
	case r.From.After(now):
		return fmt.Errorf("%w: from lies in the future", ErrRequest)
	case len(r.Tenants) > maxTenants:
		return fmt.Errorf("%w: more than %d tenants", ErrRequest, maxTenants)
	case !plain(r.By):
		return fmt.Errorf("%w: by: want the name of who asks, 1 to %d characters, for the audit log", ErrRequest, maxName)
	}
	for i, t := range r.Tenants {
		if !plain(t) || t == objref.Several {
			return fmt.Errorf("%w: tenant %d has no name of 1 to %d characters", ErrRequest, i+1, maxName)
		}
	}
	return nil
}

func plain(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
}

// feed is a source and how it is exported.
type feed struct {
	*Engine
	Settings
	src    source.Source
	lock   *lease.Lock
	states *run.States
	wake   chan struct{}

	resting   map[string]time.Time // runs that failed, until when they are left alone
	pause     time.Duration        // until the next look at what is under way
	watermark atomic.Int64         // Unix seconds; 0 until it is known
}

// begin writes down a run that is to be done: first who wants it, then what it is, then the manifest for those who wait.
func (f *feed) begin(ctx context.Context, j *Journal) error {
	e := audit.Entry{Actor: j.By, Action: RunRequested, Source: j.Source, Run: j.Run, Tenants: j.Tenants, At: j.Created}
	if !j.From.IsZero() || !j.To.IsZero() {
		e.Window = &objref.Window{From: j.From, To: j.To}
	}
	if err := f.log.Append(ctx, e); err != nil {
		return err
	}
	if err := f.save(ctx, j); err != nil {
		return err
	}
	return run.Write(ctx, f.Store, f.Raw, f.manifest(j))
}

// save writes the journal.
func (f *feed) save(ctx context.Context, j *Journal) error {
	if err := f.write(ctx, f.journal(f.Name, j.Run), j); err != nil {
		return fmt.Errorf("write the journal of run %s: %w", j.Run, err)
	}
	return nil
}

// manifest is that of the run as it stands.
func (f *feed) manifest(j *Journal) run.Manifest {
	m := run.Manifest{Run: j.Run, Source: f.Type, Created: j.Created, Sealed: j.Sealed, Objects: j.objects(), Failed: j.GivenUp()}
	if !j.Span.From.IsZero() {
		span := j.Span
		m.Window = &span
	}
	return m
}
