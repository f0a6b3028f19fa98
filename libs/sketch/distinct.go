package sketch

import "math/bits"

// Distinct counts how many different values there are, exactly but for two that share a sum: of n values that happens
// with a probability of n²/2^65. It takes 16 to 48 bytes for each. The zero value is ready.
//
// Sums are put where those are that begin alike, and each such part is looked through by itself, when it is full and at
// the end: a table of all would lie in memory that the processor waits for, that of one part is in its first cache.
type Distinct struct {
	parts [parts][]sumHash // by the first byte of a sum
	slots []uint64         // the table of the part in work; 0 where there is no sum
	count int
}

// sumHash is a sum, and the hash of its value, 0 for none.
type sumHash struct {
	sum  uint64
	hash Hash
}

const (
	firstSums    = 48 // room of a part, which then doubles: 768 is enough for 131,072 values
	sumHashBytes = 16
	slotsForSum  = 3 // at least, so that most sums lie in their first slot
)

// Add adds a sum that is spread evenly, as those of a Hasher are, and the hash of its value, 0 for none.
func (d *Distinct) Add(sum uint64, h Hash) {
	p := &d.parts[sum>>(64-8)]
	if len(*p) == cap(*p) {
		*p = d.room(*p)
	}
	*p = append(*p, sumHash{sum, h})
}

// room makes room in a part that is full: in the one that it has, if a quarter of that is free of what came twice.
func (d *Distinct) room(part []sumHash) []sumHash {
	full := cap(part)
	if part = d.settle(part); len(part) < full/4*3 {
		return part
	}
	return append(make([]sumHash, 0, max(firstSums, 2*full)), part...)
}

// End ends the adding, which then begins anew with Reset.
func (d *Distinct) End() {
	for i, part := range d.parts {
		d.parts[i] = d.settle(part)
		d.count += len(d.parts[i])
	}
}

// Collect collects the hashes of all values, after End.
func (d *Distinct) Collect(to *Collector) error {
	var some [1 << 9]Hash
	n := 0
	for _, part := range d.parts {
		for _, w := range part {
			some[n] = w.hash
			if n += one(w.hash != 0); n == len(some) {
				if err := to.Add(some[:]); err != nil {
					return err
				}
				n = 0
			}
		}
	}
	return to.Add(some[:n])
}

// settle keeps of every sum in a part the first. Nobody could foretell which sums are new, so that is no branch.
func (d *Distinct) settle(part []sumHash) []sumHash {
	size := 1 << bits.Len(uint(slotsForSum*len(part)))
	if size > len(d.slots) {
		d.slots = make([]uint64, size)
	}
	slots := d.slots[:size]
	clear(slots)
	shift, mask := bits.LeadingZeros64(uint64(size-1)), uint64(size-1)
	known := 0
	for _, w := range part {
		sum := max(w.sum, 1)
		at := sum << 8 >> shift
		for slots[at&mask] != 0 && slots[at&mask] != sum {
			at++
		}
		part[known] = w
		known += one(slots[at&mask] == 0)
		slots[at&mask] = sum
	}
	return part[:known]
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// Len is how many there are, after End.
func (d *Distinct) Len() int64 { return int64(d.count) }

// Into adds all to an estimate, after End.
func (d *Distinct) Into(e *Estimate) {
	for _, part := range d.parts {
		for _, w := range part {
			e.Add(w.sum)
		}
	}
}

// Bytes is how much memory the set keeps.
func (d *Distinct) Bytes() int {
	n := 8 * len(d.slots)
	for _, part := range d.parts {
		n += sumHashBytes * cap(part)
	}
	return n
}

// Reset forgets all and keeps the memory.
func (d *Distinct) Reset() {
	for i, part := range d.parts {
		d.parts[i] = part[:0]
	}
	d.count = 0
}

// Mix makes a sum of two: of a value's and its tenant's. It is one to one for each tenant.
func Mix(value, tenant uint64) uint64 {
	return bits.RotateLeft64(value^tenant, 31)*0x9fb21c651e98df25 ^ tenant
}
