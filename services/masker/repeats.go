package masker

import "encoding/binary"

// repeats finds the values of a column of texts that stood in it shortly before: names do, in a file that has no
// dictionaries, and a copy costs a fraction of a token. It is for one column of one batch.
type repeats struct {
	view  *texts
	frame *frame
	level *level
	tries int
	hits  int
	free  *int32             // in slots, for the last value that was looked for; nil where it is known
	slots [repeatSlots]int32 // by hash: one more than the slot of a value that has it, 0 for none
}

const (
	repeatSlots = 1 << 11
	// repeatTries is after how many values a column in which fewer than one in four repeats is looked at no more.
	repeatTries = 1 << 9
)

// begin is nil, of which nothing repeats, where it does not pay to look.
func (r *repeats) begin(o rewriter, c cells, view *texts) *repeats {
	if !o.perValue() || view.offsets == nil || c.level.slots < 2*repeatTries {
		return nil
	}
	*r = repeats{view: view, frame: c.frame, level: c.level}
	return r
}

// before is a slot in front of end that has the same value of the same tenant, false when none is known.
func (r *repeats) before(slot, end int, value []byte) (int, bool) {
	if r == nil {
		return 0, false
	}
	r.tries++
	tenant := r.tenant(slot)
	r.free = &r.slots[(hashOf(value)+uint64(tenant))%repeatSlots]
	known := int(*r.free) - 1
	if known < 0 || string(r.view.text(known)) != string(value) || r.tenant(known) != tenant {
		return 0, false
	}
	r.hits++
	r.free = nil
	return known, known < end
}

func (r *repeats) tenant(slot int) int32 { return r.frame.tenantOf[r.level.recordOf(slot)] }

// keep makes known that the last value that was looked for has its text in a slot. It is nil when it does not pay to go
// on.
func (r *repeats) keep(slot int) *repeats {
	if r == nil || r.tries >= repeatTries && 4*r.hits < r.tries {
		return nil
	}
	if r.free != nil {
		*r.free = int32(slot + 1)
	}
	return r
}

// hashOf is of a value's length and both ends: what has the same is compared.
func hashOf(value []byte) uint64 {
	var head, tail uint64
	switch n := len(value); {
	case n >= 8:
		head, tail = binary.LittleEndian.Uint64(value), binary.LittleEndian.Uint64(value[n-8:])
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(value)), uint64(binary.LittleEndian.Uint32(value[n-4:]))
	default:
		for _, c := range value {
			head = head<<8 | uint64(c)
		}
	}
	const odd = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio
	return ((head^uint64(len(value)))*odd ^ tail) * odd >> 40
}
