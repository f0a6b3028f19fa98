// Package validator decides whether a masked object may be loaded. It reads the object cold and believes nothing:
// neither the reference nor the masker's statement nor the file's own words are taken for granted, and it shares the
// detectors with the masker and none of its code.
//
// An object is read once; then each Rule judges what was found. When all pass, the verdict is signed and lies beside
// the object. When one fails, the object moves to the quarantine bucket with a report, so that the masked bucket
// never holds an object that was refused. A report names rules, columns, classes and counts, and never a value.
package validator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Name is the service's name, in durables, reasons and telemetry.
const Name = "validator"

// Service checks the masked objects of one environment.
type Service struct {
	cfg      Config
	policies *policy.Set
	signer   *attest.Signer
	trust    attest.TrustSource // in maskers, in validators with the signer, and the policies that the environment allows
	deps     app.Deps
	scans    map[string]*detectors // by entity
	fallback *detectors            // for entities without a policy
	canaries canaries
	opener   *sketch.Opener
}

// New makes a validator that lets pass what policies say and trust allows, believes maskers that trust names, opens what
// they sealed with opener and signs with signer, which must be one of trust's validators: as no key has two roles, who
// masks cannot approve.
func New(cfg Config, policies *policy.Set, signer *attest.Signer, opener *sketch.Opener, trust attest.TrustSource, deps app.Deps) (*Service, error) {
	if policies == nil || signer == nil || opener == nil || trust == nil || deps.Bus == nil || deps.Store == nil {
		return nil, errors.New("start validator: policies, signing key, sealing key, trust and connections are needed")
	}
	s := &Service{cfg: cfg, policies: policies, signer: signer, opener: opener, trust: trust, deps: deps, scans: map[string]*detectors{}}
	if deps.Telemetry == nil {
		s.deps.Telemetry = telemetry.Discard()
	}
	now, err := trust()
	if err != nil {
		return nil, app.Usage(fmt.Errorf("start validator: trust: %w", err))
	}
	if err := now.Accepts(attest.Validator, signer.KeyID(), cfg.Environment, time.Now()); err != nil {
		return nil, app.Usage(fmt.Errorf("start validator: signing key: %w", err))
	}
	for p := range policies.All() {
		if s.scans[p.Entity], err = newDetectors(p); err != nil {
			return nil, app.Usage(fmt.Errorf("start validator: policy %s: %w", p.Name, err))
		}
	}
	if s.fallback, err = newDetectors(&policy.Policy{}); err != nil {
		return nil, fmt.Errorf("start validator: %w", err)
	}
	return s, nil
}

// Validate is the validator's stage.Func: it checks one masked object, and then signs or moves it away.
func (s *Service) Validate(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
	return s.validate(ctx, in)
}

// Run checks objects until ctx ends and returns its cause.
func (s *Service) Run(ctx context.Context) error {
	r := stage.Runner{
		Service: Name, Environment: s.cfg.Environment, Bus: s.deps.Bus, Telemetry: s.deps.Telemetry,
		In:   stage.Inputs(Name, s.cfg.Environment, objref.AtMasked, 1, s.cfg.AckWait),
		From: objref.AtMasked, Out: objref.AtValidated, Func: s.Validate,
	}
	return r.Run(ctx)
}
