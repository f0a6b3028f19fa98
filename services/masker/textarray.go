package masker

import (
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// textArray is an array of texts in the making, for the slots of cells in their order. The texts are written straight
// into the memory of the array: append to out, then call end or null.
type textArray struct {
	of      cells
	offsets *memory.Buffer
	ends    []int32 // by slot, in offsets
	data    *memory.Buffer
	out     []byte  // in data, or on the heap once there was not enough room
	emptied []int32 // slots that are null here and not in the source
}

// newTextArray makes room for so many bytes. It is released, or finished.
func newTextArray(c cells, room int) *textArray {
	n := c.level.slots
	a := &textArray{of: c, offsets: memory.NewResizableBuffer(c.frame.mem), data: memory.NewResizableBuffer(c.frame.mem)}
	a.offsets.Resize(arrow.Int32Traits.BytesRequired(n + 1))
	a.ends = arrow.Int32Traits.CastFromBytes(a.offsets.Bytes())
	a.ends[0], a.ends = 0, a.ends[1:]
	a.data.Resize(room)
	a.out = a.data.Buf()[:0]
	return a
}

func (a *textArray) release() {
	a.offsets.Release()
	a.data.Release()
}

// end ends the text of a slot. It is a fault when there is no room for more.
func (a *textArray) end(slot int) error {
	if len(a.out) > math.MaxInt32 {
		return faultf(ClassBadValue, "", slot, "the masked texts of one batch have more than 2 GiB: write the source with smaller row groups or cells")
	}
	a.ends[slot] = int32(len(a.out))
	return nil
}

// repeat makes the text of a slot that of an earlier one.
func (a *textArray) repeat(slot, earlier int) error {
	from := int32(0)
	if earlier > 0 {
		from = a.ends[earlier-1]
	}
	a.out = append(a.out, a.out[from:a.ends[earlier]]...)
	return a.end(slot)
}

// null ends a slot that has no text, though it may have one in the source.
func (a *textArray) null(slot int) {
	a.ends[slot] = int32(len(a.out))
	if a.of.array.IsValid(slot) {
		a.emptied = append(a.emptied, int32(slot))
	}
}

// finish is the array. a must not be used any more.
func (a *textArray) finish() (arrow.Array, error) {
	defer a.release()
	if unsafe.SliceData(a.out) == unsafe.SliceData(a.data.Buf()) {
		a.data.ResizeNoShrink(len(a.out))
	} else {
		a.data.Resize(len(a.out))
		copy(a.data.Bytes(), a.out)
	}
	valid, nulls := a.of.validity(a.emptied)
	if valid != nil {
		defer valid.Release()
	}
	data := array.NewData(arrow.BinaryTypes.String, a.of.level.slots, []*memory.Buffer{valid, a.offsets, a.data}, nil, nulls, 0)
	defer data.Release()
	return array.NewStringData(data), nil
}

// validity is the bitmap of what has a value in the cells, apart from some slots; nil when there is no null. The caller
// releases it.
func (c cells) validity(emptied []int32) (valid *memory.Buffer, nulls int) {
	if known := c.array.NullBitmapBytes(); len(known) > 0 {
		nulls = c.array.NullN()
	}
	switch {
	case len(emptied) == 0 && nulls == 0:
		return nil, 0
	case len(emptied) == 0:
		return validity(c.array, c.frame.mem), nulls
	}
	valid = memory.NewResizableBuffer(c.frame.mem)
	valid.Resize(int(bitutil.BytesForBits(int64(c.level.slots))))
	memory.Set(valid.Bytes(), 0xff)
	if nulls > 0 {
		bitutil.CopyBitmap(c.array.NullBitmapBytes(), c.array.Data().Offset(), c.level.slots, valid.Bytes(), 0)
	}
	for _, slot := range emptied {
		bitutil.ClearBit(valid.Bytes(), int(slot))
	}
	return valid, nulls + len(emptied)
}
