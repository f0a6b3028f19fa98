package chunkwrite

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// The hash decides where an entry is found, never which index it gets: those
// follow the order of first use.
var hashSeed = maphash.MakeSeed()

// slots is an open-addressing table of entry numbers, a power of two long and at
// most half full. 0 is empty, otherwise number+1.
type slots []uint32

const (
	firstSlots = 1 << 10
	keptSlots  = 1 << 17 // of a table that serves another chunk
)

// bytesDictionary numbers distinct byte strings.
type bytesDictionary struct {
	data    []byte
	offsets []int32 // one more than entries
	hashes  []uint32
	table   slots
}

func (d *bytesDictionary) reset() {
	d.data, d.offsets, d.hashes = d.data[:0], append(d.offsets[:0], 0), d.hashes[:0]
	if len(d.table) > keptSlots {
		d.table = nil
	}
	clear(d.table)
}

func (d *bytesDictionary) len() int { return len(d.hashes) }

func (d *bytesDictionary) entry(i uint32) []byte { return d.data[d.offsets[i]:d.offsets[i+1]] }

// number returns the number of v, the next one where v is new.
func (d *bytesDictionary) number(v []byte) (n uint32, isNew bool) {
	if 2*len(d.hashes) >= len(d.table) {
		d.table = rehash(d.table, d.hashes)
	}
	h := uint32(maphash.Bytes(hashSeed, v))
	mask := uint32(len(d.table) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		n := d.table[at]
		if n == 0 {
			d.table[at] = uint32(len(d.hashes)) + 1
			d.hashes = append(d.hashes, h)
			d.data = append(d.data, v...)
			d.offsets = append(d.offsets, int32(len(d.data)))
			return uint32(len(d.hashes)) - 1, true
		}
		if n--; d.hashes[n] == h && bytes.Equal(d.entry(n), v) {
			return n, false
		}
	}
}

func rehash(old slots, hashes []uint32) slots {
	table := make(slots, max(2*len(old), firstSlots))
	mask := uint32(len(table) - 1)
	for n, h := range hashes {
		at := h & mask
		for table[at] != 0 {
			at = (at + 1) & mask
		}
		table[at] = uint32(n) + 1
	}
	return table
}

// fixedDictionary numbers distinct values of four or eight bytes.
type fixedDictionary struct {
	data   []byte // entries one after the other, little endian
	keys   []uint64
	hashes []uint32
	table  slots
}

func (d *fixedDictionary) reset() {
	d.data, d.keys, d.hashes = d.data[:0], d.keys[:0], d.hashes[:0]
	if len(d.table) > keptSlots {
		d.table = nil
	}
	clear(d.table)
}

func (d *fixedDictionary) len() int { return len(d.keys) }

func (d *fixedDictionary) number(key uint64, width int) (n uint32, isNew bool) {
	if 2*len(d.keys) >= len(d.table) {
		d.table = rehash(d.table, d.hashes)
	}
	h := uint32(key * 0x9e3779b97f4a7c15 >> 32)
	h ^= h >> 15
	mask := uint32(len(d.table) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		n := d.table[at]
		if n == 0 {
			d.table[at] = uint32(len(d.keys)) + 1
			d.keys = append(d.keys, key)
			d.hashes = append(d.hashes, h)
			d.data = slices.Grow(d.data, 8)
			binary.LittleEndian.PutUint64(d.data[len(d.data):len(d.data)+8], key)
			d.data = d.data[:len(d.data)+width]
			return uint32(len(d.keys)) - 1, true
		}
		if n--; d.keys[n] == key {
			return n, false
		}
	}
}
