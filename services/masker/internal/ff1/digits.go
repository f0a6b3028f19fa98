package ff1

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// Lane is one text of a batch, and what EncryptDigits needs for it. It must not be copied while in use.
type Lane struct {
	Cipher *Cipher // of radix 10
	Text   []byte  // '0' to '9'; permuted in place

	frame       *frame
	start       state
	left, right uint64
	block       [16]byte
}

// EncryptDigits permutes texts of decimal digits in place, without a tweak: what Encrypt makes of their numerals. The
// rounds of one text wait for each other, those of several overlap in the processor, so that eight lanes take about
// three times as long as one. The error is ErrDomain, ErrLength or ErrNumeral; all texts are then as before.
func EncryptDigits(lanes []Lane) error {
	for i := range lanes {
		if err := lanes[i].check(); err != nil {
			return err
		}
	}
	for i := range lanes {
		if l := &lanes[i]; !l.frame.narrow { // does not fit words
			l.Cipher.wideDigits(l.frame, l.Text)
			return errors.Join(EncryptDigits(lanes[:i]), EncryptDigits(lanes[i+1:]))
		}
	}
	for i := range lanes {
		lanes[i].begin()
	}
	for i := range rounds {
		for j := range lanes {
			lanes[j].write(i)
		}
		for j := range lanes { // after all were written: to read a block right behind its halves would wait for them
			lanes[j].Cipher.block.Encrypt(lanes[j].block[:], lanes[j].block[:])
		}
		for j := range lanes {
			lanes[j].read(i)
		}
	}
	for i := range lanes {
		lanes[i].end()
	}
	return nil
}

// check finds the frame.
func (l *Lane) check() error {
	for _, d := range l.Text {
		if d-'0' > 9 {
			return ErrNumeral
		}
	}
	var err error
	l.frame, err = l.Cipher.prepare(size{text: len(l.Text)})
	return err
}

// begin reads the halves.
func (l *Lane) begin() {
	f := l.frame
	// Q is zero but for the round and the number (see layout), and of one block.
	l.start = state{high: binary.BigEndian.Uint64(f.first[:8]), low: binary.BigEndian.Uint64(f.first[8:])}
	l.left, l.right = decimal(l.Text[:f.left]), decimal(l.Text[f.left:])
}

// write lays out the block of a round.
func (l *Lane) write(i int) {
	s := l.start.with(l.frame, i)
	binary.BigEndian.PutUint64(l.block[:8], s.high)
	binary.BigEndian.PutUint64(l.block[8:], s.low^l.right)
}

// read is the rest of the round, see words.
func (l *Lane) read(i int) {
	m := l.frame.modulus(i)
	y := l.left + l.frame.value(&l.block, m)
	if y >= m.n {
		y -= m.n
	}
	l.left, l.right = l.right, y
}

func (l *Lane) end() {
	left := l.frame.left
	putDecimal(l.Text[:left], l.left)
	putDecimal(l.Text[left:], l.right)
}

// wideDigits is general for text.
func (c *Cipher) wideDigits(f *frame, text []byte) {
	x := make([]uint16, len(text))
	for i, d := range text {
		x[i] = uint16(d - '0')
	}
	c.general(f, x, c.layout(f, nil), false)
	for i, d := range x {
		text[i] = byte('0' + d)
	}
}

func decimal(digits []byte) uint64 {
	x := uint64(0)
	for _, d := range digits {
		x = x*10 + uint64(d-'0')
	}
	return x
}

func putDecimal(dst []byte, x uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i], x = byte('0'+x%10), x/10
	}
}

// modulus is n with its reciprocal, 2^64/n rounded down: a division is the slowest step of a round after the cipher.
type modulus struct{ n, reciprocal uint64 }

func newModulus(n uint64) modulus {
	quotient, _ := bits.Div64(1, 0, n)
	return modulus{n, quotient}
}

// of is x modulo n. The upper half of x*reciprocal is the quotient, or one less: by rounding down the reciprocal has
// lost less than 1, and the product by that less than x, which is below 2^64.
func (m *modulus) of(x uint64) uint64 {
	quotient, _ := bits.Mul64(x, m.reciprocal)
	if x -= quotient * m.n; x >= m.n {
		x -= m.n
	}
	return x
}
