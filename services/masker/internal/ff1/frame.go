package ff1

import (
	"crypto/cipher"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// frame is what the standard computes from radix and lengths alone, before it looks at the text.
type frame struct {
	size
	left    int      // u: numerals of the left half; the right half has as many or one more
	bytes   int      // b: bytes that hold the number of a half
	stretch int      // d: bytes of the round function's output that are used
	first   [16]byte // P encrypted: where the CBC-MAC of every round starts
	// narrow says that the halves are machine words and stretch is at most one block. lower and upper are then the
	// numbers of strings that the left and the right half have, otherwise wideLower and wideUpper.
	narrow               bool
	round                state // what a round's number is multiplied with to stand in the last block
	lower, upper         modulus
	wideLower, wideUpper *big.Int
}

func newFrame(block cipher.Block, radix uint64, s size) *frame {
	f := &frame{size: s, left: s.text / 2}
	right := s.text - f.left
	upper, ok := power(radix, right)
	if ok {
		lower, _ := power(radix, f.left)
		f.lower, f.upper = newModulus(lower), newModulus(upper)
		f.bytes = (bits.Len64(upper-1) + 7) / 8
	} else {
		r := new(big.Int).SetUint64(radix)
		f.wideLower = new(big.Int).Exp(r, big.NewInt(int64(f.left)), nil)
		f.wideUpper = new(big.Int).Exp(r, big.NewInt(int64(right)), nil)
		// ceil(right·log2(radix)) bits, in integers so that no rounding can differ.
		f.bytes = (new(big.Int).Sub(f.wideUpper, big.NewInt(1)).BitLen() + 7) / 8
	}
	f.stretch = 4*((f.bytes+3)/4) + 4
	f.narrow = ok    // a half of eight bytes stretches to twelve
	if f.bytes < 8 { // the block ends with the round in a byte and the number in one to eight
		f.round.low = 1 << (8 * f.bytes)
	} else {
		f.round.high = 1
	}
	p := &f.first
	p[0], p[1], p[2] = 1, 2, 1
	p[3], p[4], p[5] = byte(radix>>16), byte(radix>>8), byte(radix)
	p[6], p[7] = rounds, byte(f.left)
	binary.BigEndian.PutUint32(p[8:], uint32(s.text))
	binary.BigEndian.PutUint32(p[12:], uint32(s.tweak))
	block.Encrypt(p[:], p[:])
	return f
}

// power is base^n, or false when it does not fit 63 bits, so that the sum of two remainders fits a word.
func power(base uint64, n int) (uint64, bool) {
	x := uint64(1)
	for range n {
		high, low := bits.Mul64(x, base)
		if high != 0 || low >= 1<<63 {
			return 0, false
		}
		x = low
	}
	return x, true
}
