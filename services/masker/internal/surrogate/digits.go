package surrogate

import (
	"fmt"

	"github.com/maskrail/maskrail/services/masker/internal/ff1"
)

// Numbers of digits that AppendDigits takes: six are the 10^6 strings that FF1 demands. The upper limit bounds the
// time, which grows with the square of the length.
const (
	MinDigits = 6
	MaxDigits = 4096
)

// IsDigits reports that text is MinDigits to MaxDigits digits, '0' to '9', and nothing else.
func IsDigits(text []byte) bool { return between(text, MinDigits, MaxDigits) }

var errDigits = fmt.Errorf("digits token: the text is not %d to %d digits", MinDigits, MaxDigits)

// AppendDigits appends digits of the same number, which must be ones by IsDigits. The cipher has radix 10.
//
// The n digits, with leading zeros, are permuted (FF1) among the strings of n digits: no two values of one length
// have one token, and the lengths keep the others apart. The token may be somebody's number, by design.
func AppendDigits(dst []byte, c *ff1.Cipher, digits []byte) ([]byte, error) {
	if !IsDigits(digits) {
		return dst, errDigits
	}
	var room [32]uint16
	x := append(room[:0], make([]uint16, len(digits))...)
	numerals(x, digits)
	return permuted(dst, c, x)
}
