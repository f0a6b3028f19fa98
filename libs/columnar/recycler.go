package columnar

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Recycler is an allocator for the batches of one file: memory that was freed serves later ones, as there are many and
// all are alike. What is freed is cleared at once, so that nobody finds in it what others left. It goes with the file, and
// a buffer that is never freed costs no more than itself. It is safe for concurrent use.
//
// Whoever uses memory after he has freed it sees zeros, or what came after him. With Go's allocator that goes well by
// chance; tests use one that spoils what is freed.
type Recycler struct {
	mu    sync.Mutex
	idle  map[int][][]byte // by capacity
	bytes int              // of idle
}

const (
	leastRecycled = 4 << 10  // bytes of a buffer; smaller ones are left to the garbage collector
	mostIdle      = 32 << 20 // bytes
)

// NewRecycler returns a Recycler that holds nothing.
func NewRecycler() *Recycler { return &Recycler{idle: map[int][][]byte{}} }

// Allocate returns cleared memory.
func (r *Recycler) Allocate(size int) []byte {
	if size < leastRecycled {
		return memory.DefaultAllocator.Allocate(size)
	}
	room := roomFor(size)
	if b := r.take(room); b != nil {
		return b[:size]
	}
	return memory.DefaultAllocator.Allocate(room)[:size]
}

// roomFor is the capacity of a buffer of so many bytes: one of four in each power of two.
func roomFor(size int) int {
	step := 1 << (bits.Len(uint(size-1)) - 3)
	return (size + step - 1) / step * step
}

func (r *Recycler) take(room int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	alike := r.idle[room]
	last := len(alike) - 1
	if last < 0 {
		if r.bytes+room > mostIdle { // of other sizes than are needed now
			clear(r.idle)
			r.bytes = 0
		}
		return nil
	}
	b := alike[last]
	alike[last] = nil
	r.idle[room] = alike[:last]
	r.bytes -= room
	return b
}

// Reallocate returns memory that begins as b does, which is not to be used any more.
func (r *Recycler) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	larger := r.Allocate(size)
	copy(larger, b)
	r.Free(b)
	return larger
}

// Free takes memory back.
func (r *Recycler) Free(b []byte) {
	room := cap(b)
	if room < leastRecycled || room != roomFor(room) {
		return
	}
	b = b[:room]
	clear(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bytes+room <= mostIdle {
		r.idle[room] = append(r.idle[room], b[:0])
		r.bytes += room
	}
}
