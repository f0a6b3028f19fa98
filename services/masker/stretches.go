package masker

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// stretches makes a text column of which most values are those of another one: what stays is copied in stretches of many
// values. It is for one column, and is to be released.
type stretches struct {
	source   []byte
	from, to int // the stretch of source that is not copied yet

	slot    int
	size    int            // of the texts copied so far, in bytes
	texts   *memory.Buffer // with room beyond size
	offsets *memory.Buffer
	ends    []int32 // the offsets
	valid   *memory.Buffer
	nulls   int
}

// newStretches begins a column of as many values as in has, and null where that is null.
func newStretches(mem memory.Allocator, in *array.String, source []byte) *stretches {
	w := &stretches{source: source, nulls: in.NullN(),
		texts: memory.NewResizableBuffer(mem), offsets: memory.NewResizableBuffer(mem), valid: memory.NewResizableBuffer(mem)}
	w.texts.Reserve(len(source) + len(source)/16)
	w.offsets.Resize(arrow.Int32Traits.BytesRequired(in.Len() + 1))
	w.ends = arrow.Int32Traits.CastFromBytes(w.offsets.Bytes())
	w.ends[0] = 0
	w.valid.Resize(int(bitutil.BytesForBits(int64(in.Len()))))
	if bits := in.NullBitmapBytes(); w.nulls > 0 && len(bits) > 0 {
		bitutil.CopyBitmap(bits, in.Data().Offset(), in.Len(), w.valid.Bytes(), 0)
	} else {
		memory.Set(w.valid.Bytes(), 0xFF)
	}
	return w
}

func (w *stretches) release() {
	w.texts.Release()
	w.offsets.Release()
	w.valid.Release()
}

// keep makes source[from:to] the next value.
func (w *stretches) keep(from, to int) {
	if from != w.to {
		w.copy()
		w.from = from
	}
	w.to = to
	w.end(w.size + w.to - w.from)
}

// put makes text the next value.
func (w *stretches) put(text []byte) {
	w.copy()
	w.append(text)
	w.end(w.size)
}

// skip leaves the next value as it is, null.
func (w *stretches) skip() { w.end(w.size + w.to - w.from) }

// null makes the next value null, which it was not.
func (w *stretches) null() {
	bitutil.ClearBit(w.valid.Bytes(), w.slot)
	w.nulls++
	w.skip()
}

func (w *stretches) end(size int) {
	w.slot++
	w.ends[w.slot] = int32(size) // checked at the end: sizes only grow
}

// copy copies the stretch.
func (w *stretches) copy() {
	w.append(w.source[w.from:w.to])
	w.from = w.to
}

func (w *stretches) append(text []byte) {
	if need := w.size + len(text); need > w.texts.Cap() {
		w.texts.Reserve(need + need/4)
	}
	w.size += copy(w.texts.Buf()[w.size:], text)
}

var errLongColumn = errors.New("the masked texts of one batch have more than 2 GiB: read fewer rows at a time")

// array is the column; all values must be there.
func (w *stretches) array() (arrow.Array, error) {
	w.copy()
	if w.size > math.MaxInt32 {
		return nil, errLongColumn
	}
	w.texts.ResizeNoShrink(w.size)
	data := array.NewData(arrow.BinaryTypes.String, w.slot, []*memory.Buffer{w.valid, w.offsets, w.texts}, nil, w.nulls, 0)
	defer data.Release()
	return array.NewStringData(data), nil
}
