package columnar

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// cells collect the values of one column, or of one member, element or item
// inside a nested one. A value stands at a slot, and slots only go up: those
// that are passed over are null, so that a row costs what it holds and not the
// number of columns.
type cells interface {
	// finish hands over the first n slots, counts from 0 again, and leaves the
	// reference to the caller.
	finish(n int) arrow.ArrayData
	release()
}

// scalarCells take values that have a text.
type scalarCells interface {
	cells
	put(slot int, text []byte) error
}

// newScalarCells returns the cells of a declarable type that is not nested, and
// nil for any other.
func newScalarCells(t arrow.DataType, mem memory.Allocator) scalarCells {
	if t.ID() == arrow.STRING {
		return newTextCells(mem)
	}
	if parse := parserFor(t); parse != nil {
		return &typedCells{array.NewBuilder(mem, t), parse}
	}
	return nil
}

// run is an Arrow buffer that grows at its end.
type run struct {
	mem   memory.Allocator
	buf   *memory.Buffer
	bytes []byte // all of buf
	used  int
	last  int // used at the last handover: the next batch is likely to be alike
}

// room makes room for n more bytes.
func (r *run) room(n int) {
	if n <= len(r.bytes)-r.used {
		return
	}
	if r.buf == nil {
		r.buf = memory.NewResizableBuffer(r.mem)
	}
	r.buf.Reserve(max(r.used+n, 2*r.used, r.last+r.last/8))
	r.bytes = r.buf.Buf()
}

func (r *run) handOver() *memory.Buffer {
	if r.buf == nil {
		r.buf = memory.NewResizableBuffer(r.mem)
	}
	buf := r.buf
	buf.ResizeNoShrink(r.used)
	r.buf, r.bytes, r.used, r.last = nil, nil, 0, r.used
	return buf
}

func (r *run) release() {
	if r.buf != nil {
		r.buf.Release()
	}
	r.buf, r.bytes, r.used = nil, nil, 0
}

// putOffset appends an offset of Arrow's variable-size layouts.
func (r *run) putOffset(v int) {
	if len(r.bytes)-r.used < 4 {
		r.room(4)
	}
	binary.NativeEndian.PutUint32(r.bytes[r.used:], uint32(v))
	r.used += 4
}

// validity is the bitmap of slots that hold a value.
type validity struct {
	bits  run
	slots int
	nulls int
}

// skip makes the slots up to slot null.
func (v *validity) skip(slot int) {
	if slot <= v.slots {
		return
	}
	n := (slot+7)/8 - v.bits.used
	v.bits.room(n)
	clear(v.bits.bytes[v.bits.used : v.bits.used+n])
	v.bits.used += n
	v.nulls += slot - v.slots
	v.slots = slot
}

// add makes the next slot valid.
func (v *validity) add() {
	bit := byte(1) << (v.slots & 7)
	if bit == 1 {
		v.bits.room(1)
		v.bits.bytes[v.bits.used] = 1
		v.bits.used++
	} else {
		v.bits.bytes[v.bits.used-1] |= bit
	}
	v.slots++
}

func (v *validity) handOver() (bits *memory.Buffer, nulls int) {
	bits, nulls = v.bits.handOver(), v.nulls
	v.slots, v.nulls = 0, 0
	return bits, nulls
}

// textCells are the cells of a string column.
type textCells struct {
	valid   validity
	offsets run
	text    run
}

func newTextCells(mem memory.Allocator) *textCells {
	return &textCells{valid: validity{bits: run{mem: mem}}, offsets: run{mem: mem}, text: run{mem: mem}}
}

var errBatchSize = errors.New("a batch would hold more than Arrow can count in one column (2 GiB of text, 2^31 elements): read smaller batches")

func (c *textCells) put(slot int, text []byte) error {
	c.skip(slot)
	t := &c.text
	if len(t.bytes)-t.used < len(text) {
		if t.used+len(text) > math.MaxInt32 {
			return errBatchSize
		}
		t.room(len(text))
	}
	c.offsets.putOffset(t.used)
	copy(t.bytes[t.used:], text)
	t.used += len(text)
	c.valid.add()
	return nil
}

func (c *textCells) skip(slot int) {
	n := slot - c.valid.slots
	if n <= 0 {
		return
	}
	c.offsets.room(4 * n)
	for range n {
		c.offsets.putOffset(c.text.used)
	}
	c.valid.skip(slot)
}

func (c *textCells) finish(n int) arrow.ArrayData {
	c.skip(n)
	c.offsets.putOffset(c.text.used)
	bits, nulls := c.valid.handOver()
	return handOver(arrow.BinaryTypes.String, n, nulls, nil, bits, c.offsets.handOver(), c.text.handOver())
}

func (c *textCells) release() {
	c.valid.bits.release()
	c.offsets.release()
	c.text.release()
}

// handOver makes array data of what it takes over.
func handOver(t arrow.DataType, n, nulls int, children []arrow.ArrayData, buffers ...*memory.Buffer) arrow.ArrayData {
	data := array.NewData(t, n, buffers, children, nulls, 0)
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	for _, c := range children {
		c.Release()
	}
	return data
}

// typedCells parse text as it comes.
type typedCells struct {
	build array.Builder
	parse parser
}

func (c *typedCells) put(slot int, text []byte) error {
	c.skip(slot)
	return c.parse(c.build, text)
}

func (c *typedCells) skip(slot int) {
	if n := slot - c.build.Len(); n > 0 {
		c.build.AppendNulls(n)
	}
}

func (c *typedCells) finish(n int) arrow.ArrayData {
	c.skip(n)
	arr := c.build.NewArray()
	defer arr.Release()
	data := arr.Data()
	data.Retain()
	return data
}

func (c *typedCells) release() { c.build.Release() }
