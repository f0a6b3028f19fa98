package masker

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/services/masker/internal/rowset"
)

// newest knows which rows of a file are not the newest of their key. It is made by a first reading of the file, and
// keeps about 60 bytes for each key.
type newest struct {
	best map[rowset.ID]edition
	old  []uint64 // a bit for each row
	rows int64
}

// edition is a row and what orders it among those of its key.
type edition struct {
	row     int64
	version version
}

// add takes the next row; of two editions that are equally new the later row counts.
func (n *newest) add(id rowset.ID, v version, counts bool) {
	row := n.rows
	n.rows++
	if row/64 >= int64(len(n.old)) {
		n.old = append(n.old, 0)
	}
	if !counts {
		return
	}
	best, known := n.best[id]
	switch {
	case known && v.compare(best.version) < 0:
		n.old[row/64] |= 1 << (row % 64)
		return
	case known:
		n.old[best.row/64] |= 1 << (best.row % 64)
	}
	n.best[id] = edition{row, v}
}

// lost reports that a row of that number in the file is not the newest of its key.
func (n *newest) lost(row int64) bool { return n.old[row/64]&(1<<(row%64)) != 0 }

// readAhead surveys the source with a reader of its own.
func (j *job) readAhead(ctx context.Context, src columnar.Source, input columnar.Options) (err error) {
	if input.Skip != nil {
		input.Skip = func(*columnar.Error) {} // they are counted when they are read for good
	}
	r, err := columnar.Open(src, input)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return j.survey(ctx, r)
}

// survey reads the whole file for its keys and what orders them.
func (j *job) survey(ctx context.Context, r columnar.Reader) error {
	n := &newest{best: map[rowset.ID]edition{}}
	err := columnar.Map(ctx, r, j.options.Workers, j.look, func(b arrow.RecordBatch) error {
		m, ok := b.(*masked)
		if !ok {
			return errors.New("survey: not a batch that was looked at")
		}
		if m.fault != nil {
			return m.fault.rejection(n.rows)
		}
		for row, id := range m.ids {
			v := version{}
			if m.versions != nil {
				v = m.versions[row]
			}
			n.add(id, v, m.rejected[row] == nil)
		}
		return nil
	})
	n.best = nil
	j.newest = n
	return err
}

// look finds the keys and versions of a batch.
func (j *job) look(_ context.Context, in arrow.RecordBatch) (arrow.RecordBatch, error) {
	return j.with(in, func(s *scratch, m *masked) error {
		x, _, err := j.binding.begin(in, s, j.options)
		if err != nil {
			return err
		}
		defer x.frame.release()
		if m.census, err = j.take(s, x.frame); err != nil {
			return err
		}
		m.versions, err = x.frame.versions()
		return err
	})
}
