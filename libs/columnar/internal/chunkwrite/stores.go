package chunkwrite

import "github.com/maskrail/maskrail/libs/columnar/internal/spare"

// workshop is what the columns of a file are made with, one after the other.
type workshop struct {
	stores      spare.List[*stores]
	compressors spare.List[*compressor]
	blocks      spare.Blocks // of chunks
}

// stores are the buffers of a leaf, used again by others.
type stores struct {
	texts texts
	fixed fixed
	flags flags

	indices    []uint32     // of the page in work
	defs, reps levels       // of the page in work
	out        *spare.Bytes // pages that are ready
	kinds      []PageKind
	raw        int64
}

func (w *workshop) takeStores() *stores {
	s, ok := w.stores.Take()
	if !ok {
		s = new(stores)
		s.reset()
	}
	s.out = w.blocks.New()
	return s
}

// reset lets go of all that belongs to others, and empties the buffers.
func (s *stores) reset() {
	s.texts.reset()
	s.fixed.reset()
	s.flags.reset()
	s.indices, s.kinds, s.raw = s.indices[:0], nil, 0
	s.clearLevels()
	if s.out != nil {
		s.out.Release()
		s.out = nil
	}
}

func (s *stores) clearLevels() {
	s.defs.reset()
	s.reps.reset()
}

// release gives the buffers up.
func (l *leaf) release() {
	s := l.stores
	if s == nil {
		return
	}
	l.stores, l.in, l.plain, l.dict, l.edge = nil, nil, nil, nil, nil
	s.reset()
	l.shop.stores.Give(s)
}
