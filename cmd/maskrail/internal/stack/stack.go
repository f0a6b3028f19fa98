// Package stack runs the pipeline on one machine: NATS and S3 servers as parts of the program, and the four workers in
// one process. The workers are the ones that run as services elsewhere; only the addresses differ.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/masker"
)

// Grace is how long a stack may take to stop.
const Grace = 30 * time.Second

// Config is what a stack is made of.
type Config struct {
	Dir         Dir
	Environment string
	Policies    *policy.Set
	Ring        *keys.Ring
	Ports       Ports
	Remote      Remote             // running servers to use instead of those of Dir
	Logs        io.Writer          // nil means a file under Dir
	Notices     io.Writer          // receives the log records as well; may be nil
	Spans       telemetry.SpanSink // beside OTLP; may be nil
	Drift       masker.DriftConfig // who is told of new fields; zero for nobody but the bus
	Exporter    *exporter.Config   // but for addresses, environments and entities, which are the stack's; nil for the default
	Sources     []exporter.Source  // that are exported, beside those of Exporter, by the stack that owns the folder
}

// Ports are where the servers listen on 127.0.0.1; 0 takes a free one.
type Ports struct{ S3, NATS, HTTP int }

// Stack is a running stack, or a connection to one. Close stops what it started.
type Stack struct {
	conn      *app.Connections // the command's own, beside those of the workers
	buckets   app.Buckets
	info      Info
	telemetry []*telemetry.Telemetry // of the workers
	failed    chan error
	closers   []func(context.Context) error // in the order they were opened
}

// Open uses the stack that runs on the folder, or starts one. On a stack that runs without the environment's workers
// it starts just those.
func Open(ctx context.Context, c Config) (*Stack, error) {
	if c.Remote.NATS != "" {
		return attachRemote(ctx, c)
	}
	s, err := Start(ctx, c)
	if errors.Is(err, ErrInUse) {
		return attach(ctx, c)
	}
	return s, err
}

// Start runs servers and workers on the folder, or fails with ErrInUse.
func Start(ctx context.Context, c Config) (_ *Stack, err error) {
	s := &Stack{buckets: app.DefaultCommon().Buckets, failed: make(chan error, 8)}
	defer func() {
		if err != nil {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), Grace)
			defer cancel()
			err = errors.Join(err, s.Close(closing))
		}
	}()
	if err := c.Dir.make(); err != nil {
		return nil, err
	}
	lock, err := c.Dir.lock()
	if err != nil {
		return nil, err
	}
	s.onClose(func(context.Context) error { return lock.Close() })
	if err := c.Dir.Space(); err != nil {
		return nil, err
	}
	if err := s.servers(ctx, c); err != nil {
		return nil, err
	}
	common, err := s.common(c.Dir)
	if err != nil {
		return nil, err
	}
	if err := Provision(ctx, common, c.Environment); err != nil {
		return nil, err
	}
	if err := s.connect(ctx, common); err != nil {
		return nil, err
	}
	if err := s.work(ctx, c, common, true); err != nil {
		return nil, err
	}
	if err := c.Dir.writeInfo(s.info); err != nil {
		return nil, err
	}
	s.onClose(func(context.Context) error { return os.Remove(c.Dir.path("stack.json")) })
	return s, nil
}

// attach connects to the stack that runs on the folder.
func attach(ctx context.Context, c Config) (_ *Stack, err error) {
	info, err := c.Dir.Info()
	if err != nil {
		return nil, fmt.Errorf("%w: it is starting or stopping; try again in a moment", err)
	}
	s := &Stack{buckets: app.DefaultCommon().Buckets, failed: make(chan error, 8), info: info}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	common, err := s.common(c.Dir)
	if err != nil {
		return nil, err
	}
	if err := s.connect(ctx, common); err != nil {
		return nil, err
	}
	served, ok := info.Environments[c.Environment]
	if !ok {
		if err := Provision(ctx, common, c.Environment); err != nil {
			return nil, err
		}
		return s, s.work(ctx, c, common, false)
	}
	return s, served.agrees(c)
}

// agrees refuses to hand work to a stack that would do it with another policy or key.
func (e Environment) agrees(c Config) error {
	want := environment(c)
	if e.Key != want.Key || e.Epoch != want.Epoch {
		return app.Usage(fmt.Errorf("the stack that runs on %s serves %s with another key, or another epoch of it: stop it, or name the same", c.Dir, c.Environment))
	}
	for entity, digest := range want.Policies {
		if e.Policies[entity] != digest {
			return app.Usage(fmt.Errorf("the stack that runs on %s serves %s with another policy for %s: stop it, or name the same policy", c.Dir, c.Environment, entity))
		}
	}
	return nil
}

func environment(c Config) Environment {
	e := Environment{Policies: map[string]string{}, Key: c.Ring.Fingerprint(), Epoch: c.Ring.Epoch(), Sandbox: c.Dir.Sandbox(c.Environment)}
	for p := range c.Policies.All() {
		e.Policies[p.Entity] = p.Digest()
	}
	return e
}

// Bus is the connection to the bus.
func (s *Stack) Bus() bus.Bus { return s.conn.Bus }

// Store is the connection to the object store.
func (s *Stack) Store() blob.Store { return s.conn.Store }

// Buckets are the names of the buckets.
func (s *Stack) Buckets() app.Buckets { return s.buckets }

// Info is where the stack listens.
func (s *Stack) Info() Info { return s.info }

// Own reports that the stack runs in this process, and ends with it.
func (s *Stack) Own() bool { return s.info.PID == os.Getpid() }

// Failed yields an error when a part of the stack stops by itself.
func (s *Stack) Failed() <-chan error { return s.failed }

// Close stops what was started, last first.
func (s *Stack) Close(ctx context.Context) error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i](ctx))
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Stack) onClose(f func(context.Context) error) { s.closers = append(s.closers, f) }

// openLog opens the file that an environment's workers write to.
func openLog(c Config) (*os.File, error) {
	path := c.Dir.Log(c.Environment)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create log folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return f, nil
}
