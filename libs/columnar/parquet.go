package columnar

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

var errInvalid = errors.New("the values are damaged: text that is not UTF-8, or lists that end beyond their values")

const (
	opOpenParquet = "open parquet"
	opReadParquet = "read parquet"

	maxPage = 256 << 20 // bytes of a page, decompressed
)

// parquetReader decodes one row group at a time, all of its columns side by
// side, page by page: memory is a page per column and a batch.
type parquetReader struct {
	cursor
	pq      *file.Reader
	arrow   *pqarrow.FileReader
	schema  *arrow.Schema
	leaves  map[int]bool
	mem     memory.Allocator
	options Options

	group   int // index of the current row group
	columns []*pqarrow.ColumnReader
	batch   int64 // rows of a batch in the current row group
	left    int64 // rows of the current row group not yet delivered
}

func openParquet(src Source, o Options) (Reader, error) {
	t := track(src)
	r := &parquetReader{cursor: cursor{t: t, op: opReadParquet}, options: o, group: -1}
	if err := guard(r.open); err != nil {
		return nil, t.blame(opOpenParquet, 0, err)
	}
	return r, nil
}

func (r *parquetReader) open() error {
	m, err := readFooter(r.t, r.options.Limits)
	if err != nil {
		return err
	}
	if r.schema, err = readSchema(m.Schema); err != nil {
		return err
	}
	mem, scratch := newBudgets(r.options.Allocator, r.options.Limits.MaxMemory)
	r.mem = mem
	props := parquet.NewReaderProperties(scratch)
	props.BufferedStreamEnabled = true
	props.MaxUncompressedPageSize = min(maxPage, 2*min(largestChunk(m), maxPage)+1<<20) // writers differ in what they count
	if r.pq, err = file.NewParquetReader(r.t.section(), file.WithReadProps(props), file.WithMetadata(m)); err != nil {
		return library(err)
	}
	if r.arrow, err = pqarrow.NewFileReader(r.pq, pqarrow.ArrowReadProperties{}, mem); err != nil {
		return library(err)
	}
	r.leaves = make(map[int]bool, m.Schema.NumColumns())
	for i := range m.Schema.NumColumns() {
		r.leaves[i] = true
	}
	return nil
}

func (r *parquetReader) Schema() *arrow.Schema { return r.schema }

func (r *parquetReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	return r.step(ctx, r.next, func() int64 { return 0 })
}

func (r *parquetReader) next(ctx context.Context) (arrow.RecordBatch, error) {
	for r.left == 0 {
		if err := r.endGroup(); err != nil {
			return nil, err
		}
		if r.group++; r.group >= r.pq.NumRowGroups() {
			if want := r.pq.NumRows(); r.delivered != want {
				return nil, fmt.Errorf("%d rows read, the footer claims %d", r.delivered, want)
			}
			return nil, io.EOF
		}
		if err := r.beginGroup(ctx); err != nil {
			return nil, err
		}
	}
	rows := min(r.batch, r.left)
	arrays := make([]arrow.Array, 0, len(r.columns))
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	for i := range r.columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		arr, err := r.readColumn(i, rows)
		if err != nil {
			return nil, r.failed(i, err)
		}
		arrays = append(arrays, arr)
	}
	r.left -= rows
	return array.NewRecordBatch(r.schema, arrays, rows), nil
}

func (r *parquetReader) beginGroup(ctx context.Context) error {
	rg := r.pq.RowGroup(r.group)
	r.left = rg.NumRows()
	if r.left == 0 {
		return nil
	}
	var raw int64
	for i := range rg.NumColumns() {
		chunk, err := rg.MetaData().ColumnChunk(i)
		if err != nil {
			return library(err)
		}
		raw += chunk.TotalUncompressedSize()
	}
	r.batch = int64(batchRows(r.options.BatchRows, len(r.leaves), raw/r.left))
	for i := range r.schema.NumFields() {
		if err := r.probe(i, rg); err != nil {
			return r.failed(i, err)
		}
		col, err := r.arrow.GetFieldReader(ctx, i, r.leaves, []int{r.group})
		if err != nil {
			return r.failed(i, library(err))
		}
		r.columns = append(r.columns, col)
	}
	return nil
}

// probe opens the chunks of a nested field here first: the library opens them
// in goroutines of its own, where a panic would end the process.
func (r *parquetReader) probe(i int, rg *file.RowGroupReader) error {
	for _, leaf := range r.fieldLeaves(&r.arrow.Manifest.Fields[i], nil) {
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

func (r *parquetReader) fieldLeaves(f *pqarrow.SchemaField, leaves []int) []int {
	for i := range f.Children {
		child := &f.Children[i]
		if child.IsLeaf() {
			leaves = append(leaves, child.ColIndex)
		}
		leaves = r.fieldLeaves(child, leaves)
	}
	return leaves
}

var (
	errTooFew  = errors.New("fewer rows than the footer claims: the file is damaged")
	errTooMany = errors.New("more rows than the footer claims: the file is damaged")
)

// readColumn reads exactly rows rows of column i.
func (r *parquetReader) readColumn(i int, rows int64) (arrow.Array, error) {
	data, err := r.columns[i].NextBatch(rows)
	if err != nil {
		return nil, library(err)
	}
	defer data.Release()
	if int64(data.Len()) != rows {
		return nil, errTooFew
	}
	arr, err := r.single(data.Chunks())
	if err != nil {
		return nil, library(err)
	}
	arr = asType(arr, r.schema.Field(i).Type)
	// Damaged levels make lists that end beyond their values: whoever touches
	// one would panic.
	if err := array.ValidateFull(arr); err != nil {
		arr.Release()
		return nil, errInvalid // the library's words quote the value
	}
	return arr, nil
}

func (r *parquetReader) single(chunks []arrow.Array) (arrow.Array, error) {
	if len(chunks) == 1 {
		chunks[0].Retain()
		return chunks[0], nil
	}
	return array.Concatenate(chunks, r.mem)
}

// endGroup checks that the row group has no rows beyond those it claims.
func (r *parquetReader) endGroup() error {
	for i, col := range r.columns {
		data, err := col.NextBatch(1)
		if err != nil {
			return r.failed(i, library(err))
		}
		n := data.Len()
		data.Release()
		if n > 0 {
			return r.failed(i, errTooMany)
		}
	}
	r.releaseColumns()
	return nil
}

func (r *parquetReader) releaseColumns() {
	for _, col := range r.columns {
		col.Release()
	}
	r.columns = nil
}

func (r *parquetReader) failed(i int, err error) error {
	return &Error{
		Op: opReadParquet, Column: ShowName(r.schema.Field(i).Name, i),
		Err: fmt.Errorf("row group %d: %w", r.group, err),
	}
}

func (r *parquetReader) Close() error {
	if r.err == nil {
		r.err = errClosed
	}
	// A decoder that failed or panicked half way may not be fit to be released.
	if err := guard(func() error { r.releaseColumns(); return nil }); err != nil {
		r.columns = nil
	}
	return nil
}
