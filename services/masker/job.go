package masker

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

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
	newest *newest // nil unless the newest of equal keys counts
	read   int64   // rows emitted so far, rejected ones included
	result Result
}

func newJob(p *Plan, b *binding, out columnar.Writer, o Options) (*job, error) {
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
	var err error
	j.result.Columns, err = b.attested()
	return j, err
}

// masked is a masked batch with what emit needs to know of its rows.
type masked struct {
	arrow.RecordBatch
	rows     int // of the source; those of the batch, unless fault is set
	fault    *fault
	rejected map[int]*fault // rows to be left out
	ids      []rowID        // nil when the policy has no key
	versions []version      // what orders rows of one key, in a survey
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
	x, members, err := b.begin(in, s, j.options)
	if err != nil {
		return err
	}
	defer x.frame.release()
	m.tenants, m.tenantOf = x.frame.tenants, x.frame.tenantOf
	if len(p.key) > 0 {
		if m.ids, err = j.hash.ids(s, x.frame, p); err != nil {
			return err
		}
	}
	if m.RecordBatch, err = x.finish(ctx, members); err != nil {
		return err
	}
	m.rejected = x.frame.rejected
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
		class := ""
		switch bad := m.rejected[row]; {
		case bad != nil:
			class = bad.class
		case m.ids == nil:
		case j.newest != nil:
			if j.newest.lost(j.read + int64(row)) {
				class = ClassDuplicateKey
			}
		case !j.seen.add(m.ids[row]):
			if j.plan.policy.Duplicates == policy.RejectDuplicates {
				return faultf(ClassDuplicateKey, j.plan.policy.Key[0], row, "the key stands in an earlier row as well").rejection(j.read)
			}
			class = ClassDuplicateKey
		}
		if class == "" {
			counts[m.tenantOf[row]]++
			continue
		}
		j.result.Rejects[class]++
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
func (j *job) finish(delivered int64, bad *skipped) (Result, error) {
	r := j.result
	r.RowsIn = delivered
	for class, n := range bad.rows {
		r.Rejects[class] += n
		r.RowsIn += n
	}
	rows := r.RowsOut
	for _, n := range r.Rejects {
		rows += n
	}
	if rows != r.RowsIn || j.read != delivered {
		return Result{}, fmt.Errorf("%d rows were read and %d accounted for", r.RowsIn, rows)
	}
	return r, nil
}
