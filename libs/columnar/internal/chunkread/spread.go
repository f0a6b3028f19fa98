package chunkread

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// The values of a page come without its nulls. Here they are moved to their
// rows, from the last on, in place and without a branch that depends on the
// data.

// spread moves the first k elements to where valid has a bit, from bit at on,
// and clears the others.
func spread[T uint8 | uint16 | uint32 | uint64 | int32](v []T, k int, valid []byte, at int) {
	from := k - 1
	for i := len(v) - 1; i > from; i-- {
		bit := bitAt(valid, at+i)
		v[i] = v[max(from, 0)] * T(bit)
		from -= int(bit)
	}
}

// spreadDecimals does the same.
func spreadDecimals(v []decimal128.Num, k int, valid []byte, at int) {
	from := k - 1
	for i := len(v) - 1; i > from; i-- {
		if bitAt(valid, at+i) == 1 {
			v[i] = v[from]
			from--
		} else {
			v[i] = decimal128.Num{}
		}
	}
}

// stretch moves the ends of the first k rows to where valid has a bit, from bit
// at on; a row without one ends where the row before it does. ends[0] is where
// the first row begins.
func stretch(ends []int32, k int, valid []byte, at int) {
	for i := len(ends) - 2; i >= k; i-- {
		ends[i+1] = ends[k]
		k -= int(bitAt(valid, at+i))
	}
}

func bitAt(b []byte, i int) byte { return b[i>>3] >> (i & 7) & 1 }

// copyBits copies n bits, and returns how many of them are ones.
func copyBits(dst []byte, at int, src []byte, from, n int) (ones int) {
	for ; n > 0 && at&7 > 0; at, from, n = at+1, from+1, n-1 {
		bit := bitAt(src, from)
		bitutil.SetBitTo(dst, at, bit == 1)
		ones += int(bit)
	}
	dst, src = dst[at>>3:], src[from>>3:]
	shift := uint(from) & 7
	for ; n >= 64 && len(src) > 8; n -= 64 {
		v := binary.LittleEndian.Uint64(src)>>shift | uint64(src[8])<<(64-shift)
		binary.LittleEndian.PutUint64(dst, v)
		ones += bits.OnesCount64(v)
		dst, src = dst[8:], src[8:]
	}
	for ; n > 0; n -= 8 {
		v := src[0] >> shift
		if len(src) > 1 {
			v |= src[1] << (8 - shift)
		}
		if mask := byte(1<<n - 1); n < 8 {
			v &= mask
			dst[0] = dst[0]&^mask | v
			return ones + bits.OnesCount8(v)
		}
		dst[0] = v
		ones += bits.OnesCount8(v)
		dst, src = dst[1:], src[1:]
	}
	return ones
}
