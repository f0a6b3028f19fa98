// Package surrogate turns canonical values into tokens of a given shape: telephone numbers, cards, digits, UUIDs and
// strings of an alphabet. Every construction is injective; the argument stands with each. Those by FF1 have no
// collisions at all and can be undone by whoever has the key, those from a MAC have the collisions of its bits.
//
// Telephone numbers, cards and UUIDs are outside the real grammar: none can be dialled or charged, and no detector of
// libs/detect finds one in a cell. Digits and strings of an alphabet look like what they replace by design.
package surrogate

import "github.com/maskrail/maskrail/services/masker/internal/ff1"

// permuted appends the permuted digits, 0 to 9 each, as text.
func permuted(dst []byte, c *ff1.Cipher, digits []uint16) ([]byte, error) {
	if err := c.Encrypt(digits, nil); err != nil {
		return dst, err
	}
	for _, d := range digits {
		dst = append(dst, byte('0'+d))
	}
	return dst, nil
}

// numerals writes text of '0' to '9' as numerals.
func numerals(dst []uint16, digits []byte) {
	for i, d := range digits {
		dst[i] = uint16(d - '0')
	}
}

// between reports that text is digits, '0' to '9', and how many it must have.
func between(text []byte, least, most int) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
