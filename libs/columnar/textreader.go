package columnar

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// textReader is the Reader of the text formats; readRow is what they do not
// share.
type textReader struct {
	cursor
	text    *stream
	out     *assembler
	readRow func() (more bool, err error) // appends one row to out
	ready   []arrow.RecordBatch           // not yet delivered
}

const rowsPerCheck = 1024 // rows between looks at the context

func (r *textReader) Schema() *arrow.Schema { return r.out.schema }

func (r *textReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	return r.step(ctx, r.next, func() int64 { return r.out.total + 1 })
}

func (r *textReader) next(ctx context.Context) (arrow.RecordBatch, error) {
	for len(r.ready) == 0 {
		if err := r.fill(ctx); err != nil {
			return nil, err
		}
	}
	batch := r.ready[0]
	r.ready = r.ready[1:]
	return batch, nil
}

// fill reads a batch, of which nothing is ready if all its rows are left out.
func (r *textReader) fill(ctx context.Context) error {
	for full := false; !full; full = r.out.endRow() {
		if r.out.rows%rowsPerCheck == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		more, err := r.readRow()
		if err != nil {
			return err
		}
		if !more && r.out.rows == 0 {
			return io.EOF
		}
		if !more {
			break
		}
	}
	r.ready = r.out.flush()
	return nil
}

func (r *textReader) Close() error {
	for _, batch := range r.ready {
		batch.Release()
	}
	r.ready = nil
	r.text.Close()
	r.out.release()
	if r.err == nil {
		r.err = errClosed
	}
	return nil
}
