package columnar

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// textReader is the Reader of both text formats; readRow is what they do not
// share.
type textReader struct {
	cursor
	text    *stream
	out     *assembler
	readRow func() (more bool, err error) // appends one row to out
}

const rowsPerCheck = 1024 // rows between looks at the context

func (r *textReader) Schema() *arrow.Schema { return r.out.schema }

func (r *textReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	return r.step(ctx, r.next, func() int64 { return r.out.total + 1 })
}

func (r *textReader) next(ctx context.Context) (arrow.RecordBatch, error) {
	for {
		if r.out.rows%rowsPerCheck == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		more, err := r.readRow()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if r.out.endRow() {
			return r.out.flush(), nil
		}
	}
	if r.out.rows == 0 {
		return nil, io.EOF
	}
	return r.out.flush(), nil
}

func (r *textReader) Close() error {
	r.text.Close()
	r.out.release()
	if r.err == nil {
		r.err = errClosed
	}
	return nil
}
