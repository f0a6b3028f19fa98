package sketch

import (
	"math/bits"
	"slices"
)

// Distinct counts how many different values there are, exactly but for two that share a sum: of n values that happens
// with a probability of n²/2^65. It takes 16 to 32 bytes for each, and up to 256 KiB for those that wait. The zero value
// is ready.
//
// Sums that begin alike wait for each other, and are looked up together: a table of all would be in memory that the
// processor waits for, value by value, and that of one beginning is in its first cache.
type Distinct struct {
	parts   [parts]distinctPart // by the first byte of a sum
	count   int
	touched uint64 // of no meaning
}

// distinctPart are the sums of one beginning.
type distinctPart struct {
	waiting []sumHash
	slots   []uint64 // a power of two; 0 where there is none
	count   int
}

type sumHash struct {
	sum  uint64
	hash Hash
}

const (
	maxWaiting = 64 // in each part
	firstSlots = 16
	quickly    = 256 // up to so many slots a table grows by the fourfold
)

// Add adds a sum that is spread evenly, as those of a Hasher are, and the hash of its value, 0 for none. Now or later, at
// the latest by End, the hashes of sums that are new are appended to fresh.
func (d *Distinct) Add(sum uint64, h Hash, fresh []Hash) []Hash {
	p := &d.parts[sum>>(64-8)]
	if p.waiting = append(p.waiting, sumHash{sum, h}); len(p.waiting) == maxWaiting {
		return d.settle(p, fresh)
	}
	return fresh
}

// End ends the adding: what waits is counted.
func (d *Distinct) End(fresh []Hash) []Hash {
	for i := range d.parts {
		fresh = d.settle(&d.parts[i], fresh)
	}
	return fresh
}

// settle looks up what waits. Nobody could foretell which sums are new, so that is no branch, and most lie in their first slot.
func (d *Distinct) settle(p *distinctPart, fresh []Hash) []Hash {
	waiting := p.waiting
	p.waiting = waiting[:0]
	p.room(len(waiting))
	n, before := len(fresh), p.count
	fresh = slices.Grow(fresh, len(waiting))[:n+len(waiting)]
	shift, mask := p.shift(), uint64(len(p.slots)-1)
	for _, w := range waiting { // the table comes into the cache at once, not slot by slot
		d.touched |= p.slots[w.sum<<8>>shift&mask]
	}
	for _, w := range waiting {
		sum := max(w.sum, 1)
		at := sum << 8 >> shift
		slot := &p.slots[at&mask]
		empty, hashed := one(*slot == 0), one(w.hash != 0)
		if empty|one(*slot == sum) == 0 {
			slot = p.find(at+1, sum)
			empty = one(*slot == 0)
		}
		*slot = sum
		p.count += empty
		fresh[n] = w.hash
		n += empty & hashed
	}
	d.count += p.count - before
	return fresh[:n]
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// find is the slot of a sum, at a place or behind it, or the empty one that it belongs in.
func (p *distinctPart) find(at, sum uint64) *uint64 {
	mask := uint64(len(p.slots) - 1)
	for ; ; at++ {
		if slot := &p.slots[at&mask]; *slot == 0 || *slot == sum {
			return slot
		}
	}
}

// shift takes the bits of a sum behind its first byte to the place of its slot.
func (p *distinctPart) shift() int { return bits.LeadingZeros64(uint64(len(p.slots) - 1)) }

// room makes room for n more sums, with no more than half of the slots in use.
func (p *distinctPart) room(n int) {
	size := max(len(p.slots), firstSlots)
	if p.count+n <= size/2 && len(p.slots) > 0 {
		return
	}
	for p.count+n > size/2 {
		size *= 2
		if size < quickly {
			size *= 2
		}
	}
	old := p.slots
	p.slots = make([]uint64, size)
	shift := p.shift()
	for _, sum := range old {
		if sum != 0 {
			*p.find(sum<<8>>shift, sum) = sum
		}
	}
}

// Len is how many there are, after End.
func (d *Distinct) Len() int64 { return int64(d.count) }

// Into adds all to an estimate, after End.
func (d *Distinct) Into(e *Estimate) {
	var some [1 << 9]uint64
	n := 0
	for i := range d.parts {
		for _, sum := range d.parts[i].slots {
			some[n] = sum
			if sum != 0 { // without a branch, since nobody could foretell it
				n++
			}
			if n == len(some) {
				e.add(some[:n])
				n = 0
			}
		}
	}
	e.add(some[:n])
}

// Bytes is how much memory the tables take.
func (d *Distinct) Bytes() int {
	n := 0
	for i := range d.parts {
		n += 8 * len(d.parts[i].slots)
	}
	return n
}

// Reset forgets all and keeps the memory.
func (d *Distinct) Reset() {
	for i := range d.parts {
		p := &d.parts[i]
		clear(p.slots)
		p.waiting, p.count = p.waiting[:0], 0
	}
	d.count = 0
}

// Mix makes a sum of two: of a value's and its tenant's. It is one to one for each tenant.
func Mix(value, tenant uint64) uint64 {
	return bits.RotateLeft64(value^tenant, 31)*0x9fb21c651e98df25 ^ tenant
}
