package chunkwrite

import (
	"encoding/binary"
	"slices"
)

// shortestRun is the fewest equal values that are written as a run, unless they
// are all there is.
const shortestRun = 16

// appendHybrid appends values of at most width bits, 1 to 32, in Parquet's
// hybrid of runs and bit-packed groups of eight.
func appendHybrid[T uint8 | uint32](dst []byte, v []T, width int) []byte {
	if n := runLength(v); n == len(v) && n > 0 {
		return appendRun(dst, uint32(v[0]), n, width)
	}
	for len(v) > 0 {
		n := 0
		for n < len(v) && !startsRun(v[n:]) {
			n = min(n+8, len(v))
		}
		if n > 0 {
			dst = appendPacked(dst, v[:n], width)
			v = v[n:]
			continue
		}
		n = runLength(v)
		dst = appendRun(dst, uint32(v[0]), n, width)
		v = v[n:]
	}
	return dst
}

func startsRun[T uint8 | uint32](v []T) bool {
	if len(v) < shortestRun || v[0] != v[1] || v[0] != v[shortestRun-1] {
		return false
	}
	return runLength(v[:shortestRun]) == shortestRun
}

func runLength[T uint8 | uint32](v []T) int {
	for i := range v {
		if v[i] != v[0] {
			return i
		}
	}
	return len(v)
}

func appendRun(dst []byte, v uint32, n, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for range (width + 7) / 8 {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst
}

func appendPacked[T uint8 | uint32](dst []byte, v []T, width int) []byte {
	groups := (len(v) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	end := len(dst) + groups*width
	dst = appendBits(dst, v, width)
	for len(dst) < end {
		dst = append(dst, 0)
	}
	return dst
}

// appendBits appends the low width bits of each value, lowest first, and fills
// the last byte with zeros. The bits above are zero.
func appendBits[T uint8 | uint32 | uint64](dst []byte, v []T, width int) []byte {
	const word = 64 // bits written at once
	end := len(dst) + (len(v)*width+7)/8
	dst = slices.Grow(dst, end-len(dst)+word/8)
	b := dst[len(dst) : end+word/8]
	var (
		bits uint64
		have int
	)
	for _, x := range v {
		bits |= uint64(x) << have
		if have += width; have >= word {
			binary.LittleEndian.PutUint64(b, bits)
			have -= word
			b, bits = b[word/8:], uint64(x)>>(width-have)
		}
	}
	binary.LittleEndian.PutUint64(b, bits)
	return dst[:end]
}
