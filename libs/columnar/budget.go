package columnar

import (
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// budget is an allocator that refuses to go over a limit. Arrow has no way to
// report a failed allocation, so it panics with overBudget, which guard turns
// back into an error. A dictionary of one large value and a run of a million
// indices is a few bytes in a file and gigabytes in memory: no check of the
// footer sees that.
type budget struct {
	mem memory.Allocator
	use *atomic.Int64
	max int64
}

type overBudget struct{ max int64 }

func (e overBudget) Error() string {
	return fmt.Sprintf("a batch needs more than the %d bytes of memory that are allowed: write smaller row groups or cells", e.max)
}

// newBudgets returns one allocator for batches and one for decoders' scratch
// space; both draw on one budget.
func newBudgets(mem memory.Allocator, limit int64) (batches, scratch *budget) {
	if mem == nil {
		mem = memory.DefaultAllocator
	}
	use := new(atomic.Int64)
	return &budget{mem, use, limit}, &budget{memory.DefaultAllocator, use, limit}
}

func (b *budget) take(size int) {
	if b.use.Add(int64(size)) > b.max {
		b.use.Add(int64(-size))
		panic(overBudget{b.max})
	}
}

// unaccounted is the size up to which buffers are left to the garbage collector:
// the library's decoder of delta encodings never frees its list of bit widths.
const unaccounted = 64

func (b *budget) Allocate(size int) []byte {
	if size <= unaccounted {
		return memory.DefaultAllocator.Allocate(size)
	}
	b.take(size)
	return b.mem.Allocate(size)
}

func (b *budget) Reallocate(size int, old []byte) []byte {
	if size > unaccounted && len(old) > unaccounted {
		b.take(size - len(old))
		return b.mem.Reallocate(size, old)
	}
	buf := b.Allocate(size)
	copy(buf, old)
	b.Free(old)
	return buf
}

func (b *budget) Free(old []byte) {
	if len(old) <= unaccounted {
		return
	}
	b.use.Add(int64(-len(old)))
	b.mem.Free(old)
}
