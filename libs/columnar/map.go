package columnar

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// Map runs fn over the batches of r with `workers` goroutines (at least one)
// and hands the results to emit in input order, from the calling goroutine.
// From the read of a batch to the end of its emit at most workers+1 batches are
// in flight: one per worker, and one that is read ahead or waits for its turn.
//
// fn borrows its input and returns a batch of its own: one that returns its
// input retains it first. emit borrows. Map releases every input and every
// result exactly once, also after an error. The first error, by time, cancels
// the context of the others and is returned when all goroutines have ended; an
// fn that panics is a *PanicError. Map does not close r.
func Map(ctx context.Context, r Reader, workers int,
	fn func(context.Context, arrow.RecordBatch) (arrow.RecordBatch, error),
	emit func(arrow.RecordBatch) error,
) error {
	workers = max(workers, 1)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := &mapping{
		cancel: cancel,
		free:   make(chan struct{}, workers+1),
		jobs:   make(chan job),
		order:  make(chan chan arrow.RecordBatch, workers+1),
	}
	for range workers {
		m.running.Go(func() { m.work(ctx, fn) })
	}
	m.running.Go(func() { m.read(ctx, r) })
	m.emit(ctx, emit)
	m.running.Wait()
	return context.Cause(ctx) // the first cancel's error, nil if there was none
}

type job struct {
	batch  arrow.RecordBatch
	result chan arrow.RecordBatch // of size one; closed without a batch after a failure
}

type mapping struct {
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	free    chan struct{} // one token per batch in flight
	jobs    chan job
	order   chan chan arrow.RecordBatch
}

// read hands out the batches until the end, an error, or the context's.
func (m *mapping) read(ctx context.Context, r Reader) {
	defer close(m.jobs)
	defer close(m.order)
	for {
		select {
		case m.free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, err := r.Next(ctx)
		if err == io.EOF {
			return
		}
		if err != nil {
			m.cancel(err)
			return
		}
		j := job{batch, make(chan arrow.RecordBatch, 1)}
		m.order <- j.result // has room for every batch in flight
		select {
		case m.jobs <- j:
		case <-ctx.Done():
			batch.Release()
			close(j.result)
			return
		}
	}
}

func (m *mapping) work(ctx context.Context, fn func(context.Context, arrow.RecordBatch) (arrow.RecordBatch, error)) {
	for j := range m.jobs {
		var out arrow.RecordBatch
		err := ctx.Err()
		if err == nil {
			err = guard(func() (err error) {
				out, err = fn(ctx, j.batch)
				return err
			})
		}
		j.batch.Release()
		if err == nil && out == nil {
			err = errors.New("columnar: map function returned no batch")
		}
		if err != nil {
			if out != nil {
				out.Release()
			}
			m.cancel(err)
		} else {
			j.result <- out
		}
		close(j.result)
	}
}

// emit takes the results in order. It always takes all of them, so that none is
// left unreleased.
func (m *mapping) emit(ctx context.Context, emit func(arrow.RecordBatch) error) {
	for result := range m.order {
		if out, ok := <-result; ok {
			if ctx.Err() == nil {
				if err := guard(func() error { return emit(out) }); err != nil {
					m.cancel(err)
				}
			}
			out.Release()
		}
		<-m.free
	}
}
