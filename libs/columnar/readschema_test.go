package columnar

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

func group(t testing.TB, name string, r parquet.Repetition, fields ...pqschema.Node) pqschema.Node {
	t.Helper()
	n, err := pqschema.NewGroupNode(name, r, fields, -1)
	must(t, err)
	return n
}

func leaf(t testing.TB, name string, r parquet.Repetition, logical pqschema.LogicalType, physical parquet.Type) pqschema.Node {
	t.Helper()
	n, err := pqschema.NewPrimitiveNodeLogical(name, r, logical, physical, -1, -1)
	must(t, err)
	return n
}

func list(t testing.TB, name string, r parquet.Repetition, repeated pqschema.Node) pqschema.Node {
	t.Helper()
	n, err := pqschema.NewGroupNodeLogical(name, r, pqschema.FieldList{repeated}, pqschema.NewListLogicalType(), -1)
	must(t, err)
	return n
}

// TestShapes: the forms that lists and text have had over the years, and rows
// with each level.
func TestShapes(t *testing.T) {
	t.Parallel()
	opt, req, rep := parquet.Repetitions.Optional, parquet.Repetitions.Required, parquet.Repetitions.Repeated
	none := pqschema.NoLogicalType{}
	ints := func(defs, reps []int16, values ...int32) func(file.ColumnChunkWriter) error {
		return func(w file.ColumnChunkWriter) error {
			_, err := w.(*file.Int32ColumnChunkWriter).WriteBatch(values, defs, reps)
			return err
		}
	}
	texts := func(defs, reps []int16, values ...parquet.ByteArray) func(file.ColumnChunkWriter) error {
		return func(w file.ColumnChunkWriter) error {
			_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch(values, defs, reps)
			return err
		}
	}
	cases := map[string]struct {
		node  pqschema.Node
		write func(file.ColumnChunkWriter) error
		want  arrow.DataType
		rows  []string
	}{
		"repeated value": {
			leaf(t, "c", rep, none, parquet.Types.Int32), ints([]int16{1, 1, 0, 1}, []int16{0, 1, 0, 0}, 1, 2, 3),
			arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int32), []string{"[1, 2]", "[]", "[3]"},
		},
		"two levels": {
			list(t, "c", opt, leaf(t, "array", rep, none, parquet.Types.Int32)), ints([]int16{2, 2, 0, 1}, []int16{0, 1, 0, 0}, 1, 2),
			arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int32), []string{"[1, 2]", "∅", "[]"},
		},
		"two levels of structs": {
			list(t, "c", opt, group(t, "c_tuple", rep, leaf(t, "x", opt, none, parquet.Types.Int32))), ints([]int16{3, 2, 1}, []int16{0, 1, 0}, 1),
			arrow.ListOf(arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int32, Nullable: true})), []string{"[{x: 1}, {x: ∅}]", "[]"},
		},
		"three levels": {
			list(t, "c", opt, group(t, "list", rep, leaf(t, "element", opt, none, parquet.Types.Int32))), ints([]int16{3, 2, 1, 0}, []int16{0, 1, 0, 0}, 1),
			arrow.ListOf(arrow.PrimitiveTypes.Int32), []string{"[1, ∅]", "[]", "∅"},
		},
		"enum in a struct": {
			group(t, "c", opt, leaf(t, "x", opt, pqschema.EnumLogicalType{}, parquet.Types.ByteArray)), texts([]int16{2, 1, 0}, nil, []byte("ab")),
			arrow.StructOf(arrow.Field{Name: "x", Type: arrow.BinaryTypes.String, Nullable: true}), []string{`{x: "ab"}`, "{x: ∅}", "∅"},
		},
		"json in a list": {
			list(t, "c", req, group(t, "list", rep, leaf(t, "element", req, pqschema.JSONLogicalType{}, parquet.Types.ByteArray))), texts([]int16{1, 1, 0}, []int16{0, 1, 0}, []byte("{}"), []byte("[]")),
			arrow.ListOfNonNullable(arrow.BinaryTypes.String), []string{`["{}", "[]"]`, "[]"},
		},
		"unknown": {
			leaf(t, "c", opt, pqschema.NullLogicalType{}, parquet.Types.Int32), ints([]int16{0, 0}, nil),
			arrow.PrimitiveTypes.Int32, []string{"∅", "∅"},
		},
		"unknown with a value": {
			leaf(t, "c", opt, pqschema.NullLogicalType{}, parquet.Types.Int32), ints([]int16{0, 1}, nil, 7),
			arrow.PrimitiveTypes.Int32, []string{"∅", "7"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readAll(t, rawParquet(t, c.node, c.write), Options{Format: FormatParquet, Allocator: checkedMemory(t)})
			if !arrow.TypeEqual(got.Schema().Field(0).Type, c.want) || !arrow.TypeEqual(got.Column(0).DataType(), c.want) {
				t.Errorf("schema %s, array %s, want %s", got.Schema().Field(0).Type, got.Column(0).DataType(), c.want)
			}
			if got.NumRows() != int64(len(c.rows)) {
				t.Fatalf("%d rows, want %d", got.NumRows(), len(c.rows))
			}
			for i, want := range c.rows {
				if text := cellText(t, got.Column(0), i); text != want {
					t.Errorf("row %d is %s, want %s", i+1, text, want)
				}
			}
			sameCells(t, readAll(t, writeAll(t, got, 1, WriteOptions{Format: FormatParquet}), Options{Format: FormatParquet}), got)
		})
	}
}

func TestSchemasThatAreRefused(t *testing.T) {
	t.Parallel()
	opt, none := parquet.Repetitions.Optional, pqschema.NoLogicalType{}
	one := func(defs ...int16) func(file.ColumnChunkWriter) error {
		return func(w file.ColumnChunkWriter) error {
			_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{[]byte("SECRET\xff")}, defs, nil)
			return err
		}
	}
	json := leaf(t, "x", opt, pqschema.JSONLogicalType{}, parquet.Types.ByteArray)
	text := leaf(t, "x", opt, pqschema.StringLogicalType{}, parquet.Types.ByteArray)
	cases := map[string]struct {
		data []byte
		want string
	}{
		"json that is no text":          {rawParquet(t, json, one(1)), "not UTF-8"},
		"json in a struct that is none": {rawParquet(t, group(t, "c", opt, json), one(2)), "not UTF-8"},
		"text in a struct that is none": {rawParquet(t, group(t, "c", opt, text), one(2)), "not UTF-8"},
		"name of a member": {
			rewriteFooter(t, rawParquet(t, group(t, "c", opt, text), one(2)), func(m *metadata.FileMetaData) {
				rename(m, "x", "\xff")
				m.RowGroups[0].Columns[0].MetaData.PathInSchema[1] = "\xff"
			}),
			"name of a member is not valid UTF-8",
		},
		"member twice": {
			rewriteFooter(t, nestedParquet(t), func(m *metadata.FileMetaData) {
				rename(m, "seconds", "ani")
				for _, rg := range m.RowGroups {
					for _, c := range rg.Columns {
						if p := c.MetaData.PathInSchema; p[len(p)-1] == "seconds" {
							p[len(p)-1] = "ani"
						}
					}
				}
			}), `column "sessions": a member is there twice`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readRows(t, c.data, Options{Format: FormatParquet})
			dataFault(t, err, c.want, "SECRET")
		})
	}
	bare := leaf(t, "c", opt, none, parquet.Types.ByteArray)
	if rows, err := readRows(t, rawParquet(t, bare, one(1)), Options{Format: FormatParquet}); err != nil || rows != 1 {
		t.Errorf("bytes without an annotation: %d rows, %v", rows, err)
	}
}

// TestEmptyRowGroups: row groups without rows change nothing.
func TestEmptyRowGroups(t *testing.T) {
	t.Parallel()
	for name, sizes := range map[string][]int{"none": {}, "only empty": {0, 0}, "first": {0, 3}, "last": {2, 0}, "between": {1, 0, 0, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := pqschema.NewGroupNode("schema", parquet.Repetitions.Required, pqschema.FieldList{ // a writer takes the nodes for its own
				leaf(t, "n", parquet.Repetitions.Required, pqschema.NoLogicalType{}, parquet.Types.Int32),
				list(t, "l", parquet.Repetitions.Optional, group(t, "list", parquet.Repetitions.Repeated, leaf(t, "element", parquet.Repetitions.Optional, pqschema.NoLogicalType{}, parquet.Types.Int32))),
			}, -1)
			must(t, err)
			var buf bytes.Buffer
			w, total := file.NewParquetWriter(&buf, root), 0
			for _, n := range sizes {
				rg := w.AppendRowGroup()
				for c := range 2 {
					col, err := rg.NextColumn()
					must(t, err)
					values, defs, reps := make([]int32, n), make([]int16, n), make([]int16, n)
					for i := range values {
						values[i], defs[i] = int32(total+i), 3
					}
					if c == 0 {
						defs, reps = nil, nil
					}
					_, err = col.(*file.Int32ColumnChunkWriter).WriteBatch(values, defs, reps)
					must(t, err)
					must(t, col.Close())
				}
				must(t, rg.Close())
				total += n
			}
			must(t, w.Close())
			got := readAll(t, buf.Bytes(), Options{Format: FormatParquet, Allocator: checkedMemory(t)})
			if int(got.NumRows()) != total || len(footerOf(t, buf.Bytes()).RowGroups) != len(sizes) {
				t.Fatalf("%d rows of %d", got.NumRows(), total)
			}
			for i := range total {
				if n, l := cellText(t, got.Column(0), i), cellText(t, got.Column(1), i); n != strconv.Itoa(i) || l != "["+n+"]" {
					t.Errorf("row %d: %s %s", i, n, l)
				}
			}
		})
	}
}
