package chunkwrite

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// depth is the state of a column's entries at one depth of its type. An entry
// is open when it has a slot in the arrays at this depth; the others are nulls
// and empty lists above, whose levels are final.
type depth struct {
	entries int
	max     uint8   // definition level of the open entries; of the others it is lower
	defs    []uint8 // nil: all are open
	reps    []uint8 // nil above the first list
	open    []span  // the slots of the open entries, in order

	// Derived, when a field at this depth asks for it.
	asRaised, asClosed []uint8
	asPlaces           []int32
	hasRaised          bool
	hasClosed          bool
	hasPlaces          bool

	space []uint8 // of defs, when they are this depth's own
}

func (d *depth) reset(entries int, max uint8, reps []uint8) {
	d.entries, d.max, d.defs, d.reps, d.open = entries, max, nil, reps, d.open[:0]
	d.hasRaised, d.hasClosed, d.hasPlaces = false, false, false
}

// raised are the levels of a nullable field without nulls: one more where an
// entry is open. nil if all are.
func (d *depth) raised() []uint8 {
	if d.defs == nil {
		return nil
	}
	if !d.hasRaised {
		d.asRaised = resize(d.asRaised, d.entries)
		for i, level := range d.defs {
			if level == d.max {
				level++
			}
			d.asRaised[i] = level
		}
		d.hasRaised = true
	}
	return d.asRaised
}

// closed are the levels of a nullable field that is always null.
func (d *depth) closed() []uint8 {
	if d.defs != nil {
		return d.defs
	}
	if !d.hasClosed {
		d.asClosed = resize(d.asClosed, d.entries)
		fill(d.asClosed, d.max)
		d.hasClosed = true
	}
	return d.asClosed
}

// places are the indices of the open entries; nil if all are open.
func (d *depth) places() []int32 {
	if d.defs == nil {
		return nil
	}
	if !d.hasPlaces {
		d.asPlaces = slices.Grow(d.asPlaces[:0], d.entries)[:d.entries]
		n := 0
		for i, level := range d.defs {
			d.asPlaces[n] = int32(i)
			if level == d.max {
				n++
			}
		}
		d.asPlaces = d.asPlaces[:n]
		d.hasPlaces = true
	}
	return d.asPlaces
}

// mark computes the levels of a nullable field with some nulls, and the slots of
// arr that are present. It uses the room of defs and appends to spans.
func (d *depth) mark(defs []uint8, spans []span, arr arrow.Array) ([]uint8, []span) {
	defs = resize(defs, d.entries)
	copy(defs, d.closed())
	places, present, entry := d.places(), d.max+1, 0
	valid, offset := arr.NullBitmapBytes(), arr.Data().Offset()
	for _, s := range d.open {
		for from := s.from; from < s.to; from += 64 {
			n := min(64, s.to-from)
			for word := loadBits(valid, offset+from, n); word != 0; {
				skip := bits.TrailingZeros64(word)
				run := bits.TrailingZeros64(^(word >> skip))
				word &= ^uint64(0) << (skip + run) // a shift by 64 clears it
				if last := len(spans) - 1; last >= 0 && spans[last].to == from+skip {
					spans[last].to += run
				} else {
					spans = append(spans, span{from + skip, from + skip + run})
				}
				first := entry + skip
				if places == nil {
					fill(defs[first:first+run], present)
					continue
				}
				for _, p := range places[first : first+run] {
					defs[p] = present
				}
			}
			entry += n
		}
	}
	return defs, spans
}

// anyNull says whether an open slot of arr is null.
func (d *depth) anyNull(arr arrow.Array) bool {
	if nulls(arr) == 0 {
		return false
	}
	valid, offset := arr.NullBitmapBytes(), arr.Data().Offset()
	for _, s := range d.open {
		for from := s.from; from < s.to; from += 64 {
			n := min(64, s.to-from)
			if bits.OnesCount64(loadBits(valid, offset+from, n)) < n {
				return true
			}
		}
	}
	return false
}

// loadBits are n bits, at most 64, from bit `from` of a bitmap.
func loadBits(bitmap []byte, from, n int) uint64 {
	at, shift := from/8, from%8
	var word uint64
	if at+9 <= len(bitmap) {
		word = binary.LittleEndian.Uint64(bitmap[at:])>>shift | uint64(bitmap[at+8])<<(64-shift)
	} else {
		for i, b := range bitmap[at:min(at+9, len(bitmap))] {
			if i == 0 {
				word = uint64(b) >> shift
			} else {
				word |= uint64(b) << (8*i - shift)
			}
		}
	}
	return word & (^uint64(0) >> (64 - n))
}

// resize is a slice of length n with whatever in it, in the room of s if it has it.
func resize(s []uint8, n int) []uint8 {
	return slices.Grow(s[:0], n)[:n]
}

// fill sets all of s to level. Runs are short more often than not.
func fill(s []uint8, level uint8) {
	for len(s) >= 8 {
		binary.LittleEndian.PutUint64(s, 0x0101010101010101*uint64(level))
		s = s[8:]
	}
	for i := range s {
		s[i] = level
	}
}

// nulls are counted where there can be any: an array without a bitmap has none,
// whatever it says.
func nulls(arr arrow.Array) int {
	if arr.NullBitmapBytes() == nil {
		return 0
	}
	return arr.NullN()
}
