package masker

import (
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/sketch"
)

// counts are those of one row group of the output. Several goroutines add to them.
type counts struct {
	spaces []counter
	shapes []extent // by leaf
}

// counter counts the values of a space.
type counter struct {
	mu sync.Mutex
	*sketch.Distinct
}

// extent is how many values of a leaf were written, and how many of them are null.
type extent struct{ values, nulls int64 }

// totals are the counts of an object; nil where nobody observes.
type totals struct {
	binding  *binding
	exact    [][]int64         // by space, and by row group of the output
	estimate []sketch.Estimate // by space
	shapes   []extent          // by leaf
	shared   []bool            // by space: several leaves are in it
	own      []sketch.Estimate // by leaf; of the leaves that share a space
	mu       sync.Mutex        // of own
	free     chan *counts      // to be used again
	observer *Observer
}

// observe makes the job take down what it takes out.
func (j *job) observe(o *Observer) {
	b := j.binding
	t := &totals{
		binding: b, exact: make([][]int64, len(b.plan.spaces)), estimate: make([]sketch.Estimate, len(b.plan.spaces)),
		shapes: make([]extent, len(b.leaves)), shared: make([]bool, len(b.plan.spaces)), own: make([]sketch.Estimate, len(b.leaves)),
		free: make(chan *counts, groupsInFlight+1), observer: o,
	}
	for i := range t.exact {
		t.exact[i] = []int64{}
	}
	seen := map[int]bool{}
	for _, l := range b.leaves {
		if l.field >= 0 {
			if at := b.plan.fields[l.field].noting.own; at >= 0 {
				t.shared[at] = t.shared[at] || seen[at]
				seen[at] = true
			}
		}
	}
	j.totals = t
	for range cap(j.free) {
		s := <-j.free
		s.noter = o.newNoter(b.plan)
		j.free <- s
	}
}

// watches reports that a value of the branch is noted or counted.
func (t *totals) watches(c *branch) bool {
	return t != nil && slices.ContainsFunc(c.leaves(nil), func(leaf int) bool { return t.watch(leaf) != nil })
}

// watch is what is noted of a leaf, nil for nothing.
func (t *totals) watch(leaf int) *noting {
	field := t.binding.leaves[leaf].field
	if field < 0 {
		return nil
	}
	w := &t.binding.plan.fields[field].noting
	if w.class == noClass && w.own < 0 {
		return nil
	}
	return w
}

// newCounts are empty.
func (t *totals) newCounts() *counts {
	if t == nil {
		return nil
	}
	select {
	case c := <-t.free:
		return c
	default:
		c := &counts{spaces: make([]counter, len(t.exact)), shapes: make([]extent, len(t.shapes))}
		for i := range c.spaces {
			c.spaces[i].Distinct = t.observer.distinct()
		}
		return c
	}
}

// spare takes counts back that are of no more use.
func (t *totals) spare(c *counts) {
	if c == nil {
		return
	}
	for i := range c.spaces {
		c.spaces[i].Reset()
	}
	clear(c.shapes)
	select {
	case t.free <- c:
	default:
	}
}

// add adds the counts of the next row group of the output.
func (t *totals) add(c *counts) error {
	if t == nil {
		return nil
	}
	for i := range c.spaces {
		c.spaces[i].End()
		if err := c.spaces[i].Collect(t.observer.collector); err != nil {
			return err
		}
		t.exact[i] = append(t.exact[i], c.spaces[i].Len())
		c.spaces[i].Into(&t.estimate[i])
	}
	for i, s := range c.shapes {
		t.shapes[i].values += s.values
		t.shapes[i].nulls += s.nulls
	}
	return nil
}

// take counts values of a leaf. Their hashes are collected with the row group.
func (t *totals) take(c *counts, leaf int, notes []counted) {
	if len(notes) == 0 {
		return
	}
	spaces := t.watch(leaf).counted
	for _, at := range spaces { // in one order, so that two never wait for each other
		c.spaces[at].mu.Lock()
		defer c.spaces[at].mu.Unlock()
	}
	for i := range notes {
		c.spaces[notes[i].space].Add(notes[i].sum, notes[i].hash)
	}
	for _, at := range spaces {
		if !t.shared[at] {
			continue
		}
		t.mu.Lock()
		for _, o := range notes {
			if int(o.space) == at {
				t.own[leaf].Add(o.sum)
			}
		}
		t.mu.Unlock()
	}
}

// measure adds the values of a masked array to those of the leaves in it.
func (t *totals) measure(to []extent, c *branch, a arrow.Array) {
	for range c.lists {
		list, ok := a.(*array.List)
		if !ok {
			return
		}
		var from, end int64
		if n := list.Len(); n > 0 {
			from, _ = list.ValueOffsets(0)
			_, end = list.ValueOffsets(n - 1)
		}
		a = array.NewSlice(list.ListValues(), from, end)
		defer a.Release()
	}
	if c.leaf >= 0 {
		to[c.leaf].values += int64(a.Len())
		to[c.leaf].nulls += int64(a.NullN())
		return
	}
	object, ok := a.(*array.Struct)
	if !ok {
		return
	}
	at := 0
	for _, m := range c.members {
		if m.out != nil {
			t.measure(to, m, object.Field(at))
			at++
		}
	}
}

// into writes the counts into a result.
func (t *totals) into(r *Result) {
	if t == nil {
		return
	}
	for i, s := range t.binding.plan.spaces {
		r.Domains = append(r.Domains, attest.Domain{Domain: s.domain, Scope: string(s.scope), Distinct: t.exact[i], Estimate: t.count(i)})
	}
	at := 0
	for _, m := range t.binding.root.members {
		if m.out != nil {
			t.column(&r.Columns[at], m, m.lists)
			at++
		}
	}
}

// count is how many values a space has in the object: exactly where that is one row group, else about.
func (t *totals) count(space int) int64 {
	if len(t.exact[space]) == 1 {
		return t.exact[space][0]
	}
	return t.estimate[space].Count()
}

// column adds what was counted to the description of a branch, in so many lists.
func (t *totals) column(to *attest.Column, c *branch, lists int) {
	if c.leaf < 0 {
		at := 0
		for _, m := range c.members {
			if m.out != nil {
				t.column(&to.Members[at], m, lists+m.lists)
				at++
			}
		}
		return
	}
	l := t.binding.leaves[c.leaf]
	if _, kept := l.operator.(keep); kept || l.field < 0 {
		return // what is kept may be copied without a look at it
	}
	shape := t.shapes[c.leaf]
	to.Nulls = new(shape.nulls)
	if lists > 0 {
		to.Elements = new(shape.values)
	}
	w := t.binding.plan.fields[l.field].noting
	if w.own < 0 {
		return
	}
	distinct := t.count(w.own)
	if t.shared[w.own] || w.phone >= 0 {
		distinct = t.own[c.leaf].Count()
	}
	to.Distinct = new(distinct)
	if w.token != nil {
		to.Collision = collision(*w.token, distinct)
	}
}

// collision bounds the probability that two of n values have one token: n²/2 pairs, 2^-bits each. Formats that permute
// have none, but for their values that do not fit, which get a token of TokenLength.
func collision(t policy.Token, n int64) string {
	bits := t.Bits()
	if bits == 0 {
		bits = 5 * t.Length
	}
	p := min(1, math.Ldexp(float64(n)*float64(n), -bits-1))
	if n < 2 {
		p = 0 // there is no pair
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}
