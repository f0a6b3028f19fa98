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
	if err := columnar.Guard(func() error { return g.openWindows(ctx, out) }); err != nil {
		out.trouble = &trouble{window: len(out.windows) - 1, step: stepOpen, err: err}
	}
	if !g.drops() {
		g.decideAll(out)
	}
	return out
}

func (g *groups) openWindows(ctx context.Context, out *group) error {
	readers := make([]*columnar.ColumnReader, len(g.parts))
	defer func() {
		for _, r := range readers {
			if r != nil {
				r.Close()
			}
		}
	}()
	for i, m := range g.binding.root.members {
		if g.parts[i] == alone || m.source < 0 {
			continue
		}
		var err error
		if readers[i], err = g.in.Column(ctx, out.number, m.source, m.dictionaries(g.binding)); err != nil {
			return err
		}
	}
	size := int64(g.in.Window(out.number))
	for left := g.in.Rows(out.number); left > 0; left -= size {
		if err := g.openWindow(ctx, out, readers, min(size, left)); err != nil {
			return err
		}
	}
	for _, r := range readers {
		if r != nil {
			if err := r.End(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *groups) openWindow(ctx context.Context, out *group, readers []*columnar.ColumnReader, rows int64) error {
	b := g.binding
	w := &window{census: census{rows: int(rows)}, front: make([]*opened, len(g.parts)), whole: make([]arrow.Array, len(g.parts))}
	w.batch = b.newBatch(int(rows), g.ahead, g.options)
	out.windows = append(out.windows, w)
	for i, m := range b.root.members {
		if g.parts[i] == alone {
			continue
		}
		var err error
		if readers[i] != nil {
			if w.whole[i], err = readers[i].Next(ctx, rows); err != nil {
				return err
			}
		}
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
	}
}

// mask makes the chunks of a row group, several columns side by side, the largest first.
func (g *groups) mask(ctx context.Context, group *group) {
	group.chunks = nil
	var tasks []*task
	for i, m := range g.binding.root.members {
		if m.out != nil {
			tasks = append(tasks, &task{groups: g, group: group, member: i, number: len(tasks)})
		}
	}
	ordered := slices.Clone(tasks)
	slices.SortStableFunc(ordered, func(a, b *task) int { return cmp.Compare(b.cost(), a.cost()) })
	_ = columnar.Spread(len(ordered), cap(g.free), func(i int) error {
		ordered[i].run(ctx) // keeps its trouble to itself
		return nil
	})
	group.chunks = make([]columnar.Chunk, len(tasks))
	for i, t := range tasks {
		group.chunks[i] = t.chunk
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
