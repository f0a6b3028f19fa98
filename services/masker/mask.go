package masker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
)

// Options say how a file is masked. The zero value masks to Parquet with one goroutine.
type Options struct {
	Workers int // goroutines that mask, at least 1; workers+1 batches are in memory
	// Format and Codec are those of the output; "" is Parquet.
	Format columnar.Format
	Codec  columnar.Codec // of the text formats
	// Tenant is the one tenant that the rows may have, and that rows without a tenant column belong to; "" and objref.Several
	// allow any.
	Tenant string
	// Source is the format that the file must have; "" is what its name and content say.
	Source columnar.Format
	// Dialect is that of CSV, as the policy names it; "" is the policy's source.csv.
	Dialect string
	// BatchRows is the most rows of a batch; 0 is columnar's default. It has no influence on the output.
	BatchRows int
	// TempDir takes the row ids of a long file, 16 to 32 bytes for each row; "" is the system's directory.
	TempDir   string
	Allocator memory.Allocator // nil is a columnar.Recycler of the file's own
	// Observer takes down what is taken out; nil when nobody asks. It has no influence on the output.
	Observer *Observer
	// Progress is called after every batch with the rows read so far; nil is allowed.
	Progress func(rows int64)
}

// Result is what was done to a file. RowsIn is RowsOut and all Rejects.
type Result struct {
	RowsIn, RowsOut int64
	Rejects         map[string]int64 // rows left out by class
	Tenants         map[string]int64 // rows written by tenant; empty when the policy has none
	// Columns of the output, in order; the treatment of a column that the policy does not name is "pass".
	Columns []attest.Column
	// Domains, and the counts in Columns, are there where the masking was observed and the output is Parquet.
	Domains []attest.Domain
	// Drift are the fields in which the source differs from the policy without being refused.
	Drift []drift.Field
}

// Mask masks one file from src to w, which may be left half written after an error. name tells the format where the
// content does not; it stands in no error. The output depends on the rows, the plan and the format alone.
//
// Data at fault is a *stage.Rejection; every other error is operational.
func (p *Plan) Mask(ctx context.Context, src columnar.Source, name string, w io.Writer, o Options) (Result, error) {
	r, err := p.mask(ctx, src, name, w, o)
	if err != nil {
		return Result{}, verdict(err)
	}
	return r, nil
}

// verdict tells data at fault from everything else.
func verdict(err error) error {
	var f *fault
	var data *columnar.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f): // of the header; those of batches are rejections already
		return f.rejection(0)
	case errors.As(err, &data):
		where := *data
		where.Column = "" // the reason names it
		class := ClassMalformed
		if errors.Is(err, columnar.ErrShape) {
			class = ClassWrongType
		}
		return stage.Reject(objref.Reason{Class: class, Field: data.Column, Detail: where.Error()})
	case isRejection(err):
		return err
	default:
		return fmt.Errorf("mask: %w", err)
	}
}

func (p *Plan) mask(ctx context.Context, src columnar.Source, name string, w io.Writer, o Options) (Result, error) {
	if o.Allocator == nil {
		o.Allocator = columnar.NewRecycler()
	}
	if o.Format == "" {
		o.Format = columnar.FormatParquet
	}
	if o.Tenant == objref.Several {
		o.Tenant = ""
	}
	input, err := p.input(name, src, o)
	if err != nil {
		return Result{}, err
	}
	bad := &skipped{rows: map[string]int64{}}
	if p.policy.RejectRow == policy.DropRow {
		input.Skip = bad.skip
	}
	if input.Format == columnar.FormatParquet && o.Format == columnar.FormatParquet {
		r, ok, err := p.maskGroups(ctx, src, input, w, o)
		if ok || err != nil {
			return r, err
		}
	}
	return p.maskStream(ctx, src, input, bad, w, o)
}

// maskStream masks batch by batch.
func (p *Plan) maskStream(ctx context.Context, src columnar.Source, input columnar.Options, bad *skipped, w io.Writer, o Options) (_ Result, err error) {
	r, err := columnar.Open(src, input)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b, err := p.bind(r.Schema(), o.Tenant)
	if err != nil {
		return Result{}, err
	}
	j, err := p.begin(ctx, src, input, b, 0, o)
	if err != nil {
		return Result{}, err
	}
	defer j.close()
	out, err := columnar.NewWriter(w, j.binding.schema, j.output())
	if err != nil {
		return Result{}, err
	}
	s := &stream{job: j, out: out}
	if g, ok := out.(interface{ GroupRows() int64 }); ok {
		s.perGroup = g.GroupRows()
	}
	if err := s.run(ctx, r); err != nil {
		return Result{}, err
	}
	if err := s.endGroup(); err != nil {
		return Result{}, err
	}
	return j.finish(r.Rows(), bad)
}

// maskGroups masks a Parquet file to a Parquet file column by column. It is false, and nothing is written, when the
// file's row groups are too large for that.
func (p *Plan) maskGroups(ctx context.Context, src columnar.Source, input columnar.Options, w io.Writer, o Options) (Result, bool, error) {
	in, err := columnar.OpenFile(src, input)
	if err != nil || in.Schema().NumFields() == 0 {
		return Result{}, false, err
	}
	b, err := p.bind(in.Schema(), o.Tenant)
	if err != nil {
		return Result{}, false, err
	}
	parts := b.parts(o.Observer != nil)
	if !b.fits(in, parts) {
		return Result{}, false, nil
	}
	var rows int64
	for n := range in.Groups() {
		rows += in.Rows(n)
	}
	j, err := p.begin(ctx, src, input, b, rows, o)
	if err != nil {
		return Result{}, false, err
	}
	defer j.close()
	g := &groups{job: j, in: in, parts: parts, ahead: newScratch(p)}
	if g.out, err = columnar.NewGroupWriter(w, j.binding.schema, j.output()); err != nil {
		return Result{}, false, err
	}
	if err := g.run(ctx); err != nil {
		return Result{}, true, err
	}
	r, err := j.finish(g.before, &skipped{})
	return r, true, err
}

// begin begins a job; where the newest of equal keys counts it reads the source once.
func (p *Plan) begin(ctx context.Context, src columnar.Source, input columnar.Options, b *binding, rows int64, o Options) (*job, error) {
	j, err := newJob(p, b, rows, o)
	if err == nil {
		j.result.Drift = b.drifted(input.Format)
	}
	if err == nil && p.policy.Duplicates == policy.NewestDuplicate && len(p.key) > 0 {
		err = j.readAhead(ctx, src, input)
	}
	return j, err
}

// output says how the masked file is written.
func (j *job) output() columnar.WriteOptions {
	o := j.options
	return columnar.WriteOptions{Format: o.Format, Codec: o.Codec, NoStatistics: j.binding.silent, Workers: o.Workers, Allocator: o.Allocator}
}

// input says how to read the source.
func (p *Plan) input(name string, src columnar.Source, o Options) (columnar.Options, error) {
	format, codec, err := columnar.Detect(name, src)
	if err != nil {
		return columnar.Options{}, err
	}
	if o.Source != "" && o.Source != format {
		return columnar.Options{}, &columnar.Error{Op: "detect format", Err: fmt.Errorf("the content is %s, and the object is declared to be %s", format, o.Source)}
	}
	dialect, ok := p.policy.Dialect(o.Dialect)
	if !ok {
		return columnar.Options{}, stage.Reject(objref.Reason{Class: ClassMalformed,
			Detail: "the policy names no CSV dialect of the name in the object's route: add it to source.dialects of the policy, or correct the route"})
	}
	return columnar.Options{
		Format: format, Codec: codec, Columns: p.declared(format, dialect.Header), BatchRows: o.BatchRows, Allocator: o.Allocator,
		CSV: columnar.CSV(dialect),
	}, nil
}

// skipped counts the rows that could not be read. Only the goroutine that reads writes to it.
type skipped struct{ rows map[string]int64 }

func (s *skipped) skip(*columnar.Error) { s.rows[ClassBadValue]++ }

func isRejection(err error) bool {
	_, ok := stage.Rejected(err)
	return ok
}

// plural is "1 row is" or "2 rows are".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return strconv.Itoa(n) + " " + what + "s are"
}
