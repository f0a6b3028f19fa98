package chunkread

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

// damaged are the ways to write a column whose bytes are damaged one by one.
var damaged = map[string]struct {
	typ  arrow.DataType
	opts []parquet.WriterProperty
}{
	"text, plain":        {arrow.BinaryTypes.String, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"text, dictionary":   {arrow.BinaryTypes.String, nil},
	"text, fallback":     {arrow.BinaryTypes.String, []parquet.WriterProperty{parquet.WithDictionaryPageSizeLimit(50), parquet.WithBatchSize(20)}},
	"text, lengths":      {arrow.BinaryTypes.String, []parquet.WriterProperty{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaLengthByteArray)}},
	"text, zstd":         {arrow.BinaryTypes.String, []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Zstd)}},
	"text, snappy":       {arrow.BinaryTypes.String, []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Snappy)}},
	"numbers, plain":     {arrow.PrimitiveTypes.Int64, []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}},
	"numbers, deltas":    {arrow.PrimitiveTypes.Int32, []parquet.WriterProperty{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.DeltaBinaryPacked)}},
	"narrow, dictionary": {arrow.PrimitiveTypes.Int8, nil},
	"booleans":           {arrow.FixedWidthTypes.Boolean, nil},
	"booleans, runs":     {arrow.FixedWidthTypes.Boolean, []parquet.WriterProperty{parquet.WithDictionaryDefault(false), parquet.WithEncoding(parquet.Encodings.RLE)}},
}

// TestDamage changes every byte of a chunk and ends it everywhere: what comes is
// an error, or as many rows as there were and the same from Copy.
func TestDamage(t *testing.T) {
	t.Parallel()
	for name, d := range damaged {
		for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
			t.Run(name+map[parquet.DataPageVersion]string{parquet.DataPageV1: "", parquet.DataPageV2: ", v2"}[version], func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(1, 1))
				arr := sample{rows: 100, nulls: 0.2, runs: 3, distinct: 30, longest: 9, nullable: true}.column(r, d.typ)
				defer arr.Release()
				opts := append([]parquet.WriterProperty{parquet.WithDataPageSize(200), parquet.WithDataPageVersion(version)}, d.opts...)
				if name == "booleans, runs" {
					opts[0] = parquet.WithDataPageSize(1 << 20) // see options
				}
				data := written(t, arr, true, opts...)
				c := chunks(t, data, 0)[0]
				c.Allocator, c.MaxPage = checkedMemory(t), 1<<20
				start := int(Start(c.Meta))
				end := start + int(c.Meta.TotalCompressedSize())
				tryDamaged(t, data, c, arr, true)
				for i := start; i < end; i++ {
					bad := bytes.Clone(data)
					for _, x := range []byte{1, 0x80, byte(1 + r.IntN(255))} {
						bad[i] = data[i] ^ x
						tryDamaged(t, bad, c, arr, false)
					}
					tryDamaged(t, data[:i], c, arr, false)
				}
			})
		}
	}
}

// tryDamaged reads and copies a chunk. The two agree whether it is readable.
func tryDamaged(t *testing.T, data []byte, c Column, want arrow.Array, sound bool) {
	t.Helper()
	c.Dictionary = len(data)%2 == 0
	got, err := readAll(data, c, 37)
	copied, copyErr := Copy(bytes.NewReader(data), c, nil)
	switch {
	case err != nil && sound:
		t.Fatal(err)
	case (err == nil) != (copyErr == nil):
		t.Fatalf("read: %v\ncopy: %v", err, copyErr)
	case err == nil && got.Len() != want.Len():
		t.Fatalf("%d rows, want %d", got.Len(), want.Len())
	case sound && !array.Equal(got, want):
		t.Fatalf("got %v\nwant %v", got, want)
	case err == nil && (copied.Values != int64(got.Len()) || copied.Nulls != int64(got.NullN())):
		t.Fatalf("copied %d values and %d nulls, read %d and %d", copied.Values, copied.Nulls, got.Len(), got.NullN())
	}
}

// TestChecksums: with a checksum no changed page is read at all.
func TestChecksums(t *testing.T) {
	t.Parallel()
	var body []byte
	for i := range 50 {
		body = append(body, byte(i), 0, 0, 0, 0, 0, 0, 0)
	}
	page := rawPage(header{kind: pageData, values: 50, encoding: parquet.Encodings.Plain}, body)
	data, c := chunkOf(t, numberColumn(t, parquet.Repetitions.Required), compress.Codecs.Uncompressed, 50, 0, page)
	if _, err := readAll(data, c, 50); err != nil {
		t.Fatal(err)
	}
	for i := len(data) - len(body); i < len(data); i++ {
		bad := bytes.Clone(data)
		bad[i] ^= 4
		if _, err := readAll(bad, c, 50); !errors.Is(err, errChecksum) {
			t.Fatalf("byte %d: %v", i, err)
		}
		if _, err := Copy(bytes.NewReader(bad), c, nil); !errors.Is(err, errChecksum) {
			t.Fatalf("copy, byte %d: %v", i, err)
		}
	}
	copied, err := Copy(bytes.NewReader(data), c, nil)
	must(t, err)
	h, _, err := parseHeader(copied.Pages.Parts()[0])
	if err != nil || !h.hasCRC {
		t.Errorf("%+v, %v", h, err)
	}
}
