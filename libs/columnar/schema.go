package columnar

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkwrite"
)

// RoundTrip returns the schema a Reader has of a Parquet file that NewWriter
// wrote with schema s: dictionaries become their values, large strings become
// strings, dates become date32, seconds become milliseconds, and metadata goes.
func RoundTrip(s *arrow.Schema) (*arrow.Schema, error) {
	written, err := plainSchema(s)
	if err != nil {
		return nil, err
	}
	pq, err := chunkwrite.Schema(written)
	if err != nil {
		return nil, noParquetForm(err)
	}
	return readSchema(pq)
}

func noParquetForm(err error) error {
	return fmt.Errorf("columnar: schema has no parquet form: %w", library(err))
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

var (
	errNestedDictionary = errors.New("a dictionary inside a nested column cannot be written")
	errNullType         = errors.New("a column of type null cannot be written: give it the type that its values would have")
)

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
		if err := writable(fields[i].Type); err != nil {
			return nil, fmt.Errorf("columnar: column %s: %w", ShowName(f.Name, i), err)
		}
	}
	return arrow.NewSchema(fields, nil), nil
}

func writable(t arrow.DataType) error {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return errNestedDictionary
	case *arrow.NullType:
		return errNullType
	case arrow.NestedType:
		for _, f := range t.Fields() {
			if err := writable(f.Type); err != nil {
				return err
			}
		}
	}
	return nil
}
