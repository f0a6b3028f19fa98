package masker

import (
	"encoding/binary"
	"math/big"
)

// general is FF1 of any length, as the standard writes it, with big integers.
func (f *ff1) general(numerals []uint16, u, b int, p [16]byte, inverse bool) {
	radix := new(big.Int).SetUint64(f.radix)
	mu := new(big.Int).Exp(radix, big.NewInt(int64(u)), nil)
	mv := new(big.Int).Exp(radix, big.NewInt(int64(len(numerals)-u)), nil)
	left, right := f.big(numerals[:u]), f.big(numerals[u:])
	for k := range ff1Rounds {
		i, a, half := k, left, right
		if inverse {
			i, a, half = ff1Rounds-1-k, right, left
		}
		half.FillBytes(f.q[len(f.q)-b:])
		r := f.round(i, b, p)
		y := f.stretch(r, 4*((b+3)/4)+4)
		mod := mv
		if i%2 == 0 {
			mod = mu
		}
		c := new(big.Int)
		if inverse {
			c.Sub(a, y)
		} else {
			c.Add(a, y)
		}
		c.Mod(c, mod)
		if inverse {
			right, left = left, c
		} else {
			left, right = right, c
		}
	}
	f.bigDigits(numerals[:u], left)
	f.bigDigits(numerals[u:], right)
}

// stretch is y of steps 6iii and 6iv: the first d bytes of r, E(r xor 1), E(r xor 2), ... as a number.
func (f *ff1) stretch(r [16]byte, d int) *big.Int {
	f.s = append(f.s[:0], r[:]...)
	for j := uint64(1); len(f.s) < d; j++ {
		f.r = r
		binary.BigEndian.PutUint64(f.r[8:], binary.BigEndian.Uint64(r[8:])^j)
		f.block.Encrypt(f.r[:], f.r[:])
		f.s = append(f.s, f.r[:]...)
	}
	return new(big.Int).SetBytes(f.s[:d])
}

func (f *ff1) big(numerals []uint16) *big.Int {
	x, radix, d := new(big.Int), new(big.Int).SetUint64(f.radix), new(big.Int)
	for _, n := range numerals {
		x.Mul(x, radix)
		x.Add(x, d.SetUint64(uint64(n)))
	}
	return x
}

func (f *ff1) bigDigits(numerals []uint16, x *big.Int) {
	radix, d := new(big.Int).SetUint64(f.radix), new(big.Int)
	for i := len(numerals) - 1; i >= 0; i-- {
		x.DivMod(x, radix, d)
		numerals[i] = uint16(d.Uint64())
	}
}
