package chunkwrite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var textDictionary = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// flatTypes are all that can be written, and dictionaries of two ways.
var flatTypes = []arrow.DataType{
	arrow.FixedWidthTypes.Boolean,
	arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Uint16,
	arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint64,
	arrow.FixedWidthTypes.Float16, arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64,
	arrow.PrimitiveTypes.Date32, arrow.PrimitiveTypes.Date64,
	arrow.FixedWidthTypes.Time32s, arrow.FixedWidthTypes.Time32ms, arrow.FixedWidthTypes.Time64us, arrow.FixedWidthTypes.Time64ns,
	arrow.FixedWidthTypes.Timestamp_s, arrow.FixedWidthTypes.Timestamp_ms, arrow.FixedWidthTypes.Timestamp_us, arrow.FixedWidthTypes.Timestamp_ns,
	&arrow.TimestampType{Unit: arrow.Microsecond},
	&arrow.Decimal128Type{Precision: 9, Scale: 2}, &arrow.Decimal128Type{Precision: 38, Scale: 10}, &arrow.Decimal256Type{Precision: 60, Scale: 3},
	&arrow.FixedSizeBinaryType{ByteWidth: 3}, &arrow.FixedSizeBinaryType{ByteWidth: 16},
	arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeBinary,
	textDictionary,
	&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: arrow.PrimitiveTypes.Int64},
}

// kind is a way to fill a column: rows, distinct values and nulls.
type kind struct {
	rows, distinct int
	nulls          float64
	long           bool // texts of a few hundred bytes
}

var kinds = map[string]kind{
	"empty":       {rows: 0, distinct: 1},
	"one":         {rows: 1, distinct: 1},
	"one null":    {rows: 1, distinct: 1, nulls: 1},
	"all null":    {rows: 5000, distinct: 1, nulls: 1},
	"constant":    {rows: 3000, distinct: 1},
	"few":         {rows: 4000, distinct: 50, nulls: 0.1},
	"many":        {rows: 4000, distinct: 1 << 40},
	"many, nulls": {rows: 4000, distinct: 1 << 40, nulls: 0.5},
}

// largeKinds reach the limits of pages and dictionaries.
var largeKinds = map[string]kind{
	"few, few nulls":   {rows: 135_000, distinct: 200, nulls: 0.0001},
	"many, nulls":      {rows: 140_000, distinct: 1 << 40, nulls: 0.5},
	"many at last":     {rows: 170_000, distinct: -1, nulls: 0.01},
	"long":             {rows: 5000, distinct: 1 << 40, nulls: 0.2, long: true},
	"long and few":     {rows: 9000, distinct: 2000, nulls: 0.2, long: true},
	"long, then fresh": {rows: 30_000, distinct: -1, long: true},
}

func (k kind) build(t testing.TB, typ arrow.DataType) arrow.Array {
	t.Helper()
	rnd := rand.New(rand.NewPCG(uint64(k.rows), uint64(k.distinct)))
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	defer b.Release()
	for i := range k.rows {
		if rnd.Float64() < k.nulls {
			b.AppendNull()
			continue
		}
		distinct := k.distinct
		if distinct < 0 { // few at first, then all
			distinct = 1000
			if i > 20_000 {
				distinct = 1 << 40
			}
		}
		k.append(t, b, rnd.Int64N(int64(distinct))+rnd.Int64N(2)*int64(min(distinct, 1))-int64(min(distinct, 1)))
	}
	arr := b.NewArray()
	t.Cleanup(arr.Release)
	return arr
}

func (k kind) text(x int64) string {
	s := fmt.Sprintf("%x", uint64(x)*0x9e3779b97f4a7c15)
	if k.long {
		s = strings.Repeat(s+" ", 5+int(uint64(x)%40))
	}
	return s[:len(s)-int(uint64(x)%3)]
}

func (k kind) append(t testing.TB, b array.Builder, x int64) {
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(x%3 == 0)
	case *array.Int8Builder:
		b.Append(int8(x))
	case *array.Uint8Builder:
		b.Append(uint8(x))
	case *array.Int16Builder:
		b.Append(int16(x))
	case *array.Uint16Builder:
		b.Append(uint16(x))
	case *array.Int32Builder:
		b.Append(int32(x))
	case *array.Uint32Builder:
		b.Append(uint32(x))
	case *array.Int64Builder:
		b.Append(x)
	case *array.Uint64Builder:
		b.Append(uint64(x))
	case *array.Float16Builder:
		b.Append(float16.New(float32(x) / 3))
	case *array.Float32Builder:
		b.Append(float32(x) / 3)
	case *array.Float64Builder:
		b.Append(float64(x) / 3)
	case *array.Date32Builder:
		b.Append(arrow.Date32(x % 100_000))
	case *array.Date64Builder:
		b.Append(arrow.Date64(x % 100_000 * 86_400_000))
	case *array.Time32Builder:
		b.Append(arrow.Time32(x&0x7fffffff) % 86_400)
	case *array.Time64Builder:
		b.Append(arrow.Time64(x&math.MaxInt64) % 86_400_000_000)
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(x))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(x % 1_000_000_000))
	case *array.Decimal256Builder:
		b.Append(decimal256.FromI64(x))
	case *array.FixedSizeBinaryBuilder:
		w := b.Type().(*arrow.FixedSizeBinaryType).ByteWidth
		b.Append([]byte(fmt.Sprintf("%*x", w, uint64(x)*0x9e3779b97f4a7c15))[:w])
	case *array.StringBuilder:
		b.Append(k.text(x))
	case *array.LargeStringBuilder:
		b.Append(k.text(x))
	case *array.BinaryBuilder:
		b.Append([]byte(k.text(x)))
	case *array.BinaryDictionaryBuilder:
		must(t, b.AppendString(k.text(x)))
	case *array.Int64DictionaryBuilder:
		must(t, b.Append(x%100))
	default:
		t.Fatalf("no values for %T", b)
	}
}

// canonical is a value as text, in the unit that Parquet has.
func canonical(arr arrow.Array, i int) string {
	switch a := arr.(type) {
	case *array.Dictionary:
		return canonical(a.Dictionary(), a.GetValueIndex(i))
	case *array.Date64:
		return fmt.Sprint(int64(a.Value(i)) / 86_400_000)
	case *array.Date32:
		return fmt.Sprint(int32(a.Value(i)))
	case *array.Time32:
		if a.DataType().(*arrow.Time32Type).Unit == arrow.Second {
			return fmt.Sprint(int64(a.Value(i)) * 1000)
		}
		return fmt.Sprint(int64(a.Value(i)))
	case *array.Timestamp:
		if a.DataType().(*arrow.TimestampType).Unit == arrow.Second {
			return fmt.Sprint(int64(a.Value(i)) * 1000)
		}
		return fmt.Sprint(int64(a.Value(i)))
	case *array.Float32:
		return fmt.Sprint(math.Float32bits(a.Value(i)))
	case *array.Float64:
		return fmt.Sprint(math.Float64bits(a.Value(i)))
	}
	return arr.ValueStr(i)
}
