package chunkread

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// booleans are read a bit at a time.
type booleans struct {
	c       Column
	bits    *memory.Buffer
	compact []byte // bits of the rows that have a value
}

func (w *booleans) dictionary([]byte, int) error { return errDictionary }

func (w *booleans) begin(rows int) {
	w.bits = memory.NewResizableBuffer(w.c.Allocator)
	w.bits.Resize(int(bitutil.BytesForBits(int64(rows))))
}

func (w *booleans) take(p *page, at, n, k int, valid []byte) error {
	bits := w.bits.Bytes()
	if k == n {
		if p.packed.fill(bits, at, n) < 0 {
			return errValues
		}
		return nil
	}
	w.compact = slices.Grow(w.compact[:0], k/8+1)[:k/8+1]
	if p.packed.fill(w.compact, 0, k) < 0 {
		return errValues
	}
	from := 0
	for i := at; i < at+n; i++ {
		set := false
		if bitutil.BitIsSet(valid, i) {
			set = bitutil.BitIsSet(w.compact, from)
			from++
		}
		bitutil.SetBitTo(bits, i, set)
	}
	return nil
}

func (w *booleans) end() parts {
	p := parts{typ: w.c.Type, buffers: []*memory.Buffer{w.bits}}
	w.bits = nil
	return p
}

func (w *booleans) drop(bool) { release(&w.bits) }

func release(b **memory.Buffer) {
	if *b != nil {
		(*b).Release()
		*b = nil
	}
}
