package chunkread

import (
	"cmp"
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
)

// texts are values of any length, as they are or as indices.
type texts struct {
	c    Column
	utf8 bool

	entries *array.Data // of the dictionary
	starts  []int32     // of the entries in bytes, and the end of the last
	bytes   []byte

	rows    int            // of the window
	indices *memory.Buffer // while all pages of the window use the dictionary
	offsets *memory.Buffer // otherwise
	data    *memory.Buffer
	last    int // bytes of the last window: the next is likely to be alike
	scratch [block]int32
}

var indexed = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

func (w *texts) dictionary(entries []byte, n int) error {
	if len(entries)/4 < n {
		return errDictionary
	}
	defer w.begin(w.rows)
	w.begin(n)
	w.plain()
	rest, err := w.copyPlain(entries, 0, n)
	if err != nil || len(rest) > 0 {
		return cmp.Or(err, errDictionary)
	}
	w.starts = arrow.Int32Traits.CastFromBytes(w.offsets.Bytes())
	w.bytes = w.data.Bytes()
	p := w.end()
	w.entries = array.NewData(w.c.Type, n, append([]*memory.Buffer{nil}, p.buffers...), nil, 0, 0)
	for _, b := range p.buffers {
		b.Release()
	}
	w.last = 0
	return nil
}

func (w *texts) begin(rows int) { w.rows = rows }

func (w *texts) take(p *page, at, n, k int, valid []byte) (err error) {
	if p.indexed() && w.entries == nil {
		return errDictionary
	}
	if at == 0 && p.indexed() && w.c.Dictionary && w.utf8 {
		w.indices = memory.NewResizableBuffer(w.c.Allocator)
		w.indices.Resize(w.rows * 4)
	}
	if w.indices != nil && p.indexed() {
		return w.takeIndices(p, at, n, k, valid)
	}
	if w.offsets == nil {
		w.plain()
	}
	if w.indices != nil {
		if err := w.resolve(at, valid); err != nil {
			return err
		}
	}
	switch {
	case p.indexed():
		err = w.lookUp(&p.packed, at, k)
	case p.encoding == parquet.Encodings.DeltaLengthByteArray:
		err = w.copySized(p, at, k)
	default:
		p.plain, err = w.copyPlain(p.plain, at, k)
	}
	if err == nil && k < n {
		stretch(w.ends()[at:at+n+1], k, valid, at)
	}
	return err
}

// plain makes room for an array of offsets and bytes.
func (w *texts) plain() {
	w.offsets = memory.NewResizableBuffer(w.c.Allocator)
	w.offsets.Resize((w.rows + 1) * 4)
	w.ends()[0] = 0
	w.data = memory.NewResizableBuffer(w.c.Allocator)
}

// ends are where the values end; ends[0] is where the first begins.
func (w *texts) ends() []int32 { return arrow.Int32Traits.CastFromBytes(w.offsets.Bytes()) }

func (w *texts) takeIndices(p *page, at, n, k int, valid []byte) error {
	dst := arrow.Int32Traits.CastFromBytes(w.indices.Bytes())[at : at+n]
	if !p.packed.decode(dst[:k]) {
		return errValues
	}
	if !inRange(dst[:k], len(w.starts)-1) {
		return errIndex
	}
	if k < n {
		spread(dst, k, valid, at)
	}
	return nil
}

// grow makes room for text up to byte end.
func (w *texts) grow(end int64) error {
	if end > math.MaxInt32 {
		return errWindow
	}
	if have := w.data.Cap(); int(end) > have {
		w.data.Reserve(max(int(end), min(have+have/2, math.MaxInt32), w.last+w.last/16))
	}
	w.data.ResizeNoShrink(int(end))
	return nil
}

// copyPlain copies k values of a PLAIN page to the rows from at on, and returns
// what is left of it.
func (w *texts) copyPlain(src []byte, at, k int) ([]byte, error) {
	if k == 0 {
		return src, nil
	}
	ends := w.ends()[at : at+k+1]
	start := int(ends[0])
	end, pos := int64(start), 0
	for i := 1; i < len(ends); i++ {
		if len(src)-pos < 4 {
			return nil, errValues
		}
		n := int(binary.LittleEndian.Uint32(src[pos:]))
		if pos += 4; n > len(src)-pos {
			return nil, errValues
		}
		pos += n
		end += int64(n)
		ends[i] = int32(end)
	}
	if err := w.grow(end); err != nil {
		return nil, err
	}
	dst := w.data.Bytes()
	pos, from := 0, start
	for _, to := range ends[1:] {
		pos += 4
		pos += copy(dst[from:to], src[pos:])
		from = int(to)
	}
	if w.utf8 && !validTexts(dst[start:end], ends) {
		return nil, errUTF8
	}
	return src[pos:], nil
}

// copySized copies k values of a DELTA_LENGTH_BYTE_ARRAY page to the rows from at
// on. Together they are not longer than the page.
func (w *texts) copySized(p *page, at, k int) error {
	if k == 0 {
		return nil
	}
	if len(p.sizes) < k {
		return errValues
	}
	ends := w.ends()[at : at+k+1]
	start := int64(ends[0])
	end := start
	for i, n := range p.sizes[:k] {
		end += int64(n)
		ends[i+1] = int32(end)
	}
	if err := w.grow(end); err != nil {
		return err
	}
	n := copy(w.data.Bytes()[start:end], p.plain)
	p.sizes = p.sizes[k:]
	if w.utf8 && !validTexts(p.plain[:n], ends) {
		return errUTF8
	}
	p.plain = p.plain[n:]
	return nil
}

// lookUp copies k entries of the dictionary to the rows from at on.
func (w *texts) lookUp(packed *hybrid, at, k int) error {
	for k > 0 {
		n := min(k, block)
		indices := w.scratch[:n]
		if !packed.decode(indices) {
			return errValues
		}
		if !inRange(indices, len(w.starts)-1) {
			return errIndex
		}
		if err := w.expand(indices, at); err != nil {
			return err
		}
		at += n
		k -= n
	}
	return nil
}

// expand writes the entries of indices to the rows from at on.
func (w *texts) expand(indices []int32, at int) error {
	ends := w.ends()[at : at+len(indices)+1]
	from := int(ends[0])
	end := int64(from)
	for i, x := range indices {
		end += int64(w.starts[x+1] - w.starts[x])
		ends[i+1] = int32(end)
	}
	if err := w.grow(end); err != nil {
		return err
	}
	dst := w.data.Bytes()
	for _, x := range indices {
		from += copy(dst[from:], w.bytes[w.starts[x]:w.starts[x+1]])
	}
	return nil
}

// resolve turns the first n rows of the window from indices to values: a page
// without the dictionary follows.
func (w *texts) resolve(n int, valid []byte) error {
	indices := arrow.Int32Traits.CastFromBytes(w.indices.Bytes())
	ends := w.ends()
	for i := range n {
		if w.c.optional() && !bitutil.BitIsSet(valid, i) {
			ends[i+1] = ends[i]
		} else if err := w.expand(indices[i:i+1], i); err != nil {
			return err
		}
	}
	release(&w.indices)
	return nil
}

func (w *texts) end() parts {
	if w.indices != nil {
		p := parts{typ: indexed, buffers: []*memory.Buffer{w.indices}, dictionary: w.entries}
		w.indices = nil
		return p
	}
	if w.offsets == nil {
		w.plain() // an array without rows
	}
	w.last = w.data.Len()
	p := parts{typ: w.c.Type, buffers: []*memory.Buffer{w.offsets, w.data}}
	w.offsets, w.data = nil, nil
	return p
}

func (w *texts) drop(all bool) {
	release(&w.indices)
	release(&w.offsets)
	release(&w.data)
	if all && w.entries != nil {
		w.entries.Release()
		w.entries = nil
	}
}
