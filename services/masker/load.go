package masker

import (
	"context"
	"fmt"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/keys/awskms"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

// Open reads the files that the configuration names, policies and keys, and makes the service of them. A key that AWS KMS
// wrapped is unwrapped there.
func Open(ctx context.Context, c Config, deps app.Deps) (*Service, error) {
	policies, err := policy.Load(c.Policy)
	if err != nil {
		return nil, app.Usage(err)
	}
	ring, err := keys.Open(ctx, keys.Source{File: c.KeyFile, Text: c.Key, Epoch: c.KeyEpoch}, awskms.New(awskms.Options{}).Unwrap)
	if err != nil {
		return nil, app.Usage(err)
	}
	signer, err := attest.LoadSigner(c.SigningKey)
	if err != nil {
		return nil, app.Usage(err)
	}
	var trust attest.Trust
	if c.Trust != "" {
		if trust, err = attest.TrustFolder(c.Trust).OpenFor(attest.Masker, signer, c.Environment, policies.Digests()...); err != nil {
			return nil, app.Usage(fmt.Errorf("trust: %w", err))
		}
	}
	sealer, err := sketch.LoadSealer(c.SealTo)
	if err != nil {
		return nil, app.Usage(fmt.Errorf("sealTo: %w", err))
	}
	s, err := New(c, policies, ring, signer, sealer, trust, deps)
	if err != nil {
		return nil, app.Usage(err)
	}
	return s, nil
}

// Serve is the whole service as a process of its own: connections, HTTP, work, until ctx ends.
func Serve(ctx context.Context, c Config) error {
	p := app.Process{Service: Name, Environment: c.Environment, Bucket: c.Buckets.Masked, Common: c.Common}
	return p.Work(ctx, func(ctx context.Context, conn *app.Connections) (app.Worker, error) {
		s, err := Open(ctx, c, conn.Deps)
		if err != nil {
			return nil, err
		}
		// Masked objects are written once, whoever comes first.
		return s, conn.ProbeConditionalPut(ctx, c.Buckets.Masked)
	})
}
