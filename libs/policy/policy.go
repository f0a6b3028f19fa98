// Package policy is the language in which a reviewed YAML document says, for every field of an entity, what
// may reach a sandbox and how. It reads, checks and identifies policies; it masks nothing.
//
// The reader is strict: an unknown key, a field covered twice or a construct that this version does not carry
// out is an error with its line, because a policy that is half understood lets data through.
package policy

import "iter"

// APIVersion is the version of the language that this package reads.
const APIVersion = "maskrail.io/v1"

// Policy is one entity's policy, checked and with its defaults filled in. It is shared by workers and must not
// be changed.
type Policy struct {
	Name    string
	Version int
	Entity  string
	// Key are the columns whose values identify a row; empty is enough for masking alone, not for loading.
	Key    []string
	Tenant *Tenant // nil when rows have no owner: masking alone, with environment-scoped tokens
	// Region is the ISO 3166 country of numbers written without a country code.
	Region     string
	Unknown    Unknown
	Suspect    Suspect
	RejectRow  RejectRow
	Duplicates Duplicates
	NewestBy   string // column that orders duplicates; empty for their place in the object
	CSV        CSV
	Dialects   []Dialect `json:",omitempty"` // of CSV that is not of that one; routes name them
	Quasi      *Quasi    `json:",omitempty"` // nil when nothing is asked of the rows together
	Fields     []Field

	file   string
	digest string
	tree   *Node
	lines  map[string]int // of the keys at the top
}

// Tenant says which column owns a row.
type Tenant struct {
	// Path is the column of the masked object. Without Paths it is the source's as well.
	Path string
	// Paths are where the source has the tenant, in the order in which they count, when it lies inside the record. Values
	// that differ stop the row. The masker writes the column Path, and beside it Path_source with the path that counted.
	Paths []Reference
	// Required makes a row without a tenant an error. It is false only where no treatment needs a tenant.
	Required bool
	// Known are the tenants that may appear, sorted; empty means any.
	Known []string
}

// Unknown is what happens to a column that the policy does not name.
type Unknown string

// The ways with unknown columns.
const (
	QuarantineUnknown Unknown = "quarantine" // the object stops
	DropUnknown       Unknown = "drop"       // the column is left out
	PassUnknown       Unknown = "pass"       // the column is copied as it is
)

// Duplicates is what happens to a row whose (tenant, key) came before in the same object.
type Duplicates string

// The ways with duplicate keys.
const (
	FirstDuplicate   Duplicates = "first"  // later rows are left out and counted
	NewestDuplicate  Duplicates = "newest" // all rows but the newest are left out and counted, see Policy.NewestBy
	RejectDuplicates Duplicates = "reject" // the object stops
)

// Suspect is what happens to a column that the policy does not name, that Unknown lets pass, and whose name or values
// look sensitive.
type Suspect string

// The ways with suspect columns.
const (
	QuarantineSuspect Suspect = "quarantine" // the object stops
	MaskSuspect       Suspect = "mask"       // redacted by its name, scrubbed by its values
	PassSuspect       Suspect = "pass"
)

// RejectRow is what happens to a row that cannot be processed.
type RejectRow string

// The ways with such rows.
const (
	QuarantineRow RejectRow = "quarantine" // the object stops
	DropRow       RejectRow = "drop"       // the row is left out and counted
)

// CSV is the dialect of CSV sources.
type CSV struct {
	Delimiter rune
	// Header says that the first line names the columns; otherwise they are the policy's fields in order.
	Header   bool
	Quote    rune     // '"' unless the policy says otherwise; -1 for none
	Escape   rune     // before a delimiter, quote, line break or itself, beside a doubled quote; 0 for none
	Null     []string // texts that mean null, beside an empty one without quotes
	Encoding string   // "" for UTF-8
}

// DefaultCSV is the dialect of a policy that names none.
func DefaultCSV() CSV { return CSV{Delimiter: ',', Header: true, Quote: '"'} }

// Dialect is a dialect of CSV with a name.
type Dialect struct {
	Name string
	CSV
}

// Dialect is the dialect of that name, of source.csv for the empty one; false when the policy names none so.
func (p *Policy) Dialect(name string) (CSV, bool) {
	if name == "" {
		return p.CSV, true
	}
	for _, d := range p.Dialects {
		if d.Name == name {
			return d.CSV, true
		}
	}
	return CSV{}, false
}

// Field is the values at one path and their treatment.
type Field struct {
	Path      string   // canonical, see Path; in Map.Fields a key as it is
	Aliases   []string // other names of the path's last member under which sources deliver it
	Type      Type     // zero when the policy gives none: string in CSV and JSON, the file's own in Parquet
	When      *When    // nil for always
	Treatment Treatment
	Expect    *Expect
	Examples  []Example `json:"-"` // they change nothing of what is done

	steps Path
	line  int
}

// Column is the name of the record's member that the field is or lies in: the column of a flat entity.
func (f Field) Column() string {
	if len(f.steps) == 0 { // made without a reader
		return f.Path
	}
	return f.steps[0].Name
}

// When makes a treatment conditional on another value of the same object, or of one around it, or on the value itself.
// Null is in no list.
type When struct {
	Reference
	In []string
}

// Reference names a field that a treatment looks at, as the policy is resolved. Every reference is to a field of the
// policy, but for two: When of a field in Map.Fields names a key of the same map, and When of a field in JSON.Fields a
// field of the same text.
type Reference struct {
	Path string // of a field of the policy
	Key  string // in the open map that is there; empty for the field's own value
}

// Example is a value and what must become of it, with the key that examples are run with.
type Example struct {
	In, Out *string // nil for null
	With    []Value // what else is in the record
	Line    int
}

// Value is a value at a path, nil for null.
type Value struct {
	Path string
	Text *string
}

// Steps is the field's path.
func (f Field) Steps() Path { return f.steps }

// Line is where the field stands in its file, from 1.
func (f Field) Line() int { return f.line }

// Expect names detector classes whose hits in this column's output are counted and not rejected.
type Expect struct {
	Classes []string
	Why     string
}

// File is the name under which the policy was read.
func (p *Policy) File() string { return p.file }

// Field finds the field of that path, the first if there are several with conditions.
func (p *Policy) Field(path string) (Field, bool) {
	for _, f := range p.Fields {
		if f.Path == path {
			return f, true
		}
	}
	return Field{}, false
}

// Output yields the fields that have a column in masked objects, in column order.
func (p *Policy) Output() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for _, f := range p.Fields {
			if _, drop := f.Treatment.(Drop); drop {
				continue
			}
			if !yield(f) {
				return
			}
		}
	}
}

// KeyColumns are the columns that identify a row, by name.
func (p *Policy) KeyColumns() []string {
	var out []string
	for _, k := range p.Key {
		out = append(out, columnOf(k))
	}
	return out
}

// TenantColumn is the column of the masked object that says who owns a row, by name; empty when rows have no owner.
func (p *Policy) TenantColumn() string {
	if p.Tenant == nil {
		return ""
	}
	return columnOf(p.Tenant.Path)
}

// ColumnName is the name of the column that a path of one step leads to.
func ColumnName(path string) string { return columnOf(path) }

// columnOf is the name of the column that a path of one step leads to.
func columnOf(path string) string {
	p, err := ParsePath(path)
	if err != nil {
		return path
	}
	return p[0].Name
}
