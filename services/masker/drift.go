package masker

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/survey"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// drifting are the classes of rejection that a comparison of source and policy explains; so it may a column that is malformed,
// for a type that has changed shows in values.
var drifting = []string{ClassUnknownField, ClassSuspectField, ClassMissingField, ClassWrongType}

// compared adds to a rejection that the source's fields have led to the report on all of them, and gives notice of those
// that are seen for the first time. A report that cannot be stored leaves the rejection as it is, unless the store is away.
func (s *Service) compared(ctx context.Context, plan *Plan, in objref.Ref, src columnar.Source, rejected error) error {
	reason, ok := stage.Rejected(rejected)
	if !ok || !slices.Contains(drifting, reason.Class) && (reason.Class != ClassMalformed || reason.Field == "") {
		return rejected
	}
	key, fields, err := s.report(ctx, plan, in, src, reason)
	switch {
	case err == nil && key == "":
		return rejected
	case errors.Is(err, blob.ErrUnavailable), ctx.Err() != nil:
		return err
	case err != nil:
		s.deps.Telemetry.Log().WarnContext(ctx, "the object is refused without a report on its fields", "object", in.Object, "error", err.Error())
		return rejected
	}
	if err := s.notice(ctx, plan, in, fields); err != nil {
		return err
	}
	reason.Report = key
	return stage.Reject(reason)
}

// report compares an object that is refused with its policy and stores what it finds.
func (s *Service) report(ctx context.Context, plan *Plan, in objref.Ref, src columnar.Source, reason objref.Reason) (_ string, _ []drift.Field, err error) {
	ctx, end := telemetry.Start(ctx, "compare")
	defer func() { end(err) }()
	fields, rows, err := drift.File(ctx, plan.policy, src, nameOf(in.Object), in.Object.Dialect)
	if err != nil {
		return "", nil, err
	}
	if in.Tenant != objref.Several {
		fields = plan.withoutOwner(fields)
	}
	if fields = retyped(plan.policy, fields, reason); len(fields) == 0 {
		return "", nil, nil // a single value at fault
	}
	r := drift.Report{
		Environment: plan.environment, Entity: in.Entity, Policy: plan.policy.Digest(), Name: plan.policy.Name, Revision: plan.policy.Version,
		Object: in.Object.Identity(), Rows: rows, Fields: fields,
	}
	key, err := r.Write(ctx, s.deps.Store, s.config.Buckets.Quarantine)
	return key, fields, err
}

// retyped adds the field that the reader or a treatment stumbled over, which a comparison of names alone does not show.
func retyped(p *policy.Policy, fields []drift.Field, reason objref.Reason) []drift.Field {
	at := strings.Trim(reason.Field, `"`)
	if reason.Class != ClassWrongType || at == "" || slices.ContainsFunc(fields, func(f drift.Field) bool { return f.Path == at }) {
		return fields
	}
	f := drift.Field{Path: at, Kind: drift.Retyped, Waits: true}
	if named, ok := p.Field(at); ok {
		f.Policy = named.Type.String()
	}
	return append(fields, f)
}

// drifted are the fields in which a source that was masked all the same differs from the policy: what it has besides and the
// policy drops or lets pass, and what it lacks. The opinions rest on names alone.
func (b *binding) drifted(format columnar.Format) []drift.Field {
	fields := drift.Compare(b.plan.policy, drift.Source{
		Columns: survey.Schema(b.source), Typed: format == columnar.FormatParquet, Sparse: format == columnar.FormatJSONL,
	}, b.plan.opinions)
	if b.owner != "" {
		fields = b.plan.withoutOwner(fields)
	}
	return fields
}

// withoutOwner leaves out that the source has no column of the tenant, which is no drift in an object of one tenant.
func (p *Plan) withoutOwner(fields []drift.Field) []drift.Field {
	return slices.DeleteFunc(fields, func(f drift.Field) bool {
		return f.Kind == drift.Vanished && p.policy.Tenant != nil && f.Path == p.policy.Tenant.Path
	})
}

// noticed gives notice of what a masked object has besides the policy, and says once what it lacks.
func (s *Service) noticed(ctx context.Context, plan *Plan, in objref.Ref, fields []drift.Field) error {
	var lacks []string
	for _, f := range fields {
		if f.Kind == drift.Vanished {
			lacks = append(lacks, f.Path)
		}
	}
	if len(lacks) > 0 {
		if _, told := s.lacks.LoadOrStore(in.Entity+"\x00"+strings.Join(lacks, "\x00"), true); !told {
			s.deps.Telemetry.Log().InfoContext(ctx, "fields of the policy are not in the source: they are null in the sandbox",
				"entity", in.Entity, "object", in.Object, "fields", strings.Join(lacks[:min(len(lacks), maxNamed)], ", "), "count", len(lacks))
		}
	}
	return s.notice(ctx, plan, in, slices.DeleteFunc(slices.Clone(fields), func(f drift.Field) bool { return f.Kind == drift.Vanished }))
}
