package masker

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/policy"
)

// zip3 keeps the first three digits of US ZIP codes: five digits, or five, a hyphen and four, and space around them.
// Codes in columns of numbers have lost their leading zeros and get them back. Nine digits without a hyphen are no ZIP
// code, because a social security number looks the same. Everything else, the prefixes of policy.RestrictedZip3 and codes
// below 00501, the lowest that there is, become 000.
type zip3 struct {
	number bool // the column is one of numbers
}

const (
	zipDigits = 5
	lowestZip = "00501"
)

func (zip3) output(in arrow.DataType) (arrow.DataType, bool) {
	return arrow.BinaryTypes.String, isText(in) || holdsCodes(in)
}

// holdsCodes reports a type of numbers that ZIP codes come in: integers, and floats where a tool needed them for nulls.
func holdsCodes(t arrow.DataType) bool { return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) }

func (zip3) mask(s *scratch, c cells) (arrow.Array, error) {
	return text{zip3{number: holdsCodes(c.array.DataType())}}.mask(s, c)
}

func (zip3) perValue() bool { return true }

func (zip3) room(n, _ int) int { return n * len(policy.NoZip3) }

func (o zip3) rewrite(_ *scratch, _ place, dst, value []byte) ([]byte, error) {
	var room [zipDigits]byte
	code := room[:0]
	if o.number {
		for range zipDigits - len(value) {
			code = append(code, '0')
		}
	} else {
		value = bytes.TrimSpace(value)
		if head, four, plus := bytes.Cut(value, []byte("-")); plus && len(four) == 4 && allDigits(four) {
			value = head
		}
	}
	if len(value) > zipDigits || !allDigits(value) {
		return append(dst, policy.NoZip3...), nil
	}
	code = append(code, value...)
	if len(code) != zipDigits || string(code) < lowestZip || policy.RestrictedZip3(string(code[:3])) {
		return append(dst, policy.NoZip3...), nil
	}
	return append(dst, code[:3]...), nil
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
