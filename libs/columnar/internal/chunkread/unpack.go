package chunkread

import "encoding/binary"

// unpack fills dst with values of width bits, lowest bits first, from the value
// at index at of src on. All of them must be there.
func unpack(dst []int32, src []byte, at, width int) {
	if width == 0 {
		clear(dst)
		return
	}
	// To the start of a group of eight values, which is that of a byte.
	if skip := at % 8; skip > 0 {
		var group [8]int32
		unpackGroup(&group, src[at/8*width:], width)
		n := copy(dst, group[skip:])
		dst, at = dst[n:], at+n
	}
	src = src[at/8*width:]
	groups := len(dst) / 8
	whole := min(groups, max(len(src)-8, 0)/width) // those that a load of eight bytes does not pass
	switch {
	case width <= 8:
		unpack8(dst[:whole*8], src, width)
	case width <= 16:
		unpack16(dst[:whole*8], src, width)
	default:
		unpack32(dst[:whole*8], src, width)
	}
	dst, src = dst[whole*8:], src[whole*width:]
	for len(dst) > 0 {
		var group [8]int32
		unpackGroup(&group, src, width)
		n := copy(dst, group[:])
		dst, src = dst[n:], src[min(width, len(src)):]
	}
}

// unpackGroup unpacks a group from bytes that may end early.
func unpackGroup(group *[8]int32, src []byte, width int) {
	var b [32 + 8]byte
	copy(b[:width], src)
	unpack32(group[:], b[:], width)
}

// unpack8 takes one load for eight values: width is 1 to 8.
func unpack8(dst []int32, src []byte, width int) {
	w := uint(width) & 63
	mask := uint64(1)<<w - 1
	for len(dst) >= 8 {
		v := binary.LittleEndian.Uint64(src)
		d := dst[:8:8]
		d[0] = int32(v & mask)
		v >>= w
		d[1] = int32(v & mask)
		v >>= w
		d[2] = int32(v & mask)
		v >>= w
		d[3] = int32(v & mask)
		v >>= w
		d[4] = int32(v & mask)
		v >>= w
		d[5] = int32(v & mask)
		v >>= w
		d[6] = int32(v & mask)
		v >>= w
		d[7] = int32(v & mask)
		dst, src = dst[8:], src[width:]
	}
}

// unpack16 takes two loads for eight values: width is 9 to 16. Four values and
// the bits before them in their first byte are at most 64 bits.
func unpack16(dst []int32, src []byte, width int) {
	w := uint(width) & 63
	mask := uint64(1)<<w - 1
	half, shift := width/2, uint(width)*4&7
	for len(dst) >= 8 {
		v := binary.LittleEndian.Uint64(src)
		u := binary.LittleEndian.Uint64(src[half:]) >> (shift & 63)
		d := dst[:8:8]
		d[0], d[4] = int32(v&mask), int32(u&mask)
		v, u = v>>w, u>>w
		d[1], d[5] = int32(v&mask), int32(u&mask)
		v, u = v>>w, u>>w
		d[2], d[6] = int32(v&mask), int32(u&mask)
		v, u = v>>w, u>>w
		d[3], d[7] = int32(v&mask), int32(u&mask)
		dst, src = dst[8:], src[width:]
	}
}

// unpack32 takes a load for each value, of any width.
func unpack32(dst []int32, src []byte, width int) {
	mask := uint64(1)<<(uint(width)&63) - 1
	for len(dst) >= 8 {
		for i := range 8 {
			bit := i * width
			dst[i] = int32(binary.LittleEndian.Uint64(src[bit>>3:]) >> (uint(bit) & 7) & mask)
		}
		dst, src = dst[8:], src[width:]
	}
}
