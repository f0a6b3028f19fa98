package masker

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// anyValue declares a value of whatever shape, which arrives as text.
func anyValue() arrow.DataType {
	t, err := extensions.NewJSONType(arrow.BinaryTypes.String)
	if err != nil { // only for a storage that is no text
		return arrow.BinaryTypes.String
	}
	return t
}

// declared are the columns that a text format is read with. A CSV file without a header has no aliases.
func (p *Plan) declared(format columnar.Format, header bool) []columnar.Column {
	flat := format != columnar.FormatJSONL
	var out []columnar.Column
	var aliases []columnar.Column
	for _, m := range p.policy.Tree().Members {
		if flat && (!m.Leaf() || m.Lists > 0) {
			continue // no cell of CSV can be one
		}
		t := p.declaredType(m, flat)
		out = append(out, columnar.Column{Name: m.Name, Type: t})
		for _, a := range m.Aliases {
			aliases = append(aliases, columnar.Column{Name: a, Type: t})
		}
	}
	if flat && !header {
		return out // they name the columns by position
	}
	return append(out, aliases...)
}

// declaredType is the type that a member is read with, lists included.
func (p *Plan) declaredType(n *policy.Node, flat bool) arrow.DataType {
	var t arrow.DataType
	if n.Leaf() {
		f := p.fields[p.fieldOf(n)]
		if t = sourceType(f); flat && (t.ID() == arrow.EXTENSION || t.ID() == arrow.MAP) {
			t = arrow.BinaryTypes.String
		}
		if t.ID() == arrow.EXTENSION {
			return t // whatever lists there are
		}
	} else {
		var members []arrow.Field
		for _, m := range n.Members {
			inner := p.declaredType(m, flat)
			for _, name := range append([]string{m.Name}, m.Aliases...) {
				members = append(members, arrow.Field{Name: name, Type: inner, Nullable: true})
			}
		}
		t = arrow.StructOf(members...)
	}
	for range n.Lists {
		t = arrow.ListOf(t)
	}
	return t
}

// sourceType is the type that a value is read with where the source gives it none.
func sourceType(f planned) arrow.DataType {
	if f.Type != (policy.Type{}) {
		return arrowType(f.Type)
	}
	if f.node != nil && len(f.node.Fields) > 1 {
		return arrow.BinaryTypes.String
	}
	switch f.Treatment.(type) {
	case policy.Drop, policy.Null, policy.Redact, policy.JSON:
		return anyValue()
	case policy.Map:
		return arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
	}
	return arrow.BinaryTypes.String
}

// takesAny reports an operator that needs no value's text, so that it works on a list or object as a whole.
func takesAny(o operator) bool {
	switch o.(type) {
	case null, constant:
		return true
	}
	return false
}

// takesNested reports an operator that knows what to do with an open map.
func takesNested(o operator) bool {
	_, scalar := o.(text)
	_, kept := o.(keep)
	_, several := o.(choice)
	return !scalar && !kept && !several
}

// arrowType is the Arrow type of a declared type; string when none is declared.
func arrowType(t policy.Type) arrow.DataType {
	switch t.Kind {
	case policy.Int:
		return arrow.PrimitiveTypes.Int64
	case policy.Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case policy.Double:
		return arrow.PrimitiveTypes.Float64
	case policy.Bool:
		return arrow.FixedWidthTypes.Boolean
	case policy.DateOnly:
		return arrow.PrimitiveTypes.Date32
	case policy.Timestamp:
		return arrow.FixedWidthTypes.Timestamp_us
	default:
		return arrow.BinaryTypes.String
	}
}

// conforms reports that a column's type is of the declared kind. Widths and units may differ: Parquet keeps its
// types.
func conforms(t policy.Type, in arrow.DataType) bool {
	if d, ok := in.(*arrow.DictionaryType); ok {
		in = d.ValueType
	}
	id := in.ID()
	switch t.Kind {
	case policy.String:
		return arrow.IsBaseBinary(id) || id == arrow.STRING_VIEW || id == arrow.BINARY_VIEW
	case policy.Int:
		return arrow.IsInteger(id)
	case policy.Decimal:
		d, ok := in.(arrow.DecimalType)
		return ok && int(d.GetScale()) == t.Scale && int(d.GetPrecision()) <= t.Precision
	case policy.Double:
		return arrow.IsFloating(id)
	case policy.Bool:
		return id == arrow.BOOL
	case policy.DateOnly:
		return id == arrow.DATE32 || id == arrow.DATE64
	case policy.Timestamp:
		return id == arrow.TIMESTAMP
	default:
		return true
	}
}
