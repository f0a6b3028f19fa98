package columnar

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

var (
	errMemberTwice = errors.New("a member is there twice in one struct: policies could not tell them apart")
	errMemberName  = errors.New("the name of a member is not valid UTF-8")
	errVariant     = errors.New("type VARIANT is not supported: its content has no columns that a policy could name; write it as a string of JSON")
	errDecimal     = errors.New("a decimal whose scale is negative or above its precision")
	errUnknownType = errors.New("the annotation of its type is not known to this version: write it with another type")
)

// readSchema is the one translation from Parquet's types to Arrow's.
func readSchema(pq *pqschema.Schema) (*arrow.Schema, error) {
	manifest, err := pqarrow.NewSchemaManifest(pq, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("the schema has a type that is not supported: %w", library(err))
	}
	fields := make([]arrow.Field, len(manifest.Fields))
	seen := make(map[string]bool, len(fields))
	for i := range manifest.Fields {
		f := &manifest.Fields[i]
		if !utf8.ValidString(f.Field.Name) {
			return nil, fmt.Errorf("the name of column %d is not valid UTF-8", i+1)
		}
		err := errTwice
		if !seen[f.Field.Name] {
			fields[i], err = readField(pq, f)
		}
		if err != nil {
			return nil, &Error{Op: opOpenParquet, Column: ShowName(f.Field.Name, i), Err: err}
		}
		seen[f.Field.Name] = true
	}
	return arrow.NewSchema(fields, nil), nil
}

// readField is a field as readers show it, at every level: without metadata
// (field ids), so that schemas compare by names, types and nullability, and with
// text for what is annotated as text.
func readField(pq *pqschema.Schema, sf *pqarrow.SchemaField) (arrow.Field, error) {
	f := arrow.Field{Name: sf.Field.Name, Type: sf.Field.Type, Nullable: sf.Field.Nullable}
	if !utf8.ValidString(f.Name) {
		return f, errMemberName
	}
	if sf.IsLeaf() {
		switch logical := pq.Column(sf.ColIndex).LogicalType().(type) {
		case pqschema.JSONLogicalType, pqschema.EnumLogicalType:
			// UTF-8 by the format's definition, which Arrow would show as bytes and
			// detectors pass over.
			f.Type = arrow.BinaryTypes.String
		default:
			if !logical.IsValid() || f.Type.ID() == arrow.NULL {
				return f, errUnknownType
			}
		}
		if d, ok := f.Type.(arrow.DecimalType); ok && (d.GetScale() < 0 || d.GetScale() > d.GetPrecision()) {
			return f, errDecimal // a text of it could have any length
		}
		return f, nil
	}
	children := make([]arrow.Field, len(sf.Children))
	for i := range sf.Children {
		var err error
		if children[i], err = readField(pq, &sf.Children[i]); err != nil {
			return f, err
		}
	}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		seen := make(map[string]bool, len(children))
		for _, c := range children {
			if seen[c.Name] {
				return f, errMemberTwice
			}
			seen[c.Name] = true
		}
		f.Type = arrow.StructOf(children...)
	case *arrow.ListType:
		f.Type = arrow.ListOfField(children[0])
	case *arrow.MapType:
		entry := children[0].Type.(*arrow.StructType)
		m := arrow.MapOfFields(entry.Field(0), entry.Field(1))
		m.KeysSorted = t.KeysSorted
		f.Type = m
	case arrow.ExtensionType:
		return f, errVariant
	default:
		return f, errUnknownType
	}
	return f, nil
}

// dropNullTypes takes the annotation UNKNOWN, "always null", off the columns that
// have it. Arrow shows such a column as nulls whatever it holds; its physical
// type shows the same nulls, or the values that should not be there.
func dropNullTypes(m *metadata.FileMetaData) error {
	dropped := false
	for i := range m.Schema.NumColumns() {
		dropped = dropped || m.Schema.Column(i).LogicalType().Equals(pqschema.NullLogicalType{})
	}
	if !dropped {
		return nil
	}
	elements := m.FileMetaData.Schema
	for _, e := range elements {
		if e.LogicalType != nil && e.LogicalType.UNKNOWN != nil {
			e.LogicalType = nil
		}
		if e.ConvertedType != nil && pqschema.ConvertedType(*e.ConvertedType) == pqschema.ConvertedTypes.NA {
			e.ConvertedType = nil
		}
	}
	root, err := pqschema.FromParquet(elements)
	if err != nil {
		return library(err)
	}
	group, ok := root.(*pqschema.GroupNode)
	if !ok {
		return errUnknownType
	}
	m.Schema = pqschema.NewSchema(group)
	return nil
}

// asType gives an array the type that the schema shows, which has the same
// layout. It takes the reference to arr and returns one.
func asType(arr arrow.Array, t arrow.DataType) arrow.Array {
	if _, nested := t.(arrow.NestedType); !nested && arrow.TypeEqual(arr.DataType(), t) {
		return arr
	}
	defer arr.Release()
	d := retyped(arr.Data(), t)
	defer d.Release()
	return array.MakeFromData(d)
}

func retyped(d arrow.ArrayData, t arrow.DataType) arrow.ArrayData {
	nested, ok := t.(arrow.NestedType)
	if !ok {
		return array.NewData(t, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
	}
	children := make([]arrow.ArrayData, len(d.Children()))
	for i, f := range nested.Fields() {
		children[i] = retyped(d.Children()[i], f.Type)
		defer children[i].Release()
	}
	return array.NewData(t, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
}
