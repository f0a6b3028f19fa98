package masker

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/columnar"
)

// task is the masking of one column of one row group.
type task struct {
	*groups
	group  *group
	member int // of the root
	number int // in the output

	chunk    columnar.Chunk
	rejected []map[int]*fault // by window
	trouble  *trouble
}

func (t *task) branch() *branch { return t.binding.root.members[t.member] }

// cost is about how much work the column is, in bytes.
func (t *task) cost() int64 {
	if b := t.branch(); b.source >= 0 {
		return t.in.Size(t.group.number, b.source)
	}
	return 0
}

func (t *task) run(ctx context.Context) {
	s := <-t.free
	defer func() { t.free <- s }()
	window := 0
	if s.noter != nil {
		s.noter.entries, s.noter.names = entries{}, nameEntries{}
	}
	err := columnar.Guard(func() error { return t.make(ctx, s, &window) })
	if err != nil {
		t.trouble = &trouble{window: window, step: t.number, err: err}
	}
}

// make makes the chunk. at is the window in work.
func (t *task) make(ctx context.Context, s *scratch, at *int) (err error) {
	b := t.branch()
	if b.same && b.leaf >= 0 && !t.group.leaves() {
		var ok bool
		if t.chunk, ok, err = t.out.Copy(t.number, t.in, t.group.number, b.source); ok || err != nil {
			return err
		}
	}
	var in *columnar.ColumnReader
	dictionaries := b.dictionaries(t.binding)
	if b.source >= 0 && t.parts[t.member] != front {
		if in, err = t.in.Column(ctx, t.group.number, b.source, dictionaries); err != nil {
			return err
		}
		defer in.Close()
	}
	if dictionaries {
		s.translation = newTranslation(true)
		defer func() { s.translation = nil }()
	}
	var out *columnar.ColumnWriter
	if t.number != dropped {
		out = t.out.Column(t.number)
		defer out.Close()
	}
	for i, w := range t.group.sound() {
		*at = i
		if err := t.window(ctx, s, w, in, out); err != nil {
			return err
		}
	}
	if in != nil && t.group.trouble == nil {
		if err := in.End(); err != nil {
			return err
		}
	}
	if out != nil {
		t.chunk, err = out.Finish()
	}
	return err
}

// window masks the column's values in one window and writes those that stay.
func (t *task) window(ctx context.Context, s *scratch, w *window, in *columnar.ColumnReader, out *columnar.ColumnWriter) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	x := w.batch.fork(s)
	defer x.frame.release()
	o := w.front[t.member]
	if o == nil {
		var whole arrow.Array
		if in != nil {
			var err error
			if whole, err = in.Next(ctx, int64(w.rows)); err != nil {
				return err
			}
			defer whole.Release()
		}
		var err error
		if o, err = t.branch().open(x, whole, x.frame.records); err != nil {
			return err
		}
	}
	if out == nil {
		return t.observe(s, x, w)
	}
	if s.noter != nil && len(w.out) == 0 { // all that is masked is counted: while it is in the cache
		x.count = func(leaf int, notes []counted) { t.totals.take(t.group.counts, leaf, notes) }
	}
	masked, err := o.build(x, w.rows)
	if err != nil {
		return err
	}
	defer masked.Release()
	t.rejected = append(t.rejected, x.frame.rejected)
	if err := t.observe(s, x, w); err != nil {
		return err
	}
	return runs(w.rows, w.out, func(from, to int) error {
		if from == 0 && to == w.rows {
			t.measure(masked)
			return out.Write(masked)
		}
		part := array.NewSlice(masked, int64(from), int64(to))
		defer part.Release()
		t.measure(part)
		return out.Write(part)
	})
}
