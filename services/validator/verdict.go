package validator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// VerdictSuffix is what a verdict's key has behind that of its object. The version of the rules is a part of it, so that
// other rules give another verdict beside the first.
const VerdictSuffix = attest.VerdictInfix + Rules + attest.VerdictEnd

// RefusalSuffix is what a verdict's key has that refuses.
const RefusalSuffix = attest.VerdictInfix + Rules + attest.RefusalEnd

func verdictKey(in objref.Ref) string { return in.Object.Key + VerdictSuffix }

// standing is what lies where the verdict belongs.
type standing uint8

const (
	noVerdict    standing = iota
	goodVerdict           // genuine, on these bytes and this statement, by these rules, and everything passed
	staleVerdict          // the same, which the loader believes no more, for its key or for a later refusal: to be replaced
	otherVerdict          // anything else
)

// earlier looks for a verdict of an earlier delivery, and says of a good one when it was given.
func (s *Service) earlier(ctx context.Context, e *evidence) (standing, time.Time, error) {
	raw, err := readDocument(ctx, s.deps.Store, e.ref.Object.Bucket, verdictKey(e.ref))
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return noVerdict, time.Time{}, nil
	case errors.Is(err, errTooLarge):
		return otherVerdict, time.Time{}, nil
	case err != nil:
		return otherVerdict, time.Time{}, fmt.Errorf("look for the verdict on %s: %w", e.ref.Object, err)
	}
	v, wrong := e.trust.VerifyValidated(raw, e.sha256)
	genuine := wrong == nil
	if !genuine || !v.Passed() || v.Masker != attest.Digest(e.envelope) || v.Environment != e.environment || v.Rules != Rules ||
		v.Entity != e.ref.Entity || v.Tenant != e.ref.Tenant || v.Rows != e.ref.Rows || v.Policy != e.ref.Policy {
		return otherVerdict, time.Time{}, nil
	}
	if believed := e.trust.Accepts(attest.Validator, attest.KeyID(raw), e.environment, time.Now()) == nil; !believed {
		return staleVerdict, time.Time{}, nil
	}
	switch overruled, err := s.overruled(ctx, e, v); {
	case err != nil:
		return otherVerdict, time.Time{}, err
	case overruled:
		return staleVerdict, time.Time{}, nil
	}
	at, err := v.Time()
	return goodVerdict, at, err
}

// overruled reports a later refusal beside the verdict: that of a delivery which was cut short before the object was moved.
func (s *Service) overruled(ctx context.Context, e *evidence, v attest.Validated) (bool, error) {
	raw, err := readDocument(ctx, s.deps.Store, e.ref.Object.Bucket, e.ref.Object.Key+RefusalSuffix)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, errTooLarge) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for a refusal of %s: %w", e.ref.Object, err)
	}
	refusal, wrong := e.trust.VerifyValidated(raw, e.sha256)
	return wrong == nil && refusal.Overrules(v), nil
}

// condemn signs a verdict that refuses and stores it beside the object, with which it goes into quarantine. Until then it
// keeps the loader from what earlier rules let pass.
func (s *Service) condemn(ctx context.Context, e *evidence, outcomes []Outcome) error {
	v := attest.Validated{
		Environment: e.environment, Entity: e.ref.Entity, Tenant: cmp.Or(e.ref.Tenant, objref.Several), Policy: e.ref.Policy,
		Rules: Rules, At: attest.FormatTime(time.Now()), Checks: checks(outcomes),
	}
	if e.envelope != nil {
		v.Masker = attest.Digest(e.envelope)
	}
	if e.cells != nil {
		v.Rows, v.Tenants = e.cells.rows, map[string]int64{}
		for _, t := range e.tenantRows(false) {
			v.Tenants[t.Tenant] = t.Rows
		}
	}
	raw, err := s.signer.SignValidated(e.ref.Object.Key, e.sha256, v)
	if err != nil {
		return fmt.Errorf("refuse %s: %w", e.ref.Object, err)
	}
	if err := s.put(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: e.ref.Object.Key + RefusalSuffix}, jsonType, raw, false); err != nil {
		return fmt.Errorf("store the refusal of %s: %w", e.ref.Object, err)
	}
	return nil
}

// checks are the outcomes as a verdict has them.
func checks(outcomes []Outcome) []attest.Check {
	all := make([]attest.Check, len(outcomes))
	for i, o := range outcomes {
		all[i] = attest.Check{Name: o.Rule, Passed: o.Result == Passed, Detail: o.said()}
	}
	return all
}

// said is the outcome in words: what was looked at, or the first things that were found wrong.
func (o Outcome) said() string {
	const most = 5
	if o.Result != Failed {
		return cmp.Or(o.Detail, map[bool]string{true: "it could not run"}[o.Result == NotRun])
	}
	var parts []string
	for i, f := range o.Findings {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more", len(o.Findings)-most))
			break
		}
		parts = append(parts, strings.TrimPrefix(f.Field+": "+f.Detail, ": "))
	}
	return strings.Join(parts, "; ")
}

// approve signs the verdict, given at that time, and stores it beside the object.
func (s *Service) approve(ctx context.Context, e *evidence, outcomes []Outcome, at time.Time, found standing) error {
	raw, err := s.signer.SignValidated(e.ref.Object.Key, e.sha256, attest.Validated{
		Environment: e.environment, Entity: e.ref.Entity, Tenant: e.ref.Tenant,
		Masker: attest.Digest(e.envelope), Policy: e.ref.Policy, Rules: Rules, At: attest.FormatTime(at), Checks: checks(outcomes),
		Hits: e.spared(), Rows: e.cells.rows, Tenants: e.cells.tenants.rows,
	})
	if err != nil {
		return fmt.Errorf("approve %s: %w", e.ref.Object, err)
	}
	err = s.put(ctx, blob.Location{Bucket: e.ref.Object.Bucket, Key: verdictKey(e.ref)}, jsonType, raw, found != staleVerdict)
	if errors.Is(err, blob.ErrExists) {
		err = s.agree(ctx, e, raw)
	}
	if err != nil {
		return fmt.Errorf("store the verdict on %s: %w", e.ref.Object, err)
	}
	return nil
}

// agree accepts a verdict that another delivery stored in the meantime when it says the same.
func (s *Service) agree(ctx context.Context, e *evidence, raw []byte) error {
	there, err := readDocument(ctx, s.deps.Store, e.ref.Object.Bucket, verdictKey(e.ref))
	if err == nil && bytes.Equal(there, raw) {
		return nil
	}
	found, _, err := s.earlier(ctx, e)
	switch {
	case err != nil:
		return err
	case found == goodVerdict:
		return nil
	case found == noVerdict:
		return errors.New("it was removed while it was compared")
	}
	return stage.Permanent(errOtherVerdict)
}

var errOtherVerdict = errors.New("something else is stored in its place: if the signing key has changed, keep the old one in the " +
	"trust folder; otherwise remove it, then replay the object from the masked stage")

// handOn is the reference of an object that passed.
func (e *evidence) handOn() []objref.Ref {
	out := e.ref
	out.Object.Version, out.Object.ETag = e.object.Version, e.object.ETag
	out.Attestations = []string{e.statementKey(), verdictKey(e.ref)}
	return []objref.Ref{out}
}
