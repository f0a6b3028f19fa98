package columnar

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

// RoundTrip returns the schema a Reader has of a Parquet file that NewWriter
// wrote with schema s: dictionaries become their values, large strings become
// strings, dates become date32, seconds become milliseconds, and metadata goes.
func RoundTrip(s *arrow.Schema) (*arrow.Schema, error) {
	written, err := plainSchema(s)
	if err != nil {
		return nil, err
	}
	pq, err := pqarrow.ToParquet(written, parquetProperties(nil, nil), arrowProperties())
	if err != nil {
		return nil, fmt.Errorf("columnar: schema has no parquet form: %w", library(err))
	}
	return readSchema(pq)
}

// readSchema is the one translation from Parquet's types to Arrow's.
func readSchema(pq *pqschema.Schema) (*arrow.Schema, error) {
	s, err := pqarrow.FromParquet(pq, &pqarrow.ArrowReadProperties{}, nil)
	if err != nil {
		return nil, fmt.Errorf("the schema has a type that is not supported: %w", library(err))
	}
	fields := make([]arrow.Field, s.NumFields())
	seen := make(map[string]bool, len(fields))
	for i, f := range s.Fields() {
		if !utf8.ValidString(f.Name) {
			return nil, fmt.Errorf("the name of column %d is not valid UTF-8", i+1)
		}
		if seen[f.Name] {
			return nil, &Error{Op: opOpenParquet, Column: ShowName(f.Name, i), Err: errTwice}
		}
		seen[f.Name] = true
		fields[i] = stripField(f)
		if isText(pq.Root().Field(i)) {
			fields[i].Type = arrow.BinaryTypes.String
		}
	}
	return arrow.NewSchema(fields, nil), nil
}

// isText says whether a column is annotated as JSON or ENUM: UTF-8 text by the
// format's definition, which Arrow would show as bytes and detectors pass over.
func isText(n pqschema.Node) bool {
	switch n.LogicalType().(type) {
	case pqschema.JSONLogicalType, pqschema.EnumLogicalType:
		return n.Type() == pqschema.Primitive
	}
	return false
}

// asField gives an array the type that the schema shows, where the two have one
// layout.
func asField(arr arrow.Array, f arrow.Field) arrow.Array {
	if f.Type.ID() != arrow.STRING || arr.DataType().ID() != arrow.BINARY {
		return arr
	}
	defer arr.Release()
	d := arr.Data()
	text := array.NewData(f.Type, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
	defer text.Release()
	return array.NewStringData(text)
}

// stripField removes metadata (field ids) at every level, so that schemas
// compare by names, types and nullability.
func stripField(f arrow.Field) arrow.Field {
	f.Metadata = arrow.Metadata{}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		fields := make([]arrow.Field, t.NumFields())
		for i, child := range t.Fields() {
			fields[i] = stripField(child)
		}
		f.Type = arrow.StructOf(fields...)
	case *arrow.ListType:
		f.Type = arrow.ListOfField(stripField(t.ElemField()))
	case *arrow.MapType:
		m := arrow.MapOfFields(stripField(t.KeyField()), stripField(t.ItemField()))
		m.KeysSorted = t.KeysSorted
		f.Type = m
	}
	return f
}

var errNestedDictionary = errors.New("a dictionary inside a nested column cannot be written")

// plainSchema is s as the Parquet writer lays it down: without metadata, and
// with the values of dictionaries.
func plainSchema(s *arrow.Schema) (*arrow.Schema, error) {
	fields := make([]arrow.Field, s.NumFields())
	seen := make(map[string]bool, len(fields))
	for i, f := range s.Fields() {
		if seen[f.Name] {
			return nil, fmt.Errorf("columnar: column %s: %w", ShowName(f.Name, i), errTwice)
		}
		seen[f.Name] = true
		fields[i] = stripField(f)
		if d, ok := f.Type.(*arrow.DictionaryType); ok {
			fields[i].Type = d.ValueType
		}
		if nestsDictionary(fields[i].Type) {
			return nil, fmt.Errorf("columnar: column %s: %w", ShowName(f.Name, i), errNestedDictionary)
		}
	}
	return arrow.NewSchema(fields, nil), nil
}

func nestsDictionary(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return true
	case arrow.NestedType:
		for _, f := range t.Fields() {
			if nestsDictionary(f.Type) {
				return true
			}
		}
	}
	return false
}
