package masker

import (
	"fmt"
	"slices"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/rowset"
)

// job is the masking of one file. What depends on the order of its rows is decided in that order: which of two equal
// keys is the first, and which of two faults is told.
type job struct {
	plan    *Plan
	binding *binding
	options Options
	hash    *rowHash
	free    chan *scratch // one for each worker

	seen   *rowset.Set
	again  []int32 // reused
	newest *newest // nil unless the newest of equal keys counts
	read   int64   // rows accounted for so far, rejected ones included
	result Result
	totals *totals // nil where nobody observes
}

// newJob begins a job of about so many rows; 0 where that is not known.
func newJob(p *Plan, b *binding, rows int64, o Options) (*job, error) {
	j := &job{
		plan: p, binding: b, options: o, hash: newRowHash(), seen: newRowSet(rows, o.TempDir),
		free:   make(chan *scratch, max(o.Workers, 1)),
		result: Result{Rejects: map[string]int64{}, Tenants: map[string]int64{}},
	}
	for range cap(j.free) {
		j.free <- newScratch(p)
	}
	var err error
	if j.result.Columns, err = b.attested(); err != nil {
		return nil, err
	}
	if o.Observer != nil {
		j.observe(o.Observer)
	}
	return j, nil
}

// census is what has to be known of the rows of a batch to say which of them are left out.
type census struct {
	rows     int
	rejected map[int]*fault // rows to be left out
	ids      []rowset.ID    // nil when the policy has no key
	versions []version      // what orders rows of one key, in a survey
	tenants  []string
	tenantOf []int32
}

// take counts the rows of a batch that was taken apart.
func (j *job) take(s *scratch, f *frame) (census, error) {
	c := census{rows: f.records.slots, tenants: f.tenants, tenantOf: f.tenantOf}
	if len(j.plan.key) > 0 {
		var err error
		if c.ids, err = j.hash.ids(s, f, j.plan); err != nil {
			return c, err
		}
	}
	c.rejected = f.rejected
	return c, nil
}

// left is a row that is left out, and why.
type left struct {
	row   int
	class string
}

// decide says which rows of a batch are left out, those whose key came before among them. before is the number of rows
// in front of the batch. Batches are decided in the order of the file.
func (j *job) decide(c census, before int64) ([]left, error) {
	var out []left
	for row, bad := range c.rejected {
		out = append(out, left{row, bad.class})
	}
	again, err := j.repeated(c, before)
	if err != nil {
		return nil, err
	}
	for _, row := range again {
		out = append(out, left{int(row), ClassDuplicateKey})
	}
	slices.SortFunc(out, func(a, b left) int { return a.row - b.row })
	return out, nil
}

// repeated are the rows, of those that are not rejected, which another row of the same key replaces.
func (j *job) repeated(c census, before int64) ([]int32, error) {
	if c.ids == nil {
		return nil, nil
	}
	j.again = j.again[:0]
	if j.newest != nil {
		for row := range c.rows {
			if c.rejected[row] == nil && j.newest.lost(before+int64(row)) {
				j.again = append(j.again, int32(row))
			}
		}
		return j.again, nil
	}
	for row := range c.rejected {
		c.ids[row] = rowset.ID{}
	}
	var err error
	if j.again, err = j.seen.Add(c.ids, j.again); err != nil {
		return nil, err
	}
	if len(j.again) > 0 && j.plan.policy.Duplicates == policy.RejectDuplicates {
		return nil, faultf(ClassDuplicateKey, j.plan.policy.Key[0], int(j.again[0]), "the key stands in an earlier row as well")
	}
	return j.again, nil
}

// account enters a batch into the books.
func (j *job) account(c census, out []left) error {
	counts := make([]int64, len(c.tenants))
	for _, t := range c.tenantOf {
		counts[t]++
	}
	for _, l := range out {
		counts[c.tenantOf[l.row]]--
		j.result.Rejects[l.class]++
	}
	for i, n := range counts {
		if n > 0 && j.plan.tenant >= 0 {
			j.result.Tenants[c.tenants[i]] += n
		}
	}
	if len(j.result.Tenants) > maxTenants {
		return tooManyTenants(j.plan)
	}
	j.result.RowsOut += int64(c.rows - len(out))
	j.read += int64(c.rows)
	return nil
}

// close frees what the job has on disk.
func (j *job) close() {
	_ = j.seen.Close() // read to the end, and unlinked already
}

func (j *job) progress() {
	if j.options.Progress != nil {
		j.options.Progress(j.read)
	}
}

// finish balances the books: a row is written or counted, or the object stops.
func (j *job) finish(delivered int64, bad *skipped) (Result, error) {
	j.totals.into(&j.result)
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

// runs calls write for each run of rows that are not left out.
func runs(rows int, out []left, write func(from, to int) error) error {
	from := 0
	for _, l := range out {
		if from < l.row {
			if err := write(from, l.row); err != nil {
				return err
			}
		}
		from = l.row + 1
	}
	if from < rows {
		return write(from, rows)
	}
	return nil
}
