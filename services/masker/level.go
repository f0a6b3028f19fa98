package masker

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// level is how deep in lists values lie: the records themselves, the elements of a list in each of them, and so on.
// A level's values stand in slots, in the order of the file.
type level struct {
	slots  int
	around *level  // the level that the lists are in; nil for the records
	outer  []int32 // by slot: the slot of around it lies in; nil for the records
	record []int32 // by slot: its record; nil for the records
	first  []int32 // by record: its first slot, and at the end the number of slots; nil for the records
}

// recordOf is the record that a slot belongs to.
func (l *level) recordOf(slot int) int {
	if l.record == nil {
		return slot
	}
	return int(l.record[slot])
}

// slotsOf are the slots of a record, from and to.
func (l *level) slotsOf(record int) (from, to int) {
	if l.first == nil {
		return record, record + 1
	}
	return int(l.first[record]), int(l.first[record+1])
}

// elements is the level of the elements of a list that stands in each slot of l, and the elements.
func (l *level) elements(list *array.List, records int) (*level, arrow.Array, error) {
	n := list.Len()
	if n != l.slots {
		return nil, nil, fmt.Errorf("a list column has %d lists for %d places", n, l.slots)
	}
	e := &level{around: l, first: make([]int32, records+1)}
	if n == 0 {
		return e, array.NewSlice(list.ListValues(), 0, 0), nil
	}
	start, _ := list.ValueOffsets(0)
	_, end := list.ValueOffsets(n - 1)
	e.slots = int(end - start)
	e.outer, e.record = make([]int32, e.slots), make([]int32, e.slots)
	for i := range n {
		from, to := list.ValueOffsets(i)
		record := int32(l.recordOf(i))
		for j := from - start; j < to-start; j++ {
			e.outer[j], e.record[j] = int32(i), record
		}
	}
	for r := range records {
		if from, to := l.slotsOf(r); from < to {
			_, last := list.ValueOffsets(to - 1)
			e.first[r+1] = int32(last - start)
		} else {
			e.first[r+1] = e.first[r]
		}
	}
	return e, array.NewSlice(list.ListValues(), start, end), nil
}
