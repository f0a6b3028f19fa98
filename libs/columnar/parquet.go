package columnar

import (
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// parquetReader reads all columns of one row group side by side: memory is a page
// per column and a batch.
type parquetReader struct {
	cursor
	file    *File
	group   int // index of the current row group
	columns []*ColumnReader
	left    int64 // rows of the current row group not yet delivered
}

func openParquet(src Source, o Options) (Reader, error) {
	f, err := OpenFile(src, o)
	if err != nil {
		return nil, err
	}
	return &parquetReader{cursor: cursor{t: f.t, op: opReadParquet}, file: f, group: -1}, nil
}

func (r *parquetReader) Schema() *arrow.Schema { return r.file.schema }

func (r *parquetReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	return r.step(ctx, r.next, func() int64 { return 0 })
}

func (r *parquetReader) next(ctx context.Context) (arrow.RecordBatch, error) {
	for r.left == 0 {
		if err := r.endGroup(); err != nil {
			return nil, err
		}
		if r.group++; r.group >= r.file.Groups() {
			if want := r.file.pq.NumRows(); r.delivered != want {
				return nil, fmt.Errorf("%d rows read, the footer claims %d", r.delivered, want)
			}
			return nil, io.EOF
		}
		if err := r.beginGroup(ctx); err != nil {
			return nil, err
		}
	}
	rows := min(int64(r.file.Window(r.group)), r.left)
	arrays := make([]arrow.Array, 0, len(r.columns))
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	for _, c := range r.columns {
		arr, err := c.Next(ctx, rows)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, arr)
	}
	r.left -= rows
	return array.NewRecordBatch(r.file.schema, arrays, rows), nil
}

func (r *parquetReader) beginGroup(ctx context.Context) error {
	r.left = r.file.Rows(r.group)
	if r.left == 0 {
		return nil
	}
	for i := range r.file.schema.NumFields() {
		c, err := r.file.Column(ctx, r.group, i, false)
		if err != nil {
			return err
		}
		r.columns = append(r.columns, c)
	}
	return nil
}

// endGroup checks that the row group has no rows beyond those it claims.
func (r *parquetReader) endGroup() error {
	for _, c := range r.columns {
		if err := c.End(); err != nil {
			return err
		}
	}
	r.closeColumns()
	return nil
}

func (r *parquetReader) closeColumns() {
	for _, c := range r.columns {
		c.Close()
	}
	r.columns = nil
}

func (r *parquetReader) Close() error {
	if r.err == nil {
		r.err = errClosed
	}
	r.closeColumns()
	return nil
}
