package columnar

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestCanonicalTextIsFixed: tokens are made of these texts. A change of the
// golden file changes every token of the column's type.
func TestCanonicalTextIsFixed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	add := func(dt arrow.DataType, fill func(array.Builder)) {
		b := array.NewBuilder(memory.DefaultAllocator, dt)
		defer b.Release()
		fill(b)
		b.AppendNull()
		arr := b.NewArray()
		defer arr.Release()
		for i := range arr.Len() {
			text, ok, err := AppendText([]byte(">"), arr, i)
			must(t, err)
			if ok == arr.IsNull(i) {
				t.Errorf("%s %d: ok = %t", dt, i, ok)
			}
			if ok {
				fmt.Fprintf(&out, "%s %s\n", dt, text)
			}
		}
	}
	ints := []int64{0, 1, -1, 127, -128}
	add(arrow.PrimitiveTypes.Int8, func(b array.Builder) { each(ints, func(v int64) { b.(*array.Int8Builder).Append(int8(v)) }) })
	add(arrow.PrimitiveTypes.Int16, func(b array.Builder) { each(ints, func(v int64) { b.(*array.Int16Builder).Append(int16(v)) }) })
	add(arrow.PrimitiveTypes.Int32, func(b array.Builder) { b.(*array.Int32Builder).Append(math.MinInt32) })
	add(arrow.PrimitiveTypes.Int64, func(b array.Builder) {
		b.(*array.Int64Builder).AppendValues([]int64{math.MinInt64, math.MaxInt64}, nil)
	})
	add(arrow.PrimitiveTypes.Uint8, func(b array.Builder) { b.(*array.Uint8Builder).Append(255) })
	add(arrow.PrimitiveTypes.Uint16, func(b array.Builder) { b.(*array.Uint16Builder).Append(65535) })
	add(arrow.PrimitiveTypes.Uint32, func(b array.Builder) { b.(*array.Uint32Builder).Append(math.MaxUint32) })
	add(arrow.PrimitiveTypes.Uint64, func(b array.Builder) { b.(*array.Uint64Builder).Append(math.MaxUint64) })
	add(arrow.FixedWidthTypes.Float16, func(b array.Builder) { b.(*array.Float16Builder).Append(float16.New(1.5)) })
	add(arrow.PrimitiveTypes.Float32, func(b array.Builder) {
		b.(*array.Float32Builder).AppendValues([]float32{0.1, 16777216, 1e-7, 1e21, math.MaxFloat32}, nil)
	})
	add(arrow.PrimitiveTypes.Float64, func(b array.Builder) {
		b.(*array.Float64Builder).AppendValues([]float64{
			0, math.Copysign(0, -1), 0.1, 100, 1e20, 1e21, 123456789012345680000, 1e-6, 1e-7, 1.5e-10,
			-1.7976931348623157e308, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1),
		}, nil)
	})
	add(decimal92, func(b array.Builder) {
		each([]int64{0, 1, -1, 10, 99, 100, 150, -150, 123456789, -5}, func(v int64) { b.(*array.Decimal128Builder).Append(decimal128.FromI64(v)) })
	})
	add(&arrow.Decimal128Type{Precision: 38, Scale: 38}, func(b array.Builder) { b.(*array.Decimal128Builder).Append(decimal128.FromI64(-7)) })
	add(&arrow.Decimal128Type{Precision: 38, Scale: 0}, func(b array.Builder) {
		b.(*array.Decimal128Builder).Append(decimal128.GetMaxValue(38))
	})
	add(&arrow.Decimal128Type{Precision: 5, Scale: -3}, func(b array.Builder) {
		each([]int64{0, -12}, func(v int64) { b.(*array.Decimal128Builder).Append(decimal128.FromI64(v)) })
	})
	add(&arrow.Decimal256Type{Precision: 50, Scale: 2}, func(b array.Builder) { b.(*array.Decimal256Builder).Append(decimal256.FromI64(-12345)) })
	add(arrow.FixedWidthTypes.Boolean, func(b array.Builder) { b.(*array.BooleanBuilder).AppendValues([]bool{true, false}, nil) })
	add(arrow.FixedWidthTypes.Date32, func(b array.Builder) {
		each([]int64{0, -1, 19_724, 2_932_896, 2_932_897, -719_528, -719_529, math.MaxInt32, math.MinInt32}, func(v int64) { b.(*array.Date32Builder).Append(arrow.Date32(v)) })
	})
	add(arrow.FixedWidthTypes.Date64, func(b array.Builder) {
		each([]int64{0, -1, 86_399_999}, func(v int64) { b.(*array.Date64Builder).Append(arrow.Date64(v)) })
	})
	instants := []struct {
		unit   arrow.TimeUnit
		values []int64
	}{
		{arrow.Second, []int64{0, -1, 253_402_300_800, math.MinInt64, math.MaxInt64}},
		{arrow.Millisecond, []int64{0, -1, 1, 1_704_164_645_500, 1_704_164_645_000}},
		{arrow.Microsecond, []int64{0, -1, 1_704_164_645_000_001, 1_704_164_645_120_000}},
		{arrow.Nanosecond, []int64{math.MinInt64, math.MaxInt64, -1, 1_704_164_645_000_000_010}},
	}
	for _, in := range instants {
		for _, zone := range []string{"UTC", ""} {
			add(&arrow.TimestampType{Unit: in.unit, TimeZone: zone}, func(b array.Builder) {
				each(in.values, func(v int64) { b.(*array.TimestampBuilder).Append(arrow.Timestamp(v)) })
			})
		}
	}
	add(arrow.FixedWidthTypes.Time32ms, func(b array.Builder) { b.(*array.Time32Builder).Append(86_399_120) })
	add(arrow.FixedWidthTypes.Time64ns, func(b array.Builder) { b.(*array.Time64Builder).Append(1) })
	add(arrow.BinaryTypes.String, func(b array.Builder) { b.(*array.StringBuilder).AppendValues([]string{"", " é😀"}, nil) })
	add(arrow.BinaryTypes.LargeString, func(b array.Builder) { b.(*array.LargeStringBuilder).Append("large") })
	add(arrow.BinaryTypes.Binary, func(b array.Builder) { b.(*array.BinaryBuilder).Append([]byte("bytes")) })
	add(&arrow.FixedSizeBinaryType{ByteWidth: 2}, func(b array.Builder) { b.(*array.FixedSizeBinaryBuilder).Append([]byte("ab")) })
	add(extensions.NewUUIDType(), func(b array.Builder) { b.(*extensions.UUIDBuilder).AppendBytes([16]byte{0xAB, 15: 1}) })
	golden(t, "canonical.txt", out.Bytes())
}

func each[T any](values []T, f func(T)) {
	for _, v := range values {
		f(v)
	}
}

func TestNestedHasNoText(t *testing.T) {
	t.Parallel()
	batch := nestedBatch(t)
	for i := 1; i < 4; i++ {
		if _, ok, err := AppendText(nil, batch.Column(i), 0); ok || err == nil {
			t.Errorf("%s has a text", batch.ColumnName(i))
		}
	}
}

// TestTextReadsBack: what AppendText writes, the declared type reads.
func TestTextReadsBack(t *testing.T) {
	t.Parallel()
	floats := []float64{0, math.Copysign(0, -1), 0.1, 1e21, 1e-7, -1.5e300, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), 1 << 60}
	for _, want := range floats {
		var value [8]byte
		must(t, parseFloat64(value[:], appendFloat(nil, want, 64)))
		got := math.Float64frombits(binary.NativeEndian.Uint64(value[:]))
		if math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(want) && math.IsNaN(got)) {
			t.Errorf("%v became %v", want, got)
		}
	}
}

func TestJSONLWriterEscapes(t *testing.T) {
	t.Parallel()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "a\"b", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	}, nil))
	defer b.Release()
	all := make([]byte, 0, 300)
	for c := range 128 {
		all = append(all, byte(c))
	}
	b.Field(0).(*array.StringBuilder).Append(string(all) + "<>&\u2028é")
	b.Field(1).(*array.Float64Builder).Append(1e21)
	b.Field(0).AppendNull()
	b.Field(1).AppendNull()
	batch := b.NewRecordBatch()
	defer batch.Release()
	out := writeAll(t, batch, 2, WriteOptions{Format: FormatJSONL})
	golden(t, "escapes.jsonl", out)
	got := readAll(t, out, Options{Format: FormatJSONL, Columns: []Column{{"f", arrow.PrimitiveTypes.Float64}}})
	sameRows(t, got, batch)

	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		b.Field(0).AppendNull()
		b.Field(1).(*array.Float64Builder).Append(bad)
		batch := b.NewRecordBatch()
		w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: FormatJSONL})
		must(t, err)
		e := dataFault(t, w.Write(batch), "no JSON number")
		if e.Row != 1 || e.Column != `"f"` {
			t.Errorf("error %v", e)
		}
		batch.Release()
	}
}

func TestTextWriterWantsUTF8(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{FormatCSV, FormatJSONL} {
		b := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
		b.Append([]byte("a\xffSECRET"))
		arr := b.NewArray()
		batch := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "c", Type: arr.DataType(), Nullable: true}}, nil), []arrow.Array{arr}, -1)
		w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: f})
		must(t, err)
		dataFault(t, w.Write(batch), "UTF-8", "SECRET")
		batch.Release()
		arr.Release()
		b.Release()
	}
}

func TestCSVWriterDialect(t *testing.T) {
	t.Parallel()
	batch := readAll(t, []byte("a,b\n\"x;y\",\n\"\",\"q\"\"\"\n"), Options{Format: FormatCSV})
	for name, c := range map[string]struct {
		dialect CSV
		want    string
	}{
		"default":   {CSV{}, "a,b\nx;y,\n\"\",\"q\"\"\"\n"},
		"semicolon": {CSV{Delimiter: ';', Header: true}, "a;b\n\"x;y\";\n\"\";\"q\"\"\"\n"},
		"no header": {CSV{Delimiter: ','}, "x;y,\n\"\",\"q\"\"\"\n"},
	} {
		got := string(writeAll(t, batch, 1, WriteOptions{Format: FormatCSV, CSV: c.dialect}))
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		back := readAll(t, []byte(got), Options{Format: FormatCSV, CSV: c.dialect, Columns: []Column{{"a", nil}, {"b", nil}}})
		sameRows(t, back, batch)
	}
	if strings.Contains(string(writeAll(t, batch, 1, WriteOptions{Format: FormatCSV})), "\r") {
		t.Error("a carriage return")
	}
}
