package columnar

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkread"
)

var (
	errInvalid = errors.New("the values are damaged: text that is not UTF-8, or lists that end beyond their values")
	errTooFew  = errors.New("fewer rows than the footer claims: the file is damaged")
	errTooMany = errors.New("more rows than the footer claims: the file is damaged")
)

// ColumnReader reads one column of one row group from its first row on. It is not
// safe for concurrent use; the arrays it delivers are.
type ColumnReader struct {
	f             *File
	group, column int
	chunk         *chunkread.Reader // of a flat column; nil: arrow reads it
	arrow         *pqarrow.ColumnReader
	left          int64 // rows not yet delivered
}

func (c *ColumnReader) open(ctx context.Context, dictionaries bool) (err error) {
	if c.left == 0 {
		return nil
	}
	if chunk, ok := c.f.chunk(c.group, c.column); ok {
		chunk.Dictionary = dictionaries
		c.chunk, err = chunkread.Open(c.f.t, chunk)
		return err
	}
	if err := c.probe(); err != nil {
		return err
	}
	if c.arrow, err = c.f.arrow.GetFieldReader(ctx, c.column, c.f.leaves, []int{c.group}); err != nil {
		return library(err)
	}
	return nil
}

// probe opens the chunks of a nested column here first: the library opens them
// in goroutines of its own, where a panic would end the process.
func (c *ColumnReader) probe() error {
	if c.f.arrow.Manifest.Fields[c.column].IsLeaf() {
		return nil
	}
	rg := c.f.pq.RowGroup(c.group)
	for _, leaf := range c.f.fieldLeaves(c.column) {
		pages, err := rg.GetColumnPageReader(leaf)
		if err != nil {
			return library(err)
		}
		if err := pages.Close(); err != nil {
			return library(err)
		}
	}
	return nil
}

// Next returns the next rows, exactly so many. The caller releases the array.
func (c *ColumnReader) Next(ctx context.Context, rows int64) (arr arrow.Array, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := guard(func() (err error) { arr, err = c.next(rows); return err }); err != nil {
		return nil, c.failed(err)
	}
	c.left -= rows
	return arr, nil
}

func (c *ColumnReader) next(rows int64) (arrow.Array, error) {
	if rows > c.left {
		return nil, errTooFew
	}
	if c.chunk != nil {
		return c.chunk.Next(int(rows))
	}
	data, err := c.arrow.NextBatch(rows)
	if err != nil {
		return nil, library(err)
	}
	defer data.Release()
	if int64(data.Len()) != rows {
		return nil, errTooFew
	}
	arr, err := c.single(data.Chunks())
	if err != nil {
		return nil, library(err)
	}
	arr = asType(arr, c.f.schema.Field(c.column).Type)
	// Damaged levels make lists that end beyond their values: whoever touches
	// one would panic.
	if err := array.ValidateFull(arr); err != nil {
		arr.Release()
		return nil, errInvalid // the library's words quote the value
	}
	return arr, nil
}

func (c *ColumnReader) single(chunks []arrow.Array) (arrow.Array, error) {
	if len(chunks) == 1 {
		chunks[0].Retain()
		return chunks[0], nil
	}
	return array.Concatenate(chunks, c.f.mem)
}

// End checks that the row group has no rows of the column beyond those it claims.
// It is to be called when all have been read.
func (c *ColumnReader) End() error {
	err := guard(func() error {
		switch {
		case c.chunk != nil:
			return c.chunk.Close()
		case c.arrow == nil:
			return nil
		}
		data, err := c.arrow.NextBatch(1)
		if err != nil {
			return library(err)
		}
		defer data.Release()
		if data.Len() > 0 {
			return errTooMany
		}
		return nil
	})
	if err != nil {
		return c.failed(err)
	}
	return nil
}

// Close frees what the reader holds.
func (c *ColumnReader) Close() {
	// A decoder that failed or panicked half way may not be fit to be released.
	_ = guard(func() error {
		if c.chunk != nil {
			return c.chunk.Close()
		}
		if c.arrow != nil {
			c.arrow.Release()
		}
		return nil
	})
	c.chunk, c.arrow = nil, nil
}

func (c *ColumnReader) failed(err error) error { return c.f.failed(c.group, c.column, err) }
