package chunkread

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
)

// TestRandomColumns: whatever arrow-go writes is read as pqarrow reads it, in
// windows of any size, and its chunks copied are the same chunks.
func TestRandomColumns(t *testing.T) {
	t.Parallel()
	for _, typ := range types {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(30) {
				tryColumn(t, typ, seed)
			}
		})
	}
}

func tryColumn(t *testing.T, typ arrow.DataType, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	s := randomSample(r)
	arr := s.column(r, typ)
	defer arr.Release()
	opts, say := options(r, typ)
	say = fmt.Sprintf("seed %d: %+v %s", seed, s, say)
	data := written(t, arr, s.nullable, opts...)
	for g, c := range chunks(t, data, 0) {
		if !Supported(c) {
			t.Fatalf("%s: not supported: %s %v", say, c.Leaf.PhysicalType(), c.Meta.Encodings())
		}
		want := expected(t, data, g, 0)
		c.Dictionary, c.Allocator = r.IntN(2) == 0, checkedMemory(t)
		got, err := readAll(data, c, 1+r.IntN(1500))
		if err != nil {
			t.Fatalf("%s: %v", say, err)
		}
		if !same(got, want) {
			t.Fatalf("%s\n got %v\nwant %v", say, got, want)
		}
		copied, err := Copy(bytes.NewReader(data), c, nil)
		if err != nil {
			t.Fatalf("%s: copy: %v", say, err)
		}
		checkCopy(t, say, c, copied, want)
	}
}

func same(a, b arrow.Array) bool {
	return arrow.TypeEqual(a.DataType(), b.DataType()) && array.ApproxEqual(a, b, array.WithNaNsEqual(true), array.WithAbsTolerance(0))
}

// checkCopy compares a copied chunk with the one it came from.
func checkCopy(t *testing.T, say string, c Column, copied Copied, want arrow.Array) {
	t.Helper()
	stats, err := c.Meta.Statistics()
	must(t, err)
	if stats != nil {
		e, err := stats.Encode()
		must(t, err)
		if !bytes.Equal(e.Min, copied.Min) || !bytes.Equal(e.Max, copied.Max) || e.HasMin != (copied.Min != nil) || e.NullCount != copied.Nulls {
			t.Fatalf("%s: statistics\n got %x %x %d\nwant %x %x %d", say, copied.Min, copied.Max, copied.Nulls, e.Min, e.Max, e.NullCount)
		}
	}
	if copied.Values != c.Meta.NumValues() || copied.Nulls != int64(want.NullN()) {
		t.Fatalf("%s: %d values and %d nulls, want %d and %d", say, copied.Values, copied.Nulls, c.Meta.NumValues(), want.NullN())
	}
	for _, e := range copied.Encodings {
		if !slices.Contains(c.Meta.Encodings(), e) && e != parquet.Encodings.Plain {
			t.Fatalf("%s: encodings %v, want %v", say, copied.Encodings, c.Meta.Encodings())
		}
	}
	if dict := c.Meta.HasDictionaryPage(); dict != (copied.Dictionary > 0) {
		t.Fatalf("%s: dictionary page %v, %d bytes", say, dict, copied.Dictionary)
	}
	if copied.RawBytes > c.Meta.TotalUncompressedSize() {
		t.Fatalf("%s: %d bytes raw, there were %d with statistics", say, copied.RawBytes, c.Meta.TotalUncompressedSize())
	}
	if got := expected(t, rebuilt(t, c, copied), 0, 0); !same(got, want) {
		t.Fatalf("%s: copy\n got %v\nwant %v", say, got, want)
	}
	copied.Pages.Release()
}
