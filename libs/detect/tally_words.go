package detect

import "bytes"

// A text may hold a number in words where minSpokenRun bytes in a row have no word that begins as no word of a number
// does, no letter that none has, and no digit. Few texts have that, and numbers of nine words and more have it: the
// shortest of them take 35 bytes. An address in words has "dot" in it.
const minSpokenRun = 33

const (
	// numberLetters is what words of numbers begin with, also "double" and "hyphen".
	numberInitials = "defhnostz"
	// strange is what none has in it.
	strange = "cjkmq"
)

// blockTally is what tallyBlocks keeps from block to block.
type blockTally struct {
	digits, signs, wide int
	// carry is the marks of the last block, and 1 when its last byte is a letter.
	carry  [2]uint64
	spoken uint64 // above 0 for a text that may be spoken
}

// blockTables is what tallyBlocks looks up. A sign is found by its low four bits. A letter's kind is 1 (2 from 'p' on)
// for what no number begins with, 4 (8) for what none has: what its low and its high four bits have in common.
type blockTables struct {
	signs, low, high [16]byte
	dot              [3]byte
}

var blockTable = func() (k blockTables) {
	k.dot = [3]byte{'d', 'o', 't'}
	k.signs[0] = '@' // and what else is 0 has other low bits, but for the one of index 0
	for _, c := range []byte{'@', '=', '%', '\\', 0xEF} {
		k.signs[c&15] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		shift := (c >> 4) - 6
		if bytes.IndexByte([]byte(numberInitials), c) < 0 {
			k.low[c&15] |= 1 << shift
		}
		if bytes.IndexByte([]byte(strange), c) >= 0 {
			k.low[c&15] |= 4 << shift
		}
	}
	k.high[6], k.high[7] = 1|4, 2|8
	return k
}()

// tallyFast is the tally by blocks.
func tallyFast(text []byte) Tally {
	const block = 32
	var t blockTally
	t.carry[0] = 1<<block - 1 // nothing begins before the text
	if n := (len(text) - 2) / block; n > 0 {
		tallyBlocks(&text[0], n, &t, &blockTable)
		text = text[n*block:]
	}
	if len(text) > 0 {
		// A letter that no number has stands behind the end.
		rest := [2*block + 2]byte(padding)
		n := copy(rest[:], text)
		tallyBlocks(&rest[0], (n+block-1)/block, &t, &blockTable)
	}
	return Tally{Digits: t.digits, Signs: t.signs, Wide: t.wide, Spoken: t.spoken > 0}
}

var padding = bytes.Repeat([]byte("c"), 66)

// mayBeSpoken is what tallyFast says of it, byte by byte. Addresses in words have spaces.
func mayBeSpoken(text []byte) bool {
	run, letter := 0, false
	for i, c := range text {
		k := spokenKinds[c]
		if k == 0 || k == initialKind && !letter {
			run = 0
		} else if run++; run >= minSpokenRun {
			return true
		}
		letter = k != gapKind && isLetter(c)
		if c|0x20 == 'd' && i+2 < len(text) && text[i+1]|0x20 == 'o' && text[i+2]|0x20 == 't' {
			return true
		}
	}
	return false
}

const (
	initialKind = 1 // a letter that no number begins with
	gapKind     = 2 // no letter
	numberKind  = 3
)

// spokenKinds is 0 for what is not in the words of a number.
var spokenKinds = func() (t [256]uint8) {
	for c := range t {
		low := byte(c) | 0x20
		switch {
		case c >= 0x80, isDigit(byte(c)), isLetter(byte(c)) && bytes.IndexByte([]byte(strange), low) >= 0:
		case !isLetter(byte(c)):
			t[c] = gapKind
		case bytes.IndexByte([]byte(numberInitials), low) >= 0:
			t[c] = numberKind
		default:
			t[c] = initialKind
		}
	}
	return t
}()
