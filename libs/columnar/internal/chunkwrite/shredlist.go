package chunkwrite

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// listNode is a list of any kind, or a map, which is a list of its entries.
type listNode struct {
	presence
	level    uint8 // repetition level of all elements but a list's first
	elem     node
	elements depth
	reps     []uint8
	fixed    []int64 // offsets of a list of fixed size
}

func (l *listNode) shred(arr arrow.Array, at *depth) error {
	arr = storage(arr)
	below, err := l.enter(arr, at)
	if err != nil {
		return err
	}
	var values arrow.Array
	first := arr.Data().Offset()
	switch arr := arr.(type) {
	case *array.List:
		values = arr.ListValues()
		expand(l, below, offsets(arr.Offsets(), first, arr.Len()))
	case *array.Map:
		values = arr.ListValues()
		expand(l, below, offsets(arr.Offsets(), first, arr.Len()))
	case *array.LargeList:
		values = arr.ListValues()
		expand(l, below, offsets(arr.Offsets(), first, arr.Len()))
	case *array.FixedSizeList:
		values = arr.ListValues()
		size := int64(arr.DataType().(*arrow.FixedSizeListType).Len())
		l.fixed = l.fixed[:0]
		for i := range arr.Len() + 1 {
			l.fixed = append(l.fixed, int64(first+i)*size)
		}
		expand(l, below, l.fixed)
	default:
		return fmt.Errorf("a list of type %s cannot be written", arr.DataType())
	}
	return l.elem.shred(values, &l.elements)
}

// offsets are those of n lists from the first on. An array without lists may
// have none.
func offsets[O int32 | int64](all []O, first, n int) []O {
	if n == 0 {
		return nil
	}
	return all[first : first+n+1]
}

// expand makes the depth of the elements from that of the lists: every element
// is an entry, and so is every empty list, at the level of the list.
func expand[O int32 | int64](l *listNode, at *depth, offsets []O) {
	f := &l.elements
	f.reset(0, at.max+1, nil)
	room := at.entries
	for _, s := range at.open {
		if s.from == s.to {
			continue
		}
		from, to := int(offsets[s.from]), int(offsets[s.to])
		if from == to {
			continue
		}
		room += to - from
		if last := len(f.open) - 1; last >= 0 && f.open[last].to == from {
			f.open[last].to = to
		} else {
			f.open = append(f.open, span{from, to})
		}
	}
	defs, reps := resize(f.space, room), resize(l.reps, room)
	n, entry, whole := 0, 0, at.defs == nil
	for _, s := range at.open {
		for slot := s.from; slot < s.to; slot++ {
			for at.defs != nil && at.defs[entry] != at.max {
				defs[n], reps[n] = at.defs[entry], at.rep(entry)
				n++
				entry++
			}
			reps[n] = at.rep(entry)
			entry++
			size := int(offsets[slot+1] - offsets[slot])
			if size == 0 {
				defs[n] = at.max
				n++
				whole = false
				continue
			}
			fill(defs[n:n+size], f.max)
			fill(reps[n+1:n+size], l.level)
			n += size
		}
	}
	for ; entry < at.entries; entry++ {
		defs[n], reps[n] = at.defs[entry], at.rep(entry)
		n++
	}
	f.entries, f.space, l.reps = n, defs[:n], reps[:n]
	f.reps = l.reps
	if !whole {
		f.defs = f.space
	}
}

// rep is the repetition level of an entry.
func (d *depth) rep(entry int) uint8 {
	if d.reps == nil {
		return 0
	}
	return d.reps[entry]
}
