package masker

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/maskrail/maskrail/libs/columnar"
)

// TestFirstDamageIsTold: of several damaged columns that others look at the one is told that comes first, window by window
// and there column by column, though they are read one after the other.
func TestFirstDamageIsTold(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
key: [id]
tenant: {path: tenant, required: true, known: [acme]}
fields:
  - {path: tenant, keep: true}
  - {path: first, redact: {}}
  - {path: second, redact: {}}
  - {path: id, keep: true}
  - {path: notes, scrub: {context: [first, second]}}
`)
	whole := longPages(t, "tenant", "first", "second", "id", "notes")
	for name, tt := range map[string]struct {
		damaged map[string]int // page, from 0 on, by column
		want    string
	}{
		"one column":                {map[string]int{"second": 1}, "second"},
		"the same page":             {map[string]int{"first": 1, "second": 1}, "first"},
		"a later column is earlier": {map[string]int{"first": 2, "second": 1}, "second"},
		"an earlier column":         {map[string]int{"first": 0, "second": 1, "id": 2}, "first"},
		"the key":                   {map[string]int{"first": 2, "second": 2, "id": 1}, "id"},
		"what is not looked at":     {map[string]int{"notes": 0, "second": 2}, "notes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			damaged := bytes.Clone(whole)
			for column, page := range tt.damaged {
				damagePage(t, damaged, column, page)
			}
			for _, workers := range []int{1, 4} {
				_, _, err := run(t, p, "x.parquet", string(damaged), Options{Workers: workers, BatchRows: 1500})
				if want := fmt.Sprintf("rejected: malformed: %q: ", tt.want); err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(want)) {
					t.Errorf("%v, want %s", err, want)
				}
			}
		})
	}
}

// longPages makes a file of one row group whose columns have three pages or more.
func longPages(t *testing.T, names ...string) []byte {
	t.Helper()
	var fields []arrow.Field
	for _, name := range names {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	r := rand.New(rand.NewPCG(1, 4))
	for range 24_000 {
		for i, name := range names {
			value := "acme"
			if name != "tenant" {
				value = fmt.Sprintf("%0112x", r.Uint64())
			}
			b.Field(i).(*array.StringBuilder).Append(value)
		}
	}
	batch := b.NewRecordBatch()
	defer batch.Release()
	var out bytes.Buffer
	w, err := columnar.NewWriter(&out, schema, columnar.WriteOptions{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// damagePage makes what a page holds no zstd frame.
func damagePage(t *testing.T, data []byte, column string, page int) {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	chunk, err := r.MetaData().RowGroup(0).ColumnChunk(r.MetaData().Schema.ColumnIndexByName(column))
	if err != nil {
		t.Fatal(err)
	}
	pages := data[chunk.DataPageOffset() : chunk.DataPageOffset()+chunk.TotalCompressedSize()]
	for magic := []byte{0x28, 0xb5, 0x2f, 0xfd}; ; page-- {
		at := bytes.Index(pages, magic)
		if at < 0 {
			t.Fatalf("column %s has no page %d more", column, page)
		}
		if page == 0 {
			pages[at] = 0
			return
		}
		pages = pages[at+len(magic):]
	}
}
