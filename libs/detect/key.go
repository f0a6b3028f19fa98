package detect

import (
	"encoding/binary"
	"math/bits"
)

// wordKey16 is a word of up to 16 letters in lower case; zero is no word.
type wordKey16 struct{ low, high uint64 }

// keyLetters is how many letters a key holds.
const keyLetters = 16

// hash mixes the letters; its first bits, of the highest value, depend on all of them.
func (k wordKey16) hash() uint64 { return (k.low ^ k.high*0xD6E8FEB86659FD93) * 0x9E3779B97F4A7C15 }

// tableBits is how many bits of a hash tell at least n places of a table apart.
func tableBits(n int) uint8 { return uint8(max(3, bits.Len(uint(n-1)))) }

// keyMasks have all bits of the first letters of a key.
var keyMasks = func() (t [2 * keyLetters]wordKey16) {
	for n := range keyLetters + 1 {
		t[n] = wordKey16{firstBytes(min(n, 8)), firstBytes(max(n-8, 0))}
	}
	return t
}()

// keyOf is the key of a word of lower-case letters, as it is in a list.
func keyOf(w string) (k wordKey16) {
	var b [keyLetters]byte
	copy(b[:], w)
	return wordKey16{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])}
}

// keyOfBytes is the key of a word of ASCII letters.
func keyOfBytes(w []byte) (k wordKey16) {
	if len(w) > keyLetters {
		return k
	}
	return firstLetters(w)
}

// lettersKey is the key of the first letters of w. It is not ok where one of them is none of ASCII's.
func lettersKey(w []byte) (k wordKey16, ok bool) {
	k = firstLetters(w)
	n := len(w)
	if n > 8 {
		_, high := lowerLetters(k.high)
		if high < min(n, keyLetters)-8 {
			return k, false
		}
		n = 8
	}
	_, low := lowerLetters(k.low)
	return k, low >= n && n > 0
}

// plainKey is the key of the word that w begins with, without accents.
func plainKey(w []byte) wordKey16 {
	if len(w) <= keyLetters {
		if k, ok := lettersKey(w); ok {
			return k
		}
	}
	return readWideWord(w, 0).key
}

// firstLetters is the key of the first bytes of w, if they are letters.
func firstLetters(w []byte) (k wordKey16) {
	n := len(w)
	if n <= 8 {
		k.low = (load(w) | 0x20*everyByte) & firstBytes(n)
		return k
	}
	n = min(n, keyLetters)
	k.low = binary.LittleEndian.Uint64(w) | 0x20*everyByte
	k.high = (binary.LittleEndian.Uint64(w[n-8:])>>(8*(keyLetters-n)) | 0x20*everyByte) & firstBytes(n-8)
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
	return load(text[i:])
}

// load is the first eight bytes of w, zeros where it has less.
func load(w []byte) uint64 {
	switch n := len(w); {
	case n >= 8:
		return binary.LittleEndian.Uint64(w)
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(w)) | uint64(binary.LittleEndian.Uint32(w[n-4:]))<<(8*(n-4))
	case n >= 2:
		return uint64(binary.LittleEndian.Uint16(w)) | uint64(binary.LittleEndian.Uint16(w[n-2:]))<<(8*(n-2))
	case n == 1:
		return uint64(w[0])
	}
	return 0
}

// lowerLetters is x in lower case, and with how many letters it begins.
func lowerLetters(x uint64) (low uint64, n int) {
	return x | 0x20*everyByte, bits.TrailingZeros64(^lettersOf(x)&(0x80*everyByte)) / 8
}

// lettersOf has the highest bit of each byte that is a letter.
func lettersOf(x uint64) uint64 {
	seven := (x | 0x20*everyByte) & (0x7f * everyByte)
	return (seven + (0x80-'a')*everyByte) &^ (seven + (0x80-'z'-1)*everyByte) &^ x & (0x80 * everyByte)
}

// capitals marks which of the first n letters of x are capitals.
func capitals(x uint64, n int) uint64 { return ^x & (0x20 * everyByte) & firstBytes(n) }

// firstBytes has all bits of the first n bytes.
func firstBytes(n int) uint64 { return 1<<(8*n) - 1 }
