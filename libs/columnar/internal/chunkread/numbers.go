package chunkread

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
)

// word is a number as it lies in an array; what it means is not looked at.
type word interface {
	uint8 | uint16 | uint32 | uint64 | decimal128.Num
}

// numbers are values of one size.
type numbers[T word] struct {
	c Column
	form
	spread  func(v []T, k int, valid []byte, at int)
	buf     *memory.Buffer
	entries []T // of the dictionary, as they are shown
	indices [block]int32
}

// block is how many indices are decoded at once where they need not be kept.
const block = 1024

func newNumbers(c Column, f form) window {
	switch f.shown {
	case 1:
		return &numbers[uint8]{c: c, form: f, spread: spread[uint8]}
	case 2:
		return &numbers[uint16]{c: c, form: f, spread: spread[uint16]}
	case 4:
		return &numbers[uint32]{c: c, form: f, spread: spread[uint32]}
	case 8:
		return &numbers[uint64]{c: c, form: f, spread: spread[uint64]}
	}
	return &numbers[decimal128.Num]{c: c, form: f, spread: spreadDecimals}
}

func (w *numbers[T]) dictionary(entries []byte, n int) error {
	if len(entries) != n*w.stored {
		return errDictionary
	}
	w.entries = make([]T, n)
	return w.show(w.entries, entries)
}

func (w *numbers[T]) begin(rows int) {
	w.buf = memory.NewResizableBuffer(w.c.Allocator)
	w.buf.Resize(rows * w.shown)
}

func (w *numbers[T]) take(p *page, at, n, k int, valid []byte) error {
	dst := arrow.GetData[T](w.buf.Bytes())[at : at+n]
	var err error
	switch {
	case p.indexed():
		err = w.lookUp(dst[:k], &p.packed)
	case p.encoding == parquet.Encodings.DeltaBinaryPacked:
		err = w.sum(dst[:k], &p.deltas)
	case len(p.plain)/w.stored < k:
		err = errValues
	default:
		err = w.show(dst[:k], p.plain[:k*w.stored])
		p.plain = p.plain[k*w.stored:]
	}
	if err == nil && k < n {
		w.spread(dst, k, valid, at)
	}
	return err
}

func (w *numbers[T]) lookUp(dst []T, packed *hybrid) error {
	for len(dst) > 0 {
		n := min(len(dst), block)
		indices := w.indices[:n]
		if !packed.decode(indices) {
			return errValues
		}
		if !inRange(indices, len(w.entries)) {
			return errIndex
		}
		for i, x := range indices {
			dst[i] = w.entries[x]
		}
		dst = dst[n:]
	}
	return nil
}

// sum reads integers that are stored as deltas.
func (w *numbers[T]) sum(dst []T, d *deltas) error {
	var (
		values [block]int64
		plain  [block * 8]byte
	)
	for len(dst) > 0 {
		n := min(len(dst), block)
		if !d.decode(values[:n]) {
			return errValues
		}
		for i, v := range values[:n] {
			if w.stored == 4 {
				binary.LittleEndian.PutUint32(plain[i*4:], uint32(v))
			} else {
				binary.LittleEndian.PutUint64(plain[i*8:], uint64(v))
			}
		}
		if err := w.show(dst[:n], plain[:n*w.stored]); err != nil {
			return err
		}
		dst = dst[n:]
	}
	return nil
}

// inRange reports whether all indices point at one of n entries.
func inRange(indices []int32, n int) bool {
	var a, b, c, d uint32
	rest := indices
	for len(rest) >= 4 {
		a, b = max(a, uint32(rest[0])), max(b, uint32(rest[1]))
		c, d = max(c, uint32(rest[2])), max(d, uint32(rest[3]))
		rest = rest[4:]
	}
	for _, x := range rest {
		a = max(a, uint32(x))
	}
	return len(indices) == 0 || int64(max(a, b, c, d)) < int64(n)
}

// show turns stored numbers to what is shown; src has as many as dst.
func (w *numbers[T]) show(dst []T, src []byte) error {
	if w.stored == w.shown {
		copy(arrow.GetBytes(dst), src)
		return nil
	}
	switch dst := any(dst).(type) {
	case []uint8:
		return narrow(dst, src, w.signed, func(v uint32) uint32 { return uint32(int32(int8(v))) })
	case []uint16:
		return narrow(dst, src, w.signed, func(v uint32) uint32 { return uint32(int32(int16(v))) })
	case []decimal128.Num:
		for i := range dst {
			if w.stored == 4 {
				dst[i] = decimal128.FromI64(int64(int32(binary.LittleEndian.Uint32(src[i*4:]))))
			} else {
				dst[i] = decimal128.FromI64(int64(binary.LittleEndian.Uint64(src[i*8:])))
			}
		}
	}
	return nil
}

// narrow cuts numbers of 32 bits. extend gives the number back from its low bits,
// if it is signed.
func narrow[T uint8 | uint16](dst []T, src []byte, signed bool, extend func(uint32) uint32) error {
	for i := range dst {
		v := binary.LittleEndian.Uint32(src[i*4:])
		back := uint32(T(v))
		if signed {
			back = extend(v)
		}
		if back != v {
			return errRange
		}
		dst[i] = T(v)
	}
	return nil
}

func (w *numbers[T]) end() parts {
	p := parts{typ: w.c.Type, buffers: []*memory.Buffer{w.buf}}
	w.buf = nil
	return p
}

func (w *numbers[T]) drop(bool) { release(&w.buf) }

// plainDictionary reports whether the entries of a dictionary page are PLAIN, by
// either of its names.
func plainDictionary(h header) bool {
	return h.encoding == parquet.Encodings.Plain || h.encoding == parquet.Encodings.PlainDict
}
