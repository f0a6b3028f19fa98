package columnar

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var (
	texts   = arrow.ListOf(arrow.BinaryTypes.String)
	textMap = arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
)

// nestedColumns have every kind of nesting.
func nestedColumns() []Column {
	deep := arrow.StructOf(append(fieldsOf(arrow.PrimitiveTypes.Int64, "n"), arrow.Field{Name: "any", Type: anyValue}, arrow.Field{Name: "odd key", Type: texts})...)
	return []Column{
		{"id", nil}, {"any", anyValue}, {"tags", texts}, {"grid", arrow.ListOf(texts)}, {"map", textMap},
		{"one", arrow.StructOf(arrow.Field{Name: "text", Type: arrow.BinaryTypes.String}, arrow.Field{Name: "deep", Type: deep})},
		{"many", listOf(arrow.Field{Name: "text", Type: arrow.BinaryTypes.String}, arrow.Field{Name: "deep", Type: listOf(deep.Fields()...)}, arrow.Field{Name: "map", Type: textMap})},
		{"maps", arrow.ListOf(textMap)}, {"values", arrow.ListOf(anyValue)}, {"times", arrow.ListOf(millis)}, {"n", arrow.PrimitiveTypes.Int64},
	}
}

func TestNestedCells(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ text, schema, rows string }{
		"any value": {
			`{"any":"te\u0078t"} {"any":{ "a" : [ 1.50 , "\u0078\"" , null , true ] , "b":{} }} {"any":[ ]} {"any":null} {} {"any":-1e5} {"any":""} {"any":"{}"}`,
			"any: utf8", `{"any":"text"} {"any":"{\"a\":[1.50,\"\\u0078\\\"\",null,true],\"b\":{}}"} {"any":"[]"} {"any":null} {"any":null} {"any":"-1e5"} {"any":""} {"any":"{}"}`,
		},
		"undeclared": {
			`{"new":{"a":[1]},"one":{"text":"x","new":[{}],"deep":{"x":1}}} {"one":{"other":false}} {"new":"s"}`,
			`new: utf8, one: struct<text: utf8, new: utf8, deep: struct<x: utf8>, other: utf8>`,
			`{"new":"{\"a\":[1]}","one":{"deep":{"x":"1"},"new":"[{}]","other":null,"text":"x"}} {"new":null,"one":{"deep":null,"new":null,"other":"false","text":null}} {"new":"s","one":null}`,
		},
		"lists": {
			`{"tags":["a",null,"",1,true],"grid":[["a"],[],null,[null]]} {"tags":[],"grid":null} {"grid":[]}`,
			"tags: list<item: utf8>, grid: list<item: list<item: utf8>>",
			`{"grid":[["a"],[],null,[null]],"tags":["a",null,"","1","true"]} {"grid":null,"tags":[]} {"grid":[],"tags":null}`,
		},
		"maps": {
			`{"map":{"b":"x","":null,"a\u0062\n":{"c":[1]},"é":2},"maps":[{},null,{"k":""}]} {"map":{}} {"map":null}`,
			"map: map<utf8, utf8>, maps: list<item: map<utf8, utf8>>",
			`{"map":[{"key":"b","value":"x"},{"key":"","value":null},{"key":"ab\n","value":"{\"c\":[1]}"},{"key":"é","value":"2"}],"maps":[[],null,[{"key":"k","value":""}]]} {"map":[],"maps":null} {"map":null,"maps":null}`,
		},
		"structs": {
			`{"one":{"deep":{"n":"7","odd key":["x"],"any":"s"},"text":"t"},"many":[{"deep":[{"n":1},{"n":null},null,{}]},{"map":{"k":"v"},"text":""},{}]} {"many":[]} {"many":null,"one":{}}`,
			"one: struct<deep: struct<n: int64, odd key: list<item: utf8>, any: utf8>, text: utf8>, many: list<item: struct<deep: list<item: struct<n: int64>>, map: map<utf8, utf8>, text: utf8>>",
			`{"many":[{"deep":[{"n":1},{"n":null},null,{"n":null}],"map":null,"text":null},{"deep":null,"map":[{"key":"k","value":"v"}],"text":""},{"deep":null,"map":null,"text":null}],"one":{"deep":{"any":"s","n":7,"odd key":["x"]},"text":"t"}} {"many":[],"one":null} {"many":null,"one":{"deep":null,"text":null}}`,
		},
		"nothing inside": {
			`{"one":{},"many":[{},null]} {"one":null,"many":[]} {}`,
			"one: struct<>, many: list<item: struct<>>", `{"many":[{},null],"one":{}} {"many":[],"one":null} {"many":null,"one":null}`,
		},
		"typed in lists": {
			`{"times":["1970-01-01T00:00:00Z",null],"values":[1,"1",[1, 2],null,{"a":null}]}`,
			"times: list<item: timestamp[ms, tz=UTC]>, values: list<item: utf8>", `{"times":["1970-01-01T00:00:00Z",null],"values":["1","1","[1,2]",null,"{\"a\":null}"]}`,
		},
		"order and escapes of names": {
			`{"one":{"text":"1","deep":{"n":1}}} {"one":{"deep":{"n":2},"t\u0065xt":"2"}} {"\u006fne":{"text" : "3"}}`,
			"one: struct<text: utf8, deep: struct<n: int64>>", `{"one":{"deep":{"n":1},"text":"1"}} {"one":{"deep":{"n":2},"text":"2"}} {"one":{"deep":null,"text":"3"}}`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{c.text, strings.ReplaceAll(c.text, "} {", "}{"), "[" + strings.ReplaceAll(c.text, "} {", "} , {") + "]"} {
				for _, rows := range []int{0, 1, 2} {
					batch := readAll(t, []byte(text), Options{Format: FormatJSONL, Columns: nestedColumns(), BatchRows: rows, Allocator: checkedMemory(t)})
					if got := schemaText(batch.Schema()); got != c.schema {
						t.Errorf("schema\n got %s\nwant %s", got, c.schema)
					}
					if got := rowsText(t, batch); got != c.rows {
						t.Errorf("rows\n got %s\nwant %s", got, c.rows)
					}
				}
			}
		})
	}
}

func schemaText(s *arrow.Schema) string {
	var fields []string
	for _, f := range s.Fields() {
		fields = append(fields, f.Name+": "+strings.NewReplacer(", nullable", "", ": nullable", "", ", items_nullable", "").Replace(f.Type.String()))
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(fields, ", "), " nullable", ""), "_nullable", "")
}

func rowsText(t testing.TB, batch arrow.RecordBatch) string {
	t.Helper()
	text, err := batch.MarshalJSON()
	must(t, err)
	return strings.ReplaceAll(strings.Trim(string(text), "[]\n"), "\n,", " ")
}

func TestNestedErrors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(`"x",`, 20)
	cases := map[string]struct{ line, column, want string }{
		"list for scalar":         {`{"id":["SECRET"]}`, "id", "is a list in the source: write the path as id[]"},
		"object for scalar":       {`{"id":{"SECRET":1}}`, "id", "write the paths of its members, id.name"},
		"object for typed":        {`{"one":{"deep":{"n":{}}}}`, "one.deep.n", "write the paths of its members, one.deep.n.name"},
		"list for element":        {`{"many":[{},{"deep":[{"odd key":[[]]}]}]}`, `many[].deep[]["odd key"][]`, `is a list in the source: write the path as many[].deep[]["odd key"][][]`},
		"object for list":         {`{"many":[{"deep":{}}]}`, "many[].deep", "is an object in the source and no list: write the path as many[].deep, without []"},
		"scalar for list":         {`{"tags":"SECRET"}`, "tags", "is a single value in the source and no list: write the path as tags, without []"},
		"number for list":         {`{"tags":12345}`, "tags", "write the path as tags, without []"},
		"scalar for struct":       {`{"one":"SECRET"}`, "one", "write the path as one, without members"},
		"true for struct":         {`{"many":[true]}`, "many[]", "write the path as many[], without members"},
		"list for struct":         {`{"one":[]}`, "one", "write the path as one[]"},
		"scalar for map":          {`{"map":"SECRET"}`, "map", "is a single value in the source and no object: give the field type: string if the text holds JSON"},
		"list for map":            {`{"map":[]}`, "map", "write the path as map[]"},
		"duplicate in struct":     {`{"one":{"deep":{"n":1,"n":2}}}`, "one.deep.n", "twice"},
		"duplicate null":          {`{"one":{"text":null,"\u0074ext":null}}`, "one.text", "twice"},
		"duplicate undeclared":    {`{"many":[{"new":1,"new":2}]}`, `many[]: member "new"`, "twice"},
		"secret undeclared":       {`{"one":{"text":"","jane@example.org":1,"jane@example.org":2}}`, "one: member at position 2", "twice"},
		"duplicate in map":        {`{"map":{"SECRET":1,"b":2,"SECRET":3}}`, "map", "twice"},
		"escaped duplicate":       {`{"map":{"a":1,"\u0061":3}}`, "map", "twice"},
		"duplicate among many":    {`{"map":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"\u0062":11}}`, "map", "twice"},
		"duplicate in any":        {`{"any":[{"a":{"b":1,"c":2,"b":3}}]}`, "any", "twice"},
		"duplicate in undeclared": {`{"new":{"a":1,"a":2}}`, `"new"`, "twice"},
		"duplicate in item":       {`{"map":{"a":{"x":1,"x":2}}}`, "map", "twice"},
		"empty name":              {`{"one":{"":1}}`, "one", "empty name"},
		"typed":                   {`{"many":[{"deep":[{"n":1},{"n":"SECRET"}]}]}`, "many[].deep[].n", "not a 64-bit integer"},
		"time":                    {`{"times":["SECRET"]}`, "times[]", "not a timestamp"},
		"mismatched brackets":     {`{"any":[{"a":1]}}`, "any", "not valid JSON"},
		"trailing comma in any":   {`{"any":[1,]}`, "any", "not valid JSON"},
		"trailing comma in list":  {`{"tags":["SECRET",]}`, "tags[]", "not valid JSON"},
		"trailing comma in map":   {`{"map":{"a":1,}}`, "map", "not valid JSON"},
		"no comma in any":         {`{"any":[1 2]}`, "any", "not valid JSON"},
		"no comma in list":        {`{"tags":["SECRET" "b"]}`, "tags", "not valid JSON"},
		"no colon in map":         {`{"map":{"SECRET" 1}}`, "map", "not valid JSON"},
		"word in any":             {`{"any":{"a":SECRET}}`, "any", "not valid JSON"},
		"number in any":           {`{"any":[01]}`, "any", "number is malformed"},
		"escape in any":           {`{"any":["\x"]}`, "any", "escape"},
		"surrogate in any":        {`{"any":{"a":"\ud800"}}`, "any", "surrogate"},
		"surrogate in a key":      {`{"map":{"\ud800SECRET":1}}`, "map", "surrogate"},
		"control in any":          {"{\"any\":[\"SEC\nRET\"]}", "any", "control character"},
		"not utf8 in any":         {"{\"any\":[\"SECRET\xff\"]}", "any", "UTF-8"},
		"not utf8 in a key":       {"{\"map\":{\"SECRET\xff\":1}}", "map", "UTF-8"},
		"not utf8 escaped":        {"{\"map\":{\"a\":\"\\n\xc3\"}}", "map", "UTF-8"},
		"not utf8 outside":        {"{\"map\":{\"a\":\xff}}", "map", "not valid JSON"},
		"nul":                     {"{\"any\":[\x00]}", "any", "not valid JSON"},
		"large text":              {`{"any":"` + strings.Repeat("x", 65) + `"}`, "any", "larger than 64 bytes"},
		"large any":               {`{"any":[` + long + `""]}`, "any", "larger than 64 bytes"},
		"large key":               {`{"map":{"` + strings.Repeat("x", 65) + `":1}}`, "map", "larger than 64 bytes"},
		"large item":              {`{"map":{"a":` + strings.Repeat("1", 65) + `}}`, "map", "larger than 64 bytes"},
		"large name":              {`{"` + strings.Repeat("x", 65) + `":1}`, "", "larger than 64 bytes"},
		"cut":                     {`{"one":{"text":"a"}`, "", "not valid JSON"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "{\"id\":\"a\",\"one\":{\"text\":\"x\"}}\n" + c.line + "\n{\"id\":\"b\"}\n"
			_, err := tryRead(t.Context(), []byte(text), Options{Format: FormatJSONL, Columns: nestedColumns(), Limits: Limits{MaxCellBytes: 64}, Allocator: checkedMemory(t)})
			e := dataFault(t, err, c.want, "SECRET", "jane", "12345")
			if e.Row != 2 || e.Column != c.column {
				t.Errorf("column %s row %d, want %s and 2 (%v)", e.Column, e.Row, c.column, err)
			}
		})
	}
}

func TestNestedDeclarations(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	deep := arrow.DataType(text)
	for range maxDepth {
		deep = arrow.ListOf(deep)
	}
	cases := map[string]struct {
		typ  arrow.DataType
		want string
	}{
		"twice":      {arrow.StructOf(fieldsOf(text, "a")[0], arrow.Field{Name: "a ", Type: text}), ""},
		"int keys":   {arrow.MapOf(arrow.PrimitiveTypes.Int64, text), "string keys and string items"},
		"int items":  {arrow.ListOf(arrow.MapOf(text, arrow.PrimitiveTypes.Int64)), "string keys and string items"},
		"small int":  {arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int8}), `member "a": int8 cannot be read`},
		"large list": {arrow.LargeListOf(text), "cannot be read"},
		"deep":       {deep, "deeper than 64"},
	}
	for name, c := range cases {
		_, err := Open(source([]byte("{}")), Options{Format: FormatJSONL, Columns: []Column{{"c", c.typ}}})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	r, err := Open(source([]byte("c\n1\n")), Options{Format: FormatCSV, Columns: []Column{{"c", texts}}})
	if err == nil {
		r.Close()
	}
	dataFault(t, err, "a cell of text cannot be list")
	got := readAll(t, []byte("c\n{}\n"), Options{Format: FormatCSV, Columns: []Column{{"c", anyValue}, {"d", texts}}})
	if cells := cellsOf(got); cells != "{};" {
		t.Errorf("any value in a csv: %s", cells)
	}
}

// TestNestedTextIsGolden: what is read is written, and reads as the same again.
func TestNestedTextIsGolden(t *testing.T) {
	t.Parallel()
	text := cutText + `
{"id":null,"any":null,"tags":[],"map":{},"one":{},"many":[],"maps":[{"":null},null,{}],"values":[[1, 2],"x"],"times":["2024-01-02T03:04:05.5Z",null],"grid":[[],null,[""]],"n":"9"}
{}
{"new":{"a": 1},"many":[null,{"text":"\u0000\"\\\n","new":true,"map":{"a b":"c"}}]}`
	o := Options{Format: FormatJSONL, Columns: nestedColumns()}
	want := readAll(t, []byte(text), o)
	out := writeAll(t, want, 3, WriteOptions{Format: FormatJSONL})
	golden(t, "nested.jsonl", out)
	if again := writeAll(t, want, 1, WriteOptions{Format: FormatJSONL}); !bytes.Equal(out, again) {
		t.Error("the bytes depend on the batches")
	}
	sameRows(t, readAll(t, out, o), want)
	array := "[" + strings.TrimSuffix(strings.ReplaceAll(string(out), "\n", ","), ",") + "]"
	sameRows(t, readAll(t, []byte(array), o), want)

	big := conversations(200)
	o.Columns = conversationColumns()
	want = readAll(t, big, o)
	sameRows(t, readAll(t, writeAll(t, want, 33, WriteOptions{Format: FormatJSONL}), o), want)
}

func TestNestedWriterErrors(t *testing.T) {
	t.Parallel()
	batch := nestedBatch(t)
	golden(t, "nestedparquet.jsonl", writeAll(t, batch, 2, WriteOptions{Format: FormatJSONL}))
	for _, c := range []struct{ key, item, want string }{{"SECRET", "x", "twice in one map"}, {"k", "SECRET\xff", "UTF-8"}, {"SECRET\xff", "x", "UTF-8"}} {
		b := array.NewMapBuilder(memory.DefaultAllocator, arrow.BinaryTypes.String, arrow.BinaryTypes.String, false)
		b.Append(true)
		for _, key := range []string{"SECRET", c.key} {
			b.KeyBuilder().(*array.StringBuilder).Append(key)
			b.ItemBuilder().(*array.StringBuilder).Append(c.item)
		}
		maps := b.NewArray()
		batch := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "m", Type: maps.DataType(), Nullable: true}}, nil), []arrow.Array{maps}, -1)
		w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: FormatJSONL})
		must(t, err)
		if e := dataFault(t, w.Write(batch), c.want, "SECRET"); e.Row != 1 || e.Column != `"m"` {
			t.Errorf("column %s row %d", e.Column, e.Row)
		}
		batch.Release()
		maps.Release()
		b.Release()
	}
	for name, typ := range map[string]arrow.DataType{
		"duration": arrow.ListOf(arrow.FixedWidthTypes.Duration_s),
		"keys":     arrow.MapOf(texts, arrow.BinaryTypes.String),
		"members":  arrow.ListOf(arrow.StructOf(arrow.Field{Name: "a", Type: arrow.FixedWidthTypes.MonthInterval})),
	} {
		_, err := NewWriter(new(bytes.Buffer), arrow.NewSchema([]arrow.Field{{Name: "c", Type: typ}}, nil), WriteOptions{Format: FormatJSONL})
		if err == nil || !strings.Contains(err.Error(), `columnar: write jsonl: column "c": `) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func ExampleOptions_columns() {
	columns := []Column{{"participants", arrow.ListOf(arrow.StructOf(
		arrow.Field{Name: "ani", Type: arrow.BinaryTypes.String},
		arrow.Field{Name: "attributes", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)},
	))}}
	text := `{"participants": [{"ani": "tel:1", "attributes": {"odd key": 1}, "new": true}]}`
	r, err := Open(bytes.NewReader([]byte(text)), Options{Format: FormatJSONL, Columns: columns})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	fmt.Println(r.Schema().Field(0).Type)
	// Output: list<item: struct<ani: utf8 nullable, attributes: map<utf8, utf8, items_nullable> nullable, new: utf8 nullable>, nullable>
}
