package duckdb_test

import (
	"encoding/base32"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/maskrail/maskrail/libs/columnar"
)

// TestMaskedColumns: DuckDB reads what package columnar writes of columns as they leave the masking, with pages,
// dictionaries and row groups at and beyond their limits.
func TestMaskedColumns(t *testing.T) {
	t.Parallel()
	columns := []struct {
		name  string
		value func(rnd *rand.Rand, row int) string
	}{
		{"token", func(rnd *rand.Rand, _ int) string { return letters(rnd) }},
		{"mail", func(rnd *rand.Rand, _ int) string { return strings.ToLower(letters(rnd)) + "@masked.invalid" }},
		{"phone", func(rnd *rand.Rand, _ int) string { return fmt.Sprintf("+999%012d", rnd.Int64N(1e12)) }},
		{"mixed phone", func(rnd *rand.Rand, _ int) string { return fmt.Sprintf("+999%0*d", 12+rnd.IntN(2), rnd.Int64N(1e12)) }},
		{"name", func(rnd *rand.Rand, _ int) string { return "User_" + letters(rnd) }},
		{"card", func(rnd *rand.Rand, _ int) string { return fmt.Sprintf("************%04d", rnd.IntN(10_000)) }},
		{"grouped card", func(rnd *rand.Rand, _ int) string { return fmt.Sprintf("****-****-****-%04d", rnd.IntN(10_000)) }},
		{"redacted", func(*rand.Rand, int) string { return "[MASKED]" }},
		{"year", func(rnd *rand.Rand, _ int) string { return fmt.Sprintf("%d-01-01", 1930+rnd.IntN(80)) }},
		{"few, then fresh", func(rnd *rand.Rand, row int) string {
			return fmt.Sprintf("agent %d", rnd.IntN(50+max(row-20_000, 0)*100))
		}},
		{"empty now and then", func(rnd *rand.Rand, _ int) string { return letters(rnd)[:26*min(rnd.IntN(10), 1)] }},
		{"notes", func(rnd *rand.Rand, row int) string {
			return strings.Repeat(letters(rnd)[:rnd.IntN(9)]+" ", rnd.IntN(20))
		}},
	}
	const rows = 60_000
	rnd := rand.New(rand.NewPCG(1, 2))
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for i, c := range columns {
		text := b.Field(i).(*array.StringBuilder)
		for row := range rows {
			if i%3 == 1 && rnd.IntN(7) == 0 {
				text.AppendNull()
			} else {
				text.Append(c.value(rnd, row))
			}
		}
	}
	batch := b.NewRecordBatch()
	t.Cleanup(batch.Release)
	for _, group := range []int{rows, 7000, 301} {
		t.Run(fmt.Sprint(group), func(t *testing.T) {
			t.Parallel()
			part := batch.NewSlice(0, int64(min(rows, 20*group)))
			defer part.Release()
			path := filepath.Join(t.TempDir(), "masked.parquet")
			f, err := os.Create(path)
			must(t, err)
			defer f.Close()
			w, err := columnar.NewWriter(f, part.Schema(), columnar.WriteOptions{Format: columnar.FormatParquet, RowGroupRows: group})
			must(t, err)
			must(t, w.Write(part))
			must(t, w.Close())
			got, err := rowsOf(t, path)
			must(t, err)
			if int64(len(got)) != part.NumRows() {
				t.Fatalf("%d rows, want %d", len(got), part.NumRows())
			}
			must(t, compareBatch(part, got, 0))
			_, err = compareFile(t, path)
			must(t, err)
		})
	}
}

// letters are those of a token.
func letters(rnd *rand.Rand) string {
	var b [17]byte
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return base32.StdEncoding.EncodeToString(b[:])[:26]
}
