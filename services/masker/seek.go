package masker

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes of text in one number.
const (
	each   = 0x0101010101010101 // times a byte: that byte eight times
	marks  = 0x80 * each
	blanks = ' ' * each // makes lower case of letters, and leaves what is folded as it is
)

// seek is where needle stands next in a text of ASCII, from at on and in whatever case, -1 when it does not. The needle
// is ASCII without spaces, so that the text has one byte for each of its own.
//
// Many places are looked at together: what stands there is wanted only if a few of the needle's bytes fit, which they do
// at few places.
func seek(text, needle []byte, at int) int {
	n := len(needle)
	if wide && n > 1 {
		fit := uint32(needle[0]) | uint32(needle[1])<<8 | uint32(needle[n-1])<<16 | blanks&0xffffff
		for places := len(text) - n + 1 - at; places >= fitPlaces; places = len(text) - n + 1 - at {
			next := nextFit(&text[at], places, n-1, fit)
			if next < 0 {
				return -1
			}
			if at += next; standsAt(text, needle, at) {
				return at
			}
			at++
		}
	}
	return seekEights(text, needle, at)
}

// fitPlaces is how many places nextFit looks at together.
const fitPlaces = 32

// seekEights is seek with eight places at a time.
func seekEights(text, needle []byte, at int) int {
	n := len(needle)
	if at > len(text)-n {
		return -1
	}
	// What stands at i of the one is the first byte of a mention if what stands there in the other is its last.
	firsts, lasts := text[at:len(text)-n+1], text[at+n-1:]
	first, last := uint64(needle[0]|' ')*each, uint64(needle[n-1]|' ')*each
	i := 0
	for ; i <= len(firsts)-16 && i <= len(lasts)-16; i += 16 {
		fits := bothFit(firsts[i:i+8], lasts[i:i+8], first, last)
		next := bothFit(firsts[i+8:i+16], lasts[i+8:i+16], first, last)
		if fits|next != 0 {
			if found := standsAtOne(text, needle, at+i, fits, next); found >= 0 {
				return found
			}
		}
	}
	if i <= len(firsts)-8 {
		fits := bothFit(firsts[i:i+8], lasts[i:i+8], first, last)
		if found := standsAtOne(text, needle, at+i, fits, 0); found >= 0 {
			return found
		}
		i += 8
	}
	if end := len(firsts) - 8; end >= 0 && end < i { // the places left, with some that were looked at
		fits := bothFit(firsts[end:end+8], lasts[end:end+8], first, last)
		return standsAtOne(text, needle, at+end, fits&(^uint64(0)<<(8*(i-end))), 0)
	}
	for ; i < len(firsts); i++ {
		if standsAt(text, needle, at+i) {
			return at + i
		}
	}
	return -1
}

// bothFit marks the places at which both bytes fit, and seldom one behind such a place at which they do not.
func bothFit(firsts, lasts []byte, first, last uint64) uint64 {
	differ := ((binary.LittleEndian.Uint64(firsts) | blanks) ^ first) | ((binary.LittleEndian.Uint64(lasts) | blanks) ^ last)
	return (differ - each) &^ differ & marks
}

// standsAtOne is the first of the marked places behind at where needle stands. It is called seldom, and would take its
// registers from the loop that calls it.
//
//go:noinline
func standsAtOne(text, needle []byte, at int, fits, next uint64) int {
	for range 2 {
		for ; fits != 0; fits &= fits - 1 {
			if i := at + bits.TrailingZeros64(fits)/8; standsAt(text, needle, i) {
				return i
			}
		}
		fits, at = next, at+8
	}
	return -1
}

// standsAt reports that the text folded has needle at a place.
func standsAt(text, needle []byte, at int) bool {
	for i, c := range text[at : at+len(needle)] {
		if foldedASCII[c] != foldedASCII[needle[i]] {
			return false
		}
	}
	return true
}

// freeASCII is folded.free of a text of ASCII.
func freeASCII(text []byte, at int) bool {
	return at == 0 || at == len(text) || !wordlyASCII[text[at-1]] || !wordlyASCII[text[at]]
}

var wordlyASCII = func() (t [256]bool) {
	for c := range 128 {
		t[c] = wordly(rune(c))
	}
	return t
}()
