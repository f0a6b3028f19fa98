package rowset

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

const (
	idBytes    = 16
	bufferSize = 64 << 10
)

// run is a part of the file in which ids stand in groups, by their first bits.
type run struct {
	offset int64 // in the file, in bytes
	bits   uint
	starts []uint32 // of each group, in ids; the last is the end
}

// between is where the groups from to before stand.
func (r *run) between(from, before int) (offset int64, ids int) {
	return r.offset + int64(r.starts[from])*idBytes, int(r.starts[before] - r.starts[from])
}

// find looks into a run for rows, which stand in order. It appends the index of each whose id is there to again and
// returns the others, in the place of all.
func (s *Set) find(r *run, rows []row, again []int32) ([]row, []int32, error) {
	others, loaded := rows[:0], -1
	for _, row := range rows {
		if group := row.id.group(r.bits); group != loaded {
			offset, ids := r.between(group, group+1)
			s.buf = slices.Grow(s.buf[:0], ids*idBytes)[:ids*idBytes]
			if _, err := s.file.ReadAt(s.buf, offset); err != nil {
				return nil, again, fmt.Errorf("read temporary file: %w", err)
			}
			loaded = group
			if r != &s.runs[0] {
				s.reads++
			}
		}
		if holds(s.buf, row.id) {
			again = append(again, row.index)
		} else {
			others = append(others, row)
		}
	}
	return others, again, nil
}

func holds(ids []byte, id ID) bool {
	for ; len(ids) >= idBytes; ids = ids[idBytes:] {
		if decode(ids) == id {
			return true
		}
	}
	return false
}

func decode(b []byte) ID {
	return ID{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

// spill moves the newest ids into the file.
func (s *Set) spill() error {
	if s.file == nil {
		f, err := s.temp()
		if err != nil {
			return err
		}
		s.file = f
	}
	w := newRunWriter(s.file, int64(s.filed)*idBytes, s.recent.bits)
	for ids := range s.recent.groups() {
		if err := w.group(ids); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil {
		return err
	}
	s.runs = append(s.runs, w.run)
	s.filed += s.recent.ids
	s.recent.clear()
	return nil
}

// runWriter writes a run, group by group.
type runWriter struct {
	to  io.Writer
	run run
	ids uint32
	buf []byte
}

// newRunWriter writes to the end of a file, which is at offset.
func newRunWriter(to io.Writer, offset int64, bits uint) *runWriter {
	return &runWriter{to: to, run: run{offset: offset, bits: bits, starts: make([]uint32, 1, 1<<bits+1)}, buf: make([]byte, 0, bufferSize)}
}

// group writes the next group.
func (w *runWriter) group(ids []ID) error {
	for _, id := range ids {
		w.buf = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(w.buf, id.Hi), id.Lo)
		if len(w.buf) == cap(w.buf) {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	w.ids += uint32(len(ids))
	w.run.starts = append(w.run.starts, w.ids)
	return nil
}

func (w *runWriter) flush() error {
	_, err := w.to.Write(w.buf)
	w.buf = w.buf[:0]
	if err != nil {
		return fmt.Errorf("write temporary file: %w", err)
	}
	return nil
}
