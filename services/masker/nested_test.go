package masker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// talks is a nested policy whose results can be foretold: what is masked shows its last character.
const talks = `
key: [id]
tenant: {paths: ['people[].notes["tenant_id"]', owner], as: tenant_id, known: [acme, globex]}
rejectRow: drop
fields:
  - {path: id, keep: true}
  - {path: owner, drop: true}
  - {path: "people[].role", keep: true}
  - {path: "people[].name", when: {path: role, in: [queue]}, keep: true}
  - {path: "people[].name", when: {path: role, in: [ghost]}, "null": true}
  - {path: "people[].name", mask: {last: 1}}
  - {path: "people[].age", keep: true, type: int}
  - {path: "people[].secret", drop: true}
  - {path: "people[].calls[].to", when: {path: role, in: [queue]}, redact: {with: "-"}}
  - {path: "people[].calls[].to", when: {path: way, in: [out]}, mask: {last: 1}}
  - {path: "people[].calls[].to", keep: true}
  - {path: "people[].calls[].way", keep: true}
  - {path: "people[].calls[].born", date: {truncate: year}}
  - {path: "people[].tags[]", mask: {first: 1}}
  - {path: "grid[][]", keep: true, type: int}
  - {path: "people[].notes", map: {keep: [tenant_id, lang], default: drop}}
  - {path: box.inner.text, scrub: {context: ["people[].name"]}}
  - {path: box.inner.kept, keep: true}
  - {path: gone.a, drop: true}
  - {path: gone.b, drop: true}
  - {path: later.a, keep: true}
`

var talkSchema = func() *arrow.Schema {
	text := arrow.BinaryTypes.String
	field := func(name string, t arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: t, Nullable: true}
	}
	call := arrow.StructOf(field("way", text), field("to", text), field("born", text))
	person := arrow.StructOf(field("name", text), field("role", text), field("age", arrow.PrimitiveTypes.Int64), field("secret", text),
		field("calls", arrow.ListOf(call)), field("tags", arrow.ListOf(text)), field("notes", arrow.MapOf(text, text)))
	return arrow.NewSchema([]arrow.Field{
		field("id", text), field("owner", text), field("people", arrow.ListOf(person)),
		field("grid", arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int64))),
		field("box", arrow.StructOf(field("inner", arrow.StructOf(field("kept", text), field("text", text))))),
		field("gone", arrow.StructOf(field("a", text), field("b", text))),
	}, nil)
}()

// talkParquet writes records, one JSON object a line, as Parquet. Maps are lists of key and value there.
func talkParquet(t testing.TB, lines string) string {
	t.Helper()
	rows, _, err := array.RecordFromJSON(memory.DefaultAllocator, talkSchema, strings.NewReader("["+strings.Join(strings.Split(strings.TrimSpace(lines), "\n"), ",")+"]"))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Release()
	return parquetOf(t, talkSchema, rows.Columns()...)
}

// records reads a masked Parquet file as JSON, one record a line.
func records(t testing.TB, file string) []string {
	t.Helper()
	r, err := columnar.Open(bytes.NewReader([]byte(file)), columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []string
	for {
		b, err := r.Next(t.Context())
		if err != nil {
			return out
		}
		var text bytes.Buffer
		if err := array.RecordToJSON(b, &text); err != nil {
			t.Fatal(err)
		}
		b.Release()
		out = append(out, strings.Split(strings.TrimSpace(text.String()), "\n")...)
	}
}

func sameJSON(t testing.TB, got, want string) bool {
	t.Helper()
	var g, w any
	if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal([]byte(want), &w) != nil {
		t.Fatalf("no JSON: %s or %s", got, want)
	}
	gb, _ := json.Marshal(g)
	wb, _ := json.Marshal(w)
	return bytes.Equal(gb, wb)
}

func TestNested(t *testing.T) {
	t.Parallel()
	p := testPlan(t, talks)
	in := `
{"id":"1","owner":"acme","people":[{"name":"Jane","role":"customer","age":41,"secret":"x","calls":[{"way":"out","to":"5550142","born":"1931-05-06"},{"way":"in","to":"800"}],"tags":["vip","x"],"notes":[{"key":"lang","value":"en"},{"key":"mail","value":"a@b"}]},{"name":"Main","role":"queue","calls":[{"to":"1"}]},{"name":"Casper","role":"ghost"}],"grid":[[1,2],[],null,[3]],"box":{"inner":{"kept":"k","text":"see jane or main"}},"gone":{"a":"1"}}
{"id":"2","people":[null,{"calls":[],"tags":[],"notes":[{"key":"tenant_id","value":"globex"}]}],"grid":[],"box":null}
{"id":"3","owner":"acme","people":[],"box":{"inner":null}}
{"id":"4","owner":"acme","people":[{"notes":[{"key":"tenant_id","value":"globex"}]}]}
{"id":"5"}
{"id":"6","owner":"initech"}
{"id":"7","owner":"acme","people":[{"calls":[{"born":"no date"}]}]}
{"id":"7","owner":"acme","people":null,"box":{"inner":{}}}
{"owner":"acme"}
`
	want := []string{
		`{"id":"1","people":[{"role":"customer","name":"***e","age":41,"calls":[{"to":"******2","way":"out","born":"1931-01-01"},{"to":"800","way":"in","born":null}],"tags":["v**","*"],"notes":[{"key":"lang","value":"en"}]},{"role":"queue","name":"Main","age":null,"calls":[{"to":"-","way":null,"born":null}],"tags":null,"notes":null},{"role":"ghost","name":null,"age":null,"calls":null,"tags":null,"notes":null}],"grid":[[1,2],[],null,[3]],"box":{"inner":{"text":"see [REDACTED] or [REDACTED]","kept":"k"}},"later":null,"tenant_id":"acme","tenant_id_source":"owner"}`,
		`{"id":"2","people":[null,{"role":null,"name":null,"age":null,"calls":[],"tags":[],"notes":[{"key":"tenant_id","value":"globex"}]}],"grid":[],"box":null,"later":null,"tenant_id":"globex","tenant_id_source":"people[].notes.tenant_id"}`,
		`{"id":"3","people":[],"grid":null,"box":{"inner":null},"later":null,"tenant_id":"acme","tenant_id_source":"owner"}`,
		`{"id":"7","people":null,"grid":null,"box":{"inner":{"text":null,"kept":null}},"later":null,"tenant_id":"acme","tenant_id_source":"owner"}`,
	}
	for _, o := range []Options{{}, {Workers: 3, BatchRows: 1}, {Workers: 2, BatchRows: 2}} {
		out, r, err := run(t, p, "x.parquet", talkParquet(t, in), o)
		if err != nil {
			t.Fatal(err)
		}
		got := records(t, out)
		if len(got) != len(want) {
			t.Fatalf("got %d records, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		}
		for i := range want {
			if !sameJSON(t, got[i], want[i]) {
				t.Errorf("record %d:\ngot  %s\nwant %s", i, got[i], want[i])
			}
		}
		rejects := fmt.Sprint(r.Rejects)
		if r.RowsIn != 9 || r.RowsOut != 4 || rejects != "map[bad-value:1 null-key:1 unknown-tenant:3]" {
			t.Errorf("%d rows in, %d out, rejects %s", r.RowsIn, r.RowsOut, rejects)
		}
	}
}

func TestNestedRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ policy, class, field, detail string }{
		"unknown member":        {"fields:\n  - {path: id, keep: true}\n  - {path: owner, keep: true}\n  - {path: grid, drop: true}\n  - {path: gone, drop: true}\n  - {path: \"people[].name\", keep: true}\n  - {path: box.inner.kept, keep: true}\n", ClassUnknownField, "", `people[]."role"`},
		"a list by the path":    {"unknown: drop\nfields: [{path: \"box[].inner\", keep: true}]", ClassWrongType, "box[]", "is an object in the source"},
		"no list by the path":   {"unknown: drop\nfields: [{path: people.name, keep: true}]", ClassWrongType, "people", "write people[]"},
		"a list kept":           {"unknown: drop\nfields: [{path: grid, keep: true}]", ClassWrongType, "grid", "write the path as grid[]"},
		"an object kept":        {"unknown: drop\nfields: [{path: box, keep: true}]", ClassWrongType, "box", "name its members"},
		"an open map kept":      {"unknown: drop\nfields: [{path: \"people[].notes\", keep: true}]", ClassWrongType, "people[].notes", "treatment map"},
		"a member of a value":   {"unknown: drop\nfields: [{path: id.x, keep: true}]", ClassWrongType, "id", "an object by the policy's path"},
		"an object lets pass":   {"unknown: pass\nfields: [{path: id, keep: true}]", ClassUnknownField, "", "only plain values pass"},
		"treatments that clash": {"unknown: drop\nfields:\n  - {path: id, keep: true}\n  - {path: \"people[].age\", when: {path: id, in: [x]}, keep: true}\n  - {path: \"people[].age\", redact: true}\n", ClassWrongType, "people[].age", "make different types"},
	}
	file := talkParquet(t, `{"id":"1","people":[{"name":"Jane"}],"grid":[[1]],"box":{"inner":{}}}`)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := run(t, testPlan(t, tt.policy), "x.parquet", file, Options{})
			if class(err) != tt.class || !strings.Contains(err.Error(), tt.field) || !strings.Contains(err.Error(), tt.detail) {
				t.Errorf("got %v, want class %s, field %s, detail %q", err, tt.class, tt.field, tt.detail)
			}
		})
	}
}

// TestUntouchedIsTheSame: what is kept as a whole comes out equal, whatever the batches and nulls are.
func TestUntouchedIsTheSame(t *testing.T) {
	t.Parallel()
	p := testPlan(t, `
fields:
  - {path: id, keep: true}
  - {path: owner, mask: {}}
  - {path: "people[].name", mask: {first: 100}}
  - {path: "people[].role", keep: true}
  - {path: "people[].age", keep: true}
  - {path: "people[].secret", keep: true}
  - {path: "people[].calls[].way", keep: true}
  - {path: "people[].calls[].to", keep: true}
  - {path: "people[].calls[].born", keep: true}
  - {path: "people[].tags[]", keep: true}
  - {path: "people[].notes", map: {default: drop}}
  - {path: "grid[][]", keep: true}
  - {path: box.inner.kept, keep: true}
  - {path: box.inner.text, keep: true}
  - {path: gone.a, keep: true}
  - {path: gone.b, keep: true}
`)
	r := rand.New(rand.NewPCG(1, 2))
	var lines []string
	for range 500 {
		lines = append(lines, randomTalk(r))
	}
	in := talkParquet(t, strings.Join(lines, "\n"))
	before := records(t, in)
	for _, o := range []Options{{}, {Workers: 2, BatchRows: 7}} {
		out, _, err := run(t, p, "x.parquet", in, o)
		if err != nil {
			t.Fatal(err)
		}
		after := records(t, out)
		for i := range before {
			if a, b := kept(t, before[i]), kept(t, after[i]); a != b {
				t.Fatalf("record %d:\nbefore %s\nafter  %s", i, a, b)
			}
		}
	}
}

// kept is a record without what the policy of the test masks.
func kept(t testing.TB, record string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(record), &v); err != nil {
		t.Fatal(err)
	}
	delete(v, "owner")
	people, _ := v["people"].([]any)
	for _, p := range people {
		if person, ok := p.(map[string]any); ok {
			delete(person, "name")
			delete(person, "notes")
		}
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func randomTalk(r *rand.Rand) string {
	word := func() string {
		if r.IntN(4) == 0 {
			return "null"
		}
		return fmt.Sprintf("%q", strings.Repeat("x", r.IntN(5)))
	}
	list := func(element func() string) string {
		if r.IntN(4) == 0 {
			return "null"
		}
		var parts []string
		for range r.IntN(4) {
			parts = append(parts, element())
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	call := func() string {
		if r.IntN(6) == 0 {
			return "null"
		}
		return fmt.Sprintf(`{"way":%s,"to":%s,"born":%s}`, word(), word(), word())
	}
	person := func() string {
		if r.IntN(6) == 0 {
			return "null"
		}
		return fmt.Sprintf(`{"name":%s,"role":%s,"age":%d,"calls":%s,"tags":%s}`, word(), word(), r.IntN(90), list(call), list(word))
	}
	numbers := func() string { return list(func() string { return fmt.Sprint(r.IntN(9)) }) }
	box := []string{"null", `{"inner":null}`, fmt.Sprintf(`{"inner":{"kept":%s,"text":%s}}`, word(), word())}
	return fmt.Sprintf(`{"id":"%d","owner":%s,"people":%s,"grid":%s,"box":%s}`, r.IntN(1000), word(), list(person), list(numbers), box[r.IntN(3)])
}
