package masker

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestLongBoundsOfKeptColumns: what is copied states no longer bounds than what is written.
func TestLongBoundsOfKeptColumns(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("long "), 10_000)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Append(string(long))
	file := parquetOf(t, arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), b.NewArray())
	var out bytes.Buffer
	if _, err := testPlan(t, "fields:\n  - {path: text, keep: true}\n").Mask(t.Context(), bytes.NewReader([]byte(file)), "x.parquet", &out, Options{}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), long) {
		t.Error("the footer states a bound of 50,000 bytes")
	}
}
