package chunkread

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
)

type number interface {
	int32 | int64 | uint32 | uint64 | float32 | float64
}

// numberCensus starts with bounds the wrong way round. It passes over NaN.
type numberCensus[T number] struct {
	form
	marks
	smallest, largest T
	entries           []T
	values            [block]T
	differences       [block]int64
}

func (c *numberCensus[T]) dictionary(entries []byte, n int) error {
	if len(entries) != n*c.stored {
		return errDictionary
	}
	c.entries, c.used = make([]T, n), make([]bool, n)
	copy(arrow.GetBytes(c.entries), entries)
	return c.fit(c.entries)
}

func (c *numberCensus[T]) count(p *page, k int) error {
	switch {
	case p.indexed():
		if c.used == nil {
			return errDictionary
		}
		return c.mark(&p.packed, k)
	case p.encoding == parquet.Encodings.DeltaBinaryPacked:
		return c.countDeltas(&p.deltas, k)
	case len(p.plain)/c.stored < k:
		return errValues
	}
	for k > 0 {
		n := min(k, block)
		copy(arrow.GetBytes(c.values[:n]), p.plain)
		if err := c.look(c.values[:n]); err != nil {
			return err
		}
		p.plain = p.plain[n*c.stored:]
		k -= n
	}
	return nil
}

func (c *numberCensus[T]) countDeltas(d *deltas, k int) error {
	for k > 0 {
		n := min(k, block)
		if !d.decode(c.differences[:n]) {
			return errValues
		}
		for i, v := range c.differences[:n] {
			c.values[i] = T(v)
		}
		if err := c.look(c.values[:n]); err != nil {
			return err
		}
		k -= n
	}
	return nil
}

func (c *numberCensus[T]) look(values []T) error {
	smallest, largest := c.smallest, c.largest
	for _, v := range values {
		if v < smallest {
			smallest = v
		}
		if v > largest {
			largest = v
		}
	}
	c.smallest, c.largest = smallest, largest
	return c.fit(values)
}

// fit refuses integers that are wider than their type.
func (c *numberCensus[T]) fit(values []T) error {
	if c.shown >= c.stored {
		return nil
	}
	low, high := int64(0), int64(1)<<(c.shown*8)
	if c.signed {
		low, high = -high/2, high/2
	}
	for _, v := range values {
		if int64(v) < low || int64(v) >= high {
			return errRange
		}
	}
	return nil
}

func (c *numberCensus[T]) bounds() (smallest, largest []byte) {
	for i, used := range c.used {
		if used {
			_ = c.look(c.entries[i : i+1]) // they fit
		}
	}
	if c.smallest > c.largest {
		return nil, nil
	}
	return plainNumber(c.smallest, -1), plainNumber(c.largest, 1)
}

// plainNumber encodes a bound. A zero takes a sign: readers may not tell the two
// apart, so that a bound has to hold for both.
func plainNumber[T number](v T, sign float64) []byte {
	switch v := any(v).(type) {
	case int32:
		return binary.LittleEndian.AppendUint32(nil, uint32(v))
	case uint32:
		return binary.LittleEndian.AppendUint32(nil, v)
	case int64:
		return binary.LittleEndian.AppendUint64(nil, uint64(v))
	case uint64:
		return binary.LittleEndian.AppendUint64(nil, v)
	case float32:
		if v == 0 {
			v = float32(math.Copysign(0, sign))
		}
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))
	case float64:
		if v == 0 {
			v = math.Copysign(0, sign)
		}
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v))
	}
	return nil
}
