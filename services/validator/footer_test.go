package validator

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// parquetWith writes the object with the library itself, as a careless masker would.
func (o *object) parquetWith(t *testing.T, dictionary []string, keyValue []string, props ...parquet.WriterProperty) []byte {
	t.Helper()
	fields := slices.Clone(o.fields)
	batch := record(t, arrow.NewSchema(fields, nil), o.rows)
	defer batch.Release()
	columns := slices.Clone(batch.Columns())
	if dictionary != nil {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		defer b.Release()
		b.AppendValues(dictionary, nil)
		indices := array.NewInt32Builder(memory.DefaultAllocator)
		defer indices.Release()
		for range o.rows {
			indices.Append(0)
		}
		at := o.at("notes")
		fields[at].Type = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: text}
		columns[at] = array.NewDictionaryArray(fields[at].Type, indices.NewArray(), b.NewArray())
	}
	schema := arrow.NewSchema(fields, nil)
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(props...), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if len(keyValue) > 0 {
		if err := w.AppendKeyValueMetadata(keyValue[0], keyValue[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(array.NewRecordBatch(schema, columns, int64(len(o.rows)))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFileMetadata(t *testing.T) {
	t.Parallel()
	quiet := parquet.WithStats(false)
	tests := map[string]struct {
		content func(*testing.T, *object) []byte
		want    string // in the finding's detail; "" when nothing is wrong
	}{
		"a careful writer": {func(t *testing.T, o *object) []byte { return o.parquetWith(t, nil, nil, quiet) }, ""},
		"key-value metadata": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, []string{"pandas", "{}"}, quiet)
		}, "the footer has key-value metadata"},
		"a number in key-value metadata": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, []string{"source", "call " + leaked}, quiet)
		}, "phone found in the footer's key-value metadata"},
		"a number in created_by": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, nil, quiet, parquet.WithCreatedBy("call "+leaked))
		}, "phone found in created_by"},
		"statistics everywhere": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, nil, parquet.WithStats(true))
		}, "the column is masked and has statistics in the footer"},
		"statistics in page headers": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, nil, parquet.WithStats(true))
		}, "the column is masked and has statistics in a page header"},
		"a page index": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, nil, quiet, parquet.WithPageIndexEnabled(true))
		}, "the column has a page index"},
		"a bloom filter": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, nil, nil, quiet, parquet.WithBloomFilterEnabled(true), parquet.WithDictionaryDefault(false))
		}, "the column has a bloom filter"},
		"a number in an entry of a dictionary that no row uses": {func(t *testing.T, o *object) []byte {
			return o.parquetWith(t, []string{"nothing to see", "call " + leaked}, nil, quiet)
		}, "phone found in the column's dictionary"},
		"bytes that belong to nothing": {func(t *testing.T, o *object) []byte {
			b := o.parquetWith(t, nil, nil, quiet)
			footer := len(b) - 8 - int(binary.LittleEndian.Uint32(b[len(b)-8:]))
			return slices.Concat(b[:footer], []byte("call "+leaked), b[footer:])
		}, "belong to no column"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			o := w.good()
			o.content = tt.content(t, o)
			in := w.put(o)
			if tt.want == "" {
				if _, err := w.validate(t.Context(), in); err != nil {
					t.Error(err)
				}
				return
			}
			_, report := w.refused(in)
			for _, r := range report.Rules {
				if (r.Result == Failed) != (r.Rule == "metadata") {
					t.Errorf("rule %s: %s, findings %+v", r.Rule, r.Result, r.Findings)
				}
				if r.Rule == "metadata" && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return strings.Contains(f.Detail, tt.want) }) {
					t.Errorf("no finding says %q: %+v", tt.want, r.Findings)
				}
			}
			w.silent(in, leaked)
		})
	}
}
