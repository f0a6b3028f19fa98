package detect

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// outline says what some bytes of a text are, a bit for each, so that the walk steps from word to word and not from
// byte to byte.
type outline struct {
	letters  uint64 // of ASCII
	capitals uint64 // of these
	wide     uint64 // outside ASCII
	spaces   uint64
	others   uint64 // at least what else a detector or the walk may begin at, and what is wide
	marks    uint64 // of these, no more than those of stepMark
	joins    uint64 // at least commas, and the last letter of "and"
}

const (
	// outlined is how many bytes an outline is of.
	outlined = 64
	// ahead is how many bytes there are to be read from the first of an outline on: a word is read by keyLetters.
	ahead = outlined + keyLetters
)

// tail is the end of a text with spaces behind it, so that what is ahead can be read from anywhere.
type tail [2 * ahead]byte

// keep takes the end of a text.
func (t *tail) keep(text []byte) {
	if len(text) >= ahead {
		*(*[ahead]byte)(t[:]) = *(*[ahead]byte)(text[len(text)-ahead:])
	} else {
		copy(t[ahead-len(text):], text)
	}
	if t[ahead] == 0 {
		for i := ahead; i < len(t); i++ {
			t[i] = ' '
		}
	}
}

// from is what is ahead of the byte at i of the text that was kept.
func (t *tail) from(text []byte, i int) *[ahead]byte {
	if left := len(text) - i; left < ahead {
		return (*[ahead]byte)(t[ahead-left:])
	}
	return (*[ahead]byte)(text[i:])
}

// keyAhead is the key of the n letters from a bit on.
func keyAhead(ahead *[ahead]byte, bit, n int) wordKey16 {
	bit &= outlined - 1
	mask := &keyMasks[n&(2*keyLetters-1)]
	return wordKey16{
		(binary.LittleEndian.Uint64(ahead[bit:]) | 0x20*everyByte) & mask.low,
		(binary.LittleEndian.Uint64(ahead[bit+8:]) | 0x20*everyByte) & mask.high,
	}
}

// starts are the letters that words begin with.
func (o *outline) starts() uint64 { return o.letters &^ (o.letters << 1) }

// odd are the bytes that make a word more than one to look up: capitals behind another letter, letters outside ASCII.
func (o *outline) odd() uint64 { return o.capitals&(o.letters<<1) | o.wide }

// stops are the others but for marks with a space behind them, which end a sentence.
func (o *outline) stops() uint64 { return o.others &^ (o.marks & (o.spaces >> 1)) }

// wordAt is how many letters there are from a bit on.
func (o *outline) wordAt(bit int) int { return bits.TrailingZeros64(^(o.letters >> bit)) }

// mayBeNames reports that promising may hold for a word: not all of those with a capital have a space and a small
// letter behind them, or one has a comma or an "and" before it. before are the last two bytes before the
// outline, if there are as many.
func (o *outline) mayBeNames(before []byte) bool {
	words := o.starts() & o.capitals
	ends := (o.letters + words) &^ o.letters // the sum carries each of them to its end
	small := o.letters &^ o.capitals
	joins := o.joins << 2
	for i, c := range before {
		if c == ',' || c == 'd' {
			joins |= 1 << (2 - len(before) + i)
		}
	}
	return ends&^(o.spaces&(small>>1)) != 0 || words&joins != 0
}

// drawSlowly is the outline by words of eight bytes.
func (o *outline) drawSlowly(text *[ahead]byte) {
	*o = outline{joins: 1<<outlined - 1}
	for at := 0; at < outlined; at += 8 {
		x := binary.LittleEndian.Uint64(text[at:])
		letters := lettersOf(x)
		spaces := x ^ ' '*everyByte
		spaces = (0x80 * everyByte) &^ ((spaces&(0x7f*everyByte) + 0x7f*everyByte) | spaces)
		o.letters |= topBits(letters) << at
		o.capitals |= topBits(letters&^(x<<2)) << at
		o.wide |= topBits(x&(0x80*everyByte)) << at
		o.spaces |= topBits(spaces) << at
	}
	o.others = ^(o.letters | o.spaces)
}

// topBits gathers the highest bit of each byte; the others are zeros.
func topBits(x uint64) uint64 { return x >> 7 * 0x0102040810204080 >> 56 }

// outlineTables are what outlineBlock looks up by a byte's low and high four bits: what both have in common is a kind of
// byte. Some bytes that it needs in all places are behind them.
type outlineTables struct {
	low, high [16]byte
	bytes     [7]byte
}

var outlineTable = func() (k outlineTables) {
	const marks = 0xAA
	k.bytes = [7]byte{' ', 'a', 'z' - 'a', 0x0f, ',', 'd', marks}
	for c := range utf8.RuneSelf {
		if isLetter(byte(c)) || steps[c] == stepOver {
			continue
		}
		// A kind for each row of sixteen that has some, and the next for its marks.
		row := c >> 4
		kind := byte(1) << (2 * (row - 2))
		if steps[c] == stepMark {
			kind <<= 1
		}
		k.low[c&15] |= kind
		k.high[row] |= kind
	}
	return k
}()
