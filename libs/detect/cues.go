package detect

import (
	"encoding/binary"
	"math/bits"
	"sync"
)

// cueBits says whose cue a word is: a bit for each part of the registry, and the
// highest for the words that numbers are spoken with.
type cueBits uint64

const spokenCue cueBits = 1 << 63

func cueBit(part int) cueBits { return 1 << part }

// cueTable knows the cues of all classes. Every word of a text is looked up once,
// and few are a cue, so a small filter comes before the table.
type cueTable struct {
	filter [1 << 10]uint64 // a place for ten bits of a word's hash, with two bits for twelve more
	slots  []cueSlot       // a power of two, half of them free
}

type cueSlot struct {
	key  wordKey16
	bits cueBits
	// capital are the bits that count with a capital first letter alone.
	capital cueBits
}

// wordKey16 is a word of up to 16 letters in lower case; zero is no word.
type wordKey16 struct{ low, high uint64 }

func (k wordKey16) hash() uint64 { return (k.low ^ k.high*0xD6E8FEB86659FD93) * 0x9E3779B97F4A7C15 }

var (
	cueTables  = map[cueBits]*cueTable{}
	cueTablesM sync.Mutex
)

// cuesOf is the table of some parts' cues, the same for all sets that have these.
func cuesOf(wanted cueBits) *cueTable {
	cueTablesM.Lock()
	defer cueTablesM.Unlock()
	t := cueTables[wanted]
	if t == nil {
		t = newCueTable(wanted)
		cueTables[wanted] = t
	}
	return t
}

func newCueTable(wanted cueBits) *cueTable {
	type listed struct{ bits, capital cueBits }
	all := map[wordKey16]listed{}
	list := func(words []string, bit cueBits, capital bool) {
		if bit&wanted == 0 {
			return
		}
		for _, w := range words {
			k := keyOf(w)
			l := all[k]
			if l.bits |= bit; capital {
				l.capital |= bit
			}
			all[k] = l
		}
	}
	number := 0
	for _, def := range registry {
		for _, p := range def.parts {
			if p.on == onWord {
				list(p.cues(), cueBit(number), p.capital)
			}
			number++
		}
	}
	list(spokenWords(), spokenCue, false)

	size := 16
	for size < 2*len(all) {
		size *= 2
	}
	t := &cueTable{slots: make([]cueSlot, size)}
	for k, l := range all {
		h := k.hash()
		t.filter[h>>54] |= filterBits(h)
		i := int(h & uint64(size-1))
		for t.slots[i].bits != 0 {
			i = (i + 1) & (size - 1)
		}
		t.slots[i] = cueSlot{k, l.bits, l.capital}
	}
	return t
}

// mayHave is false for most words that are not in the table.
func (t *cueTable) mayHave(hash uint64) bool { return filterBits(hash)&^t.filter[hash>>54] == 0 }

// filterBits are the two bits of a word in its place of the filter.
func filterBits(hash uint64) uint64 { return 1<<(hash>>48&63) | 1<<(hash>>42&63) }

// bits is whose cue a word is.
func (t *cueTable) bits(k wordKey16, capital bool) cueBits {
	h := k.hash()
	if !t.mayHave(h) {
		return 0
	}
	mask := uint64(len(t.slots) - 1)
	for i := h & mask; t.slots[i].bits != 0; i = (i + 1) & mask {
		if s := &t.slots[i]; s.key == k {
			if capital {
				return s.bits
			}
			return s.bits &^ s.capital
		}
	}
	return 0
}

// keyOf is the key of a word of lower-case letters, as it is in a list.
func keyOf(w string) (k wordKey16) {
	var b [16]byte
	copy(b[:], w)
	return wordKey16{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])}
}

// term is a word of a text.
type term struct {
	start, end int
	key        wordKey16 // of its letters, without accents; zero for more than 16
	capital    bool      // the first letter is one
}

// readWord reads the word that begins with the letter at i. Camel case is several
// words. Letters outside ASCII belong to it.
func readWord(text []byte, i int) term {
	t := term{start: i, capital: isUpper(text[i])}
	first := load8(text, i)
	low, n := lowerLetters(first)
	if n == 0 {
		return readWideWord(text, i)
	}
	humps := capitals(first, n) >> 8 // the first letter is no matter
	t.key.low = low & firstBytes(n)
	t.end = i + n
	if n == 8 {
		second := load8(text, i+8)
		low, n = lowerLetters(second)
		humps |= capitals(second, n)
		t.key.high = low & firstBytes(n)
		if t.end += n; n == 8 && t.end < len(text) && isLetter(text[t.end]) {
			t.key = wordKey16{}
			if humps != 0 { // the rest is not read again for each word of a long run
				if end := humpEnd(text[i : t.end+1]); end > 0 {
					t.end = i + end
					t.key = keyOfBytes(text[i:t.end])
					return t
				}
			}
			for t.end < len(text) && isLetter(text[t.end]) {
				t.end++
			}
		}
	}
	if t.end < len(text) && text[t.end] >= 0x80 {
		if wide := readWideWord(text, i); wide.end > t.end {
			return wide
		}
	}
	if humps != 0 {
		if end := humpEnd(text[t.start:t.end]); end > 0 {
			t.end = i + end
			t.key = keyOfBytes(text[i:t.end])
		}
	}
	return t
}

// humpEnd is where the second word of camel case begins, 0 when there is one word.
func humpEnd(w []byte) int {
	for i := 1; i < len(w); i++ {
		if isUpper(w[i]) && (!isUpper(w[i-1]) || i+1 < len(w) && !isUpper(w[i+1])) {
			return i
		}
	}
	return 0
}

// keyOfBytes is the key of a word of ASCII letters.
func keyOfBytes(w []byte) (k wordKey16) {
	if len(w) > 16 {
		return k
	}
	k.low, _ = lowerLetters(load8(w, 0))
	k.low &= firstBytes(min(len(w), 8))
	if len(w) > 8 {
		k.high, _ = lowerLetters(load8(w, 8))
		k.high &= firstBytes(len(w) - 8)
	}
	return k
}

// load8 is the eight bytes from i on, zeros where the text has ended.
func load8(text []byte, i int) uint64 {
	if i+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[i:])
	}
	if i >= len(text) {
		return 0
	}
	if n := len(text); n >= 8 {
		return binary.LittleEndian.Uint64(text[n-8:]) >> (8 * (i + 8 - n))
	}
	var x uint64
	for at := len(text) - 1; at >= i; at-- {
		x = x<<8 | uint64(text[at])
	}
	return x
}

// lowerLetters is x in lower case, and with how many letters it begins.
func lowerLetters(x uint64) (low uint64, n int) {
	low = x | 0x20*everyByte
	seven := low & (0x7f * everyByte)
	letter := (seven + (0x80-'a')*everyByte) &^ (seven + (0x80-'z'-1)*everyByte) &^ x
	return low, bits.TrailingZeros64(^letter&(0x80*everyByte)) / 8
}

// capitals marks which of the first n letters of x are capitals.
func capitals(x uint64, n int) uint64 { return ^x & (0x20 * everyByte) & firstBytes(n) }

// firstBytes has all bits of the first n bytes.
func firstBytes(n int) uint64 { return 1<<(8*n) - 1 }
