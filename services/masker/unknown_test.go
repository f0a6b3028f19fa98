package masker

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestPassedTypes: what must not pass does not pass as a number or as bytes either.
func TestPassedTypes(t *testing.T) {
	t.Parallel()
	mem := memory.DefaultAllocator
	ints := func(v int64) arrow.Array {
		b := array.NewInt64Builder(mem)
		b.AppendValues([]int64{7, v}, nil)
		return b.NewArray()
	}
	floats := func(v float64) arrow.Array {
		b := array.NewFloat64Builder(mem)
		b.AppendValues([]float64{7, v}, nil)
		return b.NewArray()
	}
	decimals := func(v int64) arrow.Array {
		b := array.NewDecimal128Builder(mem, &arrow.Decimal128Type{Precision: 20})
		b.AppendValues([]decimal128.Num{decimal128.FromI64(7), decimal128.FromI64(v)}, nil)
		return b.NewArray()
	}
	bytes := func(v string) arrow.Array {
		b := array.NewBinaryBuilder(mem, arrow.BinaryTypes.Binary)
		b.AppendValues([][]byte{[]byte("7"), []byte(v)}, nil)
		return b.NewArray()
	}
	fixed := func(v string) arrow.Array {
		b := array.NewFixedSizeBinaryBuilder(mem, &arrow.FixedSizeBinaryType{ByteWidth: 12})
		b.AppendValues([][]byte{[]byte("seven       "), []byte(v)}, nil)
		return b.NewArray()
	}
	tests := map[string]struct {
		passes, refused arrow.Array
		masked          string // of refused
	}{
		"integer":     {ints(4155550), ints(14155550142), `[{"x":7},{"x":null}]`},
		"float":       {floats(41.5), floats(4155550142), `[{"x":7},{"x":null}]`},
		"card":        {decimals(41111), decimals(4111111111111111), `[{"x":"7"},{"x":null}]`},
		"bytes":       {bytes("queue"), bytes("415-555-0142"), `[{"x":"7"},{"x":"[PHONE]"}]`},
		"fixed bytes": {fixed("queue       "), fixed("415-555-0142"), `[{"x":"seven       "},{"x":"[PHONE]"}]`},
	}
	const fields = "fields: [{path: y, drop: true}]\n"
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: tt.passes.DataType(), Nullable: true}}, nil)
			quarantine, mask := testPlan(t, "unknown: pass\n"+fields), testPlan(t, "unknown: pass\nsuspect: mask\n"+fields)
			for _, p := range []*Plan{quarantine, mask} {
				if _, r, err := run(t, p, "x.parquet", parquetOf(t, schema, tt.passes), Options{}); err != nil || r.RowsOut != 2 {
					t.Errorf("harmless values: %d rows out, error %v", r.RowsOut, err)
				}
			}
			in := parquetOf(t, schema, tt.refused)
			if _, _, err := run(t, quarantine, "x.parquet", in, Options{}); class(err) != ClassSuspectField {
				t.Errorf("it passes: %v", err)
			}
			out, _, err := run(t, mask, "x.parquet", in, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := records(t, out)
			if len(got) != 2 || !sameJSON(t, "["+got[0]+","+got[1]+"]", tt.masked) {
				t.Errorf("got %s, want %s", got, tt.masked)
			}
		})
	}
}
