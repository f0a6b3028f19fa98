package masker

import (
	"cmp"
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/sketch"
)

// stream masks a file batch by batch: mask runs in several goroutines, emit in one and in the order of the file.
type stream struct {
	*job
	out columnar.Writer

	perGroup int64 // rows of a row group; 0 where the output has none
	inGroup  int64 // rows in the one in work
	counts   *counts
	notes    []counted     // reused
	fresh    []sketch.Hash // reused
}

// run masks all batches of r and writes them.
func (s *stream) run(ctx context.Context, r columnar.Reader) error {
	err := columnar.Map(ctx, r, s.options.Workers, s.mask, s.emit)
	// Close also frees what the writer holds; after a failure what it writes is of no use to anybody.
	return cmp.Or(err, s.out.Close())
}

// masked is a masked batch with what emit needs to know of its rows.
type masked struct {
	arrow.RecordBatch
	census
	fault *fault
	notes [][]counted // by leaf
}

// mask is the function of columnar.Map.
func (j *stream) mask(ctx context.Context, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	return j.with(in, func(s *scratch, m *masked) error {
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
		if m.census, err = j.take(s, x.frame); err != nil {
			return err
		}
		if m.RecordBatch, err = x.finish(ctx, members); err != nil {
			return err
		}
		m.notes, err = j.observed(s, x)
		return err
	})
}

// with lends fn a scratch. A fault is not an error yet: emit tells the first one of the file.
func (j *job) with(in arrow.RecordBatch, fn func(*scratch, *masked) error) (arrow.RecordBatch, error) {
	s := <-j.free // there are as many as goroutines
	defer func() { j.free <- s }()
	m := &masked{census: census{rows: int(in.NumRows())}}
	err := fn(s, m)
	if err != nil && !errors.As(err, &m.fault) {
		return nil, err
	}
	if m.RecordBatch == nil { // a batch is asked for
		in.Retain()
		m.RecordBatch = in
	}
	return m, nil
}

// emit writes a masked batch without the rows that are left out.
func (j *stream) emit(batch arrow.RecordBatch) error {
	m, ok := batch.(*masked)
	if !ok {
		return errors.New("emit: not a masked batch")
	}
	if m.fault != nil {
		return m.fault.rejection(j.read)
	}
	out, err := j.decide(m.census, j.read)
	if err == nil {
		err = runs(m.rows, out, func(from, to int) error { return j.write(m, from, to) })
	}
	if err == nil {
		err = j.account(m.census, out)
	}
	if err == nil {
		err = j.count(m, out)
	}
	var bad *fault
	if errors.As(err, &bad) {
		return bad.rejection(j.read)
	}
	if err == nil {
		j.progress()
	}
	return err
}

func (j *stream) write(m *masked, from, to int) error {
	part := m.RecordBatch
	if from > 0 || to < m.rows {
		part = m.NewSlice(int64(from), int64(to))
		defer part.Release()
	}
	if j.totals != nil {
		at := 0
		for _, c := range j.binding.root.members {
			if c.out != nil {
				j.totals.measure(j.totals.shapes, c, part.Column(at))
				at++
			}
		}
	}
	return j.out.Write(part)
}
