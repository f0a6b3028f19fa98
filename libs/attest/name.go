package attest

import "strings"

// MaskedSuffix is what the key of the masker's attestation has behind that of its object.
const MaskedSuffix = ".masked.dsse.json"

// The key of a verdict is that of its object, VerdictInfix, the version of the rules and VerdictEnd: other rules give
// another verdict beside the first. One that refuses has RefusalEnd instead, and so takes nothing's place.
const (
	VerdictInfix = ".validated-"
	VerdictEnd   = ".dsse.json"
	RefusalEnd   = "-refused" + VerdictEnd
)

// IsVerdict reports whether a name is that of a verdict on the object of another name.
func IsVerdict(name, object string) bool {
	rest, ok := strings.CutPrefix(name, object+VerdictInfix)
	return ok && strings.HasSuffix(rest, VerdictEnd)
}
