package chunkwrite

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// TestReadBack: what is written in any division is equal bytes, and reads back
// as it was given.
func TestReadBack(t *testing.T) {
	t.Parallel()
	for _, typ := range flatTypes {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			for name, k := range kinds {
				readBack(t, typ, name, k)
			}
		})
	}
}

// TestReadBackLarge does the same at the limits, for each kind of store.
func TestReadBackLarge(t *testing.T) {
	t.Parallel()
	for _, typ := range []arrow.DataType{arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String, textDictionary} {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			for name, k := range largeKinds {
				readBack(t, typ, name, k)
			}
		})
	}
}

func readBack(t *testing.T, typ arrow.DataType, name string, k kind) {
	arr := k.build(t, typ)
	for _, plain := range []bool{false, true} {
		want := write(t, checked(t), []arrow.Array{arr}, nil, plain, 0)
		if got := write(t, checked(t), []arrow.Array{arr}, nil, plain, uint64(k.rows)+1); !bytes.Equal(got, want) {
			t.Errorf("%s, plain %t: a division gives other bytes", name, plain)
		}
		sameColumn(t, want, arr)
	}
}

func checked(t *testing.T) memory.Allocator {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write writes one row group of columns, divided at random by a seed; 0 = not.
func write(t testing.TB, mem memory.Allocator, columns []arrow.Array, statistics func(int) bool, plain bool, seed uint64) []byte {
	t.Helper()
	fields := make([]arrow.Field, len(columns))
	for i, arr := range columns {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: arr.DataType(), Nullable: true}
		if d, ok := arr.DataType().(*arrow.DictionaryType); ok {
			fields[i].Type = d.ValueType
		}
	}
	var out bytes.Buffer
	f, err := NewFile(&out, arrow.NewSchema(fields, nil), Options{Allocator: mem, Statistics: statistics})
	must(t, err)
	rnd := rand.New(rand.NewPCG(seed, 7))
	chunks := make([][]Chunk, len(columns))
	for i, arr := range columns {
		c := f.Column(i, plain)
		for from := 0; from < arr.Len(); {
			n := arr.Len() - from
			if seed > 0 {
				n = min(n, rnd.IntN(1+rnd.IntN(40_000)))
			}
			part := array.NewSlice(arr, int64(from), int64(from+n))
			must(t, c.Write(part))
			part.Release()
			from += n
		}
		chunks[i], err = c.Finish()
		must(t, err)
	}
	must(t, f.Append(int64(columns[0].Len()), chunks))
	must(t, f.Close())
	return out.Bytes()
}

func sameColumn(t *testing.T, data []byte, want arrow.Array) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	must(t, err)
	table, err := fr.ReadTable(context.Background())
	must(t, err)
	defer table.Release()
	if table.NumRows() != int64(want.Len()) {
		t.Fatalf("%d rows, want %d", table.NumRows(), want.Len())
	}
	if want.Len() == 0 {
		return
	}
	got, err := array.Concatenate(table.Column(0).Data().Chunks(), memory.DefaultAllocator)
	must(t, err)
	defer got.Release()
	for i := range want.Len() {
		if got.IsNull(i) != want.IsNull(i) || want.IsValid(i) && canonical(got, i) != canonical(want, i) {
			t.Fatalf("row %d is %s, want %s", i, canonical(got, i), canonical(want, i))
		}
	}
}
