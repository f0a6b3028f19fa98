package sketch

import "math/bits"

// filter says of most values that they were not added: a Bloom filter that has four bits for each, all in one word, so that
// a look is one access to memory.
type filter []uint64

// newFilter has so many bits for each of n values, up to a number of bytes.
func newFilter(n, each, most int64) filter {
	return make(filter, max(min(n*each/64, most/8), 1))
}

// at is the word that a number has its bits in: numbers that are spread evenly have all words alike, by their first bits.
func (f filter) at(x uint64) uint64 {
	word, _ := bits.Mul64(x, uint64(len(f)))
	return word
}

// fourBits are those of a number in its word, by its last bits but those of the kind.
func fourBits(x uint64) uint64 {
	return 1<<(x>>4&63) | 1<<(x>>10&63) | 1<<(x>>16&63) | 1<<(x>>22&63)
}

func (f filter) add(x uint64) { f[f.at(x)] |= fourBits(x) }

func (f filter) has(x uint64) bool { return holds(f[f.at(x)], x) }

// holds reports that a word has all bits of a number.
func holds(word, x uint64) bool { return ^word&fourBits(x) == 0 }
