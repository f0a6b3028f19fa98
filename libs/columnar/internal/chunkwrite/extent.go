package chunkwrite

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// boundBytes is the longest minimum or maximum that is stated.
const boundBytes = 4096

// textExtent is the extent of byte strings, compared as unsigned bytes.
type textExtent struct {
	any         bool
	least, most []byte
	// The first eight bytes of each, big endian and filled up with zeros, decide
	// nearly always.
	leastHead, mostHead uint64
}

func head(v []byte) uint64 {
	if len(v) >= 8 {
		return binary.BigEndian.Uint64(v)
	}
	var b [8]byte
	copy(b[:], v)
	return binary.BigEndian.Uint64(b[:])
}

func (e *textExtent) learn(data []byte, lengths []int32) {
	for _, n := range lengths {
		e.consider(data[:n])
		data = data[n:]
	}
}

func (e *textExtent) consider(v []byte) {
	h := head(v)
	if e.any && h > e.leastHead && h < e.mostHead {
		return
	}
	if !e.any || h <= e.leastHead && bytes.Compare(v, e.least) < 0 {
		e.least, e.leastHead = append(e.least[:0], v...), h
	}
	if !e.any || h >= e.mostHead && bytes.Compare(v, e.most) > 0 {
		e.most, e.mostHead = append(e.most[:0], v...), h
	}
	e.any = true
}

func (e *textExtent) bounds() (least, most []byte) {
	if !e.any {
		return nil, nil
	}
	return append([]byte{}, e.least...), append([]byte{}, e.most...) // not nil, which would be unknown
}

// fixedExtent is the extent of values of one width, in the order that the column
// has.
type fixedExtent interface {
	// learn looks at values that lie one after the other.
	learn(values []byte)
	extent
}

// newFixedExtent returns nil where the type has no order.
func newFixedExtent(col *schema.Column) fixedExtent {
	unsigned := col.SortOrder() == schema.SortUNSIGNED
	switch {
	case col.SortOrder() == schema.SortUNKNOWN:
		return nil
	case col.LogicalType().Equals(schema.Float16LogicalType{}):
		return &halfExtent{least: float16.Inf(), most: float16.Inf().Negate()}
	}
	switch col.PhysicalType() {
	case parquet.Types.Int32:
		if unsigned {
			return &numberExtent[uint32]{cast: arrow.Uint32Traits.CastFromBytes, put: putUint32}
		}
		return &numberExtent[int32]{cast: arrow.Int32Traits.CastFromBytes, put: func(v int32) []byte { return putUint32(uint32(v)) }}
	case parquet.Types.Int64:
		if unsigned {
			return &numberExtent[uint64]{cast: arrow.Uint64Traits.CastFromBytes, put: putUint64}
		}
		return &numberExtent[int64]{cast: arrow.Int64Traits.CastFromBytes, put: func(v int64) []byte { return putUint64(uint64(v)) }}
	case parquet.Types.Float:
		return &floatExtent[float32]{cast: arrow.Float32Traits.CastFromBytes, put: func(v float64) []byte { return putUint32(math.Float32bits(float32(v))) }, least: math.Inf(1), most: math.Inf(-1)}
	case parquet.Types.Double:
		return &floatExtent[float64]{cast: arrow.Float64Traits.CastFromBytes, put: func(v float64) []byte { return putUint64(math.Float64bits(v)) }, least: math.Inf(1), most: math.Inf(-1)}
	}
	e := &blobExtent{width: col.TypeLength()}
	if !unsigned {
		e.flip = 0x80
	}
	return e
}

func putUint32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
func putUint64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

type numberExtent[T cmp.Ordered] struct {
	any         bool
	least, most T
	cast        func([]byte) []T
	put         func(T) []byte
}

func (e *numberExtent[T]) learn(values []byte) {
	v := e.cast(values)
	if len(v) == 0 {
		return
	}
	least, most := v[0], v[0]
	if e.any {
		least, most = e.least, e.most
	}
	for _, x := range v {
		least, most = min(least, x), max(most, x)
	}
	e.any, e.least, e.most = true, least, most
}

func (e *numberExtent[T]) bounds() (least, most []byte) {
	if !e.any {
		return nil, nil
	}
	return e.put(e.least), e.put(e.most)
}

// floatExtent leaves NaN out; a bound of zero has the sign that takes in both.
type floatExtent[T float32 | float64] struct {
	least, most float64
	cast        func([]byte) []T
	put         func(float64) []byte
}

func (e *floatExtent[T]) learn(values []byte) {
	for _, x := range e.cast(values) {
		v := float64(x)
		if v < e.least {
			e.least = v
		}
		if v > e.most {
			e.most = v
		}
	}
}

func (e *floatExtent[T]) bounds() (least, most []byte) {
	low, high := e.least, e.most
	if low > high {
		return nil, nil
	}
	if low == 0 {
		low = math.Copysign(0, -1)
	}
	if high == 0 {
		high = math.Copysign(0, 1)
	}
	return e.put(low), e.put(high)
}

// halfExtent is floatExtent for float16.
type halfExtent struct{ least, most float16.Num }

func (e *halfExtent) learn(values []byte) {
	for ; len(values) >= 2; values = values[2:] {
		v := float16.FromLEBytes(values[:2])
		if v.IsNaN() {
			continue
		}
		if v.Less(e.least) {
			e.least = v
		}
		if v.Greater(e.most) {
			e.most = v
		}
	}
}

func (e *halfExtent) bounds() (least, most []byte) {
	low, high := e.least, e.most
	if low.Greater(high) {
		return nil, nil
	}
	zero := float16.New(0)
	if low.Equal(zero) {
		low = zero.Negate()
	}
	if high.Equal(zero) {
		high = zero
	}
	return low.ToLEBytes(), high.ToLEBytes()
}

// blobExtent is the extent of byte strings of one width: unsigned, or two's
// complement big endian, which is unsigned with the first bit turned.
type blobExtent struct {
	width       int
	flip        byte
	least, most []byte
}

func (e *blobExtent) learn(values []byte) {
	for ; len(values) >= e.width; values = values[e.width:] {
		v := values[:e.width]
		if e.least == nil || e.compare(v, e.least) < 0 {
			e.least = append(e.least[:0], v...)
		}
		if e.most == nil || e.compare(v, e.most) > 0 {
			e.most = append(e.most[:0], v...)
		}
	}
}

func (e *blobExtent) compare(a, b []byte) int {
	if c := cmp.Compare(a[0]^e.flip, b[0]^e.flip); c != 0 {
		return c
	}
	return bytes.Compare(a[1:], b[1:])
}

func (e *blobExtent) bounds() (least, most []byte) { return e.least, e.most }
