package surrogate

// Card numbers have 13 to 19 digits (ISO/IEC 7812-1).
const (
	MinCard = 13
	MaxCard = 19
)

// IsCard reports that text is MinCard to MaxCard digits, '0' to '9', of which the last is the check digit.
func IsCard(text []byte) bool { return between(text, MinCard, MaxCard) && luhn(text) }

// luhn is the check of ISO/IEC 7812-1, annex B.
func luhn(digits []byte) bool {
	sum := uint(0)
	i := len(digits) % 2
	if i == 1 {
		sum = uint(digits[0] - '0')
	}
	for ; i < len(digits); i += 2 {
		sum += uint(twice[digits[i]-'0']) + uint(digits[i+1]-'0')
	}
	return sum%10 == 0
}

// twice is the sum of the digits of the double of a digit.
var twice = [10]uint8{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}

// Card is card numbers. Their tokens are of the card's length and fail the check, so that nobody's number is among them. They begin with 9,
// or with 8 where 9 would pass the check.
//
// The check digit of a card follows from the n-1 digits before it, its payload. The payload is permuted (FF1) among
// the strings of n-1 digits, 10^12 at least, and the first digit is put before it. It counts 9 or 9 in the check's
// sum if it is 9, and 7 or 8 if it is 8: the sums are never equal modulo 10, so that at most one of the two passes.
//
// Undone by taking the first digit off, permuting back and adding the check digit: no two cards of one length have
// one token, and cards of two lengths have tokens of two lengths. No token is a card, so that a value of this format
// that is no card cannot be taken for one after masking; no token is text form either, whose base32 has no 8 or 9.
//
// A first digit of 9 or 8 also keeps the prefixes away after which digits are read as a number to dial: 0, 00, 011.
var Card = &Shape{fits: IsCard, lay: layCard, first: 1, finish: failCheck}

const (
	cardFirst  = '9'
	cardSecond = '8'
)

func layCard(dst, digits []byte) []byte {
	return append(append(dst, cardFirst), digits[:len(digits)-1]...)
}

func failCheck(token []byte) {
	if luhn(token) {
		token[0] = cardSecond
	}
}
