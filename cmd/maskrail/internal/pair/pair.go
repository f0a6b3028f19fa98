// Package pair is a masker and a validator of one environment on one store, without servers: for tests and measurements of
// the two together, which may not import each other.
package pair

import (
	"bytes"
	"fmt"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/bus/membus"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/masker"
	"github.com/maskrail/maskrail/services/validator"
)

// Keys are the private signing keys of the two, and the validator's sealing key, as PEM.
type Keys struct{ Masker, Validator, Seal []byte }

// NewKeys makes them.
func NewKeys() (Keys, error) {
	var m, v, s bytes.Buffer
	if err := attest.GenerateKey(&m); err != nil {
		return Keys{}, err
	}
	if err := attest.GenerateKey(&v); err != nil {
		return Keys{}, err
	}
	if err := sketch.GenerateKey(&s); err != nil {
		return Keys{}, err
	}
	return Keys{m.Bytes(), v.Bytes(), s.Bytes()}, nil
}

// Options say what the two work with. Nothing may be missing.
type Options struct {
	Environment string
	Policies    *policy.Set
	Ring        *keys.Ring
	Store       blob.Store // with Buckets
	Keys        Keys
	Workers     int
	TempDir     string
}

// Pair is the two.
type Pair struct {
	Masker    *masker.Service
	Validator *validator.Service
	Signer    *attest.Signer // the masker's
	Opener    *sketch.Opener // the validator's
	Trust     attest.Trust   // in both, and the policies allowed
}

// Buckets are those of the store.
func Buckets() app.Buckets { return app.DefaultCommon().Buckets }

// New makes the two.
func New(o Options) (*Pair, error) {
	p := &Pair{}
	var err error
	if p.Signer, err = attest.NewSigner(o.Keys.Masker); err != nil {
		return nil, fmt.Errorf("masker's key: %w", err)
	}
	signer, err := attest.NewSigner(o.Keys.Validator)
	if err != nil {
		return nil, fmt.Errorf("validator's key: %w", err)
	}
	if p.Opener, err = sketch.NewOpener(o.Keys.Seal); err != nil {
		return nil, fmt.Errorf("validator's sealing key: %w", err)
	}
	here := []string{o.Environment}
	p.Trust, err = attest.NewTrust(
		attest.Entry{Role: attest.Masker, Key: p.Signer.PublicPEM(), Environments: here},
		attest.Entry{Role: attest.Validator, Key: signer.PublicPEM(), Environments: here})
	if err != nil {
		return nil, err
	}
	p.Trust = p.Trust.Allow(o.Environment, o.Policies.Digests()...)
	deps := app.Deps{Bus: membus.New(bus.Streams(bus.Horizon)), Store: o.Store, Telemetry: telemetry.Discard()}
	mc := masker.Default()
	mc.Environment, mc.TempDir, mc.Workers = o.Environment, o.TempDir, o.Workers
	if p.Masker, err = masker.New(mc, o.Policies, o.Ring, p.Signer, p.Opener.Sealer(), attest.Trust{}, deps); err != nil {
		return nil, err
	}
	vc := validator.Default()
	vc.Environment, vc.TempDir, vc.Workers = o.Environment, o.TempDir, o.Workers
	p.Validator, err = validator.New(vc, o.Policies, signer, p.Opener, p.Trust.Always(), deps)
	return p, err
}
