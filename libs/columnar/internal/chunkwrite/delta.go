package chunkwrite

import (
	"encoding/binary"
	"math/bits"
)

const (
	deltaBlock = 128 // values of a block
	deltaMini  = 32  // values of a miniblock
)

// appendDeltas appends numbers in DELTA_BINARY_PACKED, with the block sizes that
// all writers use. Differences wrap round, as the format says.
func appendDeltas[T int32 | int64](dst []byte, v []T) []byte {
	dst = binary.AppendUvarint(dst, deltaBlock)
	dst = binary.AppendUvarint(dst, deltaBlock/deltaMini)
	dst = binary.AppendUvarint(dst, uint64(len(v)))
	if len(v) == 0 {
		return append(dst, 0)
	}
	dst = binary.AppendVarint(dst, int64(v[0]))
	for from := 1; from < len(v); from += deltaBlock {
		dst = appendDeltaBlock(dst, v[from-1:min(from+deltaBlock, len(v))])
	}
	return dst
}

// appendDeltaBlock appends the differences of 2 to 129 neighbours.
func appendDeltaBlock[T int32 | int64](dst []byte, v []T) []byte {
	var (
		deltas [deltaBlock]T
		above  [deltaBlock]uint64 // the least difference, zero beyond the last
		least  = v[1] - v[0]
		last   = v[0]
	)
	n := len(v) - 1
	for i, x := range v[1:] {
		deltas[i] = x - last
		least = min(least, deltas[i])
		last = x
	}
	mask := ^uint64(0)
	if _, short := any(least).(int32); short {
		mask >>= 32 // differences of INT32 have 32 bits
	}
	for i, d := range deltas[:n] {
		above[i] = uint64(d-least) & mask
	}
	dst = binary.AppendVarint(dst, int64(least))
	widths := len(dst)
	dst = append(dst, make([]byte, deltaBlock/deltaMini)...)
	for m := 0; m*deltaMini < n; m++ {
		mini := above[m*deltaMini : (m+1)*deltaMini]
		var all uint64
		for _, x := range mini {
			all |= x
		}
		if width := bits.Len64(all); width > 0 {
			dst[widths+m] = byte(width)
			dst = appendBits(dst, mini, width)
		}
	}
	return dst
}
