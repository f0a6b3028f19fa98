package masker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// fromJSON makes an array of its values as JSON.
func fromJSON(t testing.TB, kind arrow.DataType, values string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(memory.DefaultAllocator, kind, strings.NewReader(values))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestMapOfAnything: whatever type the keys and values are of, their canonical texts are treated.
func TestMapOfAnything(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: m, map: {keep: [a], fields: [{path: b, mask: {last: 1}}, {path: n, "null": true}], default: redact}}
`)
	text := arrow.BinaryTypes.String
	entry := func(key, value string) string { return fmt.Sprintf(`{"key":%s,"value":%s}`, key, value) }
	tests := map[string]struct {
		kind     arrow.DataType
		in, want string
	}{
		"integers": {arrow.MapOf(text, arrow.PrimitiveTypes.Int64), entry(`"a"`, "7") + "," + entry(`"b"`, "123") + "," + entry(`"c"`, "null"),
			`{"a":"7","b":"**3","c":null}`},
		"doubles":  {arrow.MapOf(text, arrow.PrimitiveTypes.Float64), entry(`"a"`, "1.50"), `{"a":"1.5"}`},
		"booleans": {arrow.MapOf(text, arrow.FixedWidthTypes.Boolean), entry(`"a"`, "true") + "," + entry(`"x"`, "false"), `{"a":"true","x":"[MASKED]"}`},
		"large":    {arrow.MapOf(arrow.BinaryTypes.LargeString, arrow.BinaryTypes.LargeString), entry(`"n"`, `"1"`) + "," + entry(`"x"`, `""`), `{"n":null,"x":"[MASKED]"}`},
		"keys":     {arrow.MapOf(arrow.PrimitiveTypes.Int64, text), entry("1234", `"x"`), `{"1234":"[MASKED]"}`},
		"struct":   {arrow.StructOf(arrow.Field{Name: "b", Type: text, Nullable: true}, arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int32, Nullable: true}), "", `{"b":"*y","a":"9"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := "[[" + tt.in + "],null,[]]"
			if tt.in == "" {
				values = `[{"a":9,"b":"xy"},null,{"a":null,"b":null}]`
			}
			// A slice begins and ends in the middle of its array.
			whole := fromJSON(t, tt.kind, strings.Replace(values, "[", "[null,", 1))
			out, err := treat(t, p, array.NewSlice(whole, 1, int64(whole.Len())))
			if err != nil {
				t.Fatal(err)
			}
			m := out.(*array.Map)
			if got := textOfMap(t, m, 0); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			empty := "{}"
			if tt.in == "" {
				empty = `{"b":null,"a":null}`
			}
			if !m.IsNull(1) || textOfMap(t, m, 2) != empty {
				t.Errorf("null and empty are %s and %s", textOfMap(t, m, 1), textOfMap(t, m, 2))
			}
		})
	}
}

func TestMapTypes(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	tests := map[string]struct {
		in   arrow.DataType
		want arrow.DataType // nil for none
	}{
		"text":           {text, text},
		"dictionary":     {&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: text}, text},
		"map":            {arrow.MapOf(text, text), mapType},
		"number":         {arrow.PrimitiveTypes.Int64, nil},
		"list":           {arrow.ListOf(text), nil},
		"map of lists":   {arrow.MapOf(text, arrow.ListOf(text)), nil},
		"nested struct":  {arrow.StructOf(arrow.Field{Name: "a", Type: arrow.ListOf(text)}), nil},
		"dictionary int": {&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.PrimitiveTypes.Int64}, nil},
	}
	for name, tt := range tests {
		got, ok := mapping{}.output(tt.in)
		if ok != (tt.want != nil) || ok && !arrow.TypeEqual(got, tt.want) {
			t.Errorf("%s becomes %v", name, got)
		}
	}
}

// TestMapText: what only a text can hold.
func TestMapText(t *testing.T) {
	t.Parallel()
	p := testPlan(t, genesysAttributes)
	tests := map[string]struct{ in, want string }{
		"space":            {" { \"LOB\" : \"claims\" } ", `{"LOB":"claims"}`},
		"kept literally":   {`{"LOB":1.50e+3,"language":true,"tenant_id":{"a":[1,"\u0041"]}}`, `{"LOB":1.50e+3,"language":true,"tenant_id":{"a":[1,"A"]}}`},
		"masked number":    {`{"cardOnFile":4111111111111111,"x":4155550142}`, `{"cardOnFile":"************1111","x":"[PHONE]"}`},
		"nested scrub":     {`{"x":{"call":"(415) 555-0142"}}`, `{"x":"{\"call\":\"[PHONE]\"}"}`},
		"nested text":      {`{"crmPayload":{"id":7,"phone":"(415) 555-0142"}}`, `{"crmPayload":{"id":7,"phone":"+999929230833917"}}`},
		"nested redaction": {`{"memberNo":["078-05-1120"],"unused":{}}`, `{"memberNo":"[MASKED]","unused":null}`},
		"quoted":           {`"{\"LOB\":\"claims\"}"`, `"{\"LOB\":\"claims\"}"`},
		"null":             {`null`, `null`},
		"empty":            {``, ``},
		"condition nested": {`{"contact":"a","contactType":["phone"]}`, `{"contact":"[MASKED]","contactType":["phone"]}`},
		"number in when":   {`{"contact":"a","contactType":1}`, `{"contact":"[MASKED]","contactType":1}`},
		"no JSON":          {`jane`, "bad-value: the text holds no JSON object: it breaks the grammar of RFC 8259: correct the source, or redact or drop the field"},
		"cut":              {`{"LOB":"cla`, "bad-value: the text holds no JSON object: it ends before it is complete, and may have been cut off: correct the source, or redact or drop the field"},
		"an array":         {`["a"]`, "bad-value: the text holds no JSON object: it is an array: correct the source, or redact or drop the field"},
		"a number":         {`12`, "bad-value: the text holds no JSON object: it is neither an object nor an array: correct the source, or redact or drop the field"},
		"twice":            {`{"a":1,"a":2}`, "bad-value: the text holds no JSON object: an object has two members of one name: correct the source, or redact or drop the field"},
		"bad value":        {`{"varDOB":"jane"}`, "bad-value: in the value of key \"varDOB\": "},
		"unknown member":   {`{"crmPayload":"{\"jane\":1}"}`, "unknown-field: in the value of key \"crmPayload\": the member \"jane\" of the text is not named by the policy: add a field with a treatment for it, then replay the object"},
		"member is data":   {`{"crmPayload":{"id":1,"4155550142":1}}`, "unknown-field: in the value of key \"crmPayload\": the member at position 2 of the text is not named by the policy: add a field with a treatment for it, then replay the object"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := treatText(t, p, tt.in)
			if err != nil {
				got = problem(t, err)
			}
			if got != tt.want && !begins(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMapKeyTwice(t *testing.T) {
	t.Parallel()
	p := testPlan(t, genesysAttributes)
	few := []string{`{"a":"1","b":"2","a":"3"}`}
	many := []string{`{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":"","a":"","5":""}`}
	for _, objects := range [][]string{few, many} {
		if _, err := treat(t, p, mapsOf(t, objects)); err == nil || !strings.HasPrefix(problem(t, err), ClassBadValue) {
			t.Errorf("got %v", err)
		}
	}
}

// TestMapDropped: with default: drop no key that the policy does not name is in the output, whatever its value.
func TestMapDropped(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: m, map: {keep: [b]}}
`)
	for _, in := range []arrow.Array{
		mapsOf(t, []string{`{"jane@example.com":"x","b":"1","a":null}`}),
		stringsOf([]string{`{"jane@example.com":{"deep":1},"b":"1","a":null}`}),
	} {
		out, err := treat(t, p, in)
		if err != nil {
			t.Fatal(err)
		}
		got := out.ValueStr(0)
		if m, ok := out.(*array.Map); ok {
			got = textOfMap(t, m, 0)
		}
		if got != `{"b":"1"}` {
			t.Errorf("got %s", got)
		}
	}
}

// TestMapRejected: a record whose map is at fault is left out, and the others are masked.
func TestMapRejected(t *testing.T) {
	t.Parallel()
	p := testPlan(t, genesysAttributes)
	for _, column := range []arrow.Array{
		mapsOf(t, []string{`{"LOB":"a"}`, `{"varDOB":"never","LOB":"b"}`, `{"LOB":"c"}`}),
		stringsOf([]string{`{"LOB":"a"}`, `{`, `{"LOB":"c"}`}),
	} {
		n := array.NewStringBuilder(memory.DefaultAllocator)
		n.AppendValues([]string{"acme", "acme", "acme"}, nil)
		tenant := n.NewArray()
		f := flatFrame(p, []arrow.Array{tenant, tenant, column}, 3)
		f.rejected = map[int]*fault{}
		if err := f.own(""); err != nil {
			t.Fatal(err)
		}
		s := newScratch(p)
		s.begin(f)
		out, err := p.fields[2].operator.mask(s, f.columns[2])
		if err != nil {
			t.Fatal(err)
		}
		if out.Len() != 3 || len(f.rejected) != 1 || f.rejected[1] == nil || f.rejected[1].row != 1 {
			t.Errorf("got %d values, rejected %v", out.Len(), f.rejected)
		}
		if !strings.Contains(out.ValueStr(0), `"a"`) || !strings.Contains(out.ValueStr(2), `"c"`) {
			t.Errorf("got %s", out)
		}
	}
}

// TestMapLarge: the time grows with the map, whatever is in it.
func TestMapLarge(t *testing.T) {
	t.Parallel()
	p := testPlan(t, genesysAttributes)
	const n = 100_000
	var distinct, tokens strings.Builder
	for i := range n {
		fmt.Fprintf(&distinct, `"k%c%c%c%c":"%d",`, 'a'+i%20, 'a'+i/20%20, 'a'+i/400%20, 'a'+i/8000, i)
		fmt.Fprintf(&tokens, `"k%d@":"x",`, i)
	}
	for name, in := range map[string]string{
		"keys": `{` + distinct.String() + `"contactType":"phone","contact":"1"}`, "tokens": `{` + tokens.String() + `"LOB":""}`,
		"value": `{"a":"` + strings.Repeat("4155550142 ", 1<<17) + `"}`, "key": `{"` + strings.Repeat("a1", 5<<20) + `":""}`,
		"nested": `{"a":` + strings.Repeat("[", 60) + strings.Repeat("1,", 1<<20) + "1" + strings.Repeat("]", 60) + `}`,
	} {
		begin := time.Now()
		if _, err := treatText(t, p, in); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("%s: %s for %d bytes", name, took, len(in))
		}
	}
}

// TestMapAllocations: a batch of maps costs buffers, and no value costs anything.
func TestMapAllocations(t *testing.T) {
	p := testPlan(t, genesysAttributes)
	object := `{"tenant_id":"acme","context.customerName":"Jane Okafor","Email Address":"jane@example.com","cardOnFile":"4111111111111111",` +
		`"LOB":"claims","jane@example.com":"x","crmPayload":"{\"name\":\"Jane \\u0041\",\"phone\":\"(415) 555-0142\",\"id\":7}"}`
	measure := func(column arrow.Array) float64 {
		tenants := array.NewStringBuilder(memory.DefaultAllocator)
		for range column.Len() {
			tenants.Append("acme")
		}
		tenant := tenants.NewArray()
		f := flatFrame(p, []arrow.Array{tenant, tenant, column}, column.Len())
		if err := f.own(""); err != nil {
			t.Fatal(err)
		}
		s := newScratch(p)
		return testing.AllocsPerRun(5, func() {
			s.begin(f)
			out, err := p.fields[2].operator.mask(s, f.columns[2])
			if err != nil {
				t.Fatal(err)
			}
			out.Release()
		})
	}
	const few, many = 64, 1024
	for name, column := range map[string]func(rows int) arrow.Array{
		"map":  func(rows int) arrow.Array { return mapsOf(t, slices.Repeat([]string{object}, rows)) },
		"text": func(rows int) arrow.Array { return stringsOf(slices.Repeat([]string{object}, rows)) },
	} {
		if a, b := measure(column(few)), measure(column(many)); b > a+many*3/4 { // the race detector loses one in four of what is pooled, which is of two allocations here
			t.Errorf("%s: %v allocations for %d rows, %v for %d", name, a, few, b, many)
		}
	}
}

// FuzzMap: whatever the keys and values are, the output is an object whose keys are distinct and in order, and what the
// policy does not keep is in neither of them.
func FuzzMap(f *testing.F) {
	f.Add("jane@example.com", "Jane", "Email Address", "+1 415 555 0142")
	f.Add("key_abcdefghijklmnopqrstuvwxyz", "4111111111111111", "a", "x")
	f.Add("", "", "\x00\"\\", "{\"a\":1}")
	p := testPlan(f, `
tenant: {path: t}
fields:
  - {path: t, keep: true}
  - {path: m, map: {keep: [LOB], fields: [{path: Email Address, token: {domain: email, format: email}}], default: token}}
`)
	f.Fuzz(func(t *testing.T, key1, value1, key2, value2 string) {
		for _, s := range []string{key1, value1, key2, value2} {
			if !utf8.ValidString(s) {
				return
			}
		}
		if key1 == key2 || key1 == "LOB" || key2 == "LOB" {
			return
		}
		in := fmt.Sprintf(`{%s:%s,"LOB":"stays \u00e9",%s:%s}`, quoted(t, key1), quoted(t, value1), quoted(t, key2), quoted(t, value2))
		out, err := treatText(t, p, in)
		if err != nil {
			t.Fatal(err)
		}
		m, err := treat(t, p, mapsOf(t, []string{in}))
		if err != nil {
			t.Fatal(err)
		}
		if as := textOfMap(t, m.(*array.Map), 0); unescaped(t, as) != unescaped(t, out) {
			t.Errorf("a map becomes %s, a text %s", as, out)
		}
		var entries map[string]string
		if err := json.Unmarshal([]byte(out), &entries); err != nil || len(entries) != 3 || entries["LOB"] != "stays é" {
			t.Fatalf("%s becomes %s, which is no object of three texts: %v", in, out, err)
		}
		if before, after, _ := strings.Cut(out, `"LOB"`); strings.Count(before, `":"`) != 1 && strings.Count(after, `":"`) != 2 {
			t.Errorf("the order of %s is another one in %s", in, out)
		}
		for _, s := range []string{value1, value2} {
			for key, value := range entries {
				if key != "LOB" && s != "" && value == s {
					t.Errorf("the value of %s is still in %s", in, out)
				}
			}
		}
		for _, key := range []string{key1, key2} {
			if _, there := entries[key]; there && key != "Email Address" && strings.ContainsAny(key, "@") {
				t.Errorf("the key of %s is still in %s", in, out)
			}
		}
	})
}

// unescaped is a JSON text in the form of encoding/json.
func unescaped(t testing.TB, text string) string {
	t.Helper()
	var v json.RawMessage
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	var a any
	if err := json.Unmarshal(v, &a); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestMapParquet: maps inside lists of objects go in and out of a Parquet file.
func TestMapParquet(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
key: [id]
tenant: {paths: ['participants[].attributes["tenant_id"]'], as: tenant_id}
fields:
  - {path: id, keep: true}
  - {path: "participants[].purpose", keep: true}
  - path: "participants[].attributes"
    map: {keep: [tenant_id, LOB], default: token}
`)
	text := arrow.BinaryTypes.String
	participant := arrow.StructOf(arrow.Field{Name: "purpose", Type: text, Nullable: true}, arrow.Field{Name: "attributes", Type: mapType, Nullable: true})
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: text, Nullable: true}, {Name: "participants", Type: arrow.ListOf(participant), Nullable: true}}, nil)
	in := parquetOf(t, schema, fromJSON(t, text, `["1","2"]`), fromJSON(t, arrow.ListOf(participant), `[
		[{"purpose":"customer","attributes":[{"key":"tenant_id","value":"acme"},{"key":"name","value":"Jane"}]},{"purpose":"acd","attributes":null}],
		[{"purpose":"customer","attributes":[]},{"purpose":"agent","attributes":[{"key":"LOB","value":null},{"key":"tenant_id","value":"globex"}]}]]`))
	out, result, err := run(t, p, "in.parquet", in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Tenants["acme"] != 1 || result.Tenants["globex"] != 1 {
		t.Errorf("wrong tenants: %v", result.Tenants)
	}
	if strings.Contains(out, "Jane") {
		t.Error("a masked value is in the file")
	}
	golden(t, "maps.golden.json", readParquet(t, out))
}

// TestInsideJSONLines: what arrives as an object is treated like the text that holds it.
func TestInsideJSONLines(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
tenant: {paths: ['attributes["tenant_id"]'], as: tenant}
fields:
  - path: attributes
    map:
      keep: [tenant_id, size]
      fields: [{path: crm, json: {fields: [{path: name, token: {domain: name}}, {path: id, keep: true}]}}]
      default: redact
  - {path: payload, json: {fields: [{path: name, token: {domain: name}}, {path: id, keep: true}]}}
`)
	text := quoted(t, `{"id":1.50,"name":"Jane"}`)
	out, _, err := run(t, p, "in.jsonl", `{"attributes":{"tenant_id":"acme","size":12,"crm":{"id":1.50,"name":"Jane"},"415-555-0142":"x","n":null},"payload":{"id":1.50,"name":"Jane"}}
{"attributes":{"tenant_id":"acme","size":"12","crm":`+text+`,"415-555-0142":"x","n":null},"payload":`+text+`}
`, Options{Format: columnar.FormatJSONL})
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(strings.TrimSuffix(out, "\n"), "\n")
	if first != second || strings.Contains(out, "Jane") || strings.Contains(out, "4155550142") || !strings.Contains(out, `\"id\":1.50`) {
		t.Errorf("got\n%s", out)
	}
	out, _, err = run(t, p, "in.jsonl", `{"attributes":{"tenant_id":"acme"}}`+"\n{\"attributes\":{\"tenant_id\":\"acme\",\"n\":null},\"payload\":null}\n", Options{Format: columnar.FormatJSONL})
	if want := `{"attributes":{"tenant_id":"acme"},"payload":null,"tenant":"acme","tenant_source":"attributes.tenant_id"}`; err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("got %v\n%s", err, out)
	}
}

// TestMapReference: a key is found in whatever way the map is written.
func TestMapReference(t *testing.T) {
	t.Parallel()
	text := arrow.BinaryTypes.String
	object := `{"b":null,"a":"1"}`
	for name, column := range map[string]arrow.Array{
		"map":        mapsOf(t, []string{object, `{"b":"2"}`, `null`, `{"a":null}`}),
		"struct":     fromJSON(t, arrow.StructOf(arrow.Field{Name: "b", Type: text, Nullable: true}, arrow.Field{Name: "a", Type: text, Nullable: true}), `[`+object+`,{"b":"2"},null,{}]`),
		"text":       stringsOf([]string{object, `["a"]`, `jane`, `{"a":["1"]}`}),
		"quoted":     stringsOf([]string{quoted(t, object), `"a"`, ``, `null`}),
		"no map":     stringsOf([]string{`{"a":1}`, `1`, `true`, `{"a":{}}`}),
		"dictionary": fromJSON(t, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: text}, `["{\"a\":\"1\"}","x",null,"{}"]`),
	} {
		f := newFrame(testPlan(t, "fields: []\n"), 4, memory.DefaultAllocator)
		got := valuesOf(cells{f, f.records, column}, "a")
		if got.Len() != 4 || got.NullN() != 3 || got.ValueStr(0) != "1" {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// readParquet is a file of one batch as JSON.
func readParquet(t *testing.T, file string) []byte {
	t.Helper()
	r, err := columnar.Open(strings.NewReader(file), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := r.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	var out bytes.Buffer
	if err := array.RecordToJSON(batch, &out); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
