package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

// TestSameRowsFromEveryFormat: the same rows as CSV, JSON Lines and Parquet are
// equal batches, whatever the codec and the batch size.
func TestSameRowsFromEveryFormat(t *testing.T) {
	t.Parallel()
	want := readAll(t, []byte(mixedCSV), Options{Format: FormatCSV, Columns: mixed()})
	if want.NumRows() != 4 {
		t.Fatalf("%d rows", want.NumRows())
	}
	inputs := map[string]struct {
		format Format
		data   []byte
	}{
		"csv":           {FormatCSV, []byte(mixedCSV)},
		"csv crlf":      {FormatCSV, []byte(strings.ReplaceAll(strings.ReplaceAll(mixedCSV, "\n", "\r\n"), "\"\"\r\nc", "\"\"\nc"))},
		"csv bom":       {FormatCSV, append(bytes.Clone(utf8BOM), mixedCSV...)},
		"csv no eol":    {FormatCSV, []byte(strings.TrimSuffix(mixedCSV, "\n"))},
		"csv blanks":    {FormatCSV, []byte("\n" + mixedCSV + "\n\r\n")},
		"jsonl":         {FormatJSONL, []byte(mixedJSONL)},
		"jsonl bom":     {FormatJSONL, append(bytes.Clone(utf8BOM), mixedJSONL+"\r\n"...)},
		"csv again":     {FormatCSV, writeAll(t, want, 3, WriteOptions{Format: FormatCSV})},
		"jsonl again":   {FormatJSONL, writeAll(t, want, 3, WriteOptions{Format: FormatJSONL})},
		"parquet":       {FormatParquet, writeAll(t, want, 3, WriteOptions{Format: FormatParquet})},
		"parquet small": {FormatParquet, writeAll(t, want, 4, WriteOptions{Format: FormatParquet, RowGroupRows: 1})},
	}
	for name, in := range inputs {
		for _, codec := range []Codec{CodecNone, CodecGzip, CodecZstd} {
			if in.format == FormatParquet && codec != CodecNone {
				continue
			}
			for _, rows := range []int{0, 1, 3} {
				t.Run(fmt.Sprint(name, codec, rows), func(t *testing.T) {
					t.Parallel()
					got := readAll(t, zipped(t, codec, in.data), Options{
						Format: in.format, Codec: codec, Columns: mixed(), BatchRows: rows, Allocator: checkedMemory(t),
					})
					sameRows(t, got, want)
				})
			}
		}
	}
}

func TestTextOfEveryFormatIsGolden(t *testing.T) {
	t.Parallel()
	batch := readAll(t, []byte(mixedCSV), Options{Format: FormatCSV, Columns: mixed()})
	golden(t, "mixed.csv", writeAll(t, batch, 2, WriteOptions{Format: FormatCSV}))
	golden(t, "mixed.jsonl", writeAll(t, batch, 2, WriteOptions{Format: FormatJSONL}))
}

func TestWrittenTextDoesNotDependOnBatches(t *testing.T) {
	t.Parallel()
	batch := manyRows(t, 30_000)
	for _, f := range []Format{FormatCSV, FormatJSONL} {
		for _, c := range []Codec{CodecNone, CodecGzip, CodecZstd} {
			t.Run(fmt.Sprint(f, c), func(t *testing.T) {
				t.Parallel()
				one := writeAll(t, batch, 30_000, WriteOptions{Format: f, Codec: c})
				if two := writeAll(t, batch, 777, WriteOptions{Format: f, Codec: c}); !bytes.Equal(one, two) {
					t.Error("bytes depend on the batches")
				}
				got := readAll(t, one, Options{Format: f, Codec: c, Columns: declared(batch.Schema())})
				sameRows(t, got, batch)
			})
		}
	}
}

func declared(s *arrow.Schema) []Column {
	var columns []Column
	for _, f := range s.Fields() {
		columns = append(columns, Column{f.Name, f.Type})
	}
	return columns
}

// manyRows has repeated and unique strings, nulls, empties and numbers.
func manyRows(t testing.TB, n int) arrow.RecordBatch {
	t.Helper()
	var b strings.Builder
	b.WriteString("unique,few,amount,maybe\n")
	for i := range n {
		few := fmt.Sprintf("queue %d", i%7)
		if i%11 == 0 {
			few = ""
		}
		if i%13 == 0 {
			few = `""`
		}
		fmt.Fprintf(&b, "value-%08d-%d,%s,%d,%t\n", i*7919%n, i, few, i*i-5, i%3 == 0)
	}
	return readAll(t, []byte(b.String()), Options{Format: FormatCSV, Columns: []Column{
		{"amount", arrow.PrimitiveTypes.Int64}, {"maybe", arrow.FixedWidthTypes.Boolean},
	}})
}

func TestOpenRejectsWrongOptions(t *testing.T) {
	t.Parallel()
	cases := map[string]Options{
		"format":         {Format: "orc"},
		"parquet codec":  {Format: FormatParquet, Codec: CodecGzip},
		"delimiter":      {Format: FormatCSV, CSV: CSV{Delimiter: '"'}},
		"wide delimiter": {Format: FormatCSV, CSV: CSV{Delimiter: '→'}},
		"declared twice": {Format: FormatCSV, Columns: []Column{{"a", nil}, {"a", nil}}},
		"declared type":  {Format: FormatCSV, Columns: []Column{{"a", arrow.PrimitiveTypes.Int8}}},
		"batch rows":     {Format: FormatCSV, BatchRows: -1},
	}
	for name, o := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(source([]byte("a\n1\n")), o)
			if err == nil {
				t.Fatal("accepted")
			}
			if _, isData := errors.AsType[*Error](err); isData {
				t.Errorf("%v blames the data", err)
			}
		})
	}
}

func TestReaderAfterItsEnd(t *testing.T) {
	t.Parallel()
	r, err := Open(source([]byte("a\n1\n")), Options{Format: FormatCSV})
	must(t, err)
	batch, err := r.Next(t.Context())
	must(t, err)
	batch.Release()
	for range 2 {
		if _, err := r.Next(t.Context()); err != io.EOF {
			t.Fatalf("%v, want io.EOF", err)
		}
	}
	must(t, r.Close())
}
