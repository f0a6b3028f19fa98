package masker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
	"github.com/maskrail/maskrail/libs/stage"
)

// Name is the service's name, in durables and telemetry.
const Name = "masker"

// Service is the masker of one environment.
type Service struct {
	config Config
	plans  map[string]*Plan // by entity
	signer *attest.Signer
	sealer *sketch.Sealer // to the validator
	own    attest.Trust   // the signer's key
	trust  attest.Trust   // keys of maskers before this one
	deps   app.Deps

	turns stage.Turns // of objects that are being masked

	hook           webhook
	notices        chan drift.Notice // of fields that were seen for the first time
	noticedAlready sync.Map          // their ids
	lacks          sync.Map          // what sources lack, told once

	canaries  canaries
	observers *Observers
}

// New compiles the policies and makes the service. What only the validator
// may read is sealed with sealer. trust names maskers before this one, whose objects need not be masked again; the signer's
// own key is trusted always. Keys and policies are given, so that a process with several
// services reads them once; Config's paths are not read here.
func New(c Config, policies *policy.Set, ring *keys.Ring, signer *attest.Signer, sealer *sketch.Sealer, trust attest.Trust, deps app.Deps) (*Service, error) {
	if policies == nil || ring == nil || signer == nil || sealer == nil || deps.Bus == nil || deps.Store == nil || deps.Telemetry == nil {
		return nil, errors.New("new masker: policies, keys, signer, sealer and connections are needed")
	}
	own, err := signer.Own(attest.Masker)
	if err != nil {
		return nil, fmt.Errorf("new masker: %w", err)
	}
	hook, err := newWebhook(c.Drift)
	if err != nil {
		return nil, fmt.Errorf("new masker: %w", err)
	}
	s := &Service{config: c, plans: map[string]*Plan{}, signer: signer, sealer: sealer, own: own, trust: trust, deps: deps,
		turns: stage.NewTurns(c.Objects), hook: hook, notices: make(chan drift.Notice, noticeQueue), observers: NewObservers(c.TempDir)}
	for p := range policies.All() {
		plan, err := Compile(p, ring, c.Environment)
		if err != nil {
			return nil, fmt.Errorf("new masker: %w", err)
		}
		s.plans[p.Entity] = plan
	}
	return s, nil
}

// Run works on raw objects, live and replayed, until ctx ends, and returns the cause.
func (s *Service) Run(ctx context.Context) error {
	r := &stage.Runner{
		Service: Name, Environment: s.config.Environment, Bus: s.deps.Bus, Telemetry: s.deps.Telemetry,
		From: objref.AtRaw, Out: objref.AtMasked, Func: s.Mask,
		// One more than is masked at a time, so that the next object arrives and the last one is stored meanwhile.
		In: stage.Inputs(Name, s.config.Environment, objref.AtRaw, s.config.Objects+1, s.config.AckWait),
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	parts.Go(func() { s.tell(ctx) })
	parts.Go(func() { cancel(r.Run(ctx)) })
	parts.Wait()
	return context.Cause(ctx)
}
