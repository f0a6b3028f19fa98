package masker

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/sketch"
)

// dropped is the number in the output of a column that is only looked at.
const dropped = 1 << 29

// observe notes the values of the task's column in a window, and counts those of records that stay.
func (t *task) observe(s *scratch, x *batch, w *window) error {
	if s.noter == nil {
		return nil
	}
	n := s.noter
	n.begin(x.frame)
	var left []bool
	if len(w.out) > 0 {
		left = make([]bool, w.rows)
		for _, l := range w.out {
			left[l.row] = true
		}
	}
	all := &n.tally
	for _, leaf := range t.branch().leaves(nil) {
		c := x.value(leaf)
		watch := t.totals.watch(leaf)
		if watch == nil || c.array == nil {
			continue
		}
		err := n.cells(t.plan, watch, c, true, left, func(_ int, space int32, sum uint64, h sketch.Hash) { all.add(space, sum, h) })
		if err != nil {
			return err
		}
		t.totals.take(t.group.counts, leaf, all, n)
		if err := n.settle(); err != nil {
			return err
		}
		if err := x.names(n, t.binding.leaves[leaf].field); err != nil {
			return err
		}
	}
	return nil
}

// names notes the full names of which a field is the last.
func (x *batch) names(n *noter, field int) error {
	for _, p := range x.binding.plan.pairs {
		if p.last == field {
			if err := n.fullNames(x.frame.columns[p.first], x.frame.columns[p.last]); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure counts what is written of the task's column.
func (t *task) measure(masked arrow.Array) {
	if t.group.counts == nil {
		return
	}
	t.totals.measure(t.group.counts.shapes, t.branch(), masked) // no other task has its leaves
}

// slotSum is a value that is counted, for when it is known which records are left out and what row group they are in.
type slotSum struct {
	record int32
	space  int32
	sum    uint64
}

// observe notes the values of a batch, and returns by leaf those that are counted.
func (j *job) observed(s *scratch, x *batch) ([][]slotSum, error) {
	if s.noter == nil {
		return nil, nil
	}
	n := s.noter
	n.begin(x.frame)
	out := make([][]slotSum, len(j.binding.leaves))
	for leaf, l := range j.binding.leaves {
		c := x.value(leaf)
		watch := j.totals.watch(leaf)
		if watch == nil || c.array == nil {
			continue
		}
		err := n.cells(j.plan, watch, c, false, nil, func(record int, space int32, sum uint64, h sketch.Hash) {
			n.add(h)
			out[leaf] = append(out[leaf], slotSum{int32(record), space, sum})
		})
		if err != nil {
			return nil, err
		}
		if err := x.names(n, l.field); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// count counts a batch of which it is known what is left out: rows fill the row groups of the output one after the other.
func (s *stream) count(m *masked, out []left) {
	if s.totals == nil || s.perGroup == 0 {
		return
	}
	place := make([]int64, m.rows) // of each record among those that stay, or -1
	next := int64(0)
	for row := range place {
		if len(out) > 0 && out[0].row == row {
			place[row], out = -1, out[1:]
			continue
		}
		place[row] = next
		next++
	}
	cursors := make([]int, len(m.sums))
	for from := int64(0); from < next; {
		if s.counts == nil {
			s.counts = s.totals.newCounts()
		}
		end := min(next, from+s.perGroup-s.inGroup)
		var all tally
		for leaf, sums := range m.sums {
			at := cursors[leaf]
			for ; at < len(sums) && place[sums[at].record] < end; at++ {
				if place[sums[at].record] >= 0 {
					all.add(sums[at].space, sums[at].sum, 0)
				}
			}
			cursors[leaf] = at
			s.totals.take(s.counts, leaf, &all, nil)
		}
		if s.inGroup += end - from; s.inGroup == s.perGroup {
			s.endGroup()
		}
		from = end
	}
}

// endGroup ends the counts of a row group, if there are any.
func (s *stream) endGroup() {
	if s.counts != nil {
		s.totals.add(s.counts)
		s.totals.spare(s.counts)
	}
	s.counts, s.inGroup = nil, 0
}
