package ff1

import (
	"crypto/aes"
	"crypto/cipher"
	"math/big"
	"testing"
)

// reference is FF1 by the steps of SP 800-38G, algorithms 1 to 8, each with the standard's names, with big integers
// and without any thought of speed.
type reference struct {
	ciph  cipher.Block
	radix *big.Int
}

func newReference(t testing.TB, key []byte, radix int) reference {
	t.Helper()
	b, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	return reference{b, big.NewInt(int64(radix))}
}

// allowed is the requirement on the domain, radix^n >= 1,000,000, with n at least 2.
func (r reference) allowed(n int) bool {
	return n >= 2 && new(big.Int).Exp(r.radix, big.NewInt(int64(n)), nil).Cmp(big.NewInt(1_000_000)) >= 0
}

// num is NUM_radix(X), algorithm 1.
func (r reference) num(x []uint16) *big.Int {
	n := new(big.Int)
	for _, d := range x {
		n.Mul(n, r.radix)
		n.Add(n, big.NewInt(int64(d)))
	}
	return n
}

// str is STR_radix^m(x), algorithm 3.
func (r reference) str(x *big.Int, m int) []uint16 {
	out := make([]uint16, m)
	rest := new(big.Int).Set(x)
	for i := range m {
		d := new(big.Int).Mod(rest, r.radix)
		out[m-1-i] = uint16(d.Int64())
		rest.Div(rest, r.radix)
	}
	return out
}

// octets is [x]^s: the number x in s bytes.
func octets(x *big.Int, s int) []byte { return x.FillBytes(make([]byte, s)) }

// prf is PRF(X), algorithm 6: the CBC-MAC of whole blocks.
func (r reference) prf(x []byte) []byte {
	y := make([]byte, 16)
	for at := 0; at < len(x); at += 16 {
		for i := range 16 {
			y[i] ^= x[at+i]
		}
		r.ciph.Encrypt(y, y)
	}
	return y
}

func (r reference) encrypt(x []uint16, tweak []byte) []uint16 { return r.run(x, tweak, true) }
func (r reference) decrypt(x []uint16, tweak []byte) []uint16 { return r.run(x, tweak, false) }

// run is FF1.Encrypt and FF1.Decrypt, algorithms 7 and 8.
func (r reference) run(x []uint16, tweak []byte, encrypt bool) []uint16 {
	n, t := len(x), len(tweak)
	u := n / 2 // 1
	v := n - u
	a, b := x[:u], x[u:] // 2
	// 3: b = ceil(ceil(v·log2(radix))/8). The inner ceiling is the least k with 2^k >= radix^v.
	states := new(big.Int).Exp(r.radix, big.NewInt(int64(v)), nil)
	k := 0
	for new(big.Int).Lsh(big.NewInt(1), uint(k)).Cmp(states) < 0 {
		k++
	}
	size := (k + 7) / 8
	d := 4*((size+3)/4) + 4 // 4
	p := []byte{1, 2, 1}    // 5
	p = append(p, octets(r.radix, 3)...)
	p = append(p, 10, byte(u%256))
	p = append(p, octets(big.NewInt(int64(n)), 4)...)
	p = append(p, octets(big.NewInt(int64(t)), 4)...)
	for step := range 10 { // 6
		i := step
		if !encrypt {
			i = 9 - step
		}
		half := b
		if !encrypt {
			half = a
		}
		q := append([]byte(nil), tweak...) // i
		for (len(q)+size+1)%16 != 0 {
			q = append(q, 0)
		}
		q = append(q, byte(i))
		q = append(q, octets(r.num(half), size)...)
		rr := r.prf(append(append([]byte(nil), p...), q...)) // ii
		s := append([]byte(nil), rr...)                      // iii
		for j := int64(1); len(s) < d; j++ {
			block := octets(new(big.Int).Xor(new(big.Int).SetBytes(rr), big.NewInt(j)), 16)
			r.ciph.Encrypt(block, block)
			s = append(s, block...)
		}
		y := new(big.Int).SetBytes(s[:d]) // iv
		m := u                            // v
		if i%2 == 1 {
			m = v
		}
		c := new(big.Int) // vi
		if encrypt {
			c.Add(r.num(a), y)
		} else {
			c.Sub(r.num(b), y)
		}
		c.Mod(c, new(big.Int).Exp(r.radix, big.NewInt(int64(m)), nil))
		if encrypt { // vii to ix
			a, b = b, r.str(c, m)
		} else {
			b, a = a, r.str(c, m)
		}
	}
	return append(append([]uint16(nil), a...), b...) // 7
}
