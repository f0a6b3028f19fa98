package duckdb

import (
	"database/sql"
	"testing"
)

var texts = []string{
	`VARCHAR`, `DECIMAL(18,3)`, `TIMESTAMP WITH TIME ZONE`, `VARCHAR[]`, `BIGINT[][]`, `VARCHAR[3]`, `STRUCT(a INTEGER)[2][]`,
	`ENUM('a', 'b''s, (', '[]"')`, `ENUM('x')[]`, `MAP(VARCHAR, VARCHAR)`, `MAP(VARCHAR, STRUCT(a VARCHAR, b MAP(INTEGER, DATE[]))[])[]`,
	`STRUCT(a INTEGER, "when" TIMESTAMP WITH TIME ZONE, "a b" VARCHAR, "c""d," STRUCT("x)" DECIMAL(9,2)[]), "名" VARCHAR)`,
	`UNION(num INTEGER, str STRUCT(a INTEGER))`,
	`STRUCT(struct STRUCT(map MAP(INTEGER, INTEGER)))[]`,
}

// What DuckDB says of a type is taken apart, and put together is that type for DuckDB.
func TestShapeIsDuckDBs(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range texts {
		var said, again string
		if err := db.QueryRow(`SELECT typeof(NULL::` + text + `)`).Scan(&said); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := db.QueryRow(`SELECT typeof(NULL::` + shapeOf(said).String() + `)`).Scan(&again); err != nil || again != said {
			t.Errorf("%s became %s: %v", said, again, err)
		}
	}
}

func TestShapeOf(t *testing.T) {
	t.Parallel()
	list := func(s shape) shape { return shape{lists, []part{{shape: s}}} }
	text := shape{base: "VARCHAR"}
	for said, want := range map[string]shape{
		`VARCHAR`:                        text,
		`VARCHAR[][]`:                    list(list(text)),
		`VARCHAR[3]`:                     {base: "VARCHAR[3]"},
		`STRUCT(a VARCHAR)[3][]`:         list(shape{base: "STRUCT(a VARCHAR)[3]"}),
		`STRUCT("a ""b" VARCHAR[])`:      {structs, []part{{`a "b`, list(text)}}},
		`MAP(VARCHAR, DECIMAL(9,2))`:     {maps, []part{{shape: text}, {shape: shape{base: "DECIMAL(9,2)"}}}},
		`STRUCT(VARCHAR, VARCHAR)`:       {base: "STRUCT(VARCHAR, VARCHAR)"},
		`STRUCT(STRUCT(a VARCHAR))`:      {base: "STRUCT(STRUCT(a VARCHAR))"},
		`MAP(VARCHAR)`:                   {base: "MAP(VARCHAR)"},
		`STRUCT(a VARCHAR`:               {base: "STRUCT(a VARCHAR"},
		`VARCHAR]`:                       {base: "VARCHAR]"},
		`ENUM('a'`:                       {base: "ENUM('a'"},
		`STRUCT(a ENUM(')'), b VARCHAR)`: {structs, []part{{"a", shape{base: "ENUM(')')"}}, {"b", text}}},
	} {
		if got := shapeOf(said); !equal(got, want) {
			t.Errorf("%s: %+v, want %+v", said, got, want)
		}
	}
}

func equal(a, b shape) bool {
	if a.base != b.base || len(a.parts) != len(b.parts) {
		return false
	}
	for i, p := range a.parts {
		if p.name != b.parts[i].name || !equal(p.shape, b.parts[i].shape) {
			return false
		}
	}
	return true
}

func FuzzShape(f *testing.F) {
	for _, t := range texts {
		f.Add(t)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := shapeOf(text)
		if again := shapeOf(s.String()); !equal(s, again) {
			t.Errorf("%q is %+v, and put together %q and taken apart again %+v", text, s, s, again)
		}
	})
}
