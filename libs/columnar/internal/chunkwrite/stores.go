package chunkwrite

import "sync"

// stores are the buffers of a leaf, used again by others.
type stores struct {
	texts texts
	fixed fixed
	flags flags

	indices    []uint32 // of the page in work
	defs, reps levels   // of the page in work
	out        *[]byte  // pages that are ready
	kinds      []PageKind
	raw        int64
}

var (
	freeStores = sync.Pool{New: func() any {
		s := new(stores)
		s.reset()
		return s
	}}

	// freeBuffers are those of chunks.
	freeBuffers = sync.Pool{New: func() any { return new([]byte) }}
)

func takeBuffer() *[]byte {
	b := freeBuffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

func takeStores() *stores {
	s := freeStores.Get().(*stores)
	s.out = takeBuffer()
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
		freeBuffers.Put(s.out)
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
	freeStores.Put(s)
}
