package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// textColumns are nested columns without types that a text may not parse as.
func textColumns() []Column {
	text := arrow.BinaryTypes.String
	inner := arrow.StructOf(arrow.Field{Name: "a", Type: text}, arrow.Field{Name: "l", Type: texts}, arrow.Field{Name: "m", Type: textMap}, arrow.Field{Name: "v", Type: anyValue})
	return []Column{
		{"a", nil}, {"v", anyValue}, {"l", texts}, {"g", arrow.ListOf(texts)}, {"m", textMap}, {"o", inner},
		{"s", listOf(append(inner.Fields(), arrow.Field{Name: "s", Type: arrow.ListOf(inner)})...)},
	}
}

// FuzzNestedJSON: what is read is what encoding/json reads, what it refuses is
// refused, and nothing else is, but for what is said of the formats.
func FuzzNestedJSON(f *testing.F) {
	f.Add([]byte(cutText))
	f.Add([]byte(`[{"a":1},{"s":[{"a":"x","l":["1",null],"m":{"k":[1 ],"":""},"v":{"a" :1},"new":[],"s":[{},null,{"a":""}]}]} ]`))
	f.Add([]byte(`{"g":[[],null,["a"]],"o":{"m":{},"\u0061":"\ud83d\ude00"},"v":null}{"a":true}` + "\n" + `{"o":{"new":{"x":-1.5E+3}}}`))
	f.Add([]byte(`{"m":{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"\u0031":1}}`))
	f.Add([]byte(`{"l":{},"o":[],"s":1,"m":[]}`))
	f.Fuzz(compareNested)
}

func compareNested(t *testing.T, data []byte) {
	want, wrong := referenceRows(bytes.TrimPrefix(data, utf8BOM), textColumns())
	if errors.Is(wrong, errUnclear) {
		return
	}
	batch, err := tryRead(t.Context(), data, Options{Format: FormatJSONL, Columns: textColumns(), Limits: fuzzLimits})
	if err != nil {
		e := dataFault(t, err, "")
		if p, panicked := errors.AsType[*PanicError](e); panicked {
			t.Errorf("panicked at %s", p.Place)
		}
		if wrong == nil {
			t.Errorf("refused what encoding/json takes: %v\n%s", err, data)
		}
		return
	}
	defer batch.Release()
	if wrong != nil {
		t.Fatalf("took what is wrong: %v\n%s", wrong, data)
	}
	if int(batch.NumRows()) != len(want) {
		t.Fatalf("%d rows, want %d\n%s", batch.NumRows(), len(want), data)
	}
	for i, row := range want {
		if got := renderRow(batch, i); got != row {
			t.Errorf("row %d of %s\n got %s\nwant %s", i, data, got, row)
		}
	}
	if len(want) > 0 {
		again, err := tryRead(t.Context(), writeAll(t, batch, 3, WriteOptions{Format: FormatJSONL}), Options{Format: FormatJSONL, Columns: textColumns()})
		must(t, err)
		defer again.Release()
		sameRows(t, again, batch)
	}
}

// renderRow shows the cells of a row that are not null.
func renderRow(batch arrow.RecordBatch, row int) string {
	var b strings.Builder
	for i, col := range batch.Columns() {
		if !col.IsNull(row) {
			fmt.Fprintf(&b, "%q=%s ", batch.ColumnName(i), render(col, row))
		}
	}
	return b.String()
}

func render(arr arrow.Array, i int) string {
	if arr.IsNull(i) {
		return "null"
	}
	var b strings.Builder
	switch a := arr.(type) {
	case *array.String:
		return strconv.Quote(a.Value(i))
	case *array.Struct:
		b.WriteString("{")
		for f := range a.NumField() {
			if !a.Field(f).IsNull(i) {
				fmt.Fprintf(&b, "%q=%s ", a.DataType().(*arrow.StructType).Field(f).Name, render(a.Field(f), i))
			}
		}
		return b.String() + "}"
	case *array.Map:
		b.WriteString("<")
		from, to := a.ValueOffsets(i)
		for e := from; e < to; e++ {
			fmt.Fprintf(&b, "%s:%s ", render(a.Keys(), int(e)), render(a.Items(), int(e)))
		}
		return b.String() + ">"
	case *array.List:
		b.WriteString("[")
		from, to := a.ValueOffsets(i)
		for e := from; e < to; e++ {
			b.WriteString(render(a.ListValues(), int(e)) + " ")
		}
		return b.String() + "]"
	}
	return "?"
}
