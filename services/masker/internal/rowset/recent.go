package rowset

import "iter"

// recent holds ids in groups by their first bits, each with room for a fixed number.
type recent struct {
	bits  uint
	slots []ID    // groupSlots for each group
	used  []uint8 // by group
	ids   int
}

// groupSlots are 2 KiB.
const groupSlots = 128

// reserve makes room for so many ids with up to 1<<limit groups, which are half full then.
func (r *recent) reserve(ids int, limit uint) {
	bits := max(r.bits, 1)
	for bits < limit && groupSlots/2<<bits < ids {
		bits++
	}
	if bits == r.bits {
		return
	}
	larger := recent{bits: bits, slots: make([]ID, groupSlots<<bits), used: make([]uint8, 1<<bits)}
	for part := range r.groups() {
		for _, id := range part {
			larger.add(id) // never full: larger has room for each whole group
		}
	}
	*r = larger
}

// add reports whether there was room for the id.
func (r *recent) add(id ID) bool {
	group := id.group(r.bits)
	n := int(r.used[group])
	if n == groupSlots {
		return false
	}
	r.slots[group*groupSlots+n] = id
	r.used[group]++
	r.ids++
	return true
}

func (r *recent) group(i int) []ID { return r.slots[i*groupSlots:][:r.used[i]] }

func (r *recent) holds(id ID) bool {
	for _, other := range r.group(id.group(r.bits)) {
		if other == id {
			return true
		}
	}
	return false
}

// groups yields the ids of each group.
func (r *recent) groups() iter.Seq[[]ID] {
	return func(yield func([]ID) bool) {
		for i := range r.used {
			if !yield(r.group(i)) {
				return
			}
		}
	}
}

func (r *recent) clear() {
	clear(r.used)
	r.ids = 0
}
