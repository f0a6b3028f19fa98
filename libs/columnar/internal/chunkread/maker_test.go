package chunkread

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

// types are those that are read here, and that arrow-go writes as such.
var types = []arrow.DataType{
	arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, arrow.FixedWidthTypes.Boolean,
	arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64,
	arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64,
	arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64,
	arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Time32ms, arrow.FixedWidthTypes.Time64us, arrow.FixedWidthTypes.Time64ns,
	arrow.FixedWidthTypes.Timestamp_ms, arrow.FixedWidthTypes.Timestamp_us, arrow.FixedWidthTypes.Timestamp_ns,
	&arrow.Decimal128Type{Precision: 9, Scale: 2}, &arrow.Decimal128Type{Precision: 18, Scale: 4},
}

// sample says what a random column is like.
type sample struct {
	rows     int
	nulls    float64 // share
	runs     int     // rows that have the same value, on average
	distinct int     // values; 0 = no limit
	longest  int     // bytes of a text
	nullable bool
}

func randomSample(r *rand.Rand) sample {
	s := sample{
		rows: 1 + r.IntN(3000), runs: 1 + r.IntN(4)*r.IntN(40), distinct: []int{0, 1, 2, 7, 300}[r.IntN(5)], longest: []int{0, 3, 20, 200}[r.IntN(4)],
		nullable: r.IntN(3) > 0,
	}
	if s.nullable {
		s.nulls = []float64{0, 0.02, 0.5, 0.99, 1}[r.IntN(5)]
	}
	return s
}

func (s sample) column(r *rand.Rand, t arrow.DataType) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, t)
	defer b.Release()
	same, null, v := 0, false, uint64(0)
	for range s.rows {
		if same == 0 {
			same, null, v = r.IntN(2*s.runs), r.Float64() < s.nulls, r.Uint64()>>r.IntN(64)
			if s.distinct > 0 {
				v = v % uint64(s.distinct) * 0x9e3779b97f4a7c15
			}
		} else {
			same--
		}
		if null {
			b.AppendNull()
		} else {
			appendValue(b, v, s.longest)
		}
	}
	return b.NewArray()
}

// appendValue appends the value that v stands for.
func appendValue(b array.Builder, v uint64, longest int) {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(textOf(v, longest))
	case *array.BinaryBuilder:
		b.Append(bytes.ToUpper([]byte(textOf(v, longest))))
	case *array.BooleanBuilder:
		b.Append(v&1 == 1)
	case *array.Int8Builder:
		b.Append(int8(v))
	case *array.Int16Builder:
		b.Append(int16(v))
	case *array.Int32Builder:
		b.Append(int32(v))
	case *array.Int64Builder:
		b.Append(int64(v))
	case *array.Uint8Builder:
		b.Append(uint8(v))
	case *array.Uint16Builder:
		b.Append(uint16(v))
	case *array.Uint32Builder:
		b.Append(uint32(v))
	case *array.Uint64Builder:
		b.Append(v)
	case *array.Float32Builder:
		b.Append([]float32{float32(v), -float32(v), float32(math.NaN()), 0, float32(math.Copysign(0, -1)), float32(math.Inf(1))}[v%6])
	case *array.Float64Builder:
		b.Append([]float64{float64(v), -float64(v), math.NaN(), 0, math.Copysign(0, -1), math.Inf(-1)}[v%6])
	case *array.Date32Builder:
		b.Append(arrow.Date32(v))
	case *array.Time32Builder:
		b.Append(arrow.Time32(v % 86_400_000))
	case *array.Time64Builder:
		b.Append(arrow.Time64(v % 86_400_000_000))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(int64(v%1_999_999_999) - 999_999_999))
	default:
		panic(fmt.Sprintf("%T", b))
	}
}

func textOf(v uint64, longest int) string {
	text := ""
	for x := v | 1; x > 1 && len(text) < longest; x /= 7 {
		text += []string{"a", "Zz", "é", "日本", " ", "😀", "0"}[x%7]
	}
	for v%5 == 1 && len(text) > 0 && len(text)*2 <= longest {
		text += text
	}
	return text
}

// options are a random way to write a column.
func options(r *rand.Rand, t arrow.DataType) (o []parquet.WriterProperty, say string) {
	v2, dict, codec := r.IntN(2) == 0, r.IntN(2) == 0, []compress.Compression{
		compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Zstd, compress.Codecs.Gzip, compress.Codecs.Lz4Raw, compress.Codecs.Brotli,
	}[r.IntN(6)]
	v2 = v2 && codec != compress.Codecs.Brotli // the library cannot read the empty pages that it writes so
	page, group, limit := []int64{64, 1000, 20_000}[r.IntN(3)], []int64{100, 1000, 1 << 20}[r.IntN(3)], []int64{100, 1 << 20}[r.IntN(2)]
	o = append(o, parquet.WithDictionaryDefault(dict), parquet.WithCompression(codec), parquet.WithDataPageSize(page), parquet.WithBatchSize(1+r.Int64N(200)),
		parquet.WithMaxRowGroupLength(group), parquet.WithDictionaryPageSizeLimit(limit), parquet.WithStoreDecimalAsInteger(true), parquet.WithStats(true))
	if v2 {
		o = append(o, parquet.WithDataPageVersion(parquet.DataPageV2))
	}
	encoding := parquet.Encodings.Plain
	if !dict && r.IntN(2) == 0 {
		switch t.ID() {
		case arrow.STRING, arrow.BINARY:
			encoding = parquet.Encodings.DeltaLengthByteArray
		case arrow.BOOL:
			encoding = parquet.Encodings.RLE
			o = append(o, parquet.WithDataPageSize(1<<20)) // the library repeats the values of the pages before
		case arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128:
		default:
			encoding = parquet.Encodings.DeltaBinaryPacked
		}
	}
	o = append(o, parquet.WithEncoding(encoding))
	return o, fmt.Sprintf("%v %v dictionary=%v<%d v2=%v page=%d group=%d", codec, encoding, dict, limit, v2, page, group)
}

// chunkOf makes a chunk of pages.
func chunkOf(t testing.TB, like Column, codec compress.Compression, rows, dictionary int64, pages ...[]byte) ([]byte, Column) {
	t.Helper()
	data := bytes.Join(append([][]byte{[]byte("PAR1")}, pages...), nil)
	b := metadata.NewColumnChunkMetaDataBuilder(parquet.NewWriterProperties(parquet.WithCompression(codec)), like.Leaf)
	info := metadata.ChunkMetaInfo{
		NumValues: rows, DataPageOffset: 4 + dictionary, CompressedSize: int64(len(data) - 4), UncompressedSize: int64(len(data)), IndexPageOffset: -1,
	}
	if dictionary > 0 {
		info.DictPageOffset = 4
	}
	must(t, b.Finish(info, dictionary > 0, false, metadata.EncodingStats{}))
	meta, err := metadata.NewColumnChunkMetaData(b.Contents(), like.Leaf, nil, 0, 0, nil)
	must(t, err)
	like.Meta, like.Rows = meta, rows
	return data, like
}

// column is a column of a type, without a chunk.
func column(t testing.TB, typ arrow.DataType, node func() (*pqschema.PrimitiveNode, error)) Column {
	t.Helper()
	n, err := node()
	must(t, err)
	level := int16(0)
	if n.RepetitionType() == parquet.Repetitions.Optional {
		level = 1
	}
	return Column{Type: typ, Leaf: pqschema.NewColumn(n, level, 0)}
}

func textColumn(t testing.TB, r parquet.Repetition) Column {
	return column(t, arrow.BinaryTypes.String, func() (*pqschema.PrimitiveNode, error) {
		return pqschema.NewPrimitiveNodeLogical("c", r, pqschema.StringLogicalType{}, parquet.Types.ByteArray, 0, -1)
	})
}

func numberColumn(t testing.TB, r parquet.Repetition) Column {
	return column(t, arrow.PrimitiveTypes.Int64, func() (*pqschema.PrimitiveNode, error) {
		return pqschema.NewPrimitiveNode("c", r, parquet.Types.Int64, -1, -1)
	})
}

// rawPage is an uncompressed page with a header and a checksum.
func rawPage(h header, body []byte) []byte {
	h.raw, h.packed = int32(len(body)), int32(len(body))
	h.crc, h.hasCRC = crc32.ChecksumIEEE(body), true
	return append(h.bytes(), body...)
}

// rebuilt is a file of the one chunk.
func rebuilt(t testing.TB, c Column, copied Copied) []byte {
	t.Helper()
	props := parquet.NewWriterProperties(parquet.WithCompression(c.Meta.Compression()))
	node := c.Leaf.SchemaNode()
	root, err := pqschema.NewGroupNode("schema", parquet.Repetitions.Required, pqschema.FieldList{node}, -1)
	must(t, err)
	fb := metadata.NewFileMetadataBuilder(pqschema.NewSchema(root), props, nil)
	rg := fb.AppendRowGroup()
	rg.SetNumRows(int(c.Rows))
	col := rg.NextColumnChunk()
	var out bytes.Buffer
	out.WriteString("PAR1")
	for _, p := range copied.Pages.Parts() {
		out.Write(p)
	}
	info := metadata.ChunkMetaInfo{
		NumValues: copied.Values, DataPageOffset: 4 + copied.Dictionary, CompressedSize: int64(out.Len() - 4), UncompressedSize: copied.RawBytes, IndexPageOffset: -1,
	}
	if copied.Dictionary > 0 {
		info.DictPageOffset = 4
	}
	col.SetStats(metadata.EncodedStatistics{
		HasMin: copied.Min != nil, Min: copied.Min, HasMax: copied.Max != nil, Max: copied.Max, HasNullCount: true, NullCount: copied.Nulls,
	})
	must(t, col.Finish(info, copied.Dictionary > 0, false, metadata.EncodingStats{}))
	must(t, rg.Finish(info.CompressedSize, 0))
	m, err := fb.Finish()
	must(t, err)
	n, err := m.WriteTo(&out, nil)
	must(t, err)
	must(t, writeLength(&out, n))
	return out.Bytes()
}

func writeLength(w io.Writer, n int64) error {
	_, err := w.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24), 'P', 'A', 'R', '1'})
	return err
}
