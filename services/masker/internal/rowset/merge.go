package rowset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// mergedGroup is the most ids that a group of a merged run has on average: 2 KiB are read to look for an id.
const mergedGroup = 128

// merge makes one run of all, in a new file, and adds their ids to the filter.
func (s *Set) merge() (err error) {
	to, err := s.temp()
	if err != nil {
		return err
	}
	from := s.file
	s.file = to
	defer func() { err = errors.Join(err, from.Close()) }()

	fewest, most := s.runs[0].bits, uint(bits.Len(uint(s.filed/mergedGroup)))
	readers := make([]runReader, len(s.runs))
	for i, r := range s.runs {
		fewest, most = min(fewest, r.bits), max(most, r.bits)
		readers[i] = newRunReader(from, r)
	}
	w := newRunWriter(to, 0, most)
	var ids []ID
	for group := range 1 << fewest {
		ids = ids[:0]
		for i := range readers {
			if ids, err = readers[i].group(ids, fewest, group); err != nil {
				return err
			}
		}
		for _, id := range ids {
			s.filter.add(id)
		}
		if err := s.split(w, ids, most-fewest); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	if int(w.ids) != s.filed {
		return fmt.Errorf("%d were written and %d read back", s.filed, w.ids)
	}
	s.runs, s.reads = append(s.runs[:0], w.run), 0
	return nil
}

// split writes ids, of one group, as the groups that so many more bits make of it.
func (s *Set) split(w *runWriter, ids []ID, more uint) error {
	if more == 0 {
		return w.group(ids)
	}
	mask := 1<<more - 1
	next := slices.Grow(s.next[:0], mask+2)[:mask+2]
	clear(next)
	for _, id := range ids {
		next[id.group(w.run.bits)&mask+1]++
	}
	for i := range mask + 1 {
		next[i+1] += next[i]
	}
	sorted := slices.Grow(s.sorted[:0], len(ids))[:len(ids)]
	for _, id := range ids {
		at := &next[id.group(w.run.bits)&mask]
		sorted[*at] = id
		*at++
	}
	start := int32(0)
	for i := range mask + 1 { // next is now where each ends
		if err := w.group(sorted[start:next[i]]); err != nil {
			return err
		}
		start = next[i]
	}
	s.next, s.sorted = next, sorted
	return nil
}

// runReader reads a run from its start.
type runReader struct {
	run  run
	from *bufio.Reader
}

func newRunReader(f io.ReaderAt, r run) runReader {
	offset, ids := r.between(0, 1<<r.bits)
	return runReader{run: r, from: bufio.NewReaderSize(io.NewSectionReader(f, offset, int64(ids)*idBytes), bufferSize)}
}

// group appends the ids of the next group, with that number of so many bits.
func (r *runReader) group(ids []ID, bits uint, group int) ([]ID, error) {
	finer := r.run.bits - bits
	_, n := r.run.between(group<<finer, (group+1)<<finer)
	for range n {
		b, err := r.from.Peek(idBytes)
		if err != nil {
			return nil, fmt.Errorf("read temporary file: %w", err)
		}
		ids = append(ids, decode(b))
		_, _ = r.from.Discard(idBytes)
	}
	return ids, nil
}
