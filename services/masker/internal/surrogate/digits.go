package surrogate

// Numbers of digits that Digits takes: six are the 10^6 strings that FF1 demands. The upper limit bounds the
// time, which grows with the square of the length.
const (
	MinDigits = 6
	MaxDigits = 4096
)

// IsDigits reports that text is MinDigits to MaxDigits digits, '0' to '9', and nothing else.
func IsDigits(text []byte) bool { return between(text, MinDigits, MaxDigits) }

// Digits is digits of the same number.
//
// The n digits, with leading zeros, are permuted (FF1) among the strings of n digits: no two values of one length
// have one token, and the lengths keep the others apart. The token may be somebody's number, by design.
var Digits = &Shape{fits: IsDigits, lay: func(dst, digits []byte) []byte { return append(dst, digits...) }}
