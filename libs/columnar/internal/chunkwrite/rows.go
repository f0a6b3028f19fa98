package chunkwrite

import (
	"bytes"
	"errors"
	"iter"
)

// rows are those that a leaf has yet to add. Slots that are counted are those of
// spans, one after the other.
type rows struct {
	spans      []span
	skip       int // slots of the first span that have been used
	defs, reps []uint8
	entries    int
	most       uint8 // the level at which an entry has a value
}

var errLevels = errors.New("the levels of a column do not fit its values")

func newRows(spans []span, defs, reps []uint8, most uint8) (rows, error) {
	r := rows{spans: spans, defs: defs, reps: reps, entries: len(defs), most: most}
	values := 0
	for _, s := range spans {
		values += s.to - s.from
	}
	if defs == nil {
		r.entries = values
	}
	if r.values(r.entries) != values || reps != nil && len(reps) != r.entries {
		return rows{}, errLevels
	}
	return r, nil
}

// rowEnd is the number of entries up to the end of the row that holds entry
// e-1.
func (r *rows) rowEnd(e int) int {
	if r.reps == nil {
		return e
	}
	for e < r.entries && r.reps[e] != 0 {
		e++
	}
	return e
}

// values is how many of the first e entries have one.
func (r *rows) values(e int) int {
	if r.defs == nil {
		return e
	}
	return bytes.Count(r.defs[:e], []byte{r.most})
}

// entry is the number of entries up to the one that has value v, of which the
// first is 1.
func (r *rows) entry(v int) int {
	if r.defs == nil {
		return v
	}
	for e, d := range r.defs {
		if d == r.most {
			if v--; v == 0 {
				return e + 1
			}
		}
	}
	return r.entries
}

// slots are the spans of the values from, up to and without to.
func (r *rows) slots(from, to int) iter.Seq[span] {
	return func(yield func(span) bool) {
		at := -r.skip
		for _, s := range r.spans {
			n := s.to - s.from
			part := span{s.from + max(from-at, 0), s.from + min(to-at, n)}
			if at += n; part.from < part.to && !yield(part) || at >= to {
				return
			}
		}
	}
}

// drop leaves the first e entries and their v values behind.
func (r *rows) drop(e, v int) {
	r.entries -= e
	if r.defs != nil {
		r.defs = r.defs[e:]
	}
	if r.reps != nil {
		r.reps = r.reps[e:]
	}
	v += r.skip
	for len(r.spans) > 0 {
		n := r.spans[0].to - r.spans[0].from
		if v < n {
			break
		}
		v -= n
		r.spans = r.spans[1:]
	}
	r.skip = v
}
