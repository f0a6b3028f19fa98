package policy

import (
	"fmt"
	"regexp"
	"strconv"
)

// Type is a declared column type. Its zero value means that none is declared.
type Type struct {
	Kind             Kind
	Precision, Scale int // of a decimal
}

// Kind is the kind of a declared type.
type Kind string

// The kinds.
const (
	String    Kind = "string"
	Int       Kind = "int" // 64 bit, signed
	Decimal   Kind = "decimal"
	Double    Kind = "double"
	Bool      Kind = "bool"
	DateOnly  Kind = "date"
	Timestamp Kind = "timestamp" // microseconds, UTC
)

// String writes the type as a policy does.
func (t Type) String() string {
	if t.Kind == Decimal {
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	}
	return string(t.Kind)
}

var decimalType = regexp.MustCompile(`^decimal\(\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*\)$`)

// maxPrecision is the most digits that a 128-bit decimal holds.
const maxPrecision = 38

func parseType(s string) (Type, error) {
	switch k := Kind(s); k {
	case String, Int, Double, Bool, DateOnly, Timestamp:
		return Type{Kind: k}, nil
	}
	m := decimalType.FindStringSubmatch(s)
	if m == nil {
		return Type{}, fmt.Errorf("unknown type %q: use string, int, decimal(p,s), double, bool, date or timestamp", s)
	}
	p, _ := strconv.Atoi(m[1])
	sc, _ := strconv.Atoi(m[2])
	if p < 1 || p > maxPrecision || sc > p {
		return Type{}, fmt.Errorf("decimal(%d,%d): precision is 1 to %d and scale at most the precision", p, sc, maxPrecision)
	}
	return Type{Kind: Decimal, Precision: p, Scale: sc}, nil
}
