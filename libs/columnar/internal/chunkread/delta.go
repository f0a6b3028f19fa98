package chunkread

import (
	"encoding/binary"
	"math"
)

// deltas read DELTA_BINARY_PACKED: blocks of a smallest delta and, in
// miniblocks of one width each, what the deltas have on top of it.
// Encoding: github.com/apache/parquet-format/blob/master/Encodings.md
type deltas struct {
	b       []byte // from the next miniblock or block on
	left    int    // values that were not read
	begun   bool   // the first value was read
	value   uint64 // the last that was read; sums are modulo 2^64
	minis   int    // miniblocks in a block
	perMini int    // values in a miniblock

	smallest uint64
	widths   []byte // of the miniblocks of the block that are to come
	bits     []byte // of the current miniblock
	width    int
	at, size int // values of the miniblock that were read, and all
}

// newDeltas reads the head. Values are counted, and at most limit.
func newDeltas(b []byte, limit int) (deltas, bool) {
	var head [4]uint64
	for i := range head {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return deltas{}, false
		}
		head[i], b = v, b[n:]
	}
	size, minis, count := head[0], head[1], head[2]
	if minis == 0 || size > math.MaxInt32 || size%minis != 0 || size/minis%32 != 0 || size == 0 || count > uint64(limit) {
		return deltas{}, false
	}
	return deltas{b: b, left: int(count), value: unzigzag(head[3]), minis: int(minis), perMini: int(size / minis)}, true
}

func unzigzag(v uint64) uint64 { return v>>1 ^ -(v & 1) }

// decode fills dst.
func (d *deltas) decode(dst []int64) bool {
	if len(dst) > d.left {
		return false
	}
	d.left -= len(dst)
	if !d.begun && len(dst) > 0 {
		dst[0], dst, d.begun = int64(d.value), dst[1:], true
	}
	for len(dst) > 0 {
		if d.at == d.size && !d.next() {
			return false
		}
		n := min(len(dst), d.size-d.at)
		v := d.value
		if d.width <= 32 {
			var above [32]int32
			n = min(n, len(above))
			unpack(above[:n], d.bits, d.at, d.width)
			for i, x := range above[:n] {
				v += d.smallest + uint64(uint32(x))
				dst[i] = int64(v)
			}
		} else {
			for i := range dst[:n] {
				v += d.smallest + bitsAt(d.bits, (d.at+i)*d.width, d.width)
				dst[i] = int64(v)
			}
		}
		d.value = v
		d.at += n
		dst = dst[n:]
	}
	return true
}

// next begins the next miniblock.
func (d *deltas) next() bool {
	if len(d.widths) == 0 {
		v, n := binary.Uvarint(d.b)
		if n <= 0 || len(d.b)-n < d.minis {
			return false
		}
		d.smallest = unzigzag(v)
		d.widths, d.b = d.b[n:n+d.minis], d.b[n+d.minis:]
	}
	d.width, d.widths = int(d.widths[0]), d.widths[1:]
	bytes := d.perMini / 8 * d.width
	if d.width > 64 || bytes > len(d.b) {
		return false
	}
	d.bits, d.b = d.b[:bytes], d.b[bytes:]
	d.at, d.size = 0, d.perMini
	return true
}

// bitsAt is the number of 33 to 64 bits from a bit on.
func bitsAt(b []byte, bit, width int) uint64 {
	b = b[bit>>3:]
	shift := uint(bit) & 7
	mask := uint64(math.MaxUint64) >> (64 - uint(width))
	if len(b) >= 9 {
		v := binary.LittleEndian.Uint64(b) >> shift
		if int(shift)+width > 64 {
			v |= uint64(b[8]) << (64 - shift)
		}
		return v & mask
	}
	var tail [16]byte
	copy(tail[:], b)
	v := binary.LittleEndian.Uint64(tail[:])>>shift | uint64(tail[8])<<(64-shift)
	return v & mask
}

// ended reports whether all values were read and nothing follows.
func (d *deltas) ended() bool { return d.left == 0 && len(d.b) == 0 }

// lengths reads the lengths at the head of DELTA_LENGTH_BYTE_ARRAY into a slice
// that it grows, and returns the texts that follow.
func lengths(dst []int32, b []byte, limit int) (all []int32, texts []byte, ok bool) {
	d, ok := newDeltas(b, limit)
	if !ok {
		return dst, nil, false
	}
	var scratch [block]int64
	sum := int64(0)
	for d.left > 0 {
		part := scratch[:min(block, d.left)]
		if !d.decode(part) {
			return dst, nil, false
		}
		for _, n := range part {
			if n < 0 || n > math.MaxInt32 {
				return dst, nil, false
			}
			sum += n
			dst = append(dst, int32(n))
		}
	}
	return dst, d.b, sum == int64(len(d.b))
}
