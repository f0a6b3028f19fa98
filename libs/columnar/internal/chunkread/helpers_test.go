package chunkread

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkedMemory(t testing.TB) memory.Allocator {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// written is a Parquet file of one column, as arrow-go writes it.
func written(t testing.TB, arr arrow.Array, nullable bool, opts ...parquet.WriterProperty) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "c", Type: arr.DataType(), Nullable: nullable}}, nil)
	var buf bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &buf, parquet.NewWriterProperties(opts...), pqarrow.DefaultWriterProps())
	must(t, err)
	batch := array.NewRecordBatch(schema, []arrow.Array{arr}, int64(arr.Len()))
	defer batch.Release()
	must(t, w.Write(batch))
	must(t, w.Close())
	return buf.Bytes()
}

// chunks opens a file and gives the chunks of column col, with their types as
// pqarrow shows them.
func chunks(t testing.TB, data []byte, col int) []Column {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	defer r.Close()
	m := r.MetaData()
	shown, err := pqarrow.FromParquet(m.Schema, nil, nil)
	must(t, err)
	var all []Column
	for g := range r.NumRowGroups() {
		rg := m.RowGroup(g)
		meta, err := rg.ColumnChunk(col)
		must(t, err)
		all = append(all, Column{Type: shown.Field(col).Type, Leaf: m.Schema.Column(col), Meta: meta, Rows: rg.NumRows()})
	}
	return all
}

// expected is what pqarrow reads of a column in row group g.
func expected(t testing.TB, data []byte, g, col int) arrow.Array {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	defer r.Close()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	must(t, err)
	chunked, err := fr.RowGroup(g).Column(col).Read(t.Context())
	must(t, err)
	defer chunked.Release()
	if len(chunked.Chunks()) == 0 {
		b := array.NewBuilder(memory.DefaultAllocator, chunked.DataType())
		defer b.Release()
		return b.NewArray()
	}
	joined, err := array.Concatenate(chunked.Chunks(), memory.DefaultAllocator)
	must(t, err)
	return joined
}

// readAll reads a chunk in windows and joins them to one array of its type.
func readAll(data []byte, c Column, window int) (arrow.Array, error) {
	r, err := Open(bytes.NewReader(data), c)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var parts []arrow.Array
	defer func() {
		for _, p := range parts {
			p.Release()
		}
	}()
	for left := c.Rows; left > 0 || len(parts) == 0; {
		n := int(min(left, int64(window)))
		arr, err := r.Next(n)
		if err != nil {
			return nil, err
		}
		parts = append(parts, plainArray(arr))
		left -= int64(n)
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := array.ValidateFull(p); err != nil {
			return nil, err
		}
	}
	return array.Concatenate(parts, memory.DefaultAllocator)
}

// plainArray takes a reference and gives one to an array without a dictionary.
func plainArray(arr arrow.Array) arrow.Array {
	d, ok := arr.(*array.Dictionary)
	if !ok {
		return arr
	}
	defer d.Release()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for i := range d.Len() {
		if d.IsNull(i) {
			b.AppendNull()
		} else {
			b.Append(d.Dictionary().(*array.String).Value(d.GetValueIndex(i)))
		}
	}
	return b.NewArray()
}
