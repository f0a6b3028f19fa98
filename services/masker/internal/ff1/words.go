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
				right += mod.n
			}
			left, right = right-y, left
		}
	} else {
		for i := range rounds {
			mod := f.modulus(i)
			y := left + c.value(f, i, right, mod, s)
			if y >= mod.n {
				y -= mod.n
			}
			left, right = right, y
		}
	}
	c.numerals(numerals[:f.left], left)
	c.numerals(numerals[f.left:], right)
}

// state is the CBC-MAC before the last block, with what is the same of that block in all rounds.
type state struct{ high, low uint64 }

// with is the last block of round i, without the other half's number.
func (s state) with(f *frame, i int) state {
	return state{s.high ^ uint64(i)*f.round.high, s.low ^ uint64(i)*f.round.low}
}

func (f *frame) modulus(i int) *modulus {
	if i%2 == 0 {
		return &f.lower
	}
	return &f.upper
}

// value is y of step 6iv, modulo mod: of the round i and the other half's number.
func (c *Cipher) value(f *frame, i int, half uint64, mod *modulus, s state) uint64 {
	s = s.with(f, i)
	binary.BigEndian.PutUint64(c.r[:8], s.high)
	binary.BigEndian.PutUint64(c.r[8:], s.low^half)
	c.block.Encrypt(c.r[:], c.r[:])
	return f.value(&c.r, mod)
}

// value is the number in the first bytes of the round function's output, modulo mod.
func (f *frame) value(r *[16]byte, mod *modulus) uint64 {
	if f.stretch == 8 {
		return mod.of(binary.BigEndian.Uint64(r[:8]))
	}
	low := binary.BigEndian.Uint64(r[4:12]) // 12 bytes: a half has eight at most
	return bits.Rem64(uint64(binary.BigEndian.Uint32(r[:4])), low, mod.n)
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
