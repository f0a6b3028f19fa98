package validator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// validate is the stage's Func: one masked object, checked and then signed or moved away.
func (s *Service) validate(ctx context.Context, in objref.Ref) (_ []objref.Ref, err error) {
	switch {
	case in.Environment != s.cfg.Environment:
		return nil, stage.Permanent(fmt.Errorf("%s is for another environment than this validator's", in.Object))
	case in.Object.Bucket != s.cfg.Buckets.Masked: // what is refused is moved away, which must not happen to raw data
		return nil, stage.Permanent(fmt.Errorf("%s is not in the masked bucket %s", in.Object, s.cfg.Buckets.Masked))
	}
	trust, err := s.trust()
	if err != nil {
		return nil, stage.RetryAfter(fmt.Errorf("read whom to trust: %w", err), time.Minute)
	}
	if err := trust.Accepts(attest.Validator, s.signer.KeyID(), s.cfg.Environment, time.Now()); err != nil {
		return nil, stage.RetryAfter(fmt.Errorf("sign verdicts: %w: start the validator with the next key", err), time.Minute)
	}
	f, err := s.fetch(ctx, in.Object)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, s.gone(ctx, in)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", in.Object, err)
	}
	defer func() { _ = f.Close() }() // a copy that was only read
	e := &evidence{ref: in, trust: trust, environment: s.cfg.Environment, object: f.Object, sha256: f.SHA256, bytes: f.Bytes}
	e.policy, _ = s.policies.For(in.Entity)
	if err := s.readStatement(ctx, e); err != nil {
		return nil, err
	}
	at := time.Now()
	found, given, err := s.earlier(ctx, e)
	if err != nil {
		return nil, err
	}
	if found == goodVerdict {
		at = given // what was right then is not wrong because a key has expired since
	}
	s.believe(e, at)
	if e.attested != nil && e.sha256 != in.Object.SHA256 {
		// Refusing would park an object that nothing is wrong with.
		return nil, stage.Permanent(fmt.Errorf("%s is another attested object than the reference is about: replay it from the raw stage", in.Object))
	}
	if err := s.watchCanary(ctx, e); err != nil {
		return nil, err
	}
	if _, wrong := checkAttestation(e); found == goodVerdict && len(wrong) == 0 {
		if done, err := s.published(ctx, e); err != nil {
			return nil, err
		} else if done {
			return s.done(ctx, e) // a delivery that was cut short may have left the sketch
		}
	}
	if err := s.awaitRun(ctx, e); err != nil {
		return nil, err
	}
	if err := s.readSketch(ctx, e); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.sketch.Close()) }()
	if e.sketchGone { // another delivery may have come to its verdict meanwhile, and deleted it
		if found, given, err = s.earlier(ctx, e); err != nil {
			return nil, err
		}
		if found == goodVerdict {
			at = given
		}
		if found == otherVerdict { // which may be good, and of a key that is not trusted any more: nothing shows that the object is not
			return nil, stage.Permanent(fmt.Errorf("store the verdict on %s: %w", e.ref.Object, errOtherVerdict))
		}
		if err := s.recall(ctx, e); err != nil {
			return nil, err
		}
	}
	if err := s.readFile(ctx, e, f); err != nil {
		return nil, err
	}
	outcomes := judge(e)
	if passedBut(outcomes, quasiRule) { // rows that are refused do not hide others
		if err := s.countRun(ctx, e); err != nil {
			return nil, err
		}
		outcomes = judge(e)
	}
	s.count(ctx, e, outcomes)
	if !passed(outcomes) {
		return nil, s.refuse(ctx, e, outcomes)
	}
	if found != goodVerdict {
		if err := s.approve(ctx, e, outcomes, at, found); err != nil {
			return nil, err
		}
	}
	if err := s.publish(ctx, e, outcomes); err != nil {
		return nil, err
	}
	return s.done(ctx, e)
}

// done hands on an object that passed, whose sketch is of no more use.
func (s *Service) done(ctx context.Context, e *evidence) ([]objref.Ref, error) {
	if err := s.forget(ctx, e.ref); err != nil {
		return nil, err
	}
	return e.handOn(), nil
}

// fetch copies the object to a local file. Of an object that was overwritten it takes what is there now, which is then
// judged: it must not stay in the masked bucket unseen.
func (s *Service) fetch(ctx context.Context, o objref.Object) (*blob.File, error) {
	f, err := blob.Download(ctx, s.deps.Store, o.Location(), s.cfg.TempDir)
	if errors.Is(err, blob.ErrChanged) {
		return blob.Download(ctx, s.deps.Store, blob.Location{Bucket: o.Bucket, Key: o.Key}, s.cfg.TempDir)
	}
	return f, err
}

// count tells the metrics what the rules decided and what the detectors found.
func (s *Service) count(ctx context.Context, e *evidence, outcomes []Outcome) {
	env := telemetry.String("maskrail.environment", e.environment)
	entity := telemetry.String("maskrail.entity", e.ref.Entity)
	for _, o := range outcomes {
		s.deps.Telemetry.Count(ctx, "maskrail.validate.checks", 1, env, entity,
			telemetry.String("maskrail.check", o.Rule), telemetry.String("maskrail.outcome", o.Result))
	}
	if e.cells == nil {
		return
	}
	var all tally
	for _, t := range e.cells.tallies {
		all.and(t)
	}
	for i, class := range classes {
		detector := telemetry.String("maskrail.detector", string(class))
		for outcome, n := range map[string]int64{"rejected": all.refused[i], "expected": all.expected[i], "suspected": all.suspected[i]} {
			s.deps.Telemetry.Count(ctx, "maskrail.validate.hits", n, env, entity, detector, telemetry.String("maskrail.outcome", outcome))
		}
	}
}
