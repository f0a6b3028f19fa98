// Package rowset remembers the ids of rows, exactly and in bounded memory, and says which of them came before.
//
// A Bloom filter says of nearly every new id that it is new. The newest ids are kept in memory by their first bits;
// when they become too many, they go to a temporary file in that order, as a run. An id of which the filter is not sure
// is looked for where it would stand: in memory, and in the part of each run that is read back for it. Ids must be
// spread evenly, as those of a keyed hash are; if they are not, the answers are the same and come late.
//
// Memory is at most 8 MiB for the newest ids, 2 to 4 bytes for each id of the set but never more than 64 MiB for the
// filter, 0.1 bytes for each id to find it in the file, and 8 MiB to work with. Beyond 32 million ids the filter gets
// worse with each, and time takes the place of memory. The file takes 16 bytes for each id, twice that while runs are
// merged. Up to there nearly no new id needs a read, and one that was there before needs a few of some 2 KiB.
package rowset

import (
	"cmp"
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// ID is the id of a row. The zero ID is none.
type ID struct{ Hi, Lo uint64 }

// group is the number that the first so many bits are.
func (id ID) group(bits uint) int { return int(id.Hi >> (64 - bits)) }

// File is a temporary file, which Close removes. What is written goes to its end.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// Set is a set of ids. It is not safe for concurrent use.
type Set struct {
	limits   limits
	temp     func() (File, error)
	expected int

	filter filter // of all ids
	recent recent
	file   File
	runs   []run // the ids in the file, each in one run alone and not in recent
	filed  int   // how many they are
	reads  int   // since runs were last merged, which a merge would have saved

	rows, maybe []row // of the ids that are being added
	next        []int32
	sorted      []ID
	buf         []byte
	touched     uint64
}

// limits are where the set changes its ways.
type limits struct {
	recent uint // bits that part the newest ids into groups
	filter int  // blocks of the filter, a power of 2
	piece  int  // ids that are added at a time, which bounds the memory to work with
	merge  int  // ids that are merged in the time of one read, so that merging takes no longer than reading did
}

// New is an empty set. It calls temp when the ids are too many for memory, which is beyond some 300,000. expected is how
// many there may be, 0 if that is not known: then the filter need not grow.
func New(expected int, temp func() (File, error)) *Set {
	return &Set{expected: expected, temp: temp, limits: limits{recent: 12, filter: 1 << 20, piece: 1 << 17, merge: 64}}
}

// Add adds ids in their order and appends to again the index of each that was there before, in the set or in ids, in
// order. Where the zero ID stands, nothing is added. After an error the set is of no use.
func (s *Set) Add(ids []ID, again []int32) ([]int32, error) {
	start := len(again)
	for from := 0; from < len(ids); from += s.limits.piece {
		piece := ids[from:min(from+s.limits.piece, len(ids))]
		var err error
		if again, err = s.add(piece, int32(from), again); err != nil {
			return again, fmt.Errorf("row ids: %w", err)
		}
	}
	slices.Sort(again[start:])
	return again, nil
}

// Close removes the temporary file.
func (s *Set) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// row is an id and its index.
type row struct {
	id    ID
	index int32
}

func (s *Set) add(ids []ID, first int32, again []int32) ([]int32, error) {
	if err := s.reserve(len(ids)); err != nil {
		return again, err
	}
	s.gather(ids, first)
	// Of equal ids the first is kept before the filter is asked about the second, which is then found there.
	s.maybe = s.maybe[:0]
	for rows := range slices.Chunk(s.rows, 64) {
		s.touch(rows)
		for _, r := range rows {
			if s.filter.add(r.id) {
				s.maybe = append(s.maybe, r)
			} else if err := s.keep(r.id); err != nil {
				return again, err
			}
		}
	}
	if len(s.maybe) == 0 {
		return again, nil
	}
	slices.SortFunc(s.maybe, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.id.Hi, b.id.Hi), cmp.Compare(a.id.Lo, b.id.Lo), cmp.Compare(a.index, b.index))
	})
	rest := s.maybe[:0]
	for _, r := range s.maybe {
		if s.recent.holds(r.id) {
			again = append(again, r.index)
		} else {
			rest = append(rest, r)
		}
	}
	for i := range s.runs {
		var err error
		if rest, again, err = s.find(&s.runs[i], rest, again); err != nil {
			return again, err
		}
	}
	for i, r := range rest { // they are nowhere
		if i > 0 && rest[i-1].id == r.id {
			again = append(again, r.index)
		} else if err := s.keep(r.id); err != nil {
			return again, err
		}
	}
	return again, nil
}

// reserve prepares for so many more ids. The filter is not exchanged but here: while ids are added, those of which it
// was not sure are nowhere else.
func (s *Set) reserve(ids int) error {
	blocks := min(blocksFor(max(s.filed+s.recent.ids+ids, s.expected)), s.limits.filter)
	if s.recent.reserve(s.recent.ids+ids, s.limits.recent); len(s.filter.blocks) >= blocks && s.reads*s.limits.merge <= s.filed {
		return nil
	}
	s.filter = filter{} // two need not be in memory at a time
	s.filter = newFilter(blocks)
	for part := range s.recent.groups() {
		for _, id := range part {
			s.filter.add(id)
		}
	}
	if len(s.runs) == 0 {
		return nil
	}
	return s.merge()
}

// gather puts the ids into s.rows by their first bits, some 8 together, so that memory is walked through almost in
// order. Equal ids stay in order.
func (s *Set) gather(ids []ID, first int32) {
	size := uint(bits.Len(uint(len(ids) / 8)))
	next := slices.Grow(s.next[:0], 1<<size+1)[:1<<size+1]
	clear(next)
	for _, id := range ids {
		if id != (ID{}) {
			next[id.group(size)+1]++
		}
	}
	for i := range 1 << size {
		next[i+1] += next[i]
	}
	total := int(next[1<<size])
	rows := slices.Grow(s.rows[:0], total)[:total]
	for i, id := range ids {
		if id != (ID{}) {
			at := &next[id.group(size)]
			rows[*at] = row{id, first + int32(i)}
			*at++
		}
	}
	s.rows, s.next = rows, next
}

// touch brings what the rows need into the processor's cache, all at once: where they are added, which is more work, each
// would be waited for.
func (s *Set) touch(rows []row) {
	for _, r := range rows {
		s.touched |= s.filter.blocks[r.id.group(s.filter.bits)][0]
	}
	for _, r := range rows {
		s.touched |= s.recent.slots[r.id.group(s.recent.bits)*groupSlots].Hi
	}
}

// keep remembers an id that is new.
func (s *Set) keep(id ID) error {
	if s.recent.add(id) {
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.recent.add(id)
	return nil
}
