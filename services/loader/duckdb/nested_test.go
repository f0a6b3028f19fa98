package duckdb_test

import (
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/sink"
)

var text = arrow.BinaryTypes.String

func field(name string, t arrow.DataType) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true}
}

// written is an object as the masker writes it, with columns id, tenant and those of fields, and rows as JSON.
func written(t *testing.T, dir, rows string, fields ...arrow.Field) sink.Batch {
	t.Helper()
	schema := arrow.NewSchema(append([]arrow.Field{field("tenant_id", text), field("interactionId", text)}, fields...), nil)
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	b := object(t, dir, `SELECT '' AS tenant_id, '' AS interactionId`) // for its line
	f, err := os.CreateTemp(dir, "*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := columnar.NewWriter(f, schema, columnar.WriteOptions{Format: columnar.FormatParquet})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b.File, b.Rows, b.Columns, b.Line.SHA256 = f.Name(), batch.NumRows(), nil, f.Name()
	for _, c := range schema.Fields() {
		b.Columns = append(b.Columns, c.Name)
	}
	return b
}

// Every nesting that a policy lets through arrives with its type and its values; null, empty and absent stay apart.
func TestNested(t *testing.T) {
	t.Parallel()
	s := setup(t)
	when := &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	segment := arrow.StructOf(field("at", when), field("codes", arrow.ListOf(arrow.PrimitiveTypes.Int64)), field("odd \"name\"", text))
	b := written(t, s.dir, `[
		{"tenant_id": "acme", "interactionId": "i1", "flow": {"name": "main", "score": "1.25"}, "segments": [{"at": "2026-03-09T13:04:11.482Z", "codes": [200, 9007199254740993], "odd \"name\"": "x"}, null, {"codes": []}],
		 "tags": ["a", null, ""], "grid": [[1], [], null], "attributes": [{"key": "Email Address", "value": "e"}, {"key": "a.b", "value": null}, {"key": "", "value": ""}],
		 "deep": [{"key": "k", "value": [{"at": null, "codes": [1]}]}]},
		{"tenant_id": "acme", "interactionId": "i2", "flow": {"name": null}, "segments": [], "tags": [], "grid": [], "attributes": [], "deep": []},
		{"tenant_id": "acme", "interactionId": "i3"}]`,
		field("flow", arrow.StructOf(field("name", text), field("score", &arrow.Decimal128Type{Precision: 9, Scale: 2}))),
		field("segments", arrow.ListOf(segment)), field("tags", arrow.ListOf(text)), field("grid", arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int32))),
		field("attributes", arrow.MapOf(text, text)), field("deep", arrow.MapOf(text, arrow.ListOf(segment))))
	s.load(b, sink.Result{Loaded: 3})
	const item = `STRUCT("at" TIMESTAMP WITH TIME ZONE, codes BIGINT[], "odd ""name""" VARCHAR)[]`
	s.expect(`SELECT column_name, column_type FROM (DESCRIBE interaction) OFFSET 2`, `flow|STRUCT("name" VARCHAR, score DECIMAL(9,2))
segments|`+item+"\ntags|VARCHAR[]\ngrid|INTEGER[][]\nattributes|MAP(VARCHAR, VARCHAR)\ndeep|MAP(VARCHAR, "+item+")")
	s.expect(`SELECT interactionId, flow::VARCHAR, tags::VARCHAR, grid::VARCHAR, attributes::VARCHAR FROM interaction ORDER BY ALL`,
		"i1|{'name': main, 'score': 1.25}|[a, NULL, '']|[[1], [], NULL]|{Email Address=e, a.b=NULL, ''=''}\n"+
			"i2|{'name': NULL, 'score': NULL}|[]|[]|{}\ni3|<nil>|<nil>|<nil>|<nil>")
	s.expect(`SELECT epoch_ms(segments[1].at), segments[1].codes[2], segments[1]['odd "name"'], segments[2] IS NULL, segments[3].at IS NULL, len(segments[3].codes),
		deep['k'][1].codes[1], (SELECT len(segments) FROM interaction WHERE interactionId = 'i2') FROM interaction WHERE interactionId = 'i1'`,
		"1773061451482|9007199254740993|x|true|true|0|1|0")
	again := b
	again.Line.Run, again.Line.SHA256 = "run-2", "another"
	s.load(again, sink.Result{Skipped: 3})
	s.expect(`SELECT count(*) FROM interaction`, "3")
}

// growth is a table, an object of a later or an earlier policy, and what an analyst then sees: values under their
// own names, in the table's order, which is the first policy's with what came later behind it.
var growth = []struct{ name, table, object, kind, values string }{
	{"the same", `{'a': 'A1', 'b': 'B1'}`, `{'a': 'A2', 'b': 'B2'}`, `STRUCT(a VARCHAR, b VARCHAR)`,
		"{'a': A1, 'b': B1}\n{'a': A2, 'b': B2}"},
	{"another order", `{'a': 'A1', 'b': 'B1'}`, `{'b': 'B2', 'a': 'A2'}`, `STRUCT(a VARCHAR, b VARCHAR)`,
		"{'a': A1, 'b': B1}\n{'a': A2, 'b': B2}"},
	{"another order in a list", `[{'a': 'A1', 'b': 'B1'}]`, `[{'b': 'B2', 'a': 'A2'}, NULL]`, `STRUCT(a VARCHAR, b VARCHAR)[]`,
		"[{'a': A1, 'b': B1}]\n[{'a': A2, 'b': B2}, NULL]"},
	{"another order in lists of lists", `[[{'a': 'A1', 'b': 'B1'}]]`, `[[{'b': 'B2', 'a': 'A2'}], []]`, `STRUCT(a VARCHAR, b VARCHAR)[][]`,
		"[[{'a': A1, 'b': B1}]]\n[[{'a': A2, 'b': B2}], []]"},
	{"another order in a map", `MAP{'k': {'a': 'A1', 'b': 'B1'}}`, `MAP{'k': {'b': 'B2', 'a': 'A2'}}`, `MAP(VARCHAR, STRUCT(a VARCHAR, b VARCHAR))`,
		"{k={'a': A1, 'b': B1}}\n{k={'a': A2, 'b': B2}}"},
	{"a member more", `{'a': 'A1'}`, `{'b': 2, 'a': 'A2'}`, `STRUCT(a VARCHAR, b INTEGER)`,
		"{'a': A1, 'b': NULL}\n{'a': A2, 'b': 2}"},
	{"a member fewer", `{'a': 'A1', 'b': 'B1'}`, `{'b': 'B2'}`, `STRUCT(a VARCHAR, b VARCHAR)`,
		"{'a': A1, 'b': B1}\n{'a': NULL, 'b': B2}"},
	{"one more, one fewer", `{'a': 'A1', 'b': 'B1'}`, `{'c': [{'d': 1}], 'b': 'B2'}`, `STRUCT(a VARCHAR, b VARCHAR, c STRUCT(d INTEGER)[])`,
		"{'a': A1, 'b': B1, 'c': NULL}\n{'a': NULL, 'b': B2, 'c': [{'d': 1}]}"},
	{"no member the same", `{'a': 'A1'}`, `{'b': 'B2'}`, `STRUCT(a VARCHAR, b VARCHAR)`,
		"{'a': A1, 'b': NULL}\n{'a': NULL, 'b': B2}"},
	{"more, deep inside lists", `[{'s': [{'g': {'a': 'A1'}}], 'z': 'Z1'}]`, `[{'z': 'Z2', 's': [{'g': {'b "q"': 'B2', 'a': 'A2'}}, {'g': NULL}]}]`,
		`STRUCT(s STRUCT(g STRUCT(a VARCHAR, "b ""q""" VARCHAR))[], z VARCHAR)[]`,
		`[{'s': [{'g': {'a': A1, 'b "q"': NULL}}], 'z': Z1}]` + "\n" + `[{'s': [{'g': {'a': A2, 'b "q"': B2}}, {'g': NULL}], 'z': Z2}]`},
	{"more, in a map", `MAP{'k': [{'a': 'A1'}]}`, `MAP{'k': [{'b': 'B2', 'a': 'A2'}], 'l': []}`, `MAP(VARCHAR, STRUCT(a VARCHAR, b VARCHAR)[])`,
		"{k=[{'a': A1, 'b': NULL}]}\n{k=[{'a': A2, 'b': B2}], l=[]}"},
	{"upper and lower case", `{'a': 'A1', 'b': 'B1'}`, `{'B': 'B2', 'A': 'A2'}`, `STRUCT(a VARCHAR, b VARCHAR)`,
		"{'a': A1, 'b': B1}\n{'a': A2, 'b': B2}"},
	{"null stays null", `NULL::STRUCT(a VARCHAR)`, `{'b': NULL::VARCHAR}`, `STRUCT(a VARCHAR, b VARCHAR)`,
		"<nil>\n{'a': NULL, 'b': NULL}"},
	{"empty stays empty", `[]::STRUCT(a VARCHAR)[]`, `NULL::STRUCT(b VARCHAR)[]`, `STRUCT(a VARCHAR, b VARCHAR)[]`,
		"[]\n<nil>"},
}

func TestMembersOfAnotherPolicy(t *testing.T) {
	t.Parallel()
	for _, test := range growth {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.load(object(t, s.dir, `SELECT 'acme' AS tenant_id, '1' AS interactionId, `+test.table+` AS c, 'n1' AS note`), sink.Result{Loaded: 1})
			later := object(t, s.dir, `SELECT 'acme' AS tenant_id, i AS interactionId, `+test.object+` AS c, 'n2' AS note, 7 AS new FROM (VALUES ('1'), ('2')) v(i)`)
			s.load(later, sink.Result{Loaded: 1, Skipped: 1})
			s.expect(`SELECT column_type FROM (DESCRIBE interaction) WHERE column_name = 'c'`, test.kind)
			s.expect(`SELECT c::VARCHAR FROM interaction ORDER BY interactionId`, test.values)
			s.expect(`SELECT interactionId, note, new FROM interaction ORDER BY ALL`, "1|n1|<nil>\n2|n2|7")
			later.Line.SHA256 = "again"
			s.load(later, sink.Result{Skipped: 2})
			s.expect(`SELECT c::VARCHAR FROM interaction ORDER BY interactionId`, test.values)
		})
	}
}

func TestNestedConflicts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, table, object, field, says string }{
		{"a member's type", `{'a': 'A'}`, `{'a': 1}`, "c.a", "is INTEGER in the object and VARCHAR in table interaction"},
		{"a wider number", `[{'a': 1}]`, `[{'a': 1::BIGINT}]`, "c[].a", "type:"},
		{"an odd name", `[{'a b': 1}]`, `[{'a b': 'x'}]`, `c[]["a b"]`, "reload"},
		{"struct and text", `[{'a': {'b': 1}}]`, `[{'a': 'x'}]`, "c[].a", "is VARCHAR in the object and a struct"},
		{"list and one", `{'a': ['x']}`, `{'a': 'x'}`, "c.a", "a list in table"},
		{"a list's element", `{'a': [['x']]}`, `{'a': [['x'::BLOB]]}`, "c.a[][]", "BLOB"},
		{"map and struct", `MAP{'a': 'x'}`, `{'a': 'x'}`, "c", "is a struct in the object and a map"},
		{"a map's value", `{'m': MAP{'a': 'x'}}`, `{'m': MAP{'a': 1}}`, "c.m", "VARCHAR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.load(object(t, s.dir, `SELECT 'acme' AS tenant_id, '1' AS interactionId, {'x': 'X'} AS early, `+test.table+` AS c`), sink.Result{Loaded: 1})
			_, err := s.Load(t.Context(), object(t, s.dir, `SELECT 'acme' AS tenant_id, '2' AS interactionId, {'x': 'X', 'y': 'Y'} AS early, `+test.object+` AS c`))
			reason, ok := stage.Rejected(err)
			if !ok || reason.Class != "schema-conflict" || reason.Field != test.field || !strings.Contains(reason.Detail, test.says) {
				t.Errorf("load: %v, want a schema conflict of %s that says %q", err, test.field, test.says)
			}
			s.expect(`SELECT count(*), any_value(early)::VARCHAR FROM interaction`, "1|{'x': X}")
		})
	}
}

// What DuckDB would give a name of its own making, or none, is refused, and so are rows that a list identifies.
func TestMembersWithoutAName(t *testing.T) {
	t.Parallel()
	twins := arrow.StructOf(field("a", text), field("b", text), field("A", text))
	for name, c := range map[string]struct {
		object func(t *testing.T, dir string) sink.Batch
		field  string
	}{
		"case": {func(t *testing.T, dir string) sink.Batch {
			return written(t, dir, `[{"tenant_id": "acme", "interactionId": "1", "c": {"a": "x", "A": "y"}}]`, field("c", twins))
		}, "c"},
		"case in a list": {func(t *testing.T, dir string) sink.Batch {
			return written(t, dir, `[{"tenant_id": "acme", "interactionId": "1"}]`, field("a", text), field("c", arrow.ListOf(twins)))
		}, "c"},
		"no name": {func(t *testing.T, dir string) sink.Batch {
			return written(t, dir, `[{"tenant_id": "acme", "interactionId": "1"}]`, field("c", arrow.StructOf(field("a", text), field("", text))))
		}, ""},
		"a list as key": {func(t *testing.T, dir string) sink.Batch {
			b := written(t, dir, `[{"tenant_id": "acme", "interactionId": "1", "c": ["x"]}]`, field("c", arrow.ListOf(text)))
			b.Key = []string{"c"}
			return b
		}, "c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			_, err := s.Load(t.Context(), c.object(t, s.dir))
			if reason, ok := stage.Rejected(err); !ok || reason.Class != "schema-conflict" || reason.Field != c.field {
				t.Errorf("load: %v", err)
			}
			s.expect(`SELECT count(*) FROM information_schema.tables`, "0")
		})
	}
}

// A member that has the name of what Parquet calls a list's or a map's inside is a member like any other.
func TestMembersNamedAsParquetsOwn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	own := arrow.StructOf(field("list", text), field("element", text), field("key", text), field("value", text), field("key_value", text))
	rows := `[{"tenant_id": "acme", "interactionId": "1", "c": [{"list": "l", "element": "e", "key": "k", "value": "v", "key_value": "kv"}]}]`
	s.load(written(t, s.dir, rows, field("c", arrow.ListOf(own)), field("key", text)), sink.Result{Loaded: 1})
	s.expect(`SELECT c::VARCHAR FROM interaction`, "[{'list': l, 'element': e, 'key': k, 'value': v, 'key_value': kv}]")
}

func TestIndexStandsInTheWay(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.load(object(t, s.dir, `SELECT 'acme' AS tenant_id, '1' AS interactionId, {'a': 'A'} AS c`), sink.Result{Loaded: 1})
	s.query(`CREATE INDEX mine ON interaction (interactionId)`)
	_, err := s.Load(t.Context(), object(t, s.dir, `SELECT 'acme' AS tenant_id, '2' AS interactionId, {'a': 'A', 'b': 'B'} AS c`))
	if err == nil || !strings.Contains(err.Error(), "drop the index") {
		t.Errorf("load: %v", err)
	}
	s.query(`DROP INDEX mine`)
	s.load(object(t, s.dir, `SELECT 'acme' AS tenant_id, '3' AS interactionId, {'a': 'A', 'b': 'B'} AS c`), sink.Result{Loaded: 1})
}
