package masker

import (
	"errors"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/maskrail/maskrail/libs/policy"
)

// truncate cuts dates down to the first day of their month or year, and times to midnight. Type and layout stay.
// Timestamps are cut in UTC.
type truncate struct{ unit policy.Unit }

func (truncate) output(in arrow.DataType) (arrow.DataType, bool) {
	switch in.ID() {
	case arrow.STRING, arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP:
		return in, true
	case arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.DICTIONARY:
		if d, ok := in.(*arrow.DictionaryType); ok && !arrow.IsBaseBinary(d.ValueType.ID()) {
			return nil, false
		}
		return arrow.BinaryTypes.String, true
	}
	return nil, false
}

var errDate = errors.New("no date in ISO 8601 form (2006-01-02 or 2006-01-02T15:04:05Z) within the type's range")

func (o truncate) mask(_ *scratch, f *frame, field int) (arrow.Array, error) {
	out, row, err := o.column(f, field)
	if err != nil {
		if !errors.Is(err, errDate) {
			return nil, err
		}
		return nil, faultf(ClassBadValue, "", row, "%v", err)
	}
	return out, nil
}

// column returns the row at fault with errDate.
func (o truncate) column(f *frame, field int) (arrow.Array, int, error) {
	switch c := f.columns[field].(type) {
	case *array.Date32:
		return convert(f, array.NewDate32Builder(f.mem), c, func(v arrow.Date32) (arrow.Date32, bool) {
			return arrow.Date32(o.day(int64(v))), true
		})
	case *array.Date64:
		return convert(f, array.NewDate64Builder(f.mem), c, func(v arrow.Date64) (arrow.Date64, bool) {
			const day = 86_400_000
			return arrow.Date64(o.day(floorDiv(int64(v), day)) * day), true
		})
	case *array.Timestamp:
		t := c.DataType().(*arrow.TimestampType)
		day := int64(24*time.Hour) / int64(t.Unit.Multiplier())
		return convert(f, array.NewTimestampBuilder(f.mem, t), c, func(v arrow.Timestamp) (arrow.Timestamp, bool) {
			cut := o.day(floorDiv(int64(v), day))
			return arrow.Timestamp(cut * day), cut*day/day == cut && cut*day <= int64(v)
		})
	}
	return o.texts(f, field)
}

type values[T any] interface {
	arrow.Array
	Value(int) T
}

type builder[T any] interface {
	array.Builder
	Append(T)
}

// convert applies cut to every value. It releases b.
func convert[T any](f *frame, b builder[T], c values[T], cut func(T) (T, bool)) (arrow.Array, int, error) {
	defer b.Release()
	b.Reserve(f.rows)
	for row := range f.rows {
		if c.IsNull(row) {
			b.AppendNull()
			continue
		}
		v, ok := cut(c.Value(row))
		if !ok {
			return nil, row, errDate
		}
		b.Append(v)
	}
	return b.NewArray(), 0, nil
}

func (o truncate) texts(f *frame, field int) (arrow.Array, int, error) {
	b := array.NewStringBuilder(f.mem)
	defer b.Release()
	b.Reserve(f.rows)
	view := f.texts(field)
	var out []byte
	for row := range f.rows {
		value, ok, err := view.at(row)
		switch {
		case err != nil:
			return nil, row, err
		case !ok:
			b.AppendNull()
			continue
		}
		if out, ok = o.text(out[:0], value); !ok {
			return nil, row, errDate
		}
		b.BinaryBuilder.Append(out)
	}
	return b.NewArray(), 0, nil
}

// text cuts a date written as text. Every digit behind the unit becomes that of the first moment of the unit, and
// everything else stays: separators, the number of digits of the fraction, the offset. Empty stays empty.
func (o truncate) text(dst, s []byte) ([]byte, bool) {
	if len(s) == 0 {
		return dst, true
	}
	end, ok := isoTime(s)
	if !ok {
		return dst, false
	}
	from := len(dst)
	dst = append(dst, s...)
	d := dst[from:]
	if o.unit == policy.Year {
		copy(d[5:], "01")
	}
	if o.unit != policy.Day {
		copy(d[8:], "01")
	}
	for i := len(time.DateOnly); i < end; i++ {
		if d[i] >= '0' && d[i] <= '9' {
			d[i] = '0'
		}
	}
	return dst, true
}

// isoTime checks a date, or date and time, of ISO 8601 in its extended form. end is where the time of day ends and
// the offset begins.
func isoTime(s []byte) (end int, ok bool) {
	const day = len(time.DateOnly)
	if len(s) < day {
		return 0, false
	}
	if _, err := time.Parse(time.DateOnly, string(s[:day])); err != nil {
		return 0, false
	}
	if len(s) == day {
		return day, true
	}
	if len(s) > 40 || s[day] != 'T' && s[day] != ' ' {
		return 0, false
	}
	rest := string(s[day+1:])
	end = len(s)
	for _, layout := range []string{"15:04:05", "15:04:05Z07:00", "15:04:05Z0700", "15:04", "15:04Z07:00"} {
		if _, err := time.Parse(layout, rest); err == nil {
			if i := indexZone(rest); i >= 0 {
				end = day + 1 + i
			}
			return end, true
		}
	}
	return 0, false
}

// indexZone is where the offset of a time of day begins, or -1.
func indexZone(s string) int {
	for i := range len(s) {
		if s[i] == 'Z' || s[i] == '+' || s[i] == '-' {
			return i
		}
	}
	return -1
}

// day is the first day of the unit that the day lies in, both counted from 1970-01-01.
func (o truncate) day(n int64) int64 {
	if o.unit == policy.Day {
		return n
	}
	// The calendar repeats after 400 years; days of timestamps in seconds go beyond what time.Time can hold.
	const cycle = 146_097
	cycles := floorDiv(n, cycle)
	t := time.Unix((n-cycles*cycle)*86_400, 0).UTC()
	month := t.Month()
	if o.unit == policy.Year {
		month = time.January
	}
	return time.Date(t.Year(), month, 1, 0, 0, 0, 0, time.UTC).Unix()/86_400 + cycles*cycle
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
