package loader

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// load is the stage's Func: one validated object, verified and brought into the sandbox.
func (l *Loader) load(ctx context.Context, in objref.Ref) ([]objref.Ref, error) {
	if in.Environment != l.c.Environment {
		return nil, stage.Permanent(fmt.Errorf("%s is for another environment than this loader's", in.Object))
	}
	path, digest, err := l.temp.fetch(ctx, l.deps.Store, in.Object)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrChanged):
		return nil, stage.Permanent(fmt.Errorf("%s is gone or was overwritten in the masked bucket; replay it from the raw stage: %w", in.Object, err))
	case err != nil:
		return nil, fmt.Errorf("fetch %s: %w", in.Object, err)
	}
	defer os.Remove(path)
	p, err := l.verify(ctx, in, digest)
	if err != nil {
		return nil, err
	}
	r, err := l.insert(ctx, l.batch(in, p, path, digest))
	if err != nil {
		return nil, err
	}
	out := in
	out.Outcome = &objref.Outcome{State: r.State(), Loaded: r.Loaded, Skipped: r.Skipped}
	return []objref.Ref{out}, nil
}

func (l *Loader) batch(in objref.Ref, p proof, path, digest string) sink.Batch {
	m := p.Masked
	columns := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		columns[i] = c.Name
	}
	return sink.Batch{
		File: path, Rows: m.RowsOut, Columns: columns, Tenant: m.TenantColumn, Key: m.Key,
		Line: sink.Line{
			Entity: in.Entity, Environment: in.Environment, Run: in.Run, Tenant: in.Tenant,
			SHA256: digest, Object: in.Object.Key, Source: m.Source.Identity, Policy: m.Policy,
			KeyFingerprint: m.KeyFingerprint, KeyEpoch: m.KeyEpoch, Masker: p.masker, Validator: p.validator,
		},
	}
}

// insert is the load as the trace shows it.
func (l *Loader) insert(ctx context.Context, b sink.Batch) (r sink.Result, err error) {
	done, err := l.turns.Take(ctx)
	if err != nil {
		return r, err
	}
	defer done()
	ctx, end := telemetry.StartClient(ctx, "load "+b.Line.Entity,
		telemetry.String("db.system.name", l.system),
		telemetry.String("db.operation.name", "INSERT"),
		telemetry.String("db.collection.name", b.Line.Entity),
		telemetry.Int("maskrail.rows", b.Rows))
	defer func() { end(err) }()
	r, err = l.patient(ctx, b)
	if err != nil {
		return r, err
	}
	telemetry.Set(ctx, telemetry.Int("maskrail.rows.loaded", r.Loaded))
	for outcome, n := range map[objref.State]int64{objref.Loaded: r.Loaded, objref.Skipped: r.Skipped} {
		l.deps.Telemetry.Count(ctx, "maskrail.load.rows", n,
			telemetry.String("maskrail.environment", b.Line.Environment),
			telemetry.String("maskrail.entity", b.Line.Entity),
			telemetry.String("maskrail.sink", l.system),
			telemetry.String("maskrail.outcome", string(outcome)))
	}
	return r, nil
}

// patient waits for as long as somebody has the sandbox open, and says so: an analyst's lunch break must not use up
// the few failures that an object has. Nothing else could be loaded in the meantime.
func (l *Loader) patient(ctx context.Context, b sink.Batch) (sink.Result, error) {
	for {
		r, err := l.sink.Load(ctx, b)
		if !errors.Is(err, sink.ErrBusy) || ctx.Err() != nil {
			return r, err
		}
		l.deps.Telemetry.Log().WarnContext(ctx, "load waits", "environment", l.c.Environment, "error", err.Error())
	}
}
