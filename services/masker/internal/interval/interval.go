// Package interval groups numbers: intervals begin at the multiples of a width, and from a top on there is one without
// an end. It computes exactly, on every type that a column can have.
package interval

import (
	"errors"
	"fmt"
	"math"
)

// What a number can be wrong about. The errors hold nothing of it.
var (
	ErrNumber = errors.New("no finite number: want digits, with a sign, a fraction or an exponent as need be")
	ErrRange  = errors.New("the interval of the number begins beyond what the column's type holds exactly")
)

// Intervals are those of one width. They are safe for concurrent use.
type Intervals struct {
	width  int64
	top    int64
	bounds bool // there is a top
}

// New makes the intervals of a width of at least 1; top is nil when the last one does not begin before infinity.
func New(width int64, top *int64) (Intervals, error) {
	if width < 1 {
		return Intervals{}, fmt.Errorf("width: %d, want 1 or more", width)
	}
	i := Intervals{width: width, bounds: top != nil}
	if top != nil {
		i.top = *top
	}
	return i, nil
}

// Int is where the interval of v begins: the top, or the greatest multiple of the width that is not above v.
func (i Intervals) Int(v int64) (int64, error) {
	if i.bounds && v >= i.top {
		return i.top, nil
	}
	over := v % i.width
	if over < 0 {
		over += i.width
	}
	if v < math.MinInt64+over {
		return 0, ErrRange
	}
	return v - over, nil
}

// Uint is Int for numbers without a sign. A top below zero is out of their range.
func (i Intervals) Uint(v uint64) (uint64, error) {
	switch {
	case !i.bounds || i.top >= 0 && v < uint64(i.top):
		return v - v%uint64(i.width), nil
	case i.top < 0:
		return 0, ErrRange
	}
	return uint64(i.top), nil
}

// Format is a binary floating point type (IEEE 754), as the integer up to which it holds every integer. Beyond it a
// multiple of the width may be between two numbers.
type Format int64

// The formats.
const (
	Half   Format = 1 << 11
	Single Format = 1 << 24
	Double Format = 1 << 53
)

// Float is Int for numbers of the format.
func (i Intervals) Float(v float64, f Format) (float64, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, ErrNumber
	}
	var start int64
	var err error
	switch v = math.Floor(v); {
	case v >= 1<<63 && i.bounds:
		start = i.top
	case v >= 1<<63 || v < -1<<63:
		return 0, ErrRange
	default:
		start, err = i.Int(int64(v))
	}
	if err != nil || start > int64(f) || start < -int64(f) {
		return 0, ErrRange
	}
	return float64(start), nil
}
