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

// atWeight is more than any digit count asked for, so one at sign is enough.
const atWeight = 64

func (s *Set) add(e entry) {
	switch e.on {
	case onAt:
		s.onAt = append(s.onAt, e)
		// '%' may begin "%40", a backslash "\u0040", 0xEF the fullwidth at sign.
		for _, c := range []byte{'@', '%', '\\', 0xEF} {
			s.weight[c] = atWeight
		}
	case onDigits:
		s.onDigits = append(s.onDigits, e)
		s.need = min(s.need, e.minDigits)
		s.minDigits = min(s.minDigits, e.minDigits)
		for c := range s.weight {
			if c >= '0' && c <= '9' || c >= 0x80 {
				s.weight[c] = max(s.weight[c], 1)
			}
		}
	}
}

// possible reports whether text can hold a finding at all. Bytes outside ASCII
// count as digits here: some are.
func (s *Set) possible(text []byte) bool {
	sum := 0
	w := &s.weight
	for len(text) >= 8 {
		t := text[:8]
		sum += int(w[t[0]]) + int(w[t[1]]) + int(w[t[2]]) + int(w[t[3]]) + int(w[t[4]]) + int(w[t[5]]) + int(w[t[6]]) + int(w[t[7]])
		if sum >= s.need {
			return true
		}
		text = text[8:]
	}
	for _, c := range text {
		sum += int(w[c])
	}
	return sum >= s.need
}
