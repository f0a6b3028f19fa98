package validator

import (
	"bytes"
	"math/big"
	"strconv"

	"github.com/maskrail/maskrail/libs/policy"
)

// isBucket wants a whole number that is the top, or a multiple of the width below it.
func isBucket(b []byte, width int64, top *int64) bool {
	if len(b) == 0 {
		return true
	}
	whole, fraction, point := bytes.Cut(b, []byte("."))
	if point && (len(fraction) == 0 || len(bytes.Trim(fraction, "0")) > 0) {
		return false
	}
	digits := bytes.TrimPrefix(whole, []byte("-"))
	if len(digits) == 0 || !consists(digits, isDigit) {
		return false
	}
	if v, err := strconv.ParseInt(string(whole), 10, 64); err == nil {
		return top != nil && v == *top || v%width == 0 && (top == nil || v < *top)
	}
	v, ok := new(big.Int).SetString(string(whole), 10) // beyond 64 bits
	return ok && (top == nil || v.Sign() < 0) && new(big.Int).Rem(v, big.NewInt(width)).Sign() == 0
}

// isZip3 wants three digits that the rule of Zip3 lets stand.
func isZip3(b []byte) bool {
	return len(b) == 0 || len(b) == len(policy.NoZip3) && consists(b, isDigit) && !policy.RestrictedZip3(string(b))
}
