package masker

import (
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/policy"
)

func TestBucketTypes(t *testing.T) {
	t.Parallel()
	tens := policy.Bucket{Width: 10}
	ages := policy.Bucket{Width: 10, Top: new(int64(90))}
	ints := []arrow.DataType{arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Int64}
	uints := []arrow.DataType{arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64}
	floats := []arrow.DataType{arrow.FixedWidthTypes.Float16, arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64}
	decimals := []arrow.DataType{&arrow.Decimal32Type{Precision: 9, Scale: 2}, &arrow.Decimal64Type{Precision: 18, Scale: 2},
		&arrow.Decimal128Type{Precision: 38, Scale: 2}, &arrow.Decimal256Type{Precision: 76, Scale: 2}}
	tests := []struct {
		name     string
		of       []arrow.DataType
		treat    policy.Bucket
		in, want []string
	}{
		{"int", ints, tens, []string{"37", "-37", "0", "null", "-40", "99"}, []string{"30", "-40", "0", "null", "-40", "90"}},
		{"int with a top", ints, ages, []string{"89", "90", "127", "null"}, []string{"80", "90", "90", "null"}},
		{"uint", uints, ages, []string{"89", "90", "255", "null", "9"}, []string{"80", "90", "90", "null", "0"}},
		{"float", floats, tens, []string{"37.5", "-0.5", "-37.5", "null", "2040"}, []string{"30", "-10", "-40", "null", "2040"}},
		{"float with a top", floats, ages, []string{"89.5", "90", "1234", "null"}, []string{"80", "90", "90", "null"}},
		{"decimal", decimals, tens, []string{"37.99", "-0.01", "null", "30.00"}, []string{"30.00", "-10.00", "null", "30.00"}},
		{"decimal with a top", decimals, ages, []string{"89.99", "90.00", "1234567.89"}, []string{"80.00", "90.00", "90.00"}},
		{"text", textTypes, ages, []string{"37", "37.5", "null", "", "-3", "90.5", "37"}, []string{"30", "30", "null", "", "-10", "90", "30"}},
	}
	for _, tt := range tests {
		for _, of := range tt.of {
			got, err := treatColumn(t, tt.treat, arrayOf(t, of, tt.in...))
			if err != nil {
				t.Errorf("%s, %s: %v", tt.name, of, err)
			} else if texts := written(t, got); !slices.Equal(texts, tt.want) {
				t.Errorf("%s, %s: got %q, want %q", tt.name, of, texts, tt.want)
			}
		}
	}
}

func TestBucketFaults(t *testing.T) {
	t.Parallel()
	hundreds := policy.Bucket{Width: 100}
	for _, v := range []struct {
		of    arrow.DataType
		value string
	}{
		{arrow.PrimitiveTypes.Int8, "-128"}, {arrow.PrimitiveTypes.Int64, "-9223372036854775808"}, {arrow.PrimitiveTypes.Float64, "1e300"},
		{&arrow.Decimal32Type{Precision: 2}, "-37"}, {&arrow.Decimal128Type{Precision: 38}, "-99999999999999999999999999999999999999"},
		{arrow.BinaryTypes.String, "unknown"}, {arrow.BinaryTypes.String, " "}, {arrow.BinaryTypes.String, "1,234"}, {arrow.BinaryTypes.String, "NaN"},
	} {
		refuses(t, hundreds, v.of, v.value)
	}
	refuses(t, policy.Bucket{Width: 100, Top: new(int64(300))}, arrow.PrimitiveTypes.Int8, "-101")
	refuses(t, policy.Bucket{Width: 100, Top: new(int64(-200))}, arrow.PrimitiveTypes.Int8, "5")
	refuses(t, policy.Bucket{Width: 100, Top: new(int64(-200))}, arrow.PrimitiveTypes.Uint32, "5")
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		b := array.NewFloat64Builder(memory.DefaultAllocator)
		b.Append(v)
		if _, err := treatColumn(t, policy.Bucket{Width: 1, Top: new(int64(9))}, b.NewArray()); class(err) != "" || err == nil {
			t.Errorf("%v is in a bucket: %v", v, err)
		}
		b.Release()
	}
	for _, of := range []arrow.DataType{arrow.FixedWidthTypes.Boolean, arrow.FixedWidthTypes.Date32, arrow.ListOf(arrow.PrimitiveTypes.Int64), &arrow.Decimal128Type{Precision: 9, Scale: -2}} {
		if _, ok := (bucket{}).output(of); ok {
			t.Errorf("numbers are taken from a column of %s", of)
		}
	}
	for _, width := range []int64{0, -10} {
		if _, err := Compile(treating(t, oneColumn, map[string]policy.Treatment{"v": policy.Bucket{Width: width}}), testRing(t), "sandbox"); err == nil {
			t.Errorf("a width of %d is compiled", width)
		}
	}
}
