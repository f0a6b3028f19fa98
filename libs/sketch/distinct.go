package sketch

import "math/bits"

// Distinct counts how many different values there are, exactly but for two that share a sum: of n values that happens
// with a probability of n²/2^65. It takes 8 to 16 bytes for each. The zero value is ready.
type Distinct struct {
	slots []uint64 // 0 where there is none
	count int
	zero  bool // the sum 0 is there
}

// Add adds a sum that is spread evenly, as those of a Hasher are, and reports whether it is new.
func (d *Distinct) Add(sum uint64) bool {
	if sum == 0 {
		added := !d.zero
		d.zero = true
		return added
	}
	if d.count >= len(d.slots)/2 {
		d.grow()
	}
	if !d.put(sum) {
		return false
	}
	d.count++
	return true
}

// Touch brings what so many sums need into the processor's cache, all at once: where they are added, one after the other,
// each would be waited for. It returns a number of no meaning.
func (d *Distinct) Touch(sums []uint64) (touched uint64) {
	if len(d.slots) == 0 {
		return 0
	}
	mask := uint64(len(d.slots) - 1)
	for _, sum := range sums {
		touched |= d.slots[sum>>32&mask]
	}
	return touched
}

func (d *Distinct) put(sum uint64) bool {
	mask := uint64(len(d.slots) - 1)
	for at := sum >> 32; ; at++ {
		switch slot := &d.slots[at&mask]; *slot {
		case 0:
			*slot = sum
			return true
		case sum:
			return false
		}
	}
}

func (d *Distinct) grow() {
	old := d.slots
	d.slots = make([]uint64, max(2*len(old), 256))
	for _, sum := range old {
		if sum != 0 {
			d.put(sum)
		}
	}
}

// Len is how many there are.
func (d *Distinct) Len() int64 {
	if d.zero {
		return int64(d.count) + 1
	}
	return int64(d.count)
}

// Into adds all to an estimate.
func (d *Distinct) Into(e *Estimate) {
	for _, sum := range d.slots {
		if sum != 0 {
			e.Add(sum)
		}
	}
	if d.zero {
		e.Add(0)
	}
}

// Reset forgets all and keeps the memory.
func (d *Distinct) Reset() {
	clear(d.slots)
	d.count, d.zero = 0, false
}

// Mix makes a sum of two: of a value's and its tenant's. It is one to one for each tenant.
func Mix(value, tenant uint64) uint64 {
	return bits.RotateLeft64(value^tenant, 31)*0x9fb21c651e98df25 ^ tenant
}
