package detect

import "slices"

// detector finds the values of one class around the scan's current candidate
// and reports them with scan.hit. It keeps no state of its own: one detector
// serves many goroutines.
type detector interface {
	look(sc *scan)
}

// trigger is the kind of candidate a detector is called for.
type trigger uint8

const (
	onDigits trigger = iota // a complete digit chain: scan.groups and scan.digits
	onAt                    // an at sign: scan.at and scan.atEnd
)

// definition is a class's line in the registry.
type definition struct {
	class Class
	on    trigger
	// minDigits is the fewest digits a chain must have; 0 for other triggers.
	minDigits int
	build     func(region string) (detector, error)
}

// registry lists every class, the most sensitive first: the order settles
// overlaps of equal place and length.
var registry = []definition{
	{class: Card, on: onDigits, minDigits: minPAN, build: newCard},
	{class: SSN, on: onDigits, minDigits: 9, build: newSSN},
	{class: Phone, on: onDigits, minDigits: minPhone, build: newPhone},
	{class: Email, on: onAt, build: newEmail},
}

// Classes returns the known classes, sorted.
func Classes() []Class {
	out := make([]Class, len(registry))
	for i, def := range registry {
		out[i] = def.class
	}
	slices.Sort(out)
	return out
}

// rank is a class's place in the registry; lower is more sensitive.
func rank(c Class) int {
	return slices.IndexFunc(registry, func(def definition) bool { return def.class == c })
}

func (s *Set) add(e entry) {
	switch e.on {
	case onAt:
		s.onAt = append(s.onAt, e)
	case onDigits:
		s.onDigits = append(s.onDigits, e)
		s.minDigits = min(s.minDigits, e.minDigits)
	}
}
