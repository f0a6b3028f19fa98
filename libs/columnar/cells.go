package columnar

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
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
		return newTypedCells(t, parse, mem)
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

// zeros appends n zeros.
func (r *run) zeros(n int) {
	r.room(n)
	clear(r.bytes[r.used : r.used+n])
	r.used += n
}

// putOffsets appends n times an offset.
func (r *run) putOffsets(v, n int) {
	r.room(4 * n)
	to := arrow.Int32Traits.CastFromBytes(r.bytes[r.used : r.used+4*n])
	for i := range to {
		to[i] = int32(v)
	}
	r.used += 4 * n
}

// validity is the bitmap of slots that hold a value. Those that do mostly stand
// together: their bits are written when a null comes.
type validity struct {
	bits  run
	begun int // slots whose bits are written; those from here on are valid
	slots int
	nulls int
}

// skip makes the slots up to slot null.
func (v *validity) skip(slot int) {
	if slot <= v.slots {
		return
	}
	v.nulls += slot - v.slots
	v.write(slot)
}

// write writes the bits up to slot.
func (v *validity) write(slot int) {
	if n := (slot+7)/8 - v.bits.used; n > 0 {
		v.bits.zeros(n)
	}
	if n := v.slots - v.begun; n == 1 { // as in a column of few values
		bitutil.SetBit(v.bits.bytes, v.begun)
	} else {
		bitutil.SetBitsTo(v.bits.bytes, int64(v.begun), int64(n), true)
	}
	v.begun, v.slots = slot, slot
}

// add makes the next slot valid.
func (v *validity) add() { v.slots++ }

// handOver hands over the bitmap, nil if no slot is null.
func (v *validity) handOver() (bits *memory.Buffer, nulls int) {
	if nulls = v.nulls; nulls > 0 {
		v.write(v.slots)
		bits = v.bits.handOver()
	}
	v.begun, v.slots, v.nulls = 0, 0, 0
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

// scan puts the string whose text begins at b[i], of a buffer of jsonFrames, and
// returns where the string ends. One that is not plain ASCII, has an escape or is
// longer than limit it does not put, and returns 0.
func (c *textCells) scan(slot int, b []byte, i, limit int) (end int) {
	if slot > c.valid.slots {
		c.skip(slot)
	}
	t := &c.text
	from, to, room := i, t.used, t.bytes
	for {
		if len(room)-to < jsonPad {
			if to > math.MaxInt32-jsonPad || i-from > limit {
				return 0
			}
			t.room(2*(to-t.used) + jsonPad)
			room = t.bytes
		}
		in, out := b[i:i+jsonPad], room[to:to+jsonPad]
		w, v := binary.LittleEndian.Uint64(in), binary.LittleEndian.Uint64(in[8:])
		binary.LittleEndian.PutUint64(out, w)
		binary.LittleEndian.PutUint64(out[8:], v)
		m, o := unplain(w), unplain(v)
		if m|o != 0 {
			n := bits.TrailingZeros64(m) / 8
			if n == 8 {
				n += bits.TrailingZeros64(o) / 8
			}
			i, to = i+n, to+n
			break
		}
		i, to = i+jsonPad, to+jsonPad
	}
	if b[i] != '"' || i-from > limit {
		return 0
	}
	o := &c.offsets
	if len(o.bytes)-o.used < 4 {
		o.room(4)
	}
	binary.NativeEndian.PutUint32(o.bytes[o.used:], uint32(t.used))
	o.used += 4
	t.used = to
	c.valid.add()
	return i + 1
}

func (c *textCells) skip(slot int) {
	n := slot - c.valid.slots
	if n <= 0 {
		return
	}
	c.offsets.putOffsets(c.text.used, n)
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

// typedCells are the cells of a column whose values have a fixed width.
type typedCells struct {
	typ    arrow.DataType
	parse  parser
	valid  validity
	values run
	width  int // bytes of a value; a boolean is one until it is handed over
}

func newTypedCells(t arrow.DataType, parse parser, mem memory.Allocator) *typedCells {
	return &typedCells{
		typ: t, parse: parse, valid: validity{bits: run{mem: mem}}, values: run{mem: mem},
		width: (t.(arrow.FixedWidthDataType).BitWidth() + 7) / 8,
	}
}

func (c *typedCells) put(slot int, text []byte) error {
	c.skip(slot)
	v := &c.values
	v.room(c.width)
	if err := c.parse(v.bytes[v.used:v.used+c.width], text); err != nil {
		return err
	}
	v.used += c.width
	c.valid.add()
	return nil
}

func (c *typedCells) skip(slot int) {
	n := slot - c.valid.slots
	if n <= 0 {
		return
	}
	c.values.zeros(n * c.width)
	c.valid.skip(slot)
}

func (c *typedCells) finish(n int) arrow.ArrayData {
	c.skip(n)
	bits, nulls := c.valid.handOver()
	values := c.values.handOver()
	if c.typ.ID() == arrow.BOOL {
		pack(values)
	}
	return handOver(c.typ, n, nulls, nil, bits, values)
}

// pack makes bits of bytes that are 0 or 1.
func pack(b *memory.Buffer) {
	bytes := b.Bytes()
	for i, bit := range bytes {
		if i%8 == 0 {
			bytes[i/8] = bit
		} else {
			bytes[i/8] |= bit << (i % 8)
		}
	}
	b.ResizeNoShrink((len(bytes) + 7) / 8)
}

func (c *typedCells) release() {
	c.valid.bits.release()
	c.values.release()
}
