package ff1

import (
	"encoding/binary"
	"math/bits"
)

// words is FF1 where a half fits a machine word. One block differs from round to round then, and that block is two
// words as well: bytes written one by one would be slow to read back as a block.
func (c *Cipher) words(f *frame, numerals []uint16, start [16]byte, inverse bool) {
	s := state{
		high: binary.BigEndian.Uint64(start[:8]) ^ binary.BigEndian.Uint64(c.q),
		low:  binary.BigEndian.Uint64(start[8:]) ^ binary.BigEndian.Uint64(c.q[8:]),
	}
	left, right := c.number(numerals[:f.left]), c.number(numerals[f.left:])
	if inverse {
		for i := rounds - 1; i >= 0; i-- {
			mod := f.modulus(i)
			y := c.value(f, i, left, mod, s)
			if right < y {
				right += mod
			}
			left, right = right-y, left
		}
	} else {
		for i := range rounds {
			mod := f.modulus(i)
			y := left + c.value(f, i, right, mod, s)
			if y >= mod {
				y -= mod
			}
			left, right = right, y
		}
	}
	c.numerals(numerals[:f.left], left)
	c.numerals(numerals[f.left:], right)
}

// state is the CBC-MAC before the last block, with what is the same of that block in all rounds.
type state struct{ high, low uint64 }

func (f *frame) modulus(i int) uint64 {
	if i%2 == 0 {
		return f.lower
	}
	return f.upper
}

// value is y of step 6iv, modulo mod: of the round i and the other half's number.
func (c *Cipher) value(f *frame, i int, half, mod uint64, s state) uint64 {
	// The block ends with the round in a byte and the number in one to eight.
	if f.bytes == 8 {
		s.high ^= uint64(i)
	} else {
		s.low ^= uint64(i) << (8 * f.bytes)
	}
	binary.BigEndian.PutUint64(c.r[:8], s.high)
	binary.BigEndian.PutUint64(c.r[8:], s.low^half)
	c.block.Encrypt(c.r[:], c.r[:])
	if f.stretch == 8 {
		return binary.BigEndian.Uint64(c.r[:8]) % mod
	}
	low := binary.BigEndian.Uint64(c.r[4:12]) // 12 bytes: a half has eight at most
	return bits.Rem64(uint64(binary.BigEndian.Uint32(c.r[:4])), low, mod)
}

func (c *Cipher) number(numerals []uint16) uint64 {
	x := uint64(0)
	for _, d := range numerals {
		x = x*c.radix + uint64(d)
	}
	return x
}

func (c *Cipher) numerals(dst []uint16, x uint64) {
	if c.radix == 10 { // a constant divisor is a multiplication
		for i := len(dst) - 1; i >= 0; i-- {
			dst[i], x = uint16(x%10), x/10
		}
		return
	}
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i], x = uint16(x%c.radix), x/c.radix
	}
}
