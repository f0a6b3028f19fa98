package chunkwrite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// converter lays the values of fixed width out as Parquet stores them. Most
// arrays have that layout already.
type converter struct {
	width   int
	scratch []byte
}

// fixedWidth is the bytes of a stored value of a column, 0 for texts and
// booleans.
func fixedWidth(col *schema.Column) int {
	switch col.PhysicalType() {
	case parquet.Types.Int32, parquet.Types.Float:
		return 4
	case parquet.Types.Int64, parquet.Types.Double:
		return 8
	case parquet.Types.FixedLenByteArray:
		return col.TypeLength()
	}
	return 0
}

const (
	milliseconds = 1000 // of a second
	dayLength    = 86_400_000
)

var (
	errTimestampRange = errors.New("a timestamp in seconds is out of the range of milliseconds")
	errDecimalRange   = errors.New("a decimal has more digits than its type says")
)

// slots returns the array's slots, width bytes each; those in spans are right.
// They are valid until the next call.
func (c *converter) slots(arr arrow.Array, spans []span) ([]byte, error) {
	switch a := arr.(type) {
	case array.ExtensionArray:
		return c.slots(a.Storage(), spans)
	case *array.Int8:
		return narrow(c, a.Int8Values(), spans)
	case *array.Uint8:
		return narrow(c, a.Uint8Values(), spans)
	case *array.Int16:
		return narrow(c, a.Int16Values(), spans)
	case *array.Uint16:
		return narrow(c, a.Uint16Values(), spans)
	case *array.Date64:
		days := c.words(a.Len(), 4)
		each(spans, func(i int) { put32(days, i, int32(a.Value(i)/dayLength)) })
		return days, nil
	case *array.Time32:
		if a.DataType().(*arrow.Time32Type).Unit == arrow.Second {
			ms := c.words(a.Len(), 4)
			each(spans, func(i int) { put32(ms, i, int32(a.Value(i))*milliseconds) })
			return ms, nil
		}
	case *array.Timestamp:
		if a.DataType().(*arrow.TimestampType).Unit == arrow.Second {
			return c.seconds(a, spans)
		}
	case *array.Decimal128:
		return c.decimals(a.Len(), 16, spans, func(b []byte, i int) { bigEndian128(b, a.Value(i)) })
	case *array.Decimal256:
		return c.decimals(a.Len(), 32, spans, func(b []byte, i int) { bigEndian256(b, a.Value(i)) })
	}
	return c.same(arr)
}

// same returns the slots of an array that is laid out as Parquet stores it.
func (c *converter) same(arr arrow.Array) ([]byte, error) {
	t, ok := arr.DataType().(arrow.FixedWidthDataType)
	if !ok || t.BitWidth() != 8*c.width {
		return nil, fmt.Errorf("values of type %s in a column of %d bytes each", arr.DataType(), c.width)
	}
	b := arr.Data().Buffers()[1]
	if b == nil {
		return nil, nil
	}
	from := arr.Data().Offset() * c.width
	return b.Bytes()[from : from+arr.Len()*c.width], nil
}

func (c *converter) words(n, width int) []byte {
	c.scratch = slices.Grow(c.scratch[:0], n*width)[:n*width]
	return c.scratch
}

func each(spans []span, do func(i int)) {
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			do(i)
		}
	}
}

func put32(b []byte, i int, v int32) { binary.NativeEndian.PutUint32(b[4*i:], uint32(v)) }

func narrow[T int8 | uint8 | int16 | uint16](c *converter, v []T, spans []span) ([]byte, error) {
	b := c.words(len(v), 4)
	each(spans, func(i int) { put32(b, i, int32(v[i])) })
	return b, nil
}

func (c *converter) seconds(a *array.Timestamp, spans []span) ([]byte, error) {
	b := c.words(a.Len(), 8)
	fits := true
	each(spans, func(i int) {
		v := int64(a.Value(i))
		fits = fits && v <= math.MaxInt64/milliseconds && v >= math.MinInt64/milliseconds
		binary.NativeEndian.PutUint64(b[8*i:], uint64(v*milliseconds))
	})
	if !fits {
		return nil, errTimestampRange
	}
	return b, nil
}

// decimals stores the low bytes of numbers of size bytes, big endian.
func (c *converter) decimals(n, size int, spans []span, big func(b []byte, i int)) ([]byte, error) {
	if c.width > size {
		return nil, fmt.Errorf("decimals of %d bytes in a column of %d", size, c.width)
	}
	b := c.words(n, c.width)
	var number [32]byte
	fits := true
	each(spans, func(i int) {
		big(number[:size], i)
		head, tail := number[:size-c.width], number[size-c.width:size]
		sign := byte(int8(tail[0]) >> 7)
		for _, x := range head {
			fits = fits && x == sign
		}
		copy(b[i*c.width:], tail)
	})
	if !fits {
		return nil, errDecimalRange
	}
	return b, nil
}

func bigEndian128(b []byte, v decimal128.Num) {
	binary.BigEndian.PutUint64(b, uint64(v.HighBits()))
	binary.BigEndian.PutUint64(b[8:], v.LowBits())
}

func bigEndian256(b []byte, v decimal256.Num) {
	for i, word := range v.Array() { // the lowest first
		binary.BigEndian.PutUint64(b[24-8*i:], word)
	}
}
