package chunkread

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
)

// textCensus compares the first eight bytes of a value as a number, and the rest
// only where those say nothing.
type textCensus struct {
	marks
	utf8 bool

	some      bool
	low, high bound
	dict      []byte  // the dictionary page
	starts    []int32 // of its entries
}

// bound is the smallest or the largest value so far.
type bound struct {
	value []byte
	key   uint64 // the first eight bytes, zeros where there are fewer
	moved bool   // value lies in a page, which will not stay
}

func (b *bound) move(v []byte, key uint64) { b.value, b.key, b.moved = v, key, true }

// keep takes the value out of the page.
func (b *bound) keep() {
	if b.moved {
		b.value, b.moved = bytes.Clone(b.value), false
	}
}

func (c *textCensus) dictionary(entries []byte, n int) error {
	if len(entries)/4 < n || len(entries) > math.MaxInt32 {
		return errDictionary
	}
	c.dict, c.used, c.starts = bytes.Clone(entries), make([]bool, n), make([]int32, n)
	pos := 0
	for i := range c.starts {
		size, ok := sizeAt(c.dict, pos)
		if !ok {
			return errDictionary
		}
		c.starts[i] = int32(pos)
		if pos += 4 + size; c.utf8 && !utf8.Valid(c.dict[pos-size:pos]) {
			return errUTF8
		}
	}
	if pos != len(entries) {
		return errDictionary
	}
	return nil
}

// sizeAt is the length of a PLAIN text that begins with it at pos, if all of it
// is there.
func sizeAt(b []byte, pos int) (int, bool) {
	if len(b)-pos < 4 {
		return 0, false
	}
	n := int(binary.LittleEndian.Uint32(b[pos:]))
	return n, n <= len(b)-pos-4
}

func (c *textCensus) count(p *page, k int) error {
	defer c.low.keep()
	defer c.high.keep()
	switch {
	case p.indexed():
		if c.used == nil {
			return errDictionary
		}
		return c.mark(&p.packed, k)
	case p.encoding == parquet.Encodings.DeltaLengthByteArray:
		return c.countSized(p, k)
	}
	return c.countPlain(p, k)
}

func (c *textCensus) countPlain(p *page, k int) error {
	b, pos := p.plain, 0
	valid := !c.utf8 || ascii(b) // with the lengths, of which short ones are below 0x80
	for range k {
		size, ok := sizeAt(b, pos)
		if !ok {
			return errValues
		}
		pos += 4
		if !valid && !utf8.Valid(b[pos:pos+size]) {
			return errUTF8
		}
		c.look(b, pos, size)
		pos += size
	}
	p.plain = b[pos:]
	return nil
}

func (c *textCensus) countSized(p *page, k int) error {
	if len(p.sizes) < k {
		return errValues
	}
	b, pos := p.plain, 0
	valid := !c.utf8 || ascii(b)
	for _, size := range p.sizes[:k] {
		size := int(size)
		if !valid && !utf8.Valid(b[pos:pos+size]) {
			return errUTF8
		}
		c.look(b, pos, size)
		pos += size
	}
	p.plain, p.sizes = b[pos:], p.sizes[k:]
	return nil
}

// look compares size bytes at pos with the bounds.
func (c *textCensus) look(b []byte, pos, size int) {
	key := keyAt(b, pos, size)
	if !c.some {
		c.some = true
		c.low.move(b[pos:pos+size], key)
		c.high.move(b[pos:pos+size], key)
		return
	}
	if key <= c.low.key {
		if v := b[pos : pos+size]; key < c.low.key || bytes.Compare(v, c.low.value) < 0 {
			c.low.move(v, key)
		}
	}
	if key >= c.high.key {
		if v := b[pos : pos+size]; key > c.high.key || bytes.Compare(v, c.high.value) > 0 {
			c.high.move(v, key)
		}
	}
}

func keyAt(b []byte, pos, size int) uint64 {
	if len(b)-pos >= 8 {
		key := binary.BigEndian.Uint64(b[pos:])
		if size < 8 {
			key &^= math.MaxUint64 >> (8 * uint(size))
		}
		return key
	}
	var short [8]byte
	copy(short[:], b[pos:pos+size])
	return binary.BigEndian.Uint64(short[:])
}

func (c *textCensus) bounds() (smallest, largest []byte) {
	for i, used := range c.used {
		if used {
			pos := int(c.starts[i])
			size, _ := sizeAt(c.dict, pos)
			c.look(c.dict, pos+4, size)
		}
	}
	c.low.keep()
	c.high.keep()
	if !c.some {
		return nil, nil
	}
	return c.low.value, c.high.value
}
