package surrogate

// Canonical telephone numbers have 7 to 15 digits: fewer are short codes, more is what E.164 does not allow.
const (
	MinPhone = 7
	MaxPhone = 15
)

// Phone is telephone numbers. Their tokens are "+999" and digits. No country has the code 999, so that no token can be dialled.
//
// A canonical number d, 7 to 15 digits, becomes its token by a permutation (FF1) of the digit strings of one
// length, and the length of the token tells which of three sets d is from:
//
//	A  no leading zero, at most 12 digits: d filled up with leading zeros to 12 digits, permuted. The filling is
//	   undone by taking the zeros off again, since d begins with none. Every E.164 number of up to 12 digits is here.
//	B  no leading zero, 13 to 15 digits: d itself, permuted among the strings of its length.
//	C  leading zero: "1" and d, filled up with leading zeros to 16 digits, permuted; undone by taking off the
//	   zeros and the 1.
//
// Tokens of A have 12 digits, of B 13, 14 or 15, of C 16. Within a set the steps can be undone, between sets the
// lengths differ, so no two numbers have one token. Every permuted set has at least 10^12 strings, far above the
// 10^6 that FF1 demands.
var Phone = &Shape{fits: IsPhone, lay: layPhone, first: len(phonePrefix)}

const (
	phonePrefix = "+999"
	lengthA     = 12
	lengthC     = 16
)

// PhoneRoom is about how many bytes a telephone token has.
const PhoneRoom = len(phonePrefix) + lengthA

// IsPhone reports that text is MinPhone to MaxPhone digits, '0' to '9', and nothing else.
func IsPhone(text []byte) bool { return between(text, MinPhone, MaxPhone) }

func layPhone(dst, digits []byte) []byte {
	dst = append(dst, phonePrefix...)
	switch {
	case digits[0] == '0':
		dst = fill(dst, nil, lengthC-1-len(digits))
		return append(append(dst, '1'), digits...)
	case len(digits) <= lengthA:
		return fill(dst, digits, lengthA)
	}
	return append(dst, digits...)
}
