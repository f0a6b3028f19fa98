package chunkwrite

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Column writes one top-level column of one row group. It ends with Finish or
// Release.
//
// Write and Finish work from one goroutine. Begin, Add and End are the same in
// parts, so that the leaves of a nested column can be encoded side by side: Add
// and End may be called for different leaves at the same time, every other method
// by one goroutine at a time. After an error the column is of no more use, but to
// be released.
type Column struct {
	field  arrow.Field
	mem    memory.Allocator
	leaves []*leaf
	rows   *shredder
	plain  arrow.Array // the values of a dictionary whose indices are of no use
	err    error       // that of an earlier call, or of making the column
}

var (
	errNulls      = errors.New("a null in a column that is declared without nulls")
	errDictionary = errors.New("a dictionary cannot be laid out as its values")
)

// Leaves is the number of chunks that the column has.
func (c *Column) Leaves() int { return len(c.leaves) }

// Write appends rows. It borrows arr, which has the type of the schema, or is a
// dictionary of it; an array's own dictionary is held until the column ends, and
// taken to be the same while it is the same ArrayData.
func (c *Column) Write(arr arrow.Array) error {
	if err := c.Begin(arr); err != nil {
		return err
	}
	defer c.drop()
	for i := range c.leaves {
		if c.err = c.Add(i); c.err != nil {
			return c.err
		}
	}
	return nil
}

// Begin begins to append rows: Add must follow for every leaf. It borrows arr as
// Write does, until all have returned.
func (c *Column) Begin(arr arrow.Array) error {
	if c.err == nil {
		c.err = c.begin(arr)
	}
	return c.err
}

func (c *Column) begin(arr arrow.Array) error {
	c.drop()
	if d, ok := arr.(*array.Dictionary); ok && !direct(d) {
		var err error
		arr, err = compute.CastArray(compute.WithAllocator(context.Background(), c.mem), arr, compute.SafeCastOptions(c.field.Type))
		if err != nil {
			return errDictionary // what the library says may quote a value
		}
		c.plain = arr
	}
	return c.rows.begin(arr)
}

// Add appends the rows of the last Begin to a leaf.
func (c *Column) Add(leaf int) error { return c.rows.add(leaf) }

// drop gives up the rows that have been added.
func (c *Column) drop() {
	if c.plain != nil {
		c.plain.Release()
		c.plain = nil
	}
}

// direct says whether the indices of a dictionary can be used as they are.
func direct(d *array.Dictionary) bool {
	switch d.Dictionary().(type) {
	case *array.String, *array.Binary, *array.LargeString, *array.LargeBinary:
		return d.Indices().DataType().ID() == arrow.INT32 && d.Dictionary().NullN() == 0
	}
	return false
}

// Finish ends the column and returns its chunks, one a leaf, in the order of the
// schema.
func (c *Column) Finish() ([]Chunk, error) {
	if c.err != nil {
		return nil, c.err
	}
	defer c.Release()
	chunks := make([]Chunk, len(c.leaves))
	for i := range chunks {
		var err error
		if chunks[i], err = c.End(i); err != nil {
			return nil, err
		}
	}
	return chunks, nil
}

// End ends a leaf and returns its chunk. Release must follow when all have ended.
func (c *Column) End(leaf int) (Chunk, error) { return c.leaves[leaf].finish() }

var errEnded = errors.New("the column has ended")

// Release gives up a column that is not to be finished. It may be called again,
// and after Finish.
func (c *Column) Release() {
	c.drop()
	for _, l := range c.leaves {
		l.release()
	}
	c.leaves = nil
	if c.err == nil {
		c.err = errEnded
	}
}
