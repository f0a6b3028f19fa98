package columnar

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkread"
)

const (
	opOpenParquet = "open parquet"
	opReadParquet = "read parquet"

	maxPage = 256 << 20 // bytes of a page, decompressed
)

// File is a Parquet file whose columns are read one by one: a column of one row
// group at a time, several side by side. It is safe for concurrent use, and does
// not close its source.
type File struct {
	t       *trackedSource
	meta    *metadata.FileMetaData
	pq      *file.Reader
	arrow   *pqarrow.FileReader
	schema  *arrow.Schema
	leaves  map[int]bool
	mem     memory.Allocator // of arrays
	page    int64            // the most bytes of a page, decompressed
	options Options
	spare   chunkread.Spare
}

// OpenFile opens a Parquet file; of the options those that say how Parquet is
// read count. What is wrong with the data is an *Error.
func OpenFile(src Source, o Options) (*File, error) {
	o.Limits = o.Limits.withDefaults()
	f := &File{t: track(src), options: o}
	if err := guard(f.open); err != nil {
		return nil, f.t.blame(opOpenParquet, 0, err)
	}
	return f, nil
}

func (f *File) open() (err error) {
	if f.meta, err = readFooter(f.t, f.options.Limits); err != nil {
		return err
	}
	m := f.meta
	if f.schema, err = readSchema(m.Schema); err != nil {
		return err
	}
	mem, scratch := newBudgets(f.options.Allocator, f.options.Limits.MaxMemory)
	f.mem = mem
	f.page = min(maxPage, 2*min(largestChunk(m), maxPage)+1<<20) // writers differ in what they count
	props := parquet.NewReaderProperties(scratch)
	props.BufferedStreamEnabled = true
	props.MaxUncompressedPageSize = f.page
	if f.pq, err = file.NewParquetReader(f.t.section(), file.WithReadProps(props), file.WithMetadata(m)); err != nil {
		return library(err)
	}
	if f.arrow, err = pqarrow.NewFileReader(f.pq, pqarrow.ArrowReadProperties{}, mem); err != nil {
		return library(err)
	}
	f.leaves = make(map[int]bool, m.Schema.NumColumns())
	for i := range m.Schema.NumColumns() {
		f.leaves[i] = true
	}
	return nil
}

// Schema has the columns of the file in file order.
func (f *File) Schema() *arrow.Schema { return f.schema }

// Groups is the number of row groups.
func (f *File) Groups() int { return f.pq.NumRowGroups() }

// Rows is the number of rows of a row group.
func (f *File) Rows(group int) int64 { return f.meta.RowGroups[group].NumRows }

// Window is how many rows of a row group to read at a time: BatchRows, fewer
// where rows are wide.
func (f *File) Window(group int) int {
	var raw int64
	for _, c := range f.meta.RowGroups[group].Columns {
		raw += c.MetaData.GetTotalUncompressedSize()
	}
	return batchRows(f.options.BatchRows, len(f.leaves), raw/max(f.Rows(group), 1))
}

// Size is about how many bytes a column of a row group has, decompressed.
func (f *File) Size(group, column int) int64 {
	var size int64
	for _, leaf := range f.fieldLeaves(column) {
		size += f.meta.RowGroups[group].Columns[leaf].MetaData.GetTotalUncompressedSize()
	}
	return size
}

// fieldLeaves are the leaf columns of a column.
func (f *File) fieldLeaves(column int) []int {
	var leaves []int
	var walk func(*pqarrow.SchemaField)
	walk = func(s *pqarrow.SchemaField) {
		if s.IsLeaf() {
			leaves = append(leaves, s.ColIndex)
		}
		for i := range s.Children {
			walk(&s.Children[i])
		}
	}
	walk(&f.arrow.Manifest.Fields[column])
	return leaves
}

// chunk is a column as our own decoder reads it, false for one that it does not.
func (f *File) chunk(group, column int) (chunkread.Column, bool) {
	field := &f.arrow.Manifest.Fields[column]
	if !field.IsLeaf() {
		return chunkread.Column{}, false
	}
	meta, err := f.meta.RowGroup(group).ColumnChunk(field.ColIndex)
	if err != nil {
		return chunkread.Column{}, false // pqarrow says what is wrong
	}
	c := chunkread.Column{
		Type: f.schema.Field(column).Type, Leaf: f.meta.Schema.Column(field.ColIndex), Meta: meta, Rows: f.Rows(group),
		MaxPage: f.page, Allocator: f.mem, Spare: &f.spare,
	}
	return c, chunkread.Supported(c)
}

// failed says where in the file something is wrong.
func (f *File) failed(group, column int, err error) error {
	return f.t.blame(opReadParquet, 0, &Error{
		Op: opReadParquet, Column: ShowName(f.schema.Field(column).Name, column),
		Err: fmt.Errorf("row group %d: %w", group, err),
	})
}

// Column opens a column of one row group. The caller closes it. With dictionaries,
// text that has one in the file is delivered as an *array.Dictionary, whose
// dictionary is the same array for as long as the file's is.
func (f *File) Column(ctx context.Context, group, column int, dictionaries bool) (*ColumnReader, error) {
	c := &ColumnReader{f: f, group: group, column: column, left: f.Rows(group)}
	if err := guard(func() error { return c.open(ctx, dictionaries) }); err != nil {
		return nil, c.failed(err)
	}
	return c, nil
}
