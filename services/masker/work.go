package masker

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Mask is the masker's stage.Func: it masks one raw object into the masked bucket, signs what it did, and returns
// the reference of the result. For an object that is masked already it returns the same reference.
func (s *Service) Mask(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
	plan, ok := s.plans[in.Entity]
	if !ok {
		return nil, stage.Reject(objref.Reason{Class: ClassNoPolicy,
			Detail: "no policy covers this entity, which is the first part of the object's key: add a policy, then replay the object"})
	}
	if in.Object.Bucket != s.config.Buckets.Raw {
		return nil, stage.Permanent(fmt.Errorf("mask %s: it is not in the raw bucket", in.Object))
	}
	if in.Environment != "" && in.Environment != s.config.Environment {
		return nil, stage.Permanent(fmt.Errorf("mask %s: it is meant for another environment", in.Object))
	}
	if in.Tenant == "" {
		in.Tenant = objref.Several
	}
	if in.Tenant != objref.Several && plan.tenant < 0 {
		return nil, stage.Reject(objref.Reason{Class: ClassUnknownTenant,
			Detail: "the object is declared to be of one tenant, and the policy says not where a row has its tenant: add tenant to the policy, or take it from the object's route"})
	}
	t := s.target(plan, in)
	out, err := s.existing(ctx, plan, in, t)
	if errors.Is(err, errNotDone) {
		out, err = s.produce(ctx, plan, in, t)
	}
	if err != nil {
		return nil, fmt.Errorf("mask %s: %w", in.Object, err)
	}
	return []objref.Ref{out}, nil
}

// produce masks the object while it arrives and stores the result with its attestation.
func (s *Service) produce(ctx context.Context, plan *Plan, in objref.Ref, t target) (objref.Ref, error) {
	canary, err := s.canary(ctx, plan)
	if err != nil {
		return objref.Ref{}, err
	}
	raw, err := blob.Fetch(ctx, s.deps.Store, in.Object.Location(), s.config.TempDir)
	if err != nil {
		return objref.Ref{}, lost(err)
	}
	defer raw.Close() //nolint:errcheck // only read, and unlinked already
	file, err := newTemp(s.config.TempDir)
	if err != nil {
		return objref.Ref{}, err
	}
	defer file.Close() //nolint:errcheck // unlinked already; its bytes are stored by then
	observer := s.observers.New()
	defer observer.Close() //nolint:errcheck // unlinked already; what it has is stored by then
	result, failed := s.transform(ctx, plan, in, raw, file, observer)
	// Whether the bytes were the object's is asked first: if they were not, nothing that was found in them counts.
	source, err := arrived(raw, in.Object)
	if err != nil {
		return objref.Ref{}, err
	}
	if failed != nil {
		return objref.Ref{}, s.compared(ctx, plan, in, raw, failed)
	}
	if err := s.noticed(ctx, plan, in, result.Drift); err != nil {
		return objref.Ref{}, err
	}
	m := attest.Masked{
		Environment: plan.environment, Entity: in.Entity, Tenant: in.Tenant,
		Source: attest.Source{SHA256: source.SHA256, Identity: in.Object.Identity(), Bytes: source.Bytes},
		Policy: plan.policy.Digest(), KeyFingerprint: plan.ring.Fingerprint(), KeyEpoch: plan.ring.Epoch(),
		Writer: Writer, Code: app.Version(), Trace: telemetry.TraceID(ctx), RowsIn: result.RowsIn, RowsOut: result.RowsOut, Rejects: result.Rejects,
		Columns: result.Columns, Key: plan.policy.KeyColumns(), TenantColumn: plan.policy.TenantColumn(), Tenants: result.Tenants,
		Canary:  canary,
		Domains: result.Domains,
	}
	var object blob.Object
	digest := file.sha256()
	err = columnar.Spread(2, 2, func(i int) (err error) {
		if i == 0 {
			object, err = s.store(ctx, t, file)
		} else {
			m.Sketch, err = s.sketch(ctx, t, digest, observer)
		}
		return err
	})
	if err != nil {
		return objref.Ref{}, err
	}
	if err := s.attest(ctx, t, object, m); err != nil {
		return objref.Ref{}, err
	}
	return refTo(plan, in, t, object, m), nil
}

// arrived waits until all of a raw object is there.
func arrived(raw *blob.Arrival, o objref.Object) (*blob.File, error) {
	file, err := raw.Wait()
	if err != nil {
		return nil, lost(err)
	}
	if o.SHA256 != "" && o.SHA256 != file.SHA256 {
		return nil, stage.Permanent(errors.New("the raw object has another digest than its reference says"))
	}
	return file, nil
}

// lost says of a raw object that is not there any more that no retry brings it back.
func lost(err error) error {
	switch {
	case errors.Is(err, blob.ErrChanged):
		return stage.Permanent(fmt.Errorf("overwritten: the newer version has its own reference: %w", err))
	case errors.Is(err, blob.ErrNotFound):
		return stage.Permanent(fmt.Errorf("the raw object is gone: raw data is kept for a limited time: %w", err))
	default:
		return err
	}
}

func (s *Service) transform(ctx context.Context, plan *Plan, in objref.Ref, raw *blob.Arrival, out *temp, observer *Observer) (_ Result, err error) {
	done, err := s.turns.Take(ctx)
	if err != nil {
		return Result{}, err
	}
	defer done()
	ctx, end := telemetry.Start(ctx, "mask",
		telemetry.String("maskrail.entity", in.Entity),
		telemetry.String("maskrail.policy", plan.policy.Digest()),
		telemetry.Int("maskrail.key.epoch", int64(plan.ring.Epoch())),
		telemetry.Int("maskrail.workers", int64(s.config.Workers)))
	defer func() { end(err) }()
	r, err := plan.Mask(ctx, raw, nameOf(in.Object), out, Options{
		Workers: s.config.Workers, Tenant: in.Tenant, Source: columnar.Format(in.Object.Format), Dialect: in.Object.Dialect,
		TempDir: s.config.TempDir, Observer: observer,
	})
	if err != nil {
		return Result{}, explain(err)
	}
	rejected := r.RowsIn - r.RowsOut
	telemetry.Set(ctx,
		telemetry.Int("maskrail.rows.in", r.RowsIn), telemetry.Int("maskrail.rows.out", r.RowsOut),
		telemetry.Int("maskrail.rejects", rejected), telemetry.Int("maskrail.columns", int64(len(r.Columns))),
		telemetry.Int("maskrail.bytes", out.bytes))
	return r, nil
}

// nameOf is a name that tells the object's format where its content does not.
func nameOf(o objref.Object) string {
	if o.Format != "" {
		return "object." + o.Format
	}
	return path.Base(o.Key)
}

// refTo points at a masked object. It is made of the attestation alone, so that the first and every later time
// give the same.
func refTo(plan *Plan, in objref.Ref, t target, o blob.Object, m attest.Masked) objref.Ref {
	source := in.Object
	source.SHA256, source.Bytes = m.Source.SHA256, m.Source.Bytes
	object := objref.From(o)
	object.Format = string(columnar.FormatParquet)
	var rejects int64
	for _, n := range m.Rejects {
		rejects += n
	}
	return objref.Ref{
		Entity: in.Entity, Environment: plan.environment, Run: in.Run, Tenant: in.Tenant, Window: in.Window,
		Object: object, Rows: m.RowsOut, Rejects: rejects, Source: &source,
		Policy: m.Policy, KeyEpoch: m.KeyEpoch, Attestations: []string{t.attestation.Key},
	}
}
