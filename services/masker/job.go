package masker

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
)

// job is the masking of one file: mask runs in several goroutines, emit in one and in the order of the file. What
// depends on the order is therefore in emit: which of two equal keys is the first, and which of two faults is told.
type job struct {
	plan    *Plan
	binding *binding
	out     columnar.Writer
	options Options
	hash    *rowHash
	free    chan *scratch

	seen   rowSet
	read   int64 // rows emitted so far, rejected ones included
	result Result
}

func newJob(p *Plan, b *binding, out columnar.Writer, o Options) *job {
	if o.Tenant == objref.Several {
		o.Tenant = ""
	}
	j := &job{
		plan: p, binding: b, out: out, options: o, hash: newRowHash(),
		free:   make(chan *scratch, max(o.Workers, 1)),
		result: Result{Rejects: map[string]int64{}, Tenants: map[string]int64{}},
	}
	for range cap(j.free) {
		j.free <- newScratch(p)
	}
	for i, f := range b.schema.Fields() {
		treatment := "pass"
		if i < b.schema.NumFields()-len(b.passed) {
			field, _ := p.policy.Field(f.Name)
			treatment = field.Treatment.Name()
		}
		j.result.Columns = append(j.result.Columns, attest.Column{Name: f.Name, Type: f.Type.String(), Treatment: treatment})
	}
	return j
}

// masked is a masked batch with what emit needs to know of its rows.
type masked struct {
	arrow.RecordBatch
	rows     int // of the source; those of the batch, unless fault is set
	fault    *fault
	ids      []rowID // nil when the policy has no key
	tenants  []string
	tenantOf []int32
}

// mask is the function of columnar.Map.
func (j *job) mask(ctx context.Context, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	s := <-j.free // there are as many as goroutines
	defer func() { j.free <- s }()
	m := &masked{rows: int(in.NumRows())}
	err := j.fill(ctx, s, in, m)
	if err == nil {
		return m, nil
	}
	if !errors.As(err, &m.fault) {
		return nil, err
	}
	in.Retain() // a batch is asked for, and emit looks at the fault first
	m.RecordBatch = in
	return m, nil
}

func (j *job) fill(ctx context.Context, s *scratch, in arrow.RecordBatch, m *masked) error {
	p, b := j.plan, j.binding
	if b.empty && m.rows > 0 {
		for i := range p.fields {
			if err := p.absent(i); err != nil {
				return err
			}
		}
	}
	columns := make([]arrow.Array, len(p.fields))
	for i, at := range b.source {
		if at >= 0 {
			columns[i] = in.Column(at)
		}
	}
	f := newFrame(columns, m.rows, j.options.Allocator)
	if err := f.own(p, j.options.Tenant); err != nil {
		return err
	}
	s.begin(f)
	m.tenants, m.tenantOf = f.tenants, f.tenantOf
	if len(p.key) > 0 {
		ids, err := j.hash.ids(s, f, p)
		if err != nil {
			return err
		}
		m.ids = ids
	}
	var out []arrow.Array
	defer func() {
		for _, c := range out {
			c.Release()
		}
	}()
	for i, field := range p.fields {
		if field.operator == nil {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if columns[i] == nil {
			out = append(out, array.MakeArrayOfNull(f.mem, b.schema.Field(len(out)).Type, m.rows))
			continue
		}
		c, err := field.operator.mask(s, f, i)
		if err != nil {
			var bad *fault
			if errors.As(err, &bad) {
				bad.field = field.Path
				return err
			}
			return fmt.Errorf("treat field %q: %w", field.Path, err)
		}
		out = append(out, c)
	}
	for _, at := range b.passed {
		in.Column(at).Retain()
		out = append(out, in.Column(at))
	}
	m.RecordBatch = array.NewRecordBatch(b.schema, out, int64(m.rows))
	return nil
}

// emit writes a masked batch without the rows whose key came before.
func (j *job) emit(batch arrow.RecordBatch) error {
	m, ok := batch.(*masked)
	if !ok {
		return errors.New("emit: not a masked batch")
	}
	if m.fault != nil {
		return m.fault.rejection(j.read)
	}
	counts := make([]int64, len(m.tenants))
	from := 0
	for row := range m.rows {
		if m.ids == nil || j.seen.add(m.ids[row]) {
			counts[m.tenantOf[row]]++
			continue
		}
		if j.plan.policy.Duplicates == policy.RejectDuplicates {
			return faultf(ClassDuplicateKey, j.plan.policy.Key[0], row, "the key stands in an earlier row as well").rejection(j.read)
		}
		j.result.Rejects[ClassDuplicateKey]++
		if err := j.write(m, from, row); err != nil {
			return err
		}
		from = row + 1
	}
	if err := j.write(m, from, m.rows); err != nil {
		return err
	}
	for i, n := range counts {
		if n > 0 && j.plan.tenant >= 0 {
			j.result.Tenants[m.tenants[i]] += n
		}
	}
	if len(j.result.Tenants) > maxTenants {
		return tooManyTenants(j.plan).rejection(0)
	}
	j.read += int64(m.rows)
	if j.options.Progress != nil {
		j.options.Progress(j.read)
	}
	return nil
}

func (j *job) write(m *masked, from, to int) error {
	if from == to {
		return nil
	}
	part := m.RecordBatch
	if from > 0 || to < m.rows {
		part = m.NewSlice(int64(from), int64(to))
		defer part.Release()
	}
	j.result.RowsOut += int64(to - from)
	return j.out.Write(part)
}

// finish balances the books: a row is written or counted, or the object stops.
func (j *job) finish(rowsIn int64) (Result, error) {
	r := j.result
	r.RowsIn = rowsIn
	rows := r.RowsOut
	for _, n := range r.Rejects {
		rows += n
	}
	if rows != rowsIn || j.read != rowsIn {
		return Result{}, fmt.Errorf("%d rows were read and %d accounted for", rowsIn, rows)
	}
	return r, nil
}
