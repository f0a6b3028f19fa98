package masker

import (
	"cmp"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestVersions: what newestBy names is ordered as what it is, not as its text.
func TestVersions(t *testing.T) {
	t.Parallel()
	uint64s := array.NewUint64Builder(memory.DefaultAllocator)
	uint64s.AppendValues([]uint64{9, 10, 1 << 63, 1<<64 - 1}, nil)
	int8s := array.NewInt8Builder(memory.DefaultAllocator)
	int8s.AppendValues([]int8{-100, -9, 0, 9, 10}, nil)
	floats := array.NewFloat64Builder(memory.DefaultAllocator)
	floats.AppendValues([]float64{-1e300, -10.5, -9.5, 0, 1e-300, 9.5, 10.5, 1e21}, nil)
	texts := array.NewStringBuilder(memory.DefaultAllocator)
	texts.AppendNull()
	texts.AppendValues([]string{
		"", "v10", "v9",
		"2020-01-01T00:00:00+02:00", "2019-12-31T23:00:00Z", "2019-12-31T23:00:00.25Z", "2019-12-31T23:00:00.5Z",
		"-10", "-9.75", "-9.5", "-9", "-0.5", "-0.05", "0", "0.05", "0.5", "9", "9.5", "010", "10.5", "123456789012345678901234567890",
	}, nil)
	for _, b := range []array.Builder{uint64s, int8s, floats, texts} {
		p := testPlan(t, "key: [id]\nduplicates: newest\nnewestBy: v\nfields: [{path: id, keep: true}, {path: v, keep: true}]\n")
		column := b.NewArray()
		got, err := flatFrame(p, []arrow.Array{nil, column}, column.Len()).versions()
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			for j := range got {
				if order := got[i].compare(got[j]); order != cmp.Compare(i, j) {
					t.Errorf("%s against %s: %d", column.ValueStr(i), column.ValueStr(j), order)
				}
			}
		}
	}
}
