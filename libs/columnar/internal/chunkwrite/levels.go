package chunkwrite

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// levels are the definition or repetition levels of the entries of a page.
type levels struct {
	most   uint8   // 0: there are none to write
	list   []uint8 // empty while every entry is at the maximum
	atMost int     // entries while list is empty
}

func (l *levels) reset() { l.list, l.atMost = l.list[:0], 0 }

// fill appends n entries at the maximum.
func (l *levels) fill(n int) {
	if len(l.list) == 0 {
		l.atMost += n
		return
	}
	l.list = appendRepeated(l.list, l.most, n)
}

func (l *levels) add(v []uint8) {
	if l.atMost > 0 {
		l.list = appendRepeated(l.list, l.most, l.atMost)
		l.atMost = 0
	}
	l.list = append(l.list, v...)
}

func appendRepeated(dst []uint8, v uint8, n int) []uint8 {
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	for i := range dst[from:] {
		dst[from+i] = v
	}
	return dst
}

// appendTo appends the levels as they stand in a data page of version 1: their
// length in four bytes, then the hybrid encoding.
func (l *levels) appendTo(dst []byte) []byte {
	if l.most == 0 {
		return dst
	}
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	width := bits.Len8(l.most)
	if len(l.list) > 0 {
		dst = appendHybrid(dst, l.list, width)
	} else {
		dst = appendRun(dst, uint32(l.most), l.atMost, width)
	}
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-4))
	return dst
}
