package columnar

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

func TestJSONLCells(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, names, cells string }{
		"empty file":        {"", "", ""},
		"blank lines":       {"\n \r\n\t\n", "", ""},
		"empty objects":     {"{}\n{ }\n", "", ";;"},
		"absent and null":   {`{"a":"1","b":null}` + "\n" + `{"b":""}`, "a b", "1|∅;∅|;"},
		"names anywhere":    {"{\"b\":1}\n{\"a\":2}\n{\"c\":3,\"b\":4}", "b a c", "1|∅|∅;∅|2|∅;4|∅|3;"},
		"numbers stay text": {`{"a":1.50,"b":-0,"c":1E+400,"d":12345678901234567890123}`, "a b c d", "1.50|-0|1E+400|12345678901234567890123;"},
		"booleans":          {`{"a":true,"b":false}`, "a b", "true|false;"},
		"spaces":            {" \t{ \"a\" :\t1 , \"b\":\r2 } \r\n", "a b", "1|2;"},
		"escapes":           {`{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000"}`, "a", "\"\\/\b\f\n\r\té😀\x00;"},
		"escaped name":      {`{"\u0061":1}` + "\n" + `{"a":2}`, "a", "1;2;"},
		"other order":       {`{"a":1,"b":2}` + "\n" + `{"b":3,"a":4}`, "a b", "1|2;4|3;"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, rows := range []int{0, 1} {
				batch := readAll(t, []byte(c.text), Options{Format: FormatJSONL, BatchRows: rows, Allocator: checkedMemory(t)})
				var names []string
				for _, f := range batch.Schema().Fields() {
					names = append(names, f.Name)
				}
				if got := strings.Join(names, " "); got != c.names {
					t.Errorf("names %q, want %q", got, c.names)
				}
				if got := cellsOf(batch); got != c.cells {
					t.Errorf("cells %q, want %q", got, c.cells)
				}
			}
		})
	}
}

func TestJSONLErrors(t *testing.T) {
	t.Parallel()
	small := Limits{MaxCellBytes: 8, MaxRowBytes: 40, MaxColumns: 2}
	cases := map[string]struct {
		line   string
		limits Limits
		want   string
		column string
	}{
		"array":              {`[1]`, Limits{}, "no JSON object", ""},
		"scalar":             {`"SECRET"`, Limits{}, "no JSON object", ""},
		"closing brace":      {`}`, Limits{}, "no JSON object", ""},
		"comma":              {`,`, Limits{}, "a comma between objects", ""},
		"secret name":        {`{"a":1,"jane@example.org":nil}`, Limits{}, "not valid JSON", "at position 2"},
		"duplicate":          {`{"b":1,"b":"SECRET"}`, Limits{}, "twice", `"b"`},
		"escaped duplicate":  {`{"b":1,"\u0062":2}`, Limits{}, "twice", `"b"`},
		"duplicate null":     {`{"b":null,"b":null}`, Limits{}, "twice", `"b"`},
		"not utf8":           {"{\"b\":\"SECRET\xff\"}", Limits{}, "UTF-8", `"b"`},
		"name not utf8":      {"{\"b\xff\":\"SECRET\"}", Limits{}, "UTF-8", ""},
		"lone high":          {`{"b":"\ud83d"}`, Limits{}, "surrogate", `"b"`},
		"lone low":           {`{"b":"\ude00x"}`, Limits{}, "surrogate", `"b"`},
		"wrong pair":         {`{"b":"\ud83d\u0041"}`, Limits{}, "surrogate", `"b"`},
		"wrong escape":       {`{"b":"\x41"}`, Limits{}, "escape", `"b"`},
		"wrong hex":          {`{"b":"\u00g1"}`, Limits{}, "escape", `"b"`},
		"control character":  {"{\"b\":\"a\tb\"}", Limits{}, "control character", `"b"`},
		"leading zero":       {`{"b":01}`, Limits{}, "not valid JSON", `"b"`},
		"plus":               {`{"b":+1}`, Limits{}, "not valid JSON", `"b"`},
		"point":              {`{"b":.5}`, Limits{}, "not valid JSON", `"b"`},
		"nan":                {`{"b":NaN}`, Limits{}, "not valid JSON", `"b"`},
		"word":               {`{"b":SECRET}`, Limits{}, "not valid JSON", `"b"`},
		"trailing comma":     {`{"b":1,}`, Limits{}, "not valid JSON", ""},
		"missing comma":      {`{"b":1 "c":2}`, Limits{}, "not valid JSON", ""},
		"number then letter": {`{"b":1x}`, Limits{}, "not valid JSON", ""},
		"no colon":           {`{"b" 1}`, Limits{}, "not valid JSON", ""},
		"known, no colon":    {`{"a" 1}`, Limits{}, "not valid JSON", `"a"`},
		"control in a name":  {"{\"b\tc\":1}", Limits{}, "control character", ""},
		"cut":                {`{"b":"SECR`, Limits{}, "the quote that ends it is missing", `"b"`},
		"missing brace":      {`{"b":"SECR"`, Limits{}, "not valid JSON", ""},
		"empty name":         {`{"":1}`, Limits{}, "empty name", ""},
		"large value":        {`{"b":"123456789"}`, small, "larger than 8", `"b"`},
		"large number":       {`{"b":123456789}`, small, "larger than 8", `"b"`},
		"large escaped":      {`{"b":"\n23456789"}`, small, "larger than 8", `"b"`},
		"large line":         {`{"b":1` + strings.Repeat(" ", 50) + `}`, small, "larger than 40", ""},
		"many names":         {`{"b":1,"c":2}`, small, "more than 2", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "{\"a\":1}\n\n" + c.line + "\n{\"a\":2}\n"
			_, err := tryRead(t.Context(), []byte(text), Options{Format: FormatJSONL, Limits: c.limits})
			e := dataFault(t, err, c.want, "SECR", "jane", "123456")
			if e.Row != 2 || e.Column != c.column {
				t.Errorf("column %q row %d, want %q and 2", e.Column, e.Row, c.column)
			}
		})
	}
}

func TestJSONLTypeErrors(t *testing.T) {
	t.Parallel()
	columns := []Column{{"n", arrow.PrimitiveTypes.Int64}, {"t", millis}}
	for _, line := range []string{`{"n":"SECRET"}`, `{"n":1.0}`, `{"n":true}`, `{"t":1704164645}`, `{"n":""}`} {
		_, err := tryRead(t.Context(), []byte("{\"n\":1}\n"+line), Options{Format: FormatJSONL, Columns: columns, Allocator: checkedMemory(t)})
		if e := dataFault(t, err, "", "SECRET"); e.Row != 2 || e.Op != opReadJSONL {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestManySparseColumns: columns that a row does not have cost nothing, and
// batches get shorter as columns grow in number.
func TestManySparseColumns(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&b, `{"id":%d,"member_%c%c%c":"x"}`+"\n", i, 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	r, err := Open(source([]byte(b.String())), Options{Format: FormatJSONL})
	must(t, err)
	defer r.Close()
	if n := r.Schema().NumFields(); n != 6001 {
		t.Fatalf("%d columns", n)
	}
	batch, err := r.Next(t.Context())
	must(t, err)
	defer batch.Release()
	if batch.NumRows() != maxBatchCells/6001 {
		t.Errorf("%d rows in a batch", batch.NumRows())
	}
	if nulls := batch.Column(2).NullN(); nulls != int(batch.NumRows())-1 {
		t.Errorf("%d nulls in a column with one value", nulls)
	}
}
