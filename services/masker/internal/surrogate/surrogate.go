// Package surrogate turns canonical values into tokens of a given shape: telephone numbers, cards, digits, UUIDs and
// strings of an alphabet. Every construction is injective; the argument stands with each. Those by FF1 have no
// collisions at all and can be undone by whoever has the key, those from a MAC have the collisions of its bits.
//
// Telephone numbers, cards and UUIDs are outside the real grammar: none can be dialled or charged, and no detector of
// libs/detect finds one in a cell. Digits and strings of an alphabet look like what they replace by design.
package surrogate

// Shape is a kind of token that is made of digits by a permutation. The token is laid out first, with digits that are
// still to be permuted, so that the permutations of several tokens can be done at a time.
type Shape struct {
	fits   func(digits []byte) bool
	lay    func(dst, digits []byte) []byte
	first  int                // byte of the token that is permuted; those behind it are as well
	finish func(token []byte) // nil for nothing
}

// Lay appends the token of digits up to the permutation, and says from where on in dst the digits are that a cipher of
// radix 10 must permute; they go to the end. Until then the value can be read from it, and Finish makes it a token after.
// ok is false, and dst as it was, when no token of the shape is made of such digits.
func (s *Shape) Lay(dst, digits []byte) (laid []byte, clear int, ok bool) {
	if !s.fits(digits) {
		return dst, 0, false
	}
	clear = len(dst) + s.first
	return s.lay(dst, digits), clear, true
}

// Finish makes a token of what was laid out and permuted up to the end of dst; clear is what Lay has returned.
func (s *Shape) Finish(dst []byte, clear int) {
	if s.finish != nil {
		s.finish(dst[clear-s.first:])
	}
}

// fill appends zeros in front of digits, to n bytes.
func fill(dst, digits []byte, n int) []byte {
	for range n - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
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
