package masker

import (
	"context"
	"errors"
	"fmt"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Open reads the files that the configuration names, policies and keys, and makes the service of them.
func Open(c Config, deps app.Deps) (*Service, error) {
	policies, err := policy.Load(c.Policy)
	if err != nil {
		return nil, app.Usage(err)
	}
	ring, err := keys.Load(keys.Source{File: c.KeyFile, Text: c.Key})
	if err != nil {
		return nil, app.Usage(err)
	}
	signer, err := attest.LoadSigner(c.SigningKey)
	if err != nil {
		return nil, app.Usage(err)
	}
	trust, err := attest.LoadTrust(map[string][]string{attest.Masker: c.TrustedKeys})
	if err != nil {
		return nil, app.Usage(fmt.Errorf("trustedKeys: %w", err))
	}
	s, err := New(c, policies, ring, signer, trust, deps)
	if err != nil {
		return nil, app.Usage(err)
	}
	return s, nil
}

// Serve is the whole service as a process of its own: connections, HTTP, work, until ctx ends.
func Serve(ctx context.Context, c Config) (err error) {
	tel, err := telemetry.New(ctx, telemetry.Config{Service: Name, Version: app.Version(), Environment: c.Environment, Level: c.Level()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(context.WithoutCancel(ctx))) }()
	conns, err := app.Connect(ctx, Name, c.Common, tel)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conns.Close()) }()
	s, err := Open(c, conns.Deps)
	if err != nil {
		return err
	}
	if err := conns.ProbeConditionalPut(ctx, c.Buckets.Masked); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	server, err := app.Serve(ctx, app.HTTP{Address: c.HTTP, Service: Name, Telemetry: tel, Checks: conns.Checks(c.Buckets.Masked)})
	if err != nil {
		return err
	}
	tel.Log().InfoContext(ctx, "masker works", "environment", c.Environment, "http", server.Addr())
	err = s.Run(ctx)
	stop(err)
	return errors.Join(err, server.Wait())
}
