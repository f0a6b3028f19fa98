// Package ff1 is the format-preserving encryption FF1 of NIST SP 800-38G over AES: a keyed permutation of the
// strings of one length over the numerals 0 to radix-1. FF3 is not here, because NIST has withdrawn it.
//
// At least 1,000,000 strings must be permuted. The standard of 2016 recommends it, the draft of its revision 1
// (SP 800-38Gr1, second public draft of 2025) requires it: below, a table of all strings is soon complete.
package ff1

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits of what a Cipher takes.
const (
	MinRadix  = 2
	MaxRadix  = 1 << 16
	MinDomain = 1_000_000 // strings
	MaxLength = 1 << 16   // numerals
	MaxTweak  = 1 << 16   // bytes
)

const rounds = 10

// Why a text is refused. The errors hold nothing of it.
var (
	ErrDomain  = errors.New("ff1: fewer than 1,000,000 strings have this length")
	ErrLength  = fmt.Errorf("ff1: text or tweak is longer than %d", MaxLength)
	ErrNumeral = errors.New("ff1: a numeral is not below the radix")
)

// Cipher permutes with one key and radix. It reuses its buffers: not safe for concurrent use, and no memory is
// allocated once a length has been seen.
type Cipher struct {
	block  cipher.Block
	radix  uint64
	frame  *frame // of the last text
	frames map[size]*frame
	input  []byte   // of the round function, Q of the standard
	q      []byte   // the end of input: the blocks that differ from round to round
	r      [16]byte // a field, since what an interface's method is given would move to the heap
	wide   wide
}

// size is what a frame depends on.
type size struct{ text, tweak int }

// maxFrames bounds the lengths whose frames are kept.
const maxFrames = 64

// New takes an AES key of 16, 24 or 32 bytes, used for nothing else, and a radix from MinRadix to MaxRadix.
func New(key []byte, radix int) (*Cipher, error) {
	if radix < MinRadix || radix > MaxRadix {
		return nil, fmt.Errorf("ff1: radix %d is not between %d and %d", radix, MinRadix, MaxRadix)
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("ff1: %w", err)
	}
	return &Cipher{block: b, radix: uint64(radix), frames: map[size]*frame{}}, nil
}

// Encrypt permutes numerals in place. The tweak, which may be nil, chooses the permutation and need not be secret.
// The error is ErrDomain, ErrLength or ErrNumeral; numerals are then as before.
func (c *Cipher) Encrypt(numerals []uint16, tweak []byte) error {
	return c.run(numerals, tweak, false)
}

// Decrypt undoes Encrypt.
func (c *Cipher) Decrypt(numerals []uint16, tweak []byte) error {
	return c.run(numerals, tweak, true)
}

func (c *Cipher) run(numerals []uint16, tweak []byte, inverse bool) error {
	for _, x := range numerals {
		if uint64(x) >= c.radix {
			return ErrNumeral
		}
	}
	f, err := c.prepare(size{len(numerals), len(tweak)})
	if err != nil {
		return err
	}
	start := c.layout(f, tweak)
	if f.narrow {
		c.words(f, numerals, start, inverse)
	} else {
		c.general(f, numerals, start, inverse)
	}
	return nil
}

// prepare checks the lengths and finds their frame.
func (c *Cipher) prepare(s size) (*frame, error) {
	if c.frame != nil && c.frame.size == s {
		return c.frame, nil
	}
	f := c.frames[s]
	if f == nil {
		if s.text > MaxLength || s.tweak > MaxTweak {
			return nil, ErrLength
		}
		if n, ok := power(c.radix, s.text); ok && n < MinDomain {
			return nil, ErrDomain
		}
		f = newFrame(c.block, c.radix, s)
		if len(c.frames) < maxFrames {
			c.frames[s] = f
		}
	}
	c.frame = f
	return f, nil
}

// layout writes Q (step 6i) but for the round and the half's number, which are at its end, and returns the CBC-MAC
// of the blocks before those two, which are the same in all rounds.
func (c *Cipher) layout(f *frame, tweak []byte) [16]byte {
	n := (len(tweak) + 1 + f.bytes + 15) / 16 * 16
	if cap(c.input) < n {
		c.input = make([]byte, n)
	}
	c.input = c.input[:n]
	clear(c.input)
	copy(c.input, tweak)
	still := (n - f.bytes - 1) / 16 * 16
	c.q = c.input[still:]
	c.r = f.first
	c.mac(c.input[:still])
	return c.r
}

// mac continues the CBC-MAC in c.r over whole blocks.
func (c *Cipher) mac(blocks []byte) {
	for ; len(blocks) >= 16; blocks = blocks[16:] {
		binary.LittleEndian.PutUint64(c.r[:8], binary.LittleEndian.Uint64(c.r[:8])^binary.LittleEndian.Uint64(blocks[:8]))
		binary.LittleEndian.PutUint64(c.r[8:], binary.LittleEndian.Uint64(c.r[8:])^binary.LittleEndian.Uint64(blocks[8:16]))
		c.block.Encrypt(c.r[:], c.r[:])
	}
}
