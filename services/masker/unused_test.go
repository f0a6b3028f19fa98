package masker

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/maskrail/maskrail/libs/columnar"
)

// TestUnusedEntriesOfKeptColumns: a categorical column that was filtered has entries of rows that are gone, of other
// tenants for example. No row shows them, and nothing may be left of them in the masked file.
func TestUnusedEntriesOfKeptColumns(t *testing.T) {
	t.Parallel()
	const secret = "jane.roe@globex.example"
	entries := array.NewStringBuilder(memory.DefaultAllocator)
	entries.AppendValues([]string{"sales", secret, "support"}, nil)
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	codes.AppendValues([]int32{0, 2, 0, 2, 0, 2}, nil)
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	queue := array.NewDictionaryArray(typ, codes.NewArray(), entries.NewArray())
	schema := arrow.NewSchema([]arrow.Field{{Name: "queue", Type: typ, Nullable: true}}, nil)
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &file, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(array.NewRecordBatch(schema, []arrow.Array{queue}, 6)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(file.Bytes(), []byte(secret)) {
		t.Fatal("the source does not have the entry")
	}
	p := testPlan(t, "fields:\n  - {path: queue, keep: true}\n")
	var out bytes.Buffer
	r, err := p.Mask(t.Context(), bytes.NewReader(file.Bytes()), "x.parquet", &out, Options{Format: columnar.FormatParquet})
	if err != nil || r.RowsOut != 6 {
		t.Fatal(r, err)
	}
	if bytes.Contains(out.Bytes(), []byte(secret)) {
		t.Error("the masked file has an entry of a dictionary that no row uses")
	}
}
