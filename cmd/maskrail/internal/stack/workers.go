package stack

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/exporter"
	"github.com/maskrail/maskrail/services/loader"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

// hand is a worker to start: its service's name, and how it is made of its connections.
type hand struct {
	service string
	create  func(app.Deps) (app.Worker, error)
}

// work starts the workers of an environment in this process, each with connections and telemetry of its own, as if
// it were a process. Only the stack that owns the folder announces objects and serves HTTP.
func (s *Stack) work(ctx context.Context, c Config, common app.Common, owner bool) error {
	logs, err := s.logs(c)
	if err != nil {
		return err
	}
	maskerKey, validatorKey, trust, err := c.signers()
	if err != nil {
		return err
	}
	opener, err := c.Dir.opener()
	if err != nil {
		return err
	}
	var v *validator.Service
	var l *loader.Loader
	var e *exporter.Service
	hands := []hand{
		{masker.Name, func(d app.Deps) (app.Worker, error) {
			cfg := masker.Default()
			cfg.Common, cfg.Environment = common, c.Environment
			cfg.Drift.Webhook, cfg.Drift.WebhookFile = c.Drift.Webhook, c.Drift.WebhookFile
			return masker.New(cfg, c.Policies, c.Ring, maskerKey, opener.Sealer(), trust, d)
		}},
		{validator.Name, func(d app.Deps) (_ app.Worker, err error) {
			cfg := validator.Default()
			cfg.Common, cfg.Environment = common, c.Environment
			v, err = validator.New(cfg, c.Policies, validatorKey, opener, c.Dir.Trust().Open, d)
			return v, err
		}},
		{loader.Name, func(d app.Deps) (_ app.Worker, err error) {
			cfg := loader.Default()
			cfg.Common, cfg.Environment, cfg.Sandbox = common, c.Environment, c.Dir.Sandbox(c.Environment)
			l, err = loader.New(cfg, c.Dir.Trust().Open, d)
			return l, err
		}},
	}
	if owner {
		token, err := c.Dir.refreshToken()
		if err != nil {
			return err
		}
		hands = append(hands, hand{exporter.Name, func(d app.Deps) (_ app.Worker, err error) {
			cfg := exporter.Default()
			if c.Exporter != nil {
				cfg = *c.Exporter
			}
			cfg.Common, cfg.Environments, cfg.Entities = common, []string{c.Environment}, nil
			for p := range c.Policies.All() {
				cfg.Entities = append(cfg.Entities, p.Entity)
			}
			cfg.Sources, cfg.Policies = slices.Concat(cfg.Sources, c.Sources), c.Policies
			if cfg.Refresh.Token.IsZero() && cfg.Refresh.TokenFile == "" {
				cfg.Refresh.TokenFile = token
			}
			s.info.RefreshToken = cfg.Refresh.TokenFile
			for _, source := range cfg.Sources {
				s.info.Sources = append(s.info.Sources, source.Name)
			}
			e, err = exporter.New(cfg, d)
			return e, err
		}})
	}
	for _, h := range hands {
		if err := s.start(ctx, c, common, logs, h); err != nil {
			return fmt.Errorf("start %s: %w", h.service, err)
		}
	}
	if !owner {
		return nil
	}
	s.info.Environments[c.Environment] = environment(c)
	return s.serve(ctx, c, v, l, e)
}

// logs is where the workers' logs go.
func (s *Stack) logs(c Config) (io.Writer, error) {
	logs := c.Logs
	if logs == nil {
		f, err := openLog(c)
		if err != nil {
			return nil, err
		}
		s.onClose(func(context.Context) error { return f.Close() })
		logs = f
	}
	if c.Notices != nil {
		logs = io.MultiWriter(c.Notices, logs) // in this order: a full disk takes the file first
	}
	return logs, nil
}

// start connects one worker and runs it until the stack is closed.
func (s *Stack) start(ctx context.Context, c Config, common app.Common, logs io.Writer, h hand) error {
	tel, err := telemetry.New(ctx, telemetry.Config{Service: h.service, Version: app.Version(), Environment: c.Environment, Logs: logs, Spans: c.Spans})
	if err != nil {
		return err
	}
	s.telemetry = append(s.telemetry, tel)
	s.onClose(tel.Shutdown)
	conn, err := app.Connect(ctx, h.service, common, tel)
	if err != nil {
		return err
	}
	s.onClose(func(context.Context) error { return conn.Close() })
	w, err := h.create(conn.Deps)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Run(working); working.Err() == nil {
			s.fail(fmt.Errorf("%s stopped: %w", h.service, err))
		}
	}()
	s.onClose(func(closing context.Context) error {
		stop()
		select {
		case <-done:
			return nil
		case <-closing.Done():
			return fmt.Errorf("%s did not stop in time", h.service)
		}
	})
	return nil
}

// serve answers for metrics, health and refresh on one port of this machine.
func (s *Stack) serve(ctx context.Context, c Config, v *validator.Service, l *loader.Loader, e *exporter.Service) error {
	handlers := l.Handlers()
	maps.Copy(handlers, e.Handlers())
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	server, err := app.Serve(serving, app.HTTP{
		Address: net.JoinHostPort(loopback, strconv.Itoa(c.Ports.HTTP)), Setting: "--http-port", Service: "maskrail",
		Telemetry: s.telemetry[0], Others: s.telemetry[1:], Handlers: handlers,
		Checks: slices.Concat(s.conn.Checks(s.buckets.Raw), v.Checks(), l.Checks(), e.Checks()),
	})
	if err != nil {
		stop()
		return err
	}
	s.onClose(func(context.Context) error {
		stop()
		return server.Wait()
	})
	s.info.HTTP = "http://" + server.Addr()
	return nil
}
