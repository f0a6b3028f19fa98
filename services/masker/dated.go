package masker

import (
	"math"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/services/masker/internal/calendar"
)

// mover changes dates. Days count from 1970-01-01.
type mover interface {
	// move is the day that stands for one at a place. One for which there is none is a *fault. A day from calendar.First
	// to calendar.Last becomes another of these.
	move(s *scratch, at place, day int64) (int64, error)
	// midnight says that the time of day goes.
	midnight() bool
	// perValue is rewriter's.
	perValue() bool
}

// dated is an operator that changes dates: of Arrow's date types, timestamps in their unit and in UTC, and text as
// calendar.Parse reads it, in the offset it is written with. Type and layout stay.
type dated struct{ mover }

func (dated) output(in arrow.DataType) (arrow.DataType, bool) {
	switch in.ID() {
	case arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP:
		return in, true
	}
	return arrow.BinaryTypes.String, isText(in)
}

// isText reports that a type holds text, by value or in a dictionary. Bytes are text that nobody has declared as such.
func isText(t arrow.DataType) bool {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	id := t.ID()
	return arrow.IsBaseBinary(id) || id == arrow.STRING_VIEW || id == arrow.BINARY_VIEW
}

func (o dated) mask(s *scratch, c cells) (arrow.Array, error) {
	switch a := c.array.(type) {
	case *array.Date32:
		return convert(c, a, func(slot int, v arrow.Date32) (arrow.Date32, error) {
			to, err := o.move(s, c.at(slot), int64(v))
			if err == nil && int64(arrow.Date32(to)) != to {
				err = beyondDates()
			}
			return arrow.Date32(to), err
		})
	case *array.Date64:
		return convert(c, a, func(slot int, v arrow.Date64) (arrow.Date64, error) {
			to, err := o.instant(s, c.at(slot), int64(v), 86_400_000)
			return arrow.Date64(to), err
		})
	case *array.Timestamp:
		perDay := int64(24*time.Hour) / int64(a.DataType().(*arrow.TimestampType).Unit.Multiplier())
		return convert(c, a, func(slot int, v arrow.Timestamp) (arrow.Timestamp, error) {
			to, err := o.instant(s, c.at(slot), int64(v), perDay)
			return arrow.Timestamp(to), err
		})
	}
	return text{o}.mask(s, c)
}

// instant moves an instant that is counted in units of which a day has perDay.
func (o dated) instant(s *scratch, at place, v, perDay int64) (int64, error) {
	day := floorDiv(v, perDay)
	ofDay := v % perDay
	if ofDay < 0 {
		ofDay += perDay
	}
	day, err := o.move(s, at, day)
	if err != nil {
		return 0, err
	}
	if o.midnight() {
		ofDay = 0
	}
	if day < 0 { // count back from the next midnight, which is within range wherever the instant is
		day++
		ofDay -= perDay
	}
	if day > math.MaxInt64/perDay || day < math.MinInt64/perDay {
		return 0, beyondDates()
	}
	midnight := day * perDay
	if ofDay > 0 && midnight > math.MaxInt64-ofDay || ofDay < 0 && midnight < math.MinInt64-ofDay {
		return 0, beyondDates()
	}
	return midnight + ofDay, nil
}

func (dated) room(_, size int) int { return size }

// rewrite moves a date written as text: separators, the number of digits of the fraction and the offset stay.
func (o dated) rewrite(s *scratch, at place, dst, value []byte) ([]byte, error) {
	day, end, ok := calendar.Parse(value)
	if !ok {
		return dst, faultf(ClassBadValue, "", -1,
			"no date in ISO 8601 form: want 2006-01-02 or 2006-01-02T15:04:05Z; convert it in the source, or redact or drop the field")
	}
	day, err := o.move(s, at, day)
	if err != nil {
		return dst, err
	}
	from := len(dst)
	dst = append(dst, value...)
	calendar.PutDate(dst[from:], day)
	if o.midnight() {
		ofDay := dst[from+calendar.DateLen : from+end]
		for i, c := range ofDay {
			if c >= '0' && c <= '9' {
				ofDay[i] = '0'
			}
		}
	}
	return dst, nil
}

func beyondDates() *fault {
	return faultf(ClassBadValue, "", -1, "the date that the treatment makes is beyond the years 0 to 9999 or the column's type")
}

type values[T any] interface {
	arrow.Array
	Value(int) T
}

// convert makes an array of the same type, of what change makes of every value a of the cells.
func convert[T arrow.FixedWidthType](c cells, a values[T], change func(slot int, v T) (T, error)) (arrow.Array, error) {
	buffer := memory.NewResizableBuffer(c.frame.mem)
	defer buffer.Release()
	var none T
	buffer.Resize(c.level.slots * int(unsafe.Sizeof(none)))
	to := arrow.GetData[T](buffer.Bytes())
	var emptied []int32
	for slot := range to {
		if a.IsNull(slot) {
			to[slot] = none
			continue
		}
		v, err := change(slot, a.Value(slot))
		if err != nil {
			if err = c.fail(slot, err); err != nil {
				return nil, err
			}
			v, emptied = none, append(emptied, int32(slot))
		}
		to[slot] = v
	}
	valid, nulls := c.validity(emptied)
	if valid != nil {
		defer valid.Release()
	}
	data := array.NewData(a.DataType(), c.level.slots, []*memory.Buffer{valid, buffer}, nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data), nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
