package chunkread

import (
	"encoding/binary"
	"unicode/utf8"
)

// validTexts reports whether every value is UTF-8. b holds the values without
// gaps; ends[0] is where in the array it begins. All of them together are UTF-8
// and each begins with a rune exactly if each is UTF-8.
func validTexts(b []byte, ends []int32) bool {
	if ascii(b) {
		return true
	}
	if !utf8.Valid(b) {
		return false
	}
	for _, start := range ends[:len(ends)-1] {
		if i := int(start - ends[0]); i < len(b) && !utf8.RuneStart(b[i]) {
			return false
		}
	}
	return true
}

// ascii reports whether all bytes are below 0x80.
func ascii(b []byte) bool {
	var seen uint64
	for len(b) >= 32 {
		seen |= binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		b = b[32:]
	}
	for len(b) >= 8 {
		seen |= binary.LittleEndian.Uint64(b)
		b = b[8:]
	}
	for _, c := range b {
		seen |= uint64(c)
	}
	return seen&0x8080808080808080 == 0
}
