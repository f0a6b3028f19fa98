package app

import (
	"context"
	"errors"
	"net/http"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// Worker is a service at work: Run returns when ctx ends, with its cause. A worker with Handlers or Checks has them
// served beside /metrics and /healthz.
type Worker interface {
	Run(ctx context.Context) error
}

type (
	handling interface {
		Handlers() map[string]http.Handler
	}
	checking interface{ Checks() []Check }
)

// Process says which service a process is.
type Process struct {
	Service     string
	Environment string // "" for a service that serves all
	Bucket      string // that must be there for the service to be ready
	Common      Common
}

// Work is the whole of a service's process until ctx ends: telemetry, connections, HTTP, and the worker that create makes.
func (p Process) Work(ctx context.Context, create func(context.Context, *Connections) (Worker, error)) (err error) {
	tel, err := telemetry.New(ctx, telemetry.Config{Service: p.Service, Version: Version(), Environment: p.Environment, Level: p.Common.Level()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(context.WithoutCancel(ctx))) }()
	conn, err := Connect(ctx, p.Service, p.Common, tel)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	w, err := create(ctx, conn)
	if err != nil {
		return err
	}
	served := HTTP{Address: p.Common.HTTP, Service: p.Service, Telemetry: tel, Checks: conn.Checks(p.Bucket)}
	if h, ok := w.(handling); ok {
		served.Handlers = h.Handlers()
	}
	if c, ok := w.(checking); ok {
		served.Checks = append(served.Checks, c.Checks()...)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	server, err := Serve(ctx, served)
	if err != nil {
		return err
	}
	tel.Log().InfoContext(ctx, "service works", "http", server.Addr())
	worked := w.Run(ctx)
	cancel(worked)
	return errors.Join(worked, server.Wait())
}
