package ff1

import (
	"encoding/binary"
	"math/big"
)

// wide is the big numbers that general reuses.
type wide struct {
	left, right, sum, quotient, word, chunk big.Int
	stream                                  []byte
}

// general is FF1 of any length, as the standard writes it, with big integers.
func (c *Cipher) general(f *frame, numerals []uint16, start [16]byte, inverse bool) {
	w := &c.wide
	left, right, sum := &w.left, &w.right, &w.sum
	c.wideNumber(left, numerals[:f.left])
	c.wideNumber(right, numerals[f.left:])
	for k := range rounds {
		i, a, half := k, left, right
		if inverse {
			i, a, half = rounds-1-k, right, left
		}
		half.FillBytes(c.q[len(c.q)-f.bytes:])
		c.q[len(c.q)-f.bytes-1] = byte(i)
		c.r = start
		c.mac(c.q) // R (step 6ii)
		mod := f.wideUpper
		if i%2 == 0 {
			mod = f.wideLower
		}
		c.wideValue(sum, f.stretch)
		if inverse {
			sum.Sub(a, sum)
		} else {
			sum.Add(a, sum)
		}
		// QuoRem keeps the quotient's memory, Mod would not. Its remainder has the sign of the sum.
		w.quotient.QuoRem(sum, mod, a)
		if a.Sign() < 0 {
			a.Add(a, mod)
		}
		left, right = right, left
	}
	c.wideNumerals(numerals[:f.left], left)
	c.wideNumerals(numerals[f.left:], right)
}

// wideValue is y of steps 6iii and 6iv: the first d bytes of R, E(R xor 1), E(R xor 2), ... as a number.
func (c *Cipher) wideValue(y *big.Int, d int) {
	r := c.r
	s := append(c.wide.stream[:0], r[:]...)
	for j := uint64(1); len(s) < d; j++ {
		c.r = r
		binary.BigEndian.PutUint64(c.r[8:], binary.BigEndian.Uint64(r[8:])^j)
		c.block.Encrypt(c.r[:], c.r[:])
		s = append(s, c.r[:]...)
	}
	c.wide.stream = s
	y.SetBytes(s[:d])
}

// chunk is the most numerals whose number fits a word, and the number of their strings.
func (c *Cipher) chunk() (n int, strings uint64) {
	n, strings = 1, c.radix
	for strings < 1<<63/c.radix {
		n, strings = n+1, strings*c.radix
	}
	return n, strings
}

// wideNumber is number, a word at a time.
func (c *Cipher) wideNumber(x *big.Int, numerals []uint16) {
	w := &c.wide
	n, strings := c.chunk()
	w.chunk.SetUint64(strings)
	head := len(numerals) % n
	x.SetUint64(c.number(numerals[:head]))
	for at := head; at < len(numerals); at += n {
		w.quotient.Mul(x, &w.chunk)
		x.Add(&w.quotient, w.word.SetUint64(c.number(numerals[at:at+n])))
	}
}

// wideNumerals is numerals, a word at a time. It leaves x at 0.
func (c *Cipher) wideNumerals(dst []uint16, x *big.Int) {
	w := &c.wide
	n, strings := c.chunk()
	w.chunk.SetUint64(strings)
	for end := len(dst); end > 0; end -= n {
		x.QuoRem(x, &w.chunk, &w.word)
		c.numerals(dst[max(0, end-n):end], w.word.Uint64())
	}
}
