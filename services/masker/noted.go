package masker

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// dropped is the number in the output of a column that is only looked at.
const dropped = 1 << 29

// observe notes the values of the task's column in a window, and counts those of records that stay.
func (t *task) observe(s *scratch, x *batch, w *window) error {
	if s.noter == nil {
		return nil
	}
	n := s.noter
	var left []bool
	if len(w.out) > 0 {
		left = make([]bool, w.rows)
		for _, l := range w.out {
			left[l.row] = true
		}
	}
	for _, leaf := range t.branch().leaves(nil) {
		watch := t.totals.watch(leaf)
		if watch == nil || x.value(leaf).array == nil {
			continue
		}
		notes, err := x.noted(n, watch, leaf, true, left)
		if err != nil {
			return err
		}
		if left != nil {
			notes = slices.DeleteFunc(notes, func(o counted) bool {
				if left[o.record] {
					n.add(o.hash)
				}
				return left[o.record]
			})
		}
		t.totals.take(t.group.counts, leaf, notes)
		n.notes = notes
		if err := n.settle(); err != nil {
			return err
		}
		if err := x.names(n, t.binding.leaves[leaf].field); err != nil {
			return err
		}
	}
	return nil
}

// noted are the notes of a leaf: what was told while it was masked, or what is read in it now.
func (x *batch) noted(n *noter, watch *noting, leaf int, once bool, left []bool) ([]counted, error) {
	if x.told != nil && x.told[leaf] != nil {
		return x.told[leaf], nil
	}
	return n.cells(watch, x.value(leaf), once, left)
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

// observed notes the values of a batch, and returns by leaf those that are counted: for when it is known which records are
// left out, and what row group they are in.
func (j *stream) observed(s *scratch, x *batch) ([][]counted, error) {
	if s.noter == nil {
		return nil, nil
	}
	n := s.noter
	out := make([][]counted, len(j.binding.leaves))
	for leaf, l := range j.binding.leaves {
		watch := j.totals.watch(leaf)
		if watch == nil || x.value(leaf).array == nil {
			continue
		}
		var err error
		if out[leaf], err = x.noted(n, watch, leaf, false, nil); err != nil {
			return nil, err
		}
		if j.perGroup == 0 { // nothing will be counted
			for _, o := range out[leaf] {
				n.add(o.hash)
			}
		}
		if err := n.settle(); err != nil {
			return nil, err
		}
		if err := x.names(n, l.field); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// count counts a batch of which it is known what is left out: rows fill the row groups of the output one after the other.
func (s *stream) count(m *masked, out []left) error {
	if s.totals == nil || s.perGroup == 0 {
		return nil
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
	if next < int64(m.rows) { // what is left out is not counted, and taken out all the same
		for _, notes := range m.notes {
			for _, o := range notes {
				if place[o.record] < 0 && o.hash != 0 {
					s.fresh = append(s.fresh, o.hash)
				}
			}
		}
	}
	cursors := make([]int, len(m.notes))
	for from := int64(0); from < next; {
		if s.counts == nil {
			s.counts = s.totals.newCounts()
		}
		end := min(next, from+s.perGroup-s.inGroup)
		for leaf, notes := range m.notes {
			at := cursors[leaf]
			s.notes = s.notes[:0]
			for ; at < len(notes) && place[notes[at].record] < end; at++ {
				if place[notes[at].record] >= 0 {
					s.notes = append(s.notes, notes[at])
				}
			}
			cursors[leaf] = at
			s.totals.take(s.counts, leaf, s.notes)
		}
		if s.inGroup += end - from; s.inGroup == s.perGroup {
			if err := s.endGroup(); err != nil {
				return err
			}
		}
		from = end
	}
	err := s.totals.observer.collector.Add(s.fresh)
	s.fresh = s.fresh[:0]
	return err
}

// endGroup ends the counts of a row group, if there are any.
func (s *stream) endGroup() error {
	var err error
	if s.counts != nil {
		err = s.totals.add(s.counts)
		s.totals.spare(s.counts)
	}
	s.counts, s.inGroup = nil, 0
	return err
}
