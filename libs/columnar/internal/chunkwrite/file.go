package chunkwrite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/maskrail/maskrail/libs/columnar/internal/spare"
)

const magic = "PAR1"

// Options of a File. The zero value is ready.
type Options struct {
	// Statistics says of which top-level columns (the first is 0) the footer
	// states nulls, minimum and maximum, values in clear. nil: of none.
	Statistics func(column int) bool

	// Allocator serves the few conversions that go through Arrow; nil is the
	// default one.
	Allocator memory.Allocator
}

// File puts column chunks together to a Parquet file. Column may be called by
// any goroutine, Append and Close by one.
type File struct {
	w       io.Writer
	at      int64 // bytes written
	o       Options
	schema  *arrow.Schema
	parquet *schema.Schema
	head    []byte  // of the footer: version and schema
	leaves  [][]int // of each top-level column
	shop    workshop
	groups  []rowGroup
	rows    int64
	err     error // that of an earlier call
}

// NewFile begins a file of the schema, which is written as pqarrow does, with
// version 2 of the format and without metadata. Nothing is closed but by the
// caller: w stays open.
func NewFile(w io.Writer, s *arrow.Schema, o Options) (*File, error) {
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	pq, err := Schema(s)
	if err != nil {
		return nil, err
	}
	f := &File{w: w, o: o, schema: s, parquet: pq, leaves: make([][]int, s.NumFields())}
	if f.head, err = footerHead(pq, properties); err != nil {
		return nil, err
	}
	column := -1
	for i := range pq.NumColumns() {
		for column < 0 || pq.Root().Field(column) != pq.ColumnRoot(i) {
			column++
		}
		f.leaves[column] = append(f.leaves[column], i)
	}
	return f, f.write([]byte(magic))
}

var properties = parquet.NewWriterProperties(parquet.WithVersion(parquet.V2_LATEST), parquet.WithCreatedBy(createdBy))

// Schema is s in the terms of Parquet, as a File has it.
func Schema(s *arrow.Schema) (*schema.Schema, error) {
	return pqarrow.ToParquet(s, properties, pqarrow.DefaultWriterProps())
}

func (f *File) write(b []byte) error {
	n, err := f.w.Write(b)
	f.at += int64(n)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	f.err = err
	return err
}

// Schema is the file's schema, in the terms of Parquet.
func (f *File) Schema() *schema.Schema { return f.parquet }

// Blocks are the memory of the file's chunks, also for those that come from elsewhere.
func (f *File) Blocks() *spare.Blocks { return &f.shop.blocks }

// Leaf is the leaf of top-level column i, false for one that is nested.
func (f *File) Leaf(i int) (*schema.Column, bool) {
	_, nested := storageType(f.schema.Field(i).Type).(arrow.NestedType)
	return f.parquet.Column(f.leaves[i][0]), !nested
}

// Column begins the top-level column i of a row group. plain: its texts and
// numbers are not numbered in a dictionary, whatever they are; for values that
// are known to be distinct. An error is returned by the column's methods.
func (f *File) Column(i int, plain bool) *Column {
	c := &Column{field: f.schema.Field(i), mem: f.o.Allocator}
	if c.err = f.prepare(c, i, plain); c.err != nil {
		c.Release()
	}
	return c
}

func (f *File) prepare(c *Column, i int, plain bool) error {
	statistics := f.o.Statistics != nil && f.o.Statistics(i)
	types := leafTypes(c.field.Type)
	for n, at := range f.leaves[i] {
		l, err := newLeaf(&f.shop, f.parquet.Column(at), types[n], plain, statistics)
		if err != nil {
			return err
		}
		c.leaves = append(c.leaves, l)
	}
	var err error
	c.rows, err = newShredder(c.field, c.leaves)
	return err
}

// rowGroup is what the footer says of one.
type rowGroup struct {
	start  int64 // in the file
	rows   int64
	chunks []Chunk // without their pages
}

// Append writes a row group: the chunks of every top-level column, in the order
// of the schema. The chunks' pages are not to be used after it. No rows, no row
// group.
func (f *File) Append(rows int64, columns [][]Chunk) error {
	if f.err != nil {
		return f.err
	}
	if err := f.check(rows, columns); err != nil {
		return err
	}
	group := rowGroup{start: f.at, rows: rows}
	for _, chunks := range columns {
		for _, chunk := range chunks {
			if rows > 0 {
				chunk.start = f.at
				for _, page := range chunk.Pages {
					if err := f.write(page); err != nil {
						return err
					}
				}
				chunk.size = f.at - chunk.start
			}
			chunk.recycle()
			if chunk.Statistics != nil {
				chunk.Statistics.bounded() // those of chunks from elsewhere as well
			}
			group.chunks = append(group.chunks, chunk)
		}
	}
	if rows > 0 {
		f.groups = append(f.groups, group)
		f.rows += rows
	}
	return nil
}

func (f *File) check(rows int64, columns [][]Chunk) error {
	if len(columns) != len(f.leaves) {
		return fmt.Errorf("a row group of %d columns in a file of %d", len(columns), len(f.leaves))
	}
	for i, chunks := range columns {
		if len(chunks) != len(f.leaves[i]) {
			return fmt.Errorf("%d chunks for the %d leaves of column %d", len(chunks), len(f.leaves[i]), i+1)
		}
		for j, chunk := range chunks {
			repeated := f.parquet.Column(f.leaves[i][j]).MaxRepetitionLevel() > 0
			if chunk.Values < rows || chunk.Values > rows && !repeated {
				return fmt.Errorf("a chunk of %d values for %d rows of column %d", chunk.Values, rows, i+1)
			}
		}
	}
	return nil
}

var errClosed = errors.New("the file is closed")

// Close writes the footer.
func (f *File) Close() error {
	if f.err != nil {
		return f.err
	}
	footer := f.footer()
	n := len(footer)
	footer = binary.LittleEndian.AppendUint32(footer, uint32(n))
	if err := f.write(append(footer, magic...)); err != nil {
		return err
	}
	f.err = errClosed
	return nil
}
