package chunkread

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

// fuzzed are the columns as which FuzzChunk reads what it is given.
func fuzzed(t testing.TB) []Column {
	var all []Column
	for _, r := range []parquet.Repetition{parquet.Repetitions.Required, parquet.Repetitions.Optional} {
		narrow := column(t, arrow.PrimitiveTypes.Uint8, func() (*pqschema.PrimitiveNode, error) {
			return pqschema.NewPrimitiveNodeLogical("c", r, pqschema.NewIntLogicalType(8, false), parquet.Types.Int32, 0, -1)
		})
		bits := column(t, arrow.FixedWidthTypes.Boolean, func() (*pqschema.PrimitiveNode, error) {
			return pqschema.NewPrimitiveNode("c", r, parquet.Types.Boolean, -1, -1)
		})
		all = append(all, textColumn(t, r), numberColumn(t, r), narrow, bits)
	}
	return all
}

// FuzzChunk: any bytes are read, or refused, the same by a Reader and by Copy,
// and what was copied is read as the same values.
func FuzzChunk(f *testing.F) {
	columns := fuzzed(f)
	for _, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Zstd} {
		for i, c := range columns {
			for _, dict := range []bool{false, true} {
				arr := sample{rows: 40, nulls: 0.2 * float64(i/4), runs: 3, distinct: 10, longest: 9, nullable: i >= 4}.column(rand.New(rand.NewPCG(1, 2)), c.Type)
				data := written(f, arr, i >= 4, parquet.WithCompression(codec), parquet.WithDictionaryDefault(dict))
				chunk := chunks(f, data, 0)[0]
				start := Start(chunk.Meta)
				f.Add(data[start:start+chunk.Meta.TotalCompressedSize()], uint8(i), uint8(codec), uint16(40), uint8(7))
				arr.Release()
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, kind, codec uint8, rows uint16, window uint8) {
		like := columns[int(kind)%len(columns)]
		compression := compress.Compression(codec) % 8
		if !codecs[compression] {
			return
		}
		data, c := chunkOf(t, like, compression, int64(rows), 0, b)
		mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
		defer mem.AssertSize(t, 0)
		c.MaxPage, c.Allocator, c.Dictionary = 1<<20, mem, window%2 == 0
		got, err := readAll(data, c, 1+int(window))
		copied, copyErr := Copy(bytes.NewReader(data), c, nil)
		if (err == nil) != (copyErr == nil) {
			t.Fatalf("read: %v\ncopy: %v", err, copyErr)
		}
		if err != nil {
			return
		}
		defer got.Release()
		if int64(got.Len()) != c.Rows || copied.Nulls != int64(got.NullN()) {
			t.Fatalf("%d rows, %d nulls, copied %d", got.Len(), got.NullN(), copied.Nulls)
		}
		data, again := chunkOf(t, like, compression, int64(rows), copied.Dictionary, copied.Pages.Parts()...)
		again.MaxPage = c.MaxPage
		back, err := readAll(data, again, 1<<20)
		if err != nil || !same(back, got) {
			t.Fatalf("the copy: %v\n got %v\nwant %v", err, back, got)
		}
		back.Release()
	})
}

// FuzzUnpack compares with reading bit by bit.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte("some bytes that are packed, whatever their width may be"), uint8(13), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, width, at uint8) {
		w := int(width) % 33
		if w == 0 || len(b)*8/w <= int(at) {
			return
		}
		got := make([]int32, len(b)*8/w-int(at))
		unpack(got, b, int(at), w)
		for i, v := range got {
			want := uint32(0)
			for k := range w {
				bit := (int(at)+i)*w + k
				want |= uint32(b[bit/8]>>(bit%8)&1) << k
			}
			if uint32(v) != want {
				t.Fatalf("value %d of width %d from %d on: %d, want %d", i, w, at, v, want)
			}
		}
	})
}

// FuzzDeltas: sums of any deltas are what they add up to.
func FuzzDeltas(f *testing.F) {
	f.Add(deltaLengths("aé", 1, 0, 2), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, part uint8) {
		d, ok := newDeltas(b, 1<<16)
		if !ok {
			return
		}
		whole, n := make([]int64, d.left), d.left
		e := d
		if !d.decode(whole) {
			return
		}
		for i := 0; i < n; {
			piece := make([]int64, min(1+int(part), n-i))
			if !e.decode(piece) {
				t.Fatal("a part is not readable, the whole is")
			}
			for k, v := range piece {
				if v != whole[i+k] {
					t.Fatalf("value %d: %d, want %d", i+k, v, whole[i+k])
				}
			}
			i += len(piece)
		}
	})
}

// FuzzCopyBits compares with copying bit by bit.
func FuzzCopyBits(f *testing.F) {
	f.Add([]byte("bits to copy"), []byte("bits to write over"), uint16(3), uint16(7), uint16(50))
	f.Fuzz(func(t *testing.T, src, dst []byte, from, at, n uint16) {
		if int(from)+int(n) > len(src)*8 || int(at)+int(n) > len(dst)*8 {
			return
		}
		dst = bytes.Clone(dst)
		want, ones := bytes.Clone(dst), 0
		for i := range int(n) {
			bit := bitAt(src, int(from)+i)
			bitutil.SetBitTo(want, int(at)+i, bit == 1)
			ones += int(bit)
		}
		if got := copyBits(dst, int(at), src, int(from), int(n)); got != ones || !bytes.Equal(dst, want) {
			t.Fatalf("%d ones in %x, want %d in %x", got, dst, ones, want)
		}
	})
}
