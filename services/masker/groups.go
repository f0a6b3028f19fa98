package masker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
)

// groups masks a Parquet file to a Parquet file. The unit of work is one column of one row group: workers take columns,
// and what they make is written in the order of the file. While a row group is masked the next one is opened, and no
// more than these two are in memory.
type groups struct {
	*job
	in     *columnar.File
	out    *columnar.GroupWriter
	parts  []part   // by member of the root
	ahead  *scratch // of the goroutine that opens row groups
	before int64    // rows of the row groups opened so far
}

// groupsInFlight are the row groups in memory: one in work and one that is opened.
const groupsInFlight = 2

// maxFront is how many bytes of values that others look at may be in memory for a row group.
const maxFront = 256 << 20

// fits reports that a file's row groups are small enough to be opened as a whole.
func (b *binding) fits(in *columnar.File, parts []part) bool {
	for n := range in.Groups() {
		var size int64
		for i, m := range b.root.members {
			if parts[i] != alone && m.source >= 0 {
				size += in.Size(n, m.source)
			}
		}
		if size > maxFront {
			return false
		}
	}
	return true
}

// part is what a member of the root has to do with the others.
type part uint8

const (
	alone  part = iota
	owning      // it says what a row is and whose, which is found out when a row group is opened
	front       // other members look at what is in it, for as long as they are masked
)

// parts are those of the members of the root.
func (b *binding) parts(observed bool) []part {
	parts := make([]part, len(b.root.members))
	home := make([]int, len(b.plan.fields)) // member that a field is in
	for i := range home {
		home[i] = nobody
	}
	for i, m := range b.root.members {
		for _, leaf := range m.leaves(nil) {
			if field := b.leaves[leaf].field; field >= 0 {
				home[field] = i
			}
		}
		if m.source < 0 {
			parts[i] = front // made when the row group is opened, or not there at all
		}
	}
	for _, field := range append(slices.Clone(b.plan.key), b.plan.owner()...) {
		if at := home[field]; at >= 0 {
			parts[at] = max(parts[at], owning)
		}
	}
	for _, l := range b.plan.looks {
		if at := home[l.at]; at >= 0 && (l.by == nobody || home[l.by] != at) {
			parts[at] = front
		}
	}
	if observed {
		for _, p := range b.plan.pairs {
			if at := home[p.first]; at >= 0 && home[p.last] != at {
				parts[at] = front
			}
		}
	}
	return parts
}

// leaves appends the numbers of the values in a branch.
func (c *branch) leaves(to []int) []int {
	if c.leaf >= 0 {
		return append(to, c.leaf)
	}
	for _, m := range c.members {
		to = m.leaves(to)
	}
	return to
}

// run masks all row groups. The first fault in the order of the file is the one that is told.
func (g *groups) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	flight := make(chan struct{}, groupsInFlight)
	last := make(chan struct{})
	close(last)
	for n := 0; n < g.in.Groups() && ctx.Err() == nil; n++ {
		select {
		case flight <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		group := g.open(ctx, n)
		end := group.trouble != nil // what comes behind it will not be written
		previous, own := last, make(chan struct{})
		running.Go(func() {
			defer func() { close(own); <-flight }()
			defer group.release()
			g.mask(ctx, group)
			<-previous
			if ctx.Err() != nil {
				return
			}
			if err := columnar.Guard(func() error { return g.append(ctx, group) }); err != nil {
				cancel(err)
			}
		})
		last = own
		if end {
			break
		}
	}
	running.Wait()
	return cmp.Or(context.Cause(ctx), g.out.Close())
}

// drops reports that rows which cannot be processed are left out, so that what a row group loses is known only when it is
// masked.
func (g *groups) drops() bool { return g.plan.policy.RejectRow == policy.DropRow }

// append writes a masked row group. It is called in the order of the file.
func (g *groups) append(ctx context.Context, group *group) error {
	if g.drops() {
		g.decideAll(group)
		if group.trouble == nil && group.leaves() {
			g.mask(ctx, group)
		}
	}
	if group.trouble != nil {
		return group.trouble.rejection(group)
	}
	var rows int64
	defer g.totals.spare(group.counts)
	for _, w := range group.windows {
		if err := g.account(w.census, w.out); err != nil {
			return (&trouble{err: err}).rejection(group)
		}
		rows += int64(w.rows - len(w.out))
	}
	g.progress()
	if rows == 0 {
		return nil
	}
	if err := g.totals.add(group.counts); err != nil {
		return err
	}
	chunks := group.chunks
	group.chunks = nil
	return g.out.Append(rows, chunks)
}

// trouble is what went wrong in a row group, and where: what comes first in the file is told, as if it had been masked
// window by window.
type trouble struct {
	window int
	step   int // in the window: opening, the columns in their order, the decision
	err    error
}

const (
	stepOpen   = -1
	stepDecide = 1 << 30
)

// first is the trouble that comes first, nil when there is none.
func first(a, b *trouble) *trouble {
	switch {
	case a == nil:
		return b
	case b == nil || cmp.Or(cmp.Compare(a.window, b.window), cmp.Compare(a.step, b.step)) <= 0:
		return a
	}
	return b
}

func (t *trouble) rejection(g *group) error {
	var bad *fault
	if !errors.As(t.err, &bad) {
		return t.err
	}
	before := g.before
	for _, w := range g.windows[:max(0, min(t.window, len(g.windows)))] {
		before += int64(w.rows)
	}
	return bad.rejection(before)
}
