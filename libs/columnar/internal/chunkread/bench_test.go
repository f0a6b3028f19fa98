package chunkread

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/klauspost/compress/zstd"
)

const benchRows = 131_072

// benchColumns are of the size of a row group, with the ways to write them.
var benchColumns = map[string]struct {
	make func(r *rand.Rand, i int) any
	opts []parquet.WriterProperty
}{
	"text":        {func(r *rand.Rand, _ int) any { return fmt.Sprintf("%026x", r.Uint64()) }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"notes":       {func(r *rand.Rand, _ int) any { return note(r) }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"sized":       {func(r *rand.Rand, _ int) any { return fmt.Sprintf("%026x", r.Uint64()) }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaLengthByteArray)}},
	"dictionary":  {func(r *rand.Rand, _ int) any { return fmt.Sprintf("queue %d", r.IntN(1000)) }, nil},
	"nulls":       {func(r *rand.Rand, _ int) any { return []any{nil, fmt.Sprintf("%026x", r.Uint64())}[r.IntN(2)] }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"dict, nulls": {func(r *rand.Rand, _ int) any { return []any{nil, fmt.Sprintf("queue %d", r.IntN(1000))}[r.IntN(2)] }, nil},
	"int64":       {func(r *rand.Rand, i int) any { return int64(i)*1000 + r.Int64N(900) }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"int64, dict": {func(r *rand.Rand, _ int) any { return r.Int64N(1000) }, nil},
	"int64, null": {func(r *rand.Rand, i int) any { return []any{nil, int64(i), int64(i), int64(i)}[r.IntN(4)] }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"deltas":      {func(r *rand.Rand, i int) any { return int64(i)*1000 + r.Int64N(900) }, []parquet.WriterProperty{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaBinaryPacked)}},
}

func note(r *rand.Rand) string {
	words := []string{"customer ", "called ", "about ", "the ", "invoice ", "and ", "asked ", "for ", "a ", "refund ", "agent ", "promised "}
	var b bytes.Buffer
	for b.Len() < 60+r.IntN(120) {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

func benchColumn(b *testing.B, name string, codec compress.Compression) ([]byte, Column, int64) {
	b.Helper()
	spec, r := benchColumns[name], rand.New(rand.NewPCG(1, 1))
	var builder array.Builder = array.NewInt64Builder(memory.DefaultAllocator)
	if _, number := spec.make(r, 1).(int64); !number && name != "int64, null" {
		builder = array.NewStringBuilder(memory.DefaultAllocator)
	}
	for i := range benchRows {
		switch v := spec.make(r, i).(type) {
		case nil:
			builder.AppendNull()
		case string:
			builder.(*array.StringBuilder).Append(v)
		case int64:
			builder.(*array.Int64Builder).Append(v)
		}
	}
	arr := builder.NewArray()
	data := written(b, arr, true, append([]parquet.WriterProperty{parquet.WithCompression(codec), parquet.WithMaxRowGroupLength(benchRows)}, spec.opts...)...)
	size := int64(0)
	for _, buf := range arr.Data().Buffers()[1:] {
		size += int64(buf.Len())
	}
	return data, chunks(b, data, 0)[0], size
}

// BenchmarkRead counts bytes of the arrays, without bitmaps.
func BenchmarkRead(b *testing.B) {
	for name := range benchColumns {
		for _, codec := range []compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Zstd} {
			data, c, size := benchColumn(b, name, codec)
			report := func(b *testing.B) {
				b.ReportMetric(benchRows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
			}
			b.Run(fmt.Sprintf("%s/%v/ours", name, codec), func(b *testing.B) {
				c.Dictionary = true
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					must(b, drain(data, c))
				}
				report(b)
			})
			b.Run(fmt.Sprintf("%s/%v/pqarrow", name, codec), func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					must(b, drainLibrary(b, data))
				}
				report(b)
			})
			b.Run(fmt.Sprintf("%s/%v/copy", name, codec), func(b *testing.B) {
				b.SetBytes(size)
				b.ReportAllocs()
				for b.Loop() {
					copied, err := Copy(bytes.NewReader(data), c, nil)
					must(b, err)
					copied.Pages.Release()
				}
				report(b)
			})
		}
	}
}

func drain(data []byte, c Column) error {
	r, err := Open(bytes.NewReader(data), c)
	if err != nil {
		return err
	}
	for left := c.Rows; left > 0; {
		n := min(left, 16_384)
		arr, err := r.Next(int(n))
		if err != nil {
			return err
		}
		arr.Release()
		left -= n
	}
	return r.Close()
}

func drainLibrary(b *testing.B, data []byte) error {
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	defer r.Close()
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{BatchSize: 16_384}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	rr, err := fr.GetRecordReader(b.Context(), nil, nil)
	if err != nil {
		return err
	}
	defer rr.Release()
	for rr.Next() {
	}
	if err := rr.Err(); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// BenchmarkZstd compares ways to decompress a page of 1 MiB.
func BenchmarkZstd(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var page []byte
	for len(page) < 1<<20 {
		page = append(page, note(r)...)
	}
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	must(b, err)
	packed := codec.EncodeLevel(nil, page, 1)
	out := make([]byte, len(page))
	decoder := func(opts ...zstd.DOption) *zstd.Decoder {
		d, err := zstd.NewReader(nil, opts...)
		must(b, err)
		return d
	}
	ways := map[string]func() error{
		"pooled": func() error { return decompress(compress.Codecs.Zstd, out, packed) },
		"library": func() error {
			_, err := compress.Decode(codec, out, packed)
			return err
		},
	}
	for name, opts := range map[string][]zstd.DOption{
		"shared":         nil,
		"lowmem":         {zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1)},
		"high memory":    {zstd.WithDecoderLowmem(false), zstd.WithDecoderConcurrency(1)},
		"ignoring sums":  {zstd.WithDecoderConcurrency(1), zstd.IgnoreChecksum(true)},
		"capped, shared": {zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true)},
	} {
		d := decoder(opts...)
		ways[name] = func() error {
			_, err := d.DecodeAll(packed, out[:0:len(out)])
			return err
		}
	}
	for name, way := range ways {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			for b.Loop() {
				must(b, way())
			}
		})
	}
}
