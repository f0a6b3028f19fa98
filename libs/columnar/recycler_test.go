package columnar

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

var _ memory.Allocator = (*Recycler)(nil)

// TestRecyclerClears: memory is as long as was asked for and clear, and nobody else has it.
func TestRecyclerClears(t *testing.T) {
	t.Parallel()
	r := NewRecycler()
	var all sync.WaitGroup
	for seed := range uint64(4) {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, 1))
			own := byte(seed + 1)
			var held [][]byte
			for range 2000 {
				if len(held) > 8 {
					at := rnd.IntN(len(held))
					b := held[at]
					if bytes.Count(b, []byte{own}) != len(b) {
						t.Error("somebody else wrote here")
						return
					}
					held[at] = held[len(held)-1]
					held = held[:len(held)-1]
					r.Free(b)
					continue
				}
				size := 1 + rnd.IntN(1<<(1+rnd.IntN(18)))
				b := r.Allocate(size)
				if len(b) != size || bytes.Count(b, []byte{0}) != size {
					t.Errorf("%d bytes for %d, or not clear", len(b), size)
					return
				}
				if rnd.IntN(2) == 0 {
					size = 1 + rnd.IntN(2*size)
					kept := min(size, len(b))
					for i := range b {
						b[i] = own
					}
					if b = r.Reallocate(size, b); len(b) != size || bytes.Count(b[:kept], []byte{own}) != kept {
						t.Errorf("%d bytes for %d, or not those that were there", len(b), size)
						return
					}
				}
				for i := range b {
					b[i] = own
				}
				held = append(held, b)
			}
		})
	}
	all.Wait()
}

// TestRecyclerIsBounded: it keeps no more than mostIdle, and lets go of sizes that nobody asks for any more.
func TestRecyclerIsBounded(t *testing.T) {
	t.Parallel()
	r := NewRecycler()
	const size = 1 << 20
	var held [][]byte
	for range 2 * mostIdle / size {
		held = append(held, r.Allocate(size))
	}
	for _, b := range held {
		r.Free(b)
	}
	if r.bytes != mostIdle {
		t.Fatalf("%d bytes are idle, want %d", r.bytes, mostIdle)
	}
	if b := r.Allocate(size); len(b) != size || r.bytes != mostIdle-size {
		t.Fatalf("%d bytes are idle, want %d", r.bytes, mostIdle-size)
	}
	r.Allocate(2 * size)
	if r.bytes != 0 {
		t.Fatalf("%d bytes of a size that nobody needs are idle", r.bytes)
	}
}

// TestRoom: a buffer has room for its bytes, not much more, and a room is its own.
func TestRoom(t *testing.T) {
	t.Parallel()
	for size := leastRecycled; size < 1<<17; size++ {
		if room := roomFor(size); room < size || room > size+size/4 || roomFor(room) != room || room%64 != 0 {
			t.Fatalf("room of %d for %d bytes", room, size)
		}
	}
}
