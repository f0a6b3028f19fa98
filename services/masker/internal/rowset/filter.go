package rowset

import "math/bits"

// filter is a Bloom filter in blocks of a cache line: an id sets two bits in one of each two words of a block. With 16
// bits for each id, one in a thousand ids that were never added is taken for one that was; with 32, one in sixty thousand.
// Source: Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters" (2007).
type filter struct {
	bits   uint
	blocks [][8]uint64 // 1<<bits
}

// idsPerBlock is 16 bits for each id.
const idsPerBlock = 32

// blocksFor is how many blocks so many ids need, a power of 2.
func blocksFor(ids int) int { return 1 << bits.Len(uint(max(ids-1, 0)/idsPerBlock)) }

func newFilter(blocks int) filter {
	return filter{bits: uint(bits.TrailingZeros(uint(blocks))), blocks: make([][8]uint64, blocks)}
}

// add reports whether the id may have been added before; false is certain.
func (f *filter) add(id ID) bool {
	b, lo := &f.blocks[id.group(f.bits)], id.Lo
	m0 := uint64(1)<<(lo&63) | uint64(1)<<(lo>>6&63)
	m1 := uint64(1)<<(lo>>12&63) | uint64(1)<<(lo>>18&63)
	m2 := uint64(1)<<(lo>>24&63) | uint64(1)<<(lo>>30&63)
	m3 := uint64(1)<<(lo>>36&63) | uint64(1)<<(lo>>42&63)
	w0, w1, w2, w3 := &b[lo>>48&1], &b[2+lo>>49&1], &b[4+lo>>50&1], &b[6+lo>>51&1]
	missing := m0&^*w0 | m1&^*w1 | m2&^*w2 | m3&^*w3
	*w0 |= m0
	*w1 |= m1
	*w2 |= m2
	*w3 |= m3
	return missing == 0
}
