package columnar

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

// everyType has a column of every type that Parquet has a form for, flat and
// nested.
func everyType() *arrow.Schema {
	null := func(name string, t arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: t, Nullable: true}
	}
	leg := arrow.StructOf(null("ani", arrow.BinaryTypes.String), null("at", micros), null("tags", arrow.ListOf(arrow.BinaryTypes.String)))
	return arrow.NewSchema([]arrow.Field{
		{Name: "i64", Type: arrow.PrimitiveTypes.Int64}, // without nulls
		null("bool", arrow.FixedWidthTypes.Boolean),
		null("i8", arrow.PrimitiveTypes.Int8), null("i16", arrow.PrimitiveTypes.Int16), null("i32", arrow.PrimitiveTypes.Int32),
		null("u8", arrow.PrimitiveTypes.Uint8), null("u16", arrow.PrimitiveTypes.Uint16), null("u32", arrow.PrimitiveTypes.Uint32), null("u64", arrow.PrimitiveTypes.Uint64),
		null("f16", arrow.FixedWidthTypes.Float16), null("f32", arrow.PrimitiveTypes.Float32), null("f64", arrow.PrimitiveTypes.Float64),
		null("d9", decimal92), null("d18", &arrow.Decimal128Type{Precision: 18, Scale: 4}), null("d38", &arrow.Decimal128Type{Precision: 38, Scale: 38}), null("d76", &arrow.Decimal256Type{Precision: 76, Scale: 10}),
		null("date", arrow.FixedWidthTypes.Date32),
		null("t32", arrow.FixedWidthTypes.Time32ms), null("t64us", arrow.FixedWidthTypes.Time64us), null("t64ns", arrow.FixedWidthTypes.Time64ns),
		null("ms", millis), null("us", micros), null("ns", &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}), null("local", &arrow.TimestampType{Unit: arrow.Microsecond}),
		null("text", arrow.BinaryTypes.String), null("bytes", arrow.BinaryTypes.Binary), null("fixed", &arrow.FixedSizeBinaryType{ByteWidth: 5}), null("uuid", extensions.NewUUIDType()),
		null("list", arrow.ListOf(arrow.PrimitiveTypes.Int64)),
		null("lists", arrow.ListOf(arrow.ListOf(arrow.BinaryTypes.String))),
		null("struct", arrow.StructOf(null("in", arrow.StructOf(null("d", decimal92))), arrow.Field{Name: "u", Type: arrow.PrimitiveTypes.Uint32, Nullable: true})),
		null("map", arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64)),
		null("legs", arrow.ListOf(leg)),
		null("mapped", arrow.MapOf(arrow.BinaryTypes.String, arrow.ListOf(leg))),
	}, nil)
}

// everyBatch fills it with random values, extremes, repetitions and nulls.
func everyBatch(t testing.TB, rows int) arrow.RecordBatch {
	t.Helper()
	rnd := rand.New(rand.NewPCG(7, uint64(rows)))
	b := array.NewRecordBuilder(memory.DefaultAllocator, everyType())
	defer b.Release()
	for range rows {
		for i, f := range b.Fields() {
			appendRandom(rnd, f, b.Schema().Field(i).Nullable)
		}
	}
	batch := b.NewRecordBatch()
	t.Cleanup(batch.Release)
	return batch
}

func appendRandom(rnd *rand.Rand, b array.Builder, nullable bool) {
	if nullable && rnd.IntN(5) == 0 {
		b.AppendNull()
		return
	}
	n := rnd.Int64() >> rnd.IntN(64)
	if rnd.IntN(2) == 0 {
		n = -n
	}
	text := fmt.Sprintf("q%d", n%50)
	if rnd.IntN(3) == 0 {
		text = strings.Repeat("ü😀 ", rnd.IntN(9)) + text
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(n)
	case *array.BooleanBuilder:
		b.Append(n%2 == 0)
	case *array.Int8Builder:
		b.Append(int8(n))
	case *array.Int16Builder:
		b.Append(int16(n))
	case *array.Int32Builder:
		b.Append(int32(n))
	case *array.Uint8Builder:
		b.Append(uint8(n))
	case *array.Uint16Builder:
		b.Append(uint16(n))
	case *array.Uint32Builder:
		b.Append(uint32(n))
	case *array.Uint64Builder:
		b.Append(uint64(n))
	case *array.Float16Builder:
		b.Append(float16.FromBits(uint16(n)))
	case *array.Float32Builder:
		b.Append(math.Float32frombits(uint32(n)))
	case *array.Float64Builder:
		b.Append(math.Float64frombits(uint64(n)))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(n % 999_999_999))
	case *array.Decimal256Builder:
		b.Append(decimal256.FromI64(n).Mul(decimal256.FromI64(n)))
	case *array.Date32Builder:
		b.Append(arrow.Date32(n % 3_000_000))
	case *array.Time32Builder:
		b.Append(arrow.Time32(rnd.Int32N(86_400_000)))
	case *array.Time64Builder:
		b.Append(arrow.Time64(rnd.Int64N(86_400_000_000)))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(n))
	case *array.StringBuilder:
		b.Append(text)
	case *array.BinaryBuilder:
		b.Append([]byte(text + "\xff\x00"))
	case *array.FixedSizeBinaryBuilder:
		b.Append([]byte(fmt.Sprintf("%05x", uint16(n))))
	case *extensions.UUIDBuilder:
		b.AppendBytes([16]byte{1, byte(n), byte(n >> 8), 0xff})
	case *array.MapBuilder:
		b.Append(true)
		for range rnd.IntN(4) {
			appendRandom(rnd, b.KeyBuilder(), false)
			appendRandom(rnd, b.ItemBuilder(), true)
		}
	case *array.ListBuilder:
		b.Append(true)
		for range rnd.IntN(4) {
			appendRandom(rnd, b.ValueBuilder(), true)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(rnd, b.FieldBuilder(i), true)
		}
	default:
		panic(fmt.Sprintf("%T", b))
	}
}

// TestEveryTypeAndEncoding: whatever a writer chooses, the rows are the same.
func TestEveryTypeAndEncoding(t *testing.T) {
	t.Parallel()
	batch := everyBatch(t, 700)
	integers := []string{"i64", "i8", "i16", "i32", "u8", "u16", "u32", "u64", "date", "t32", "t64us", "ms", "us", "ns", "list.list.element", "struct.u", "legs.list.element.at"}
	texts := []string{"text", "bytes", "lists.list.element.list.element", "legs.list.element.ani", "mapped.key_value.value.list.element.tags.list.element"}
	use := func(e parquet.Encoding, paths []string) []parquet.WriterProperty {
		props := []parquet.WriterProperty{parquet.WithDictionaryDefault(false)}
		for _, p := range paths {
			props = append(props, parquet.WithEncodingFor(p, e))
		}
		return props
	}
	encodings := map[string][]parquet.WriterProperty{
		"dictionaries": nil,
		"PLAIN":        {parquet.WithDictionaryDefault(false)},
		"DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY": append(use(parquet.Encodings.DeltaBinaryPacked, integers),
			use(parquet.Encodings.DeltaByteArray, texts)...),
		"DELTA_LENGTH_BYTE_ARRAY": use(parquet.Encodings.DeltaLengthByteArray, texts),
		"BYTE_STREAM_SPLIT":       use(parquet.Encodings.ByteStreamSplit, append([]string{"f16", "f32", "f64", "map.key_value.value", "d9", "d38", "uuid"}, integers...)),
		"RLE":                     use(parquet.Encodings.RLE, []string{"bool"}),
	}
	settings := map[string][]parquet.WriterProperty{
		"v1":              {parquet.WithDataPageVersion(parquet.DataPageV1), parquet.WithVersion(parquet.V2_LATEST)},
		"v2 zstd":         {parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Zstd)},
		"v1 small snappy": {parquet.WithDataPageSize(300), parquet.WithBatchSize(16), parquet.WithDictionaryPageSizeLimit(400), parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Snappy)},
		"v2 small lz4":    {parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithDataPageSize(300), parquet.WithBatchSize(16), parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Lz4Raw)},
		"no statistics":   {parquet.WithStats(false), parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Brotli)},
		"index and bloom": {parquet.WithPageIndexEnabled(true), parquet.WithBloomFilterEnabled(true), parquet.WithMaxRowGroupLength(300), parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Gzip)},
		"decimals as int": {parquet.WithStoreDecimalAsInteger(true), parquet.WithVersion(parquet.V2_LATEST)},
	}
	for encoding, e := range encodings {
		for setting, s := range settings {
			t.Run(encoding+"/"+setting, func(t *testing.T) {
				t.Parallel()
				if encoding == "BYTE_STREAM_SPLIT" && setting == "decimals as int" || encoding == "RLE" && setting == "v1" {
					s = append(slices.Clone(s), parquet.WithDataPageVersion(parquet.DataPageV2))
				}
				data := foreign(t, batch, append(slices.Clone(s), e...)...)
				for _, want := range strings.Split(encoding, ", ") {
					if encoding != "dictionaries" && !strings.Contains(layout(footerOf(t, data)), want) {
						t.Fatalf("the file has %s, not %s", layout(footerOf(t, data)), want)
					}
				}
				sameCells(t, readAll(t, data, Options{Format: FormatParquet, BatchRows: 97}), batch)
			})
		}
	}
}

func sameCells(t *testing.T, got, want arrow.RecordBatch) {
	t.Helper()
	if got.NumRows() != want.NumRows() || got.NumCols() != want.NumCols() {
		t.Fatalf("%d rows of %d columns, want %d of %d", got.NumRows(), got.NumCols(), want.NumRows(), want.NumCols())
	}
	for c := range int(want.NumCols()) {
		for i := range int(want.NumRows()) {
			if g, w := cellText(t, got.Column(c), i), cellText(t, want.Column(c), i); g != w {
				t.Errorf("column %s, row %d: %s, want %s", want.ColumnName(c), i+1, g, w)
				break
			}
		}
	}
}

// TestEveryTypeThroughOurWriter: the writer keeps every type bit for bit.
func TestEveryTypeThroughOurWriter(t *testing.T) {
	t.Parallel()
	batch := everyBatch(t, 900)
	data := writeAll(t, batch, 211, WriteOptions{Format: FormatParquet, RowGroupRows: 400})
	got := readAll(t, data, Options{Format: FormatParquet, BatchRows: 53, Allocator: checkedMemory(t)})
	sameCells(t, got, batch)
	want, err := RoundTrip(batch.Schema())
	must(t, err)
	if !got.Schema().Equal(want) {
		t.Errorf("schema\n got %v\nwant %v", got.Schema(), want)
	}
}

// liveAllocator knows how much is alive, and how much was at most.
type liveAllocator struct {
	memory.Allocator
	live, peak atomic.Int64
}

func (l *liveAllocator) add(n int) {
	now := l.live.Add(int64(n))
	for {
		peak := l.peak.Load()
		if now <= peak || l.peak.CompareAndSwap(peak, now) {
			return
		}
	}
}

func (l *liveAllocator) Allocate(n int) []byte {
	l.add(n)
	return l.Allocator.Allocate(n)
}

func (l *liveAllocator) Reallocate(n int, b []byte) []byte {
	l.add(n - len(b))
	return l.Allocator.Reallocate(n, b)
}

func (l *liveAllocator) Free(b []byte) {
	l.add(-len(b))
	l.Allocator.Free(b)
}

// callPiece has rows from a row on: numbers and texts that are all different, and
// a list of structs.
func callPiece(t testing.TB, from, rows int) arrow.RecordBatch {
	t.Helper()
	leg := arrow.StructOf(arrow.Field{Name: "ani", Type: arrow.BinaryTypes.String, Nullable: true})
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64},
		{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "legs", Type: arrow.ListOf(leg), Nullable: true},
	}, nil))
	defer b.Release()
	legs := b.Field(2).(*array.ListBuilder)
	ani := legs.ValueBuilder().(*array.StructBuilder).FieldBuilder(0).(*array.StringBuilder)
	for i := from; i < from+rows; i++ {
		h := uint64(i) * 0x9e3779b97f4a7c15
		b.Field(0).(*array.Int64Builder).Append(int64(h))
		b.Field(1).(*array.StringBuilder).Append(strconv.FormatUint(h, 36))
		legs.Append(true)
		for j := range i % 3 {
			legs.ValueBuilder().(*array.StructBuilder).Append(true)
			ani.Append(strconv.FormatUint(h>>(8+j), 10))
		}
	}
	batch := b.NewRecordBatch()
	return batch
}

// TestLargeRowGroup: a row group of a million rows, flat and nested, is read in
// batches; what is alive at a time is a few of them and not the group.
func TestLargeRowGroup(t *testing.T) {
	t.Parallel()
	const rows, piece = manyRowsOfAGroup, 50_000
	var file bytes.Buffer
	writing := &liveAllocator{Allocator: memory.DefaultAllocator}
	var w Writer
	for from := 0; from < rows; from += piece {
		batch := callPiece(t, from, piece)
		if w == nil {
			var err error
			w, err = NewWriter(&file, batch.Schema(), WriteOptions{Format: FormatParquet, RowGroupRows: rows, Allocator: writing})
			must(t, err)
		}
		must(t, w.Write(batch))
		batch.Release()
	}
	must(t, w.Close())
	if groups := footerOf(t, file.Bytes()).RowGroups; len(groups) != 1 {
		t.Fatalf("%d row groups", len(groups))
	}

	reading := &liveAllocator{Allocator: memory.DefaultAllocator}
	r, err := Open(source(file.Bytes()), Options{Format: FormatParquet, Allocator: reading, Limits: Limits{MaxMemory: 48 << 20}}) // the decoders' scratch included
	must(t, err)
	defer r.Close()
	for r.Rows() < rows {
		got, err := r.Next(t.Context())
		must(t, err)
		got.Release()
	}
	t.Logf("file of %d MiB: %d MiB alive while writing, %d MiB of batches while reading", file.Len()>>20, writing.peak.Load()>>20, reading.peak.Load()>>20)
	if peak := reading.peak.Load(); peak > 16<<20 {
		t.Errorf("%d MiB of batches alive while reading", peak>>20)
	}
}
