package masker

import (
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
)

// group is one row group under work.
type group struct {
	number  int
	before  int64 // rows in front of it
	windows []*window
	trouble *trouble
	chunks  []columnar.Chunk // by column of the output
	counts  *counts          // nil where nobody observes
}

// window is a run of rows of a row group, small enough that a column of it stays in the processor's cache.
type window struct {
	census
	batch *batch        // with the columns that others look at
	front []*opened     // those columns, by member of the root
	whole []arrow.Array // what they are made of, as it was read
	out   []left
}

func (g *group) release() {
	for _, w := range g.windows {
		if w.batch != nil {
			w.batch.frame.release()
		}
		for i := range w.whole {
			w.drop(i)
		}
	}
	g.chunks = nil
}

// drop gives up what was read of a member.
func (w *window) drop(member int) {
	if a := w.whole[member]; a != nil {
		a.Release()
	}
	w.whole[member], w.front[member] = nil, nil
}

// sound are the windows in front of what could not be opened.
func (g *group) sound() []*window {
	if g.trouble != nil && g.trouble.step == stepOpen {
		return g.windows[:max(g.trouble.window, 0)]
	}
	return g.windows
}

// leaves reports that rows of the group are left out.
func (g *group) leaves() bool {
	return slices.ContainsFunc(g.windows, func(w *window) bool { return len(w.out) > 0 })
}

// open reads the columns of row group n that others look at.
func (g *groups) open(ctx context.Context, n int) *group {
	out := &group{number: n, before: g.before}
	g.before += g.in.Rows(n)
	at := -1 // the window in work
	if err := columnar.Guard(func() error { return g.openWindows(ctx, out, &at) }); err != nil {
		out.trouble = &trouble{window: at, step: stepOpen, err: err}
	}
	if !g.drops() {
		g.decideAll(out)
	}
	return out
}

// openWindows reads one column after the other, as each that is being read takes a few megabytes. What is wrong is told as
// if it had been read window by window: at is the window where it is.
func (g *groups) openWindows(ctx context.Context, out *group, at *int) error {
	b := g.binding
	size := int64(g.in.Window(out.number))
	for left := g.in.Rows(out.number); left > 0; left -= size {
		rows := int(min(size, left))
		out.windows = append(out.windows, &window{
			census: census{rows: rows}, front: make([]*opened, len(g.parts)), whole: make([]arrow.Array, len(g.parts)),
			batch: b.newBatch(rows, g.ahead, g.options),
		})
	}
	sound := len(out.windows)
	var unread, behind error // why no more windows are sound; what is wrong behind the last
	for i, m := range b.root.members {
		if g.parts[i] == alone || m.source < 0 || sound < 0 {
			continue
		}
		switch n, err := g.read(ctx, out, sound, i); {
		case n < sound:
			sound, unread = n, err
		case err != nil:
			behind = cmp.Or(behind, err)
		}
	}
	for i, w := range out.windows[:max(sound, 0)] {
		*at = i
		if err := g.openWindow(w); err != nil {
			return err
		}
	}
	if unread != nil {
		*at = sound
	}
	return cmp.Or(unread, behind)
}

// read reads a member of the root for the first n windows, and returns how many there were before an error: -1 where the
// column cannot be opened, and n where something is wrong behind its last row.
func (g *groups) read(ctx context.Context, out *group, n, member int) (int, error) {
	m := g.binding.root.members[member]
	r, err := g.in.Column(ctx, out.number, m.source, m.dictionaries(g.binding))
	if err != nil {
		return -1, err
	}
	defer r.Close()
	for i, w := range out.windows[:n] {
		if w.whole[member], err = r.Next(ctx, int64(w.rows)); err != nil {
			return i, err
		}
	}
	if n < len(out.windows) {
		return n, nil
	}
	return n, r.End()
}

// openWindow takes a window apart, once the columns that others look at are read.
func (g *groups) openWindow(w *window) error {
	b := g.binding
	for i, m := range b.root.members {
		if g.parts[i] == alone {
			continue
		}
		var err error
		if w.front[i], err = m.open(w.batch, w.whole[i], w.batch.frame.records); err != nil {
			return err
		}
	}
	if err := w.batch.own(g.options); err != nil {
		return err
	}
	var err error
	if w.census, err = g.take(g.ahead, w.batch.frame); err != nil {
		return err
	}
	for i, m := range b.root.members {
		if g.parts[i] == owning {
			w.batch.forget(m)
			w.drop(i)
		}
	}
	return nil
}

// decideAll says which rows of the group are left out.
func (g *groups) decideAll(out *group) {
	before := out.before
	for i, w := range out.sound() {
		var err error
		if w.out, err = g.decide(w.census, before); err != nil {
			out.trouble = first(out.trouble, &trouble{window: i, step: stepDecide, err: err})
			return
		}
		before += int64(w.rows)
		w.ids = nil // which are large
	}
}

// mask makes the chunks of a row group, several columns side by side, the largest first.
func (g *groups) mask(ctx context.Context, group *group) {
	group.chunks = nil
	var tasks []*task
	columns := 0
	for i, m := range g.binding.root.members {
		switch {
		case m.out != nil:
			tasks = append(tasks, &task{groups: g, group: group, member: i, number: columns})
			columns++
		case m.source >= 0 && g.totals.watches(m): // what is dropped is looked at all the same
			tasks = append(tasks, &task{groups: g, group: group, member: i, number: dropped})
		}
	}
	g.totals.spare(group.counts) // of the first time, before it was known what is left out
	group.counts = g.totals.newCounts()
	ordered := slices.Clone(tasks)
	slices.SortStableFunc(ordered, func(a, b *task) int { return cmp.Compare(b.cost(), a.cost()) })
	_ = columnar.Spread(len(ordered), cap(g.free), func(i int) error {
		ordered[i].run(ctx) // keeps its trouble to itself
		return nil
	})
	group.chunks = make([]columnar.Chunk, columns)
	for _, t := range tasks {
		if t.number != dropped {
			group.chunks[t.number] = t.chunk
		}
		group.trouble = first(group.trouble, t.trouble)
		for w, rejected := range t.rejected {
			group.windows[w].reject(rejected)
		}
	}
}

// reject adds what a column has found at fault to what columns before it have.
func (w *window) reject(rejected map[int]*fault) {
	for row, bad := range rejected {
		if _, known := w.rejected[row]; !known {
			w.rejected[row] = bad
		}
	}
}
