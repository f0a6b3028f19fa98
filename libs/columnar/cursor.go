package columnar

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

// cursor is what the readers of all formats share: rows are counted, a fault
// is final and says whose it is, and no panic gets out.
type cursor struct {
	t         *trackedSource
	op        string // of Next, for errors
	delivered int64
	err       error // the last word: a fault, the end, or closed
}

// Rows implements Reader.
func (c *cursor) Rows() int64 { return c.delivered }

// step delivers what read reads. row is where it stands, 0 if unknown.
func (c *cursor) step(ctx context.Context, read func(context.Context) (arrow.RecordBatch, error), row func() int64) (arrow.RecordBatch, error) {
	if c.err != nil {
		return nil, c.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var batch arrow.RecordBatch
	err := guard(func() (err error) {
		batch, err = read(ctx)
		return err
	})
	if err == nil {
		c.delivered += batch.NumRows()
		return batch, nil
	}
	if err != io.EOF && err != ctx.Err() {
		err = c.t.blame(c.op, row(), err)
	}
	c.err = err
	return nil, err
}
