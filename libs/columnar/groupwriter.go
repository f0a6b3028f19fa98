package columnar

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkread"
	"github.com/maskrail/maskrail/libs/columnar/internal/chunkwrite"
	"github.com/maskrail/maskrail/libs/columnar/internal/spare"
)

// GroupWriter writes a Parquet file one row group at a time, whose columns are
// made in any order and by several goroutines. The bytes depend on the rows and on
// how they divide into row groups, on which columns are copied, and on nothing else.
type GroupWriter struct {
	out    *sink
	file   *chunkwrite.File
	schema *arrow.Schema
	silent []string
	err    error
}

// Chunk is a column of one row group, ready to be written.
type Chunk []chunkwrite.Chunk

// NewGroupWriter returns a GroupWriter to w. Of the options NoStatistics and
// Allocator count.
func NewGroupWriter(w io.Writer, schema *arrow.Schema, o WriteOptions) (*GroupWriter, error) {
	plain, err := plainSchema(schema)
	if err != nil {
		return nil, err
	}
	g := &GroupWriter{out: &sink{w: w}, schema: plain, silent: o.NoStatistics}
	err = guard(func() (err error) {
		g.file, err = chunkwrite.NewFile(g.out, plain, chunkwrite.Options{Statistics: g.shows, Allocator: o.Allocator})
		if err != nil && g.out.err == nil {
			return noParquetForm(err)
		}
		return err
	})
	return g, err
}

// shows reports that the minimum and maximum of a column may be in the file.
func (g *GroupWriter) shows(column int) bool {
	return !slices.Contains(g.silent, g.schema.Field(column).Name)
}

// failed is the error for a caller: that of the underlying writer where it is the
// cause, and otherwise the data's, of a column unless it is negative.
func (g *GroupWriter) failed(column int, err error) error {
	switch own, ok := errors.AsType[*Error](err); {
	case err == nil:
		return nil
	case g.out.err != nil:
		return g.out.err
	case ok:
		return own
	}
	e := &Error{Op: opWriteParquet, Err: err}
	if column >= 0 {
		e.Column = ShowName(g.schema.Field(column).Name, column)
	}
	return e
}

// Column begins column i of a row group. Column and Copy may be called by several
// goroutines at the same time.
func (g *GroupWriter) Column(i int) *ColumnWriter {
	return &ColumnWriter{g: g, i: i, column: g.file.Column(i, false)}
}

// ColumnWriter makes a chunk. It is not safe for concurrent use.
type ColumnWriter struct {
	g      *GroupWriter
	i      int
	column *chunkwrite.Column
}

// Write borrows the array. How calls divide the rows does not show in the chunk.
// Where the schema has text, a dictionary of text is welcome.
func (c *ColumnWriter) Write(arr arrow.Array) error {
	return c.g.failed(c.i, guard(func() error { return c.column.Write(arr) }))
}

// Finish returns the chunk.
func (c *ColumnWriter) Finish() (chunk Chunk, err error) {
	err = guard(func() (err error) { chunk, err = c.column.Finish(); return err })
	return chunk, c.g.failed(c.i, err)
}

// Close frees what the writer holds; without Finish before it there is no chunk.
func (c *ColumnWriter) Close() { _ = guard(func() error { c.column.Release(); return nil }) }

// Copy makes a chunk of a column of a file as it is, after checking that it holds
// what it claims. Its statistics are made anew, of the values that are there. It is
// false for a column that cannot be copied, and has to be read and written: also for one whose dictionary has entries
// that no row uses, since these may be of rows that are not the file's any more.
func (g *GroupWriter) Copy(i int, f *File, group, column int) (Chunk, bool, error) {
	c, ok := f.chunk(group, column)
	if !ok || f.Rows(group) == 0 || !g.same(i, c) {
		return nil, false, nil
	}
	var chunk Chunk
	err := guard(func() error {
		copied, err := chunkread.Copy(f.t, c, g.file.Blocks())
		if err != nil {
			return err
		}
		if copied.Unused {
			copied.Pages.Release()
			return nil
		}
		chunk = Chunk{g.copied(i, c, copied)}
		return nil
	})
	if err != nil {
		return nil, false, f.failed(group, column, err)
	}
	return chunk, chunk != nil, nil
}

// same reports that the file's column is stored as column i is: what annotations
// say beyond the Arrow type does not touch the bytes of values.
func (g *GroupWriter) same(i int, c chunkread.Column) bool {
	own, flat := g.file.Leaf(i)
	return flat && arrow.TypeEqual(g.schema.Field(i).Type, c.Type) && own.PhysicalType() == c.Leaf.PhysicalType() &&
		own.MaxDefinitionLevel() == c.Leaf.MaxDefinitionLevel()
}

func (g *GroupWriter) copied(i int, c chunkread.Column, from chunkread.Copied) chunkwrite.Chunk {
	out := chunkwrite.Chunk{
		Pages: from.Pages.Parts(), Memory: []*spare.Bytes{from.Pages}, Codec: c.Meta.Compression(), Encodings: from.Encodings, Dictionary: from.Dictionary, Values: from.Values,
		RawBytes: from.RawBytes,
	}
	for _, k := range from.PageKinds {
		out.PageKinds = append(out.PageKinds, chunkwrite.PageKind{Dictionary: k.Dictionary, Encoding: k.Encoding, Pages: k.Pages})
	}
	if g.shows(i) {
		out.Statistics = &chunkwrite.Statistics{Nulls: from.Nulls, Min: from.Min, Max: from.Max}
	}
	return out
}

// Append writes a row group of so many rows, from a chunk for each column. The
// chunks are of no use after it.
func (g *GroupWriter) Append(rows int64, chunks []Chunk) error {
	if g.err != nil {
		return g.err
	}
	columns := make([][]chunkwrite.Chunk, len(chunks))
	for i, c := range chunks {
		columns[i] = c
	}
	if err := g.failed(-1, guard(func() error { return g.file.Append(rows, columns) })); err != nil {
		g.err = errFinished
		return fmt.Errorf("row group: %w", err)
	}
	return nil
}

// Close writes the footer. Without it there is no valid file.
func (g *GroupWriter) Close() error {
	if g.err != nil {
		return g.err
	}
	g.err = errFinished
	return g.failed(-1, guard(g.file.Close))
}
