package validator

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

// Open reads the files that the configuration names, policies and keys, and makes the service of them.
func Open(c Config, deps app.Deps) (*Service, error) {
	policies, err := policy.Load(c.Policy)
	if err != nil {
		return nil, app.Usage(err)
	}
	signer, err := attest.LoadSigner(c.SigningKey)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("signingKey: %w", err))
	}
	opener, err := sketch.LoadOpener(c.SealKey)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("sealKey: %w", err))
	}
	trust := attest.TrustFolder(c.Trust)
	if _, err := trust.OpenFor(attest.Validator, signer, c.Environment, policies.Digests()...); err != nil {
		return nil, app.Usage(fmt.Errorf("trust: %w", err))
	}
	return New(c, policies, signer, opener, trust.Open, deps)
}

// Serve is the whole service as a process of its own: connections, HTTP and work, until ctx ends.
func Serve(ctx context.Context, c Config) error {
	p := app.Process{Service: Name, Environment: c.Environment, Bucket: c.Buckets.Masked, Common: c.Common}
	return p.Work(ctx, func(ctx context.Context, conn *app.Connections) (app.Worker, error) {
		s, err := Open(c, conn.Deps)
		if err != nil {
			return nil, err
		}
		// Verdicts and reports are written once, whoever comes first.
		for _, bucket := range []string{c.Buckets.Masked, c.Buckets.Quarantine} {
			if err := conn.ProbeConditionalPut(ctx, bucket); err != nil {
				return nil, err
			}
		}
		return s, nil
	})
}
