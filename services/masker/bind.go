package masker

import (
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// binding is a plan met with the columns of one source.
type binding struct {
	source []int // by field: the column of the source, -1 when it has none
	passed []int // columns of the source that the policy does not name and lets through
	empty  bool  // the source has no columns at all, as a JSON Lines file without rows
	schema *arrow.Schema
	silent []string // columns whose minimum and maximum must not be in the file
}

// maxNamed is how many columns a rejection names.
const maxNamed = 10

// bind finds the source's columns. The error is a *fault when the source does not fit the policy.
func (p *Plan) bind(s *arrow.Schema) (*binding, error) {
	b := &binding{source: make([]int, len(p.fields)), empty: s.NumFields() == 0}
	used := make([]bool, s.NumFields())
	for i, f := range p.fields {
		at, err := find(s, f.Field)
		if err != nil {
			return nil, err
		}
		b.source[i] = at
		if at >= 0 {
			used[at] = true
		} else if err := p.absent(i); err != nil && !b.empty {
			return nil, err
		}
	}
	if err := b.unknown(p, s, used); err != nil {
		return nil, err
	}
	return b, b.describe(p, s)
}

// find is the source's column of a field, by its path or one of its aliases, or -1.
func find(s *arrow.Schema, f policy.Field) (int, error) {
	at := -1
	for _, name := range append([]string{f.Path}, f.Aliases...) {
		found := s.FieldIndices(name)
		if len(found) > 1 || len(found) == 1 && at >= 0 {
			return -1, faultf(ClassDuplicate, f.Path, -1, "the column is there more than once, by its path or an alias")
		}
		if len(found) == 1 {
			at = found[0]
		}
	}
	return at, nil
}

// absent refuses a source without the field where rows cannot do without it.
func (p *Plan) absent(field int) error {
	path := p.fields[field].Path
	if slices.Contains(p.key, field) {
		return faultf(ClassMissingField, path, -1, "the key column is not in the object: is it spelt like this in the source, and is source.csv.delimiter right?")
	}
	if field == p.tenant && p.policy.Tenant.Required {
		return faultf(ClassMissingField, path, -1, "the tenant column is not in the object: is it spelt like this in the source, and is source.csv.delimiter right?")
	}
	return nil
}

func (b *binding) unknown(p *Plan, s *arrow.Schema, used []bool) error {
	show := columnar.ShowName
	if !slices.Contains(used, true) {
		// Not one name is the policy's: this may be a CSV file without a header, and its names a row.
		show = func(_ string, i int) string { return "at position " + strconv.Itoa(i+1) }
	}
	var unnamed, suspect []string
	for i, f := range s.Fields() {
		if used[i] {
			continue
		}
		switch p.policy.Unknown {
		case policy.DropUnknown:
		case policy.PassUnknown:
			if nested(f.Type) {
				return faultf(ClassNested, show(f.Name, i), -1, "nested columns are not supported by this version: drop it")
			}
			if p.policy.Suspect(f.Name) != "" {
				suspect = append(suspect, show(f.Name, i))
			}
			b.passed = append(b.passed, i)
		default:
			unnamed = append(unnamed, show(f.Name, i))
		}
	}
	if len(suspect) > 0 {
		return unnamedFault(ClassSuspectField, suspect, " not named by the policy, and the name says that it may hold what must not pass: ")
	}
	if len(unnamed) > 0 {
		return unnamedFault(ClassUnknownField, unnamed, " not named by the policy: ")
	}
	return nil
}

func unnamedFault(class string, names []string, what string) error {
	shown := strings.Join(names[:min(len(names), maxNamed)], ", ")
	return &fault{class: class, field: shown, row: -1,
		detail: plural(len(names), "column") + what + "add a field with a treatment for each, then replay the object"}
}

// describe lays out the columns of the masked object: the policy's fields in order, then what is passed.
func (b *binding) describe(p *Plan, s *arrow.Schema) error {
	var out []arrow.Field
	for i, f := range p.fields {
		if f.operator == nil {
			continue
		}
		in := arrowType(f.Type)
		if at := b.source[i]; at >= 0 {
			in = s.Field(at).Type
			if !conforms(f.Type, in) {
				return faultf(ClassWrongType, f.Path, -1, "the column is %s, the policy says %s", in.Name(), f.Type)
			}
		}
		t, ok := f.operator.output(in)
		switch {
		case !ok && nested(in):
			return faultf(ClassNested, f.Path, -1, "nested columns are not supported by this version: drop, null or redact it")
		case !ok:
			return faultf(ClassWrongType, f.Path, -1, "the treatment %s does not work on a column of %s", f.Treatment.Name(), in.Name())
		}
		if _, clear := f.operator.(keep); !clear {
			b.silent = append(b.silent, f.Path)
		}
		out = append(out, arrow.Field{Name: f.Path, Type: t, Nullable: true})
	}
	for _, i := range b.passed {
		f := s.Field(i)
		b.silent = append(b.silent, f.Name)
		out = append(out, arrow.Field{Name: f.Name, Type: f.Type, Nullable: true})
	}
	b.schema = arrow.NewSchema(out, nil)
	return nil
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

// declared are the columns that the text formats are read with.
func (p *Plan) declared() []columnar.Column {
	var out []columnar.Column
	for _, f := range p.fields {
		out = append(out, columnar.Column{Name: f.Path, Type: arrowType(f.Type)})
	}
	if !p.policy.CSV.Header {
		return out // they name the columns by position
	}
	for _, f := range p.fields {
		for _, a := range f.Aliases {
			out = append(out, columnar.Column{Name: a, Type: arrowType(f.Type)})
		}
	}
	return out
}
