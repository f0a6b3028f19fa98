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
	Duplicates Duplicates
	CSV        CSV
	Fields     []Field

	file   string
	digest string
	lines  map[string]int // of the keys at the top
}

// Tenant says which column owns a row.
type Tenant struct {
	Path string
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
	RejectDuplicates Duplicates = "reject" // the object stops
)

// CSV is the dialect of CSV sources.
type CSV struct {
	Delimiter rune
	// Header says that the first line names the columns; otherwise they are the policy's fields in order.
	Header bool
}

// Field is one column and its treatment.
type Field struct {
	Path      string
	Aliases   []string // other names under which sources deliver it
	Type      Type     // zero when the policy gives none: string in CSV and JSON, the file's own in Parquet
	Treatment Treatment
	Expect    *Expect

	line int
}

// Line is where the field stands in its file, from 1.
func (f Field) Line() int { return f.line }

// Expect names detector classes whose hits in this column's output are counted and not rejected.
type Expect struct {
	Classes []string
	Why     string
}

// File is the name under which the policy was read.
func (p *Policy) File() string { return p.file }

// Field finds the field of that path.
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
