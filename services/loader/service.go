// Package loader brings validated objects into a sandbox. It believes nothing but the signatures of masker and
// validator over the very bytes it loads, and loads each object in one transaction: what is there already, by
// tenant and key, stays as it is.
package loader

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/duckdb"
)

// Name is the service's name, in durables and telemetry.
const Name = "loader"

// Loader loads the objects of one environment.
type Loader struct {
	c      Config
	trust  attest.TrustSource
	deps   app.Deps
	temp   temp
	sink   Sink
	system string      // db.system.name
	turns  stage.Turns // of objects that are being inserted

	opening sync.Mutex
	opened  *run.States
}

// New makes a loader with a DuckDB sandbox and removes what a killed one left in its temporary folder.
func New(c Config, trust attest.TrustSource, deps app.Deps) (*Loader, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("loader: %w", err)
	}
	d := c.database()
	box, err := duckdb.New(d)
	if err != nil {
		return nil, fmt.Errorf("loader: %w", err)
	}
	t, err := openTemp(d.TempDir, c.Environment)
	if err != nil {
		return nil, fmt.Errorf("loader: %w", err)
	}
	return &Loader{c: c, trust: trust, deps: deps, temp: t, sink: box, system: "duckdb", turns: stage.NewTurns(1)}, nil
}

// Run loads what is validated and what is replayed, one object at a time while the next one is fetched, and keeps the
// states of the environment, until ctx ends; it returns the cause.
func (l *Loader) Run(ctx context.Context) error {
	states, err := l.states(ctx)
	if err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	runner := &stage.Runner{
		Service: Name, Environment: l.c.Environment, Bus: l.deps.Bus, Telemetry: l.deps.Telemetry,
		From: objref.AtValidated, Out: objref.AtLoaded, Func: l.load,
		In: stage.Inputs(Name, l.c.Environment, objref.AtValidated, 2, l.c.AckWait),
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	parts.Go(func() { cancel(runner.Run(ctx)) })
	parts.Go(func() { cancel(run.Project(ctx, l.deps.Bus, states, l.c.Environment)) })
	parts.Wait()
	return context.Cause(ctx)
}

// Handlers are what the loader serves over HTTP, by pattern of http.ServeMux.
func (l *Loader) Handlers() map[string]http.Handler {
	return map[string]http.Handler{"GET /refresh/{run}": http.HandlerFunc(l.refresh)}
}

// Checks are the loader's part of /readyz.
func (l *Loader) Checks() []app.Check {
	return []app.Check{{Name: "sandbox", Run: l.sink.Ready}, {Name: "trust", Run: l.trust.Ready}}
}

// states opens the states when they are first needed.
func (l *Loader) states(ctx context.Context) (*run.States, error) {
	l.opening.Lock()
	defer l.opening.Unlock()
	if l.opened == nil {
		s, err := run.OpenStates(ctx, l.deps.Bus)
		if err != nil {
			return nil, err
		}
		l.opened = s
	}
	return l.opened, nil
}

// Serve is the whole service: connections, HTTP and work, until ctx ends.
func Serve(ctx context.Context, c Config) error {
	trust := attest.TrustFolder(c.Trust)
	if _, err := trust.Open(); err != nil {
		return app.Usage(fmt.Errorf("trust: %w", err))
	}
	p := app.Process{Service: Name, Environment: c.Environment, Bucket: c.Buckets.Masked, Common: c.Common}
	return p.Work(ctx, func(_ context.Context, conn *app.Connections) (app.Worker, error) {
		return New(c, trust.Open, conn.Deps)
	})
}
