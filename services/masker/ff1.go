package masker

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
)

// ff1 is the format-preserving encryption FF1 of NIST SP 800-38G: a keyed permutation of the strings of one
// length over the numerals 0..radix-1. It is not safe for concurrent use, because it reuses its buffers.
type ff1 struct {
	block cipher.Block
	radix uint64
	// prefix caches the encrypted first block, which depends on length and tweak length alone.
	prefix map[[2]int][16]byte
	q, s   []byte
	r      [16]byte // a field, since what an interface method is given would move to the heap
}

const (
	ff1Rounds = 10
	// ff1MinDomain is the least number of strings that FF1 may permute: below it, guessing wins.
	// A requirement in SP 800-38G Revision 1 (draft), a recommendation before.
	ff1MinDomain = 1_000_000
	ff1MaxLength = 1 << 16
	ff1MaxTweak  = 1 << 16
)

// newFF1 takes an AES key of 16, 24 or 32 bytes and a radix from 2 to 65536.
func newFF1(key []byte, radix int) (*ff1, error) {
	if radix < 2 || radix > 1<<16 {
		return nil, fmt.Errorf("ff1: radix %d is not between 2 and 65536", radix)
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("ff1: %w", err)
	}
	return &ff1{block: b, radix: uint64(radix), prefix: map[[2]int][16]byte{}}, nil
}

// encrypt permutes numerals in place.
func (f *ff1) encrypt(numerals []uint16, tweak []byte) error { return f.run(numerals, tweak, false) }

// decrypt undoes encrypt.
func (f *ff1) decrypt(numerals []uint16, tweak []byte) error { return f.run(numerals, tweak, true) }

func (f *ff1) run(numerals []uint16, tweak []byte, inverse bool) error {
	n := len(numerals)
	if err := f.check(numerals, tweak); err != nil {
		return err
	}
	u := n / 2
	v := n - u
	b := f.halfBytes(v)
	p := f.first(n, u, len(tweak))
	f.layout(tweak, b)
	// d bytes of the round function's output are used; up to 16 they are one block and two machine words.
	if d := 4*((b+3)/4) + 4; d <= 16 {
		if m, ok := power(f.radix, v); ok {
			f.words(numerals, u, b, d, m, p, inverse)
			return nil
		}
	}
	f.general(numerals, u, b, p, inverse)
	return nil
}

func (f *ff1) check(numerals []uint16, tweak []byte) error {
	if len(numerals) < 2 || len(numerals) > ff1MaxLength || len(tweak) > ff1MaxTweak {
		return errors.New("ff1: length of text or tweak is out of range")
	}
	if size, ok := power(f.radix, len(numerals)); ok && size < ff1MinDomain {
		return fmt.Errorf("ff1: fewer than %d strings of %d numerals", ff1MinDomain, len(numerals))
	}
	for _, x := range numerals {
		if uint64(x) >= f.radix {
			return errors.New("ff1: a numeral is not below the radix")
		}
	}
	return nil
}

// halfBytes is b of the standard: the bytes that hold any number of v numerals, ceil(ceil(v·log2(radix))/8),
// in integers so that no rounding can differ.
func (f *ff1) halfBytes(v int) int {
	if m, ok := power(f.radix, v); ok {
		return (bits.Len64(m-1) + 7) / 8
	}
	m := new(big.Int).Exp(new(big.Int).SetUint64(f.radix), big.NewInt(int64(v)), nil)
	return (m.Sub(m, big.NewInt(1)).BitLen() + 7) / 8
}

// first is the encrypted block P (step 5): the start of the CBC-MAC that every round continues.
func (f *ff1) first(n, u, t int) [16]byte {
	if p, ok := f.prefix[[2]int{n, t}]; ok {
		return p
	}
	var p [16]byte
	p[0], p[1], p[2] = 1, 2, 1
	p[3], p[4], p[5] = byte(f.radix>>16), byte(f.radix>>8), byte(f.radix)
	p[6], p[7] = ff1Rounds, byte(u)
	binary.BigEndian.PutUint32(p[8:], uint32(n))
	binary.BigEndian.PutUint32(p[12:], uint32(t))
	f.block.Encrypt(p[:], p[:])
	if len(f.prefix) < 64 {
		f.prefix[[2]int{n, t}] = p
	}
	return p
}

// layout prepares Q (step 6i) with the parts that no round changes: tweak, padding, room for round and number.
func (f *ff1) layout(tweak []byte, b int) {
	size := (len(tweak) + 1 + b + 15) / 16 * 16
	if cap(f.q) < size {
		f.q = make([]byte, size)
	}
	f.q = f.q[:size]
	clear(f.q)
	copy(f.q, tweak)
}

// round is R (step 6ii) of the round i, with the half's number already at the end of q.
func (f *ff1) round(i, b int, p [16]byte) [16]byte {
	f.q[len(f.q)-b-1] = byte(i)
	f.r = p
	for at := 0; at < len(f.q); at += 16 {
		subtle.XORBytes(f.r[:], f.r[:], f.q[at:at+16])
		f.block.Encrypt(f.r[:], f.r[:])
	}
	return f.r
}

// words is FF1 where a half fits a machine word. m is radix^v.
func (f *ff1) words(numerals []uint16, u, b, d int, m uint64, p [16]byte, inverse bool) {
	mu, _ := power(f.radix, u)
	left, right := f.number(numerals[:u]), f.number(numerals[u:])
	for k := range ff1Rounds {
		i, a, half := k, left, right
		if inverse {
			i, a, half = ff1Rounds-1-k, right, left
		}
		var word [8]byte
		binary.BigEndian.PutUint64(word[:], half)
		copy(f.q[len(f.q)-b:], word[8-b:])
		r := f.round(i, b, p)
		mod := m
		if i%2 == 0 {
			mod = mu
		}
		y := remainder(r[:d], mod)
		var c uint64
		if inverse {
			if y = mod - y; y == mod {
				y = 0
			}
		}
		if c = a + y; c >= mod {
			c -= mod
		}
		if inverse {
			right, left = left, c
		} else {
			left, right = right, c
		}
	}
	f.digits(numerals[:u], left)
	f.digits(numerals[u:], right)
}

// remainder is the big-endian number of 8, 12 or 16 bytes modulo m.
func remainder(b []byte, m uint64) uint64 {
	if len(b) == 8 {
		return binary.BigEndian.Uint64(b) % m
	}
	var high uint64
	if len(b) == 12 {
		high = uint64(binary.BigEndian.Uint32(b))
	} else {
		high = binary.BigEndian.Uint64(b)
	}
	return bits.Rem64(high, binary.BigEndian.Uint64(b[len(b)-8:]), m)
}

func (f *ff1) number(numerals []uint16) uint64 {
	var x uint64
	for _, d := range numerals {
		x = x*f.radix + uint64(d)
	}
	return x
}

func (f *ff1) digits(numerals []uint16, x uint64) {
	for i := len(numerals) - 1; i >= 0; i-- {
		numerals[i] = uint16(x % f.radix)
		x /= f.radix
	}
}

// power is base^n, or false when it does not fit 63 bits, so that a sum of two remainders fits a word.
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
