package chunkwrite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// TestColumnsInParallel: columns and row groups that are encoded at the same
// time are the bytes of those that are encoded one after the other.
func TestColumnsInParallel(t *testing.T) {
	t.Parallel()
	var columns []arrow.Array
	var fields []arrow.Field
	for i, typ := range flatTypes {
		k := kind{rows: 3000, distinct: 1 << (i % 14), nulls: float64(i%3) / 5}
		columns = append(columns, k.build(t, typ))
		if d, ok := typ.(*arrow.DictionaryType); ok {
			typ = d.ValueType
		}
		fields = append(fields, arrow.Field{Name: fmt.Sprint("c", i), Type: typ, Nullable: true})
	}
	s := arrow.NewSchema(fields, nil)
	const groups = 3
	build := func(workers int) []byte {
		var out bytes.Buffer
		f, err := NewFile(&out, s, Options{Statistics: func(i int) bool { return i%2 == 0 }})
		must(t, err)
		chunks := make([][][]Chunk, groups)
		var wg sync.WaitGroup
		turn := make(chan struct{}, workers)
		for g := range groups {
			chunks[g] = make([][]Chunk, len(columns))
			for i, arr := range columns {
				turn <- struct{}{}
				wg.Go(func() {
					defer func() { <-turn }()
					c := f.Column(i, i%5 == 0)
					part := array.NewSlice(arr, int64(g*1000), int64(g*1000+1000))
					defer part.Release()
					if err := c.Write(part); err != nil {
						t.Error(err)
					}
					var err error
					if chunks[g][i], err = c.Finish(); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for g := range groups {
			must(t, f.Append(1000, chunks[g]))
		}
		must(t, f.Close())
		return out.Bytes()
	}
	want := build(1)
	for range 3 {
		if !bytes.Equal(build(8), want) {
			t.Fatal("the workers show in the bytes")
		}
	}
	r, err := file.NewParquetReader(bytes.NewReader(want))
	must(t, err)
	if r.NumRows() != groups*1000 || r.NumRowGroups() != groups || r.MetaData().GetCreatedBy() != "maskrail" || r.MetaData().KeyValueMetadata().Len() != 0 {
		t.Errorf("%d rows in %d row groups by %q", r.NumRows(), r.NumRowGroups(), r.MetaData().GetCreatedBy())
	}
	for g := range groups {
		for i, c := range r.MetaData().RowGroups[g].Columns {
			if c.MetaData.IsSetStatistics() != (i%2 == 0) || c.IsSetColumnIndexOffset() || c.IsSetOffsetIndexOffset() || c.MetaData.IsSetBloomFilterOffset() {
				t.Errorf("row group %d, column %d: statistics %t, or an index", g, i, c.MetaData.IsSetStatistics())
			}
		}
	}
}

// TestFooterIsTheLibrarys: the schema is what the library's writer states.
func TestFooterIsTheLibrarys(t *testing.T) {
	t.Parallel()
	for _, typ := range flatTypes {
		arr := kinds["few"].build(t, typ)
		got, err := file.NewParquetReader(bytes.NewReader(write(t, checked(t), []arrow.Array{arr}, nil, false, 0)))
		must(t, err)
		want, err := file.NewParquetReader(bytes.NewReader(byLibrary(t, arr)))
		must(t, err)
		if !got.MetaData().Schema.Equals(want.MetaData().Schema) || got.MetaData().Version() != want.MetaData().Version() {
			t.Errorf("%s: %s, the library's %s", typ, got.MetaData().Schema, want.MetaData().Schema)
		}
	}
}

// TestForeignChunks: chunks of another writer, with another codec, stand beside
// ours.
func TestForeignChunks(t *testing.T) {
	t.Parallel()
	arr := kinds["few"].build(t, arrow.BinaryTypes.String)
	var source bytes.Buffer
	s := arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	w, err := pqarrow.NewFileWriter(s, &source, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)), pqarrow.DefaultWriterProps())
	must(t, err)
	batch := array.NewRecordBatch(s, []arrow.Array{arr}, -1)
	defer batch.Release()
	must(t, w.Write(batch))
	must(t, w.Close())
	r, err := file.NewParquetReader(bytes.NewReader(source.Bytes()))
	must(t, err)
	m, err := r.MetaData().RowGroup(0).ColumnChunk(0)
	must(t, err)
	start := m.DictionaryPageOffset()
	foreign := Chunk{
		Pages: [][]byte{source.Bytes()[start : start+m.TotalCompressedSize()]}, Codec: m.Compression(), Encodings: m.Encodings(),
		Dictionary: m.DataPageOffset() - start, Values: m.NumValues(), RawBytes: m.TotalUncompressedSize(),
	}
	var out bytes.Buffer
	f, err := NewFile(&out, s, Options{})
	must(t, err)
	must(t, f.Append(int64(arr.Len()), [][]Chunk{{foreign}}))
	c := f.Column(0, false)
	must(t, c.Write(arr))
	chunks, err := c.Finish()
	must(t, err)
	must(t, f.Append(int64(arr.Len()), [][]Chunk{chunks}))
	must(t, f.Close())
	twice, err := array.Concatenate([]arrow.Array{arr, arr}, memory.DefaultAllocator)
	must(t, err)
	defer twice.Release()
	sameColumn(t, out.Bytes(), twice)
}

var errFull = errors.New("no space left on device")

// room takes so many bytes.
type room int

func (r *room) Write(p []byte) (int, error) {
	n := min(len(p), int(*r))
	*r -= room(n)
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	arr := kinds["many"].build(t, arrow.BinaryTypes.String)
	size := len(write(t, checked(t), []arrow.Array{arr}, nil, false, 0))
	for _, n := range []int{0, 3, 4, 100, size / 2, size - 1, size} {
		r := room(n)
		err := writeColumn(&r, arr)
		if n < size && !errors.Is(err, errFull) || n == size && err != nil {
			t.Errorf("room for %d of %d bytes: %v", n, size, err)
		}
	}
}

func writeColumn(w io.Writer, arr arrow.Array) error {
	f, err := NewFile(w, arrow.NewSchema([]arrow.Field{{Name: "c0", Type: arr.DataType(), Nullable: true}}, nil), Options{})
	if err != nil {
		return err
	}
	c := f.Column(0, false)
	defer c.Release()
	if err := c.Write(arr); err != nil {
		return err
	}
	chunks, err := c.Finish()
	if err != nil {
		return err
	}
	return errors.Join(f.Append(int64(arr.Len()), [][]Chunk{chunks}), f.Close())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	texts := kinds["one"].build(t, arrow.BinaryTypes.String)
	nulls := kinds["one null"].build(t, arrow.BinaryTypes.String)
	s := arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String}, {Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "d", Type: &arrow.Decimal128Type{Precision: 3}, Nullable: true}}, nil)
	open := func() *File {
		f, err := NewFile(io.Discard, s, Options{})
		must(t, err)
		return f
	}
	chunk := func(values int64) []Chunk { return []Chunk{{Values: values}} }
	cases := map[string]struct {
		do   func() error
		want string
	}{
		"null where none may be": {func() error { return open().Column(0, false).Write(nulls) }, "without nulls"},
		"text for numbers":       {func() error { return open().Column(1, false).Write(texts) }, "type utf8"},
		"numbers for text": {func() error {
			return open().Column(0, false).Write(kinds["one"].build(t, arrow.PrimitiveTypes.Int64))
		}, "type int64"},
		"another width":      {func() error { return open().Column(1, false).Write(kinds["one"].build(t, arrow.PrimitiveTypes.Int32)) }, "type int32"},
		"decimal of 9":       {func() error { return open().Column(2, false).Write(kinds["many"].build(t, flatTypes[23])) }, "more digits"},
		"columns":            {func() error { return open().Append(1, [][]Chunk{chunk(1)}) }, "1 columns in a file of 3"},
		"leaves":             {func() error { return open().Append(1, [][]Chunk{chunk(1), nil, chunk(1)}) }, "0 chunks"},
		"rows":               {func() error { return open().Append(2, [][]Chunk{chunk(2), chunk(1), chunk(2)}) }, "1 values for 2 rows of column 2"},
		"too many rows":      {func() error { return open().Append(2, [][]Chunk{chunk(2), chunk(3), chunk(2)}) }, "3 values for 2 rows"},
		"closed":             {func() error { f := open(); return errors.Join(f.Close(), f.Close()) }, "closed"},
		"append after close": {func() error { f := open(); return errors.Join(f.Close(), f.Append(0, nil)) }, "closed"},
		"write after finish": {func() error {
			c := open().Column(0, false)
			_, err := c.Finish()
			return errors.Join(err, c.Write(texts))
		}, "ended"},
		"write after an error": {func() error {
			c := open().Column(0, false)
			_ = c.Write(nulls)
			return c.Write(texts)
		}, "without nulls"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
	if _, err := NewFile(io.Discard, arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.FixedWidthTypes.MonthInterval}}, nil), Options{}); err == nil {
		t.Error("a type that parquet has not is accepted")
	}
}

// TestNoRows: no rows are no row group.
func TestNoRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f, err := NewFile(&out, arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String}}, nil), Options{Statistics: always})
	must(t, err)
	chunks, err := f.Column(0, false).Finish()
	must(t, err)
	must(t, f.Append(0, [][]Chunk{chunks}))
	must(t, f.Close())
	r, err := file.NewParquetReader(bytes.NewReader(out.Bytes()))
	must(t, err)
	if r.NumRowGroups() != 0 || r.NumRows() != 0 || r.MetaData().Schema.NumColumns() != 1 {
		t.Errorf("%d row groups, %d rows", r.NumRowGroups(), r.NumRows())
	}
	if r.MetaData().Schema.Column(0).LogicalType() != (schema.StringLogicalType{}) {
		t.Error("the column is no text")
	}
}
