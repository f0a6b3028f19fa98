package chunkread

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow/bitutil"
)

// hybrid reads Parquet's hybrid of runs and bit-packed groups of eight values:
// definition levels, dictionary indices, booleans.
// Encoding: github.com/apache/parquet-format/blob/master/Encodings.md
type hybrid struct {
	b     []byte // from the next run on
	width int    // bits of a value, at most 32

	left  int    // values of the current run that were not read
	value uint32 // of a run of one value
	bits  []byte // of a bit-packed run; nil for a run of one value
	at    int    // index in bits of the next value
}

// packedBits is a hybrid of one bit-packed run without a head.
func packedBits(b []byte) hybrid { return hybrid{width: 1, bits: b, left: len(b) * 8} }

// next begins the next run. It returns false at the end and where there is no
// run but something else.
func (h *hybrid) next() bool {
	for h.left == 0 {
		head, n := binary.Uvarint(h.b)
		if n <= 0 || head > 1<<32-1 {
			return false
		}
		h.b = h.b[n:]
		count := int(head >> 1)
		if head&1 == 0 {
			bytes := (h.width + 7) / 8
			if len(h.b) < bytes {
				return false
			}
			var v [4]byte
			copy(v[:], h.b[:bytes])
			h.value, h.bits, h.left = binary.LittleEndian.Uint32(v[:]), nil, count
			h.b = h.b[bytes:]
			continue
		}
		// Some writers leave the padding of the last group away.
		size := min(count*h.width, len(h.b))
		h.bits, h.at = h.b[:size:size], 0
		if h.left = count * 8; size < count*h.width {
			h.left = size * 8 / h.width
		}
		h.b = h.b[size:]
	}
	return true
}

// decode fills dst.
func (h *hybrid) decode(dst []int32) bool {
	for len(dst) > 0 {
		if !h.next() {
			return false
		}
		n := min(h.left, len(dst))
		if h.bits == nil {
			v := int32(h.value)
			for i := range dst[:n] {
				dst[i] = v
			}
		} else {
			unpack(dst[:n], h.bits, h.at, h.width)
			h.at += n
		}
		h.left -= n
		dst = dst[n:]
	}
	return true
}

// fill sets n bits of a bitmap, from bit at on, to values of width 1. It returns
// how many of them are ones; -1 if there are fewer than n.
func (h *hybrid) fill(bitmap []byte, at, n int) (ones int) {
	for n > 0 {
		if !h.next() {
			return -1
		}
		k := min(h.left, n)
		switch {
		case h.bits != nil:
			ones += copyBits(bitmap, at, h.bits, h.at, k)
			h.at += k
		case h.value > 1:
			return -1
		default:
			bitutil.SetBitsTo(bitmap, int64(at), int64(k), h.value == 1)
			ones += k * int(h.value)
		}
		h.left -= k
		at += k
		n -= k
	}
	return ones
}

// count reads n values of width 1 and returns how many of them are ones; -1 if
// there are fewer than n.
func (h *hybrid) count(n int) (ones int) {
	for n > 0 {
		if !h.next() || h.bits == nil && h.value > 1 {
			return -1
		}
		k := min(h.left, n)
		if h.bits == nil {
			ones += k * int(h.value)
		} else {
			ones += bitutil.CountSetBits(h.bits, h.at, k)
			h.at += k
		}
		h.left -= k
		n -= k
	}
	return ones
}

// ended reports whether nothing is left but the padding of a bit-packed run, and
// zeros with which some writers end a page.
func (h *hybrid) ended() bool { return (h.left == 0 || h.bits != nil) && onlyPadding(h.b) }

// padding is how many bytes of zeros may stand behind bit-packed values.
const padding = 8

func onlyPadding(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return len(b) <= padding
}

// zeroLevels reports whether b holds n levels of zero, in no bit or one, or
// nothing: some writers write levels of which a column has none.
func zeroLevels(b []byte, n int) bool {
	return len(b) == 0 || zeros(hybrid{b: b}, n) || zeros(hybrid{b: b, width: 1}, n)
}

func zeros(h hybrid, n int) bool {
	for n > 0 {
		if !h.next() || h.bits == nil && h.value != 0 {
			return false
		}
		for _, c := range h.bits {
			if c != 0 {
				return false
			}
		}
		n -= h.left
		h.left = 0
	}
	return len(h.b) == 0
}
