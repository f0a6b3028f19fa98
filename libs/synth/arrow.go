package synth

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// arrowType is the type of a column or member that holds values of a record's type.
func arrowType(t reflect.Type) arrow.DataType {
	switch t.Kind() {
	case reflect.Pointer:
		return arrowType(t.Elem())
	case reflect.Struct:
		if t.Implements(optional) {
			return arrowType(t.Field(1).Type)
		}
		return arrow.StructOf(arrowFields(t)...)
	case reflect.Slice:
		return arrow.ListOf(arrowType(t.Elem()))
	case reflect.Map:
		return arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
	case reflect.String:
		return arrow.BinaryTypes.String
	case reflect.Bool:
		return arrow.FixedWidthTypes.Boolean
	case reflect.Float64:
		return arrow.PrimitiveTypes.Float64
	case reflect.Int64:
		if t == millisType {
			return &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
		}
		return arrow.PrimitiveTypes.Int64
	}
	panic(fmt.Sprintf("a record has no %s", t))
}

func arrowFields(t reflect.Type) []arrow.Field {
	fields := make([]arrow.Field, t.NumField())
	for i := range fields {
		f := t.Field(i)
		fields[i] = arrow.Field{Name: memberName(f.Name), Type: arrowType(f.Type), Nullable: true}
	}
	return fields
}

// appendArrow adds a record's value to a column. What is absent is null.
func appendArrow(b array.Builder, v reflect.Value) {
	if v.Kind() == reflect.Struct && v.Type().Implements(optional) {
		var s state
		if v, s = valueOf(v); s != given {
			b.AppendNull()
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			b.AppendNull()
			return
		}
	}
	switch b := b.(type) {
	case *array.StructBuilder:
		b.Append(true)
		v = reflect.Indirect(v)
		for i := range v.NumField() {
			appendArrow(b.FieldBuilder(i), v.Field(i))
		}
	case *array.MapBuilder: // before the list that it holds
		m := v.Interface().(map[string]text)
		b.Append(true)
		for _, k := range slices.Sorted(maps.Keys(m)) {
			b.KeyBuilder().(*array.StringBuilder).Append(k)
			appendArrow(b.ItemBuilder(), reflect.ValueOf(m[k]))
		}
	case *array.ListBuilder:
		b.Append(true)
		for i := range v.Len() {
			appendArrow(b.ValueBuilder(), v.Index(i))
		}
	case *array.StringBuilder:
		b.Append(v.String())
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.Float64Builder:
		b.Append(v.Float())
	case *array.Int64Builder:
		b.Append(v.Int())
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.Int()))
	}
}
