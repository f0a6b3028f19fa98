package masker

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/float16"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/interval"
)

// bucket replaces a number by where its interval begins: the greatest multiple of the width that is not above it, and
// the top from there on. The column keeps its type, decimals their scale; text that holds a number keeps being text, and
// loses its fraction.
type bucket struct{ interval.Intervals }

func newBucket(t policy.Bucket) (bucket, error) {
	i, err := interval.New(t.Width, t.Top)
	if err != nil {
		return bucket{}, fmt.Errorf("bucket.%w", err)
	}
	return bucket{i}, nil
}

func (bucket) output(in arrow.DataType) (arrow.DataType, bool) {
	if d, ok := in.(arrow.DecimalType); ok {
		return in, d.GetScale() >= 0
	}
	if id := in.ID(); arrow.IsInteger(id) || arrow.IsFloating(id) {
		return in, true
	}
	return arrow.BinaryTypes.String, isText(in)
}

func (o bucket) mask(s *scratch, c cells) (arrow.Array, error) {
	switch a := c.array.(type) {
	case *array.Int8:
		return convert(c, a, signed[int8](o))
	case *array.Int16:
		return convert(c, a, signed[int16](o))
	case *array.Int32:
		return convert(c, a, signed[int32](o))
	case *array.Int64:
		return convert(c, a, signed[int64](o))
	case *array.Uint8:
		return convert(c, a, unsigned[uint8](o))
	case *array.Uint16:
		return convert(c, a, unsigned[uint16](o))
	case *array.Uint32:
		return convert(c, a, unsigned[uint32](o))
	case *array.Uint64:
		return convert(c, a, unsigned[uint64](o))
	case *array.Float16:
		return convert(c, a, func(_ int, v float16.Num) (float16.Num, error) {
			start, err := o.Float(float64(v.Float32()), interval.Half)
			return float16.New(float32(start)), inCell(err)
		})
	case *array.Float32:
		return convert(c, a, func(_ int, v float32) (float32, error) {
			start, err := o.Float(float64(v), interval.Single)
			return float32(start), inCell(err)
		})
	case *array.Float64:
		return convert(c, a, func(_ int, v float64) (float64, error) {
			start, err := o.Float(v, interval.Double)
			return start, inCell(err)
		})
	case *array.Decimal32:
		t := a.DataType().(*arrow.Decimal32Type)
		return convert(c, a, decimals(o, t,
			func(v decimal.Decimal32) *big.Int { return big.NewInt(int64(v)) },
			func(v *big.Int) decimal.Decimal32 { return decimal.Decimal32(v.Int64()) }))
	case *array.Decimal64:
		t := a.DataType().(*arrow.Decimal64Type)
		return convert(c, a, decimals(o, t,
			func(v decimal.Decimal64) *big.Int { return big.NewInt(int64(v)) },
			func(v *big.Int) decimal.Decimal64 { return decimal.Decimal64(v.Int64()) }))
	case *array.Decimal128:
		t := a.DataType().(*arrow.Decimal128Type)
		return convert(c, a, decimals(o, t, decimal128.Num.BigInt, decimal128.FromBigInt))
	case *array.Decimal256:
		t := a.DataType().(*arrow.Decimal256Type)
		return convert(c, a, decimals(o, t, decimal256.Num.BigInt, decimal256.FromBigInt))
	}
	return text{o}.mask(s, c)
}

// inCell makes a fault of what is wrong with a number.
func inCell(err error) error {
	if errors.Is(err, interval.ErrNumber) || errors.Is(err, interval.ErrRange) {
		return faultf(ClassBadValue, "", -1, "%v", err)
	}
	return err
}

func signed[T int8 | int16 | int32 | int64](o bucket) func(int, T) (T, error) {
	return func(_ int, v T) (T, error) {
		start, err := o.Int(int64(v))
		if err == nil && int64(T(start)) != start {
			err = interval.ErrRange
		}
		return T(start), inCell(err)
	}
}

func unsigned[T uint8 | uint16 | uint32 | uint64](o bucket) func(int, T) (T, error) {
	return func(_ int, v T) (T, error) {
		start, err := o.Uint(uint64(v))
		if err == nil && uint64(T(start)) != start {
			err = interval.ErrRange
		}
		return T(start), inCell(err)
	}
}

func decimals[T any](o bucket, t arrow.DecimalType, read func(T) *big.Int, write func(*big.Int) T) func(int, T) (T, error) {
	d := o.Decimal(t.GetPrecision(), t.GetScale())
	return func(_ int, v T) (T, error) {
		start, err := d.Floor(read(v))
		if err != nil {
			var none T
			return none, inCell(err)
		}
		return write(start), nil
	}
}

func (bucket) perValue() bool { return true }

func (bucket) room(_, size int) int { return size }

func (o bucket) rewrite(_ *scratch, _ place, dst, value []byte) ([]byte, error) {
	dst, err := o.Text(dst, value)
	return dst, inCell(err)
}
