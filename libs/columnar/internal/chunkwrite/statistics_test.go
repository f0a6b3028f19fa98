package chunkwrite

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

func always(int) bool { return true }

// TestStatisticsAreTheLibrarys: bounds and nulls are those that the library's
// writer states, in the same fields.
func TestStatisticsAreTheLibrarys(t *testing.T) {
	t.Parallel()
	for _, typ := range flatTypes {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			for name, k := range kinds {
				if k.rows == 0 {
					continue
				}
				arr := k.build(t, typ)
				want := statisticsOf(t, byLibrary(t, arr))
				for _, plain := range []bool{false, true} {
					if got := statisticsOf(t, write(t, checked(t), []arrow.Array{arr}, always, plain, 0)); got != want {
						t.Errorf("%s, plain %t: %s, the library's %s", name, plain, got, want)
					}
				}
			}
		})
	}
}

func TestStatisticsOfOddValues(t *testing.T) {
	t.Parallel()
	nan, inf, zero := math.NaN(), math.Inf(1), 0.0
	minus := math.Copysign(0, -1)
	floats := [][]float64{{nan}, {nan, 1, nan}, {zero}, {minus}, {minus, zero}, {zero, minus, 3}, {-3, minus}, {inf}, {-inf, inf}, {inf, nan}}
	long := strings.Repeat("x", boundBytes)
	texts := [][]string{{""}, {"", "a"}, {"ab", "a", "abc"}, {"12345678", "1234567", "123456789"}, {"\xff", "\x00", "\x00\x00"}, {long}, {long + "y", "a"}, {long + "y", "z" + long},
		{"12345678a", "12345678b", "12345678"}, {"\x00", ""}}
	var columns []arrow.Array
	for _, list := range floats {
		b, h, s := array.NewFloat64Builder(memory.DefaultAllocator), array.NewFloat16Builder(memory.DefaultAllocator), array.NewFloat32Builder(memory.DefaultAllocator)
		b.AppendValues(list, nil)
		for _, v := range list {
			h.Append(float16.New(float32(v)))
			s.Append(float32(v))
		}
		columns = append(columns, b.NewArray(), h.NewArray(), s.NewArray())
	}
	for _, list := range texts {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.AppendValues(list, nil)
		columns = append(columns, b.NewArray())
	}
	for i, arr := range columns {
		want := statisticsOf(t, byLibrary(t, arr))
		for _, plain := range []bool{false, true} {
			if got := statisticsOf(t, write(t, checked(t), []arrow.Array{arr}, always, plain, 0)); got != want {
				t.Errorf("column %d, %s, plain %t: %s, the library's %s", i, arr, plain, got, want)
			}
		}
	}
}

func byLibrary(t *testing.T, arr arrow.Array) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "c0", Type: arr.DataType(), Nullable: true}}, nil)
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithVersion(parquet.V2_LATEST), parquet.WithStats(true)), pqarrow.DefaultWriterProps())
	must(t, err)
	batch := array.NewRecordBatch(schema, []arrow.Array{arr}, -1)
	defer batch.Release()
	must(t, w.Write(batch))
	must(t, w.Close())
	return out.Bytes()
}

func statisticsOf(t *testing.T, data []byte) string {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	s := r.MetaData().RowGroups[0].Columns[0].MetaData.Statistics
	if s == nil {
		return "none"
	}
	show := func(v []byte) string {
		if v == nil {
			return "-"
		}
		if len(v) > 40 {
			v = v[:40]
		}
		return fmt.Sprintf("%x", v)
	}
	return fmt.Sprintf("nulls %d min %s max %s old %s %s, distinct %t", s.GetNullCount(), show(s.MinValue), show(s.MaxValue), show(s.Min), show(s.Max), s.IsSetDistinctCount())
}

// TestNoStatistics: without them nothing of the values stands in the footer or
// a page header.
func TestNoStatistics(t *testing.T) {
	t.Parallel()
	arr := kinds["few"].build(t, arrow.BinaryTypes.String)
	if got := statisticsOf(t, write(t, checked(t), []arrow.Array{arr}, nil, false, 0)); got != "none" {
		t.Error(got)
	}
	loud := write(t, checked(t), []arrow.Array{arr}, always, false, 0)
	r, err := file.NewParquetReader(bytes.NewReader(loud))
	must(t, err)
	pages, err := r.RowGroup(0).GetColumnPageReader(0)
	must(t, err)
	for pages.Next() {
		if page, ok := pages.Page().(file.DataPage); ok {
			if s := page.Statistics(); s.HasMin || s.HasMax || s.HasNullCount {
				t.Error("statistics in a page header")
			}
		}
	}
	must(t, pages.Err())
}
