package surrogate

import (
	"errors"

	"github.com/maskrail/maskrail/services/masker/internal/ff1"
)

// Card numbers have 13 to 19 digits (ISO/IEC 7812-1).
const (
	MinCard = 13
	MaxCard = 19
)

// IsCard reports that text is MinCard to MaxCard digits, '0' to '9', of which the last is the check digit.
func IsCard(text []byte) bool { return between(text, MinCard, MaxCard) && luhn(text) }

// luhn is the check of ISO/IEC 7812-1, annex B.
func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		v := int(d - '0')
		if (len(digits)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// Card tokens are of the card's length and fail the check, so that nobody's number is among them. They begin with 9,
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
const (
	cardFirst  = '9'
	cardSecond = '8'
)

var errCard = errors.New("card token: the text is no card number")

// AppendCard appends the token of a card number, which must be one by IsCard. The cipher has radix 10.
func AppendCard(dst []byte, c *ff1.Cipher, digits []byte) ([]byte, error) {
	if !IsCard(digits) {
		return dst, errCard
	}
	var room [MaxCard - 1]uint16
	payload := room[:len(digits)-1]
	numerals(payload, digits[:len(digits)-1])
	at := len(dst)
	dst, err := permuted(append(dst, cardFirst), c, payload)
	if err != nil {
		return dst[:at], err
	}
	if luhn(dst[at:]) {
		dst[at] = cardSecond
	}
	return dst, nil
}
