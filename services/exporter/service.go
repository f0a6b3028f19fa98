// Package exporter announces the objects of the raw bucket: it turns the object store's notifications into references,
// and sweeps the bucket for what no notification told of. It reads no object and holds no key.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/tenant"
)

// Name is the service's name, in durables and telemetry.
const Name = "exporter"

// Service announces the objects of one raw bucket.
type Service struct {
	config   Config
	deps     app.Deps
	raw      string // the bucket
	routes   routes
	names    tenant.Names
	tenants  []string // that sources name, whatever they look like
	arrivals *arrivals
	exports  exports
}

// New makes the service.
func New(c Config, deps app.Deps) (*Service, error) {
	if deps.Bus == nil || deps.Store == nil || deps.Telemetry == nil {
		return nil, errors.New("new exporter: connections are needed")
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("new exporter: %w", err)
	}
	names, err := tenant.NewNames("")
	if err != nil {
		return nil, fmt.Errorf("new exporter: %w", err)
	}
	arrivals, err := openArrivals(c.Arrivals, deps)
	if err != nil {
		return nil, fmt.Errorf("new exporter: %w", err)
	}
	s := &Service{config: c, deps: deps, raw: c.Buckets.Raw, routes: newRoutes(c.Routes), names: names, arrivals: arrivals}
	for _, src := range c.Sources {
		s.tenants = slices.Concat(s.tenants, src.Tenants, src.KnownTenants)
	}
	if err := s.openExports(); err != nil {
		return nil, fmt.Errorf("new exporter: %w", err)
	}
	return s, nil
}

// Run announces what notifications tell of and what the sweep finds, until ctx ends, and returns the cause.
func (s *Service) Run(ctx context.Context) error {
	states, err := run.OpenStates(ctx, s.deps.Bus)
	if err != nil {
		return fmt.Errorf("%s: %w", Name, err)
	}
	runner := &stage.Runner{
		Service: Name, Bus: s.deps.Bus, Telemetry: s.deps.Telemetry,
		In:     []bus.Consumer{{Stream: bus.S3Events, Durable: Name, Workers: s.config.Workers, AckWait: s.config.AckWait, All: true}},
		Out:    objref.AtRaw,
		Decode: s.decode,
		Func:   s.announce,
		// What fails here is the object store, and never the object: nobody has read it. A store that is away for an
		// hour must not park what was dropped in that hour.
		Failures: math.MaxInt,
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	parts.Go(func() { cancel(runner.Run(ctx)) })
	parts.Go(func() { newSweep(s, states).run(ctx) })
	parts.Go(func() { cancel(s.exports.run(ctx)) })
	parts.Go(func() { s.arrivals.run(ctx, s.config.Workers) })
	parts.Wait()
	return context.Cause(ctx)
}

// Serve is the whole service: connections, HTTP and work, until ctx ends.
func Serve(ctx context.Context, c Config) error {
	p := app.Process{Service: Name, Bucket: c.Buckets.Raw, Common: c.Common}
	return p.Work(ctx, func(ctx context.Context, conn *app.Connections) (app.Worker, error) {
		// Manifests are written once by whoever comes first.
		if err := conn.ProbeConditionalPut(ctx, c.Buckets.Raw); err != nil {
			return nil, err
		}
		return New(c, conn.Deps)
	})
}
