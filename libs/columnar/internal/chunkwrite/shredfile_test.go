package chunkwrite

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

func TestNestedReadBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		checkNestedFile(t, seed)
	}
}

func FuzzNestedFile(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkNestedFile)
}

// checkNestedFile writes a column of a random type, and expects what the library
// reads to be the rows, and what it writes to be the same levels and values.
func checkNestedFile(t *testing.T, seed uint64) {
	m := newNestedMaker(seed)
	f := m.field("column", 1+m.rnd.IntN(4))
	arr := m.array(f, 1+m.rnd.IntN(120), func(int) bool { return true })
	defer arr.Release()
	data := nestedFile(t, f, arr, func(c *Column) []Chunk {
		must(t, c.Write(arr))
		chunks, err := c.Finish()
		must(t, err)
		return chunks
	})
	again := nestedFile(t, f, arr, func(c *Column) []Chunk { return besideEachOther(t, m, c, arr) })
	if !bytes.Equal(again, data) {
		t.Errorf("seed %d: divided rows and leaves beside each other give other bytes", seed)
	}
	sameJSON(t, data, arr)
	if m.covers || hasFixed(f.Type) {
		return // the library refuses the ones, and writes slices of the others wrong
	}
	theirs := libraryFile(t, f, arr)
	for i := range countLeaves(f.Type) {
		got, want := readLeaf(t, data, i), readLeaf(t, theirs, i)
		if !slices.Equal(got.defs, want.defs) || !slices.Equal(got.reps, want.reps) || !slices.Equal(got.values, want.values) {
			t.Fatalf("seed %d: %v leaf %d\n got %v\nwant %v", seed, f, i, got, want)
		}
	}
}

// hasFixed says whether lists of fixed size are part of a type.
func hasFixed(t arrow.DataType) bool {
	nested, ok := t.(arrow.NestedType)
	return ok && (t.ID() == arrow.FIXED_SIZE_LIST || slices.ContainsFunc(nested.Fields(), func(f arrow.Field) bool { return hasFixed(f.Type) }))
}

func nestedFile(t *testing.T, f arrow.Field, arr arrow.Array, write func(*Column) []Chunk) []byte {
	var out bytes.Buffer
	w, err := NewFile(&out, arrow.NewSchema([]arrow.Field{f}, nil), Options{Allocator: checked(t), Statistics: func(int) bool { return true }})
	must(t, err)
	must(t, w.Append(int64(arr.Len()), [][]Chunk{write(w.Column(0, false))}))
	must(t, w.Close())
	return out.Bytes()
}

func besideEachOther(t *testing.T, m nestedMaker, c *Column, arr arrow.Array) []Chunk {
	chunks := make([]Chunk, c.Leaves())
	all := func(fn func(leaf int) error) {
		var wg sync.WaitGroup
		for i := range chunks {
			wg.Go(func() {
				if err := fn(i); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	for from := 0; from < arr.Len(); {
		n := min(m.rnd.IntN(60), arr.Len()-from)
		part := array.NewSlice(arr, int64(from), int64(from+n))
		must(t, c.Begin(part))
		all(c.Add)
		part.Release()
		from += n
	}
	all(func(i int) (err error) {
		chunks[i], err = c.End(i)
		return err
	})
	c.Release()
	return chunks
}

func sameJSON(t *testing.T, data []byte, want arrow.Array) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	must(t, err)
	table, err := fr.ReadTable(context.Background())
	must(t, err)
	defer table.Release()
	got, err := array.Concatenate(table.Column(0).Data().Chunks(), memory.DefaultAllocator)
	must(t, err)
	defer got.Release()
	gotText, err := got.MarshalJSON()
	must(t, err)
	wantText, err := want.MarshalJSON()
	must(t, err)
	if !bytes.Equal(gotText, wantText) {
		t.Fatalf("%v\n got %s\nwant %s", want.DataType(), gotText, wantText)
	}
}

func libraryFile(t *testing.T, f arrow.Field, arr arrow.Array) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{f}, nil)
	batch := array.NewRecordBatch(schema, []arrow.Array{arr}, int64(arr.Len()))
	defer batch.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithVersion(parquet.V2_LATEST)), pqarrow.DefaultWriterProps())
	must(t, err)
	must(t, w.Write(batch))
	must(t, w.Close())
	return out.Bytes()
}

type leafRead struct {
	defs, reps []int16
	values     []string
}

func readLeaf(t *testing.T, data []byte, leaf int) leafRead {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	c, err := r.RowGroup(0).Column(leaf)
	must(t, err)
	switch c := c.(type) {
	case *file.ByteArrayColumnChunkReader:
		return readBatch(t, c.Descriptor().MaxDefinitionLevel(), c.ReadBatch)
	case *file.Int64ColumnChunkReader:
		return readBatch(t, c.Descriptor().MaxDefinitionLevel(), c.ReadBatch)
	case *file.BooleanColumnChunkReader:
		return readBatch(t, c.Descriptor().MaxDefinitionLevel(), c.ReadBatch)
	}
	t.Fatalf("leaf %d is read by %T", leaf, c)
	return leafRead{}
}

func readBatch[V any](t *testing.T, maxDef int16, read func(int64, []V, []int16, []int16) (int64, int, error)) leafRead {
	t.Helper()
	const most = 1 << 14
	var l leafRead
	for {
		values, defs, reps := make([]V, most), make([]int16, most), make([]int16, most)
		n, stored, err := read(most, values, defs, reps)
		must(t, err)
		if n == 0 {
			return l
		}
		if maxDef > 0 {
			l.defs = append(l.defs, defs[:n]...)
		}
		l.reps = append(l.reps, reps[:n]...)
		for _, v := range values[:stored] {
			l.values = append(l.values, fmt.Sprint(v))
		}
	}
}
