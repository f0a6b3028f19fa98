package columnar

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
)

// AppendText appends the canonical text of cell i of col to dst; ok is false
// for null. Tokens are made of this text, so it is fixed for ever:
//
//	integers     digits, - for negative
//	decimals     all digits of the scale, no exponent: 1.50
//	floats       shortest that reads back the same; exponent below 1e-6 and from 1e21
//	             as in ECMAScript and encoding/json: 1e-7, 1e+21; NaN, Inf, -Inf
//	booleans     true, false
//	dates        2006-01-02
//	timestamps   RFC 3339 in UTC with the fraction that is needed: 2006-01-02T15:04:05.5Z;
//	             one without a zone is taken as UTC
//	times        15:04:05.5, with the fraction that is needed
//	UUIDs        lower case with hyphens
//	strings, binary   their bytes
//
// Years outside 0 to 9999 get a sign and at least five digits (ISO 8601
// expanded). A dictionary gives the text of its value. Nested columns have no
// text and are an error.
func AppendText(dst []byte, col arrow.Array, i int) (out []byte, ok bool, err error) {
	if col.IsNull(i) {
		return dst, false, nil
	}
	switch a := col.(type) {
	case *array.String:
		return append(dst, a.Value(i)...), true, nil
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(i), 10), true, nil
	case *array.Int32:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), true, nil
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(i)), true, nil
	case *array.Float64:
		return appendFloat(dst, a.Value(i), 64), true, nil
	case *array.Decimal128:
		return appendDecimal(dst, a.Value(i).BigInt(), a.DataType().(*arrow.Decimal128Type).Scale), true, nil
	case *array.Timestamp:
		return appendInstant(dst, int64(a.Value(i)), a.DataType().(*arrow.TimestampType).Unit), true, nil
	case *array.Date32:
		return appendDay(dst, int64(a.Value(i))), true, nil
	case *array.Dictionary:
		return AppendText(dst, a.Dictionary(), a.GetValueIndex(i))
	case array.ExtensionArray:
		if u, isUUID := a.(*extensions.UUIDArray); isUUID {
			return append(dst, u.Value(i).String()...), true, nil
		}
		return AppendText(dst, a.Storage(), i)
	}
	return appendRare(dst, col, i)
}

var errNoText = errors.New("nested columns have no text")

func appendRare(dst []byte, col arrow.Array, i int) ([]byte, bool, error) {
	switch a := col.(type) {
	case *array.Int8:
		dst = strconv.AppendInt(dst, int64(a.Value(i)), 10)
	case *array.Int16:
		dst = strconv.AppendInt(dst, int64(a.Value(i)), 10)
	case *array.Uint8:
		dst = strconv.AppendUint(dst, uint64(a.Value(i)), 10)
	case *array.Uint16:
		dst = strconv.AppendUint(dst, uint64(a.Value(i)), 10)
	case *array.Uint32:
		dst = strconv.AppendUint(dst, uint64(a.Value(i)), 10)
	case *array.Uint64:
		dst = strconv.AppendUint(dst, a.Value(i), 10)
	case *array.Float16:
		dst = appendFloat(dst, float64(a.Value(i).Float32()), 32)
	case *array.Float32:
		dst = appendFloat(dst, float64(a.Value(i)), 32)
	case *array.Decimal32:
		dst = appendDecimal(dst, big.NewInt(int64(a.Value(i))), a.DataType().(*arrow.Decimal32Type).Scale)
	case *array.Decimal64:
		dst = appendDecimal(dst, big.NewInt(int64(a.Value(i))), a.DataType().(*arrow.Decimal64Type).Scale)
	case *array.Decimal256:
		dst = appendDecimal(dst, a.Value(i).BigInt(), a.DataType().(*arrow.Decimal256Type).Scale)
	case *array.Date64:
		dst = appendDay(dst, floorDiv(int64(a.Value(i)), 86_400_000))
	case *array.Time32:
		dst = appendClock(dst, int64(a.Value(i)), a.DataType().(*arrow.Time32Type).Unit)
	case *array.Time64:
		dst = appendClock(dst, int64(a.Value(i)), a.DataType().(*arrow.Time64Type).Unit)
	case *array.LargeString:
		dst = append(dst, a.Value(i)...)
	case *array.StringView:
		dst = append(dst, a.Value(i)...)
	case *array.Binary:
		dst = append(dst, a.Value(i)...)
	case *array.LargeBinary:
		dst = append(dst, a.Value(i)...)
	case *array.BinaryView:
		dst = append(dst, a.Value(i)...)
	case *array.FixedSizeBinary:
		dst = append(dst, a.Value(i)...)
	case array.ListLike, *array.Struct:
		return dst, false, errNoText
	default:
		return dst, false, fmt.Errorf("%s has no text", col.DataType().Name())
	}
	return dst, true, nil
}

func appendFloat(dst []byte, v float64, size int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-Inf"...)
	}
	abs, format := math.Abs(v), byte('f')
	tiny, huge := abs < 1e-6, abs >= 1e21
	if size == 32 {
		tiny, huge = float32(abs) < 1e-6, float32(abs) >= 1e21
	}
	if abs != 0 && (tiny || huge) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, v, format, -1, size)
	// 1e-07 is the only exponent that strconv pads.
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// appendDecimal writes v × 10^-scale.
func appendDecimal(dst []byte, v *big.Int, scale int32) []byte {
	from := len(dst)
	dst = v.Append(dst, 10)
	if scale <= 0 {
		for range -scale {
			if v.Sign() != 0 {
				dst = append(dst, '0')
			}
		}
		return dst
	}
	if v.Sign() < 0 {
		from++
	}
	for len(dst)-from <= int(scale) {
		dst = append(dst, 0)
		copy(dst[from+1:], dst[from:])
		dst[from] = '0'
	}
	point := len(dst) - int(scale)
	dst = append(dst, 0)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst
}

// inDays is the day of v, the second of that day, and how many of the unit are
// left, which takes so many digits as a fraction.
func inDays(v int64, unit arrow.TimeUnit) (day, second, rest int64, digits int) {
	second, rest, digits = inSeconds(v, unit)
	day = floorDiv(second, secondsPerDay)
	return day, second - day*secondsPerDay, rest, digits
}

// inSeconds are the whole seconds of v, and how many of the unit are left, which takes so many digits as a fraction.
func inSeconds(v int64, unit arrow.TimeUnit) (seconds, rest int64, digits int) {
	switch unit { // the divisors are constants, which costs a multiplication instead of a division
	case arrow.Second:
		return v, 0, 0
	case arrow.Millisecond:
		seconds = floorDiv(v, 1_000)
		return seconds, v - seconds*1_000, 3
	case arrow.Microsecond:
		seconds = floorDiv(v, 1_000_000)
		return seconds, v - seconds*1_000_000, 6
	}
	seconds = floorDiv(v, 1_000_000_000)
	return seconds, v - seconds*1_000_000_000, 9
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func appendInstant(dst []byte, v int64, unit arrow.TimeUnit) []byte {
	day, second, rest, digits := inDays(v, unit)
	return appendTime(appendDay(dst, day), second, rest, digits)
}

// lastDay writes instants of which many are of the same day as the one before.
type lastDay struct {
	day  int64
	text []byte
}

func (l *lastDay) appendInstant(dst []byte, v int64, unit arrow.TimeUnit) []byte {
	day, second, rest, digits := inDays(v, unit)
	if day != l.day || l.text == nil {
		l.day, l.text = day, appendDay(l.text[:0], day)
	}
	return appendTime(append(dst, l.text...), second, rest, digits)
}

func appendTime(dst []byte, second, rest int64, digits int) []byte {
	return append(appendOfDay(append(dst, 'T'), second, rest, digits), 'Z')
}

func appendClock(dst []byte, v int64, unit arrow.TimeUnit) []byte {
	seconds, rest, digits := inSeconds(v, unit)
	return appendOfDay(dst, seconds, rest, digits)
}

// appendOfDay writes hh:mm:ss and the fraction of a second without trailing
// zeros.
func appendOfDay(dst []byte, seconds, fraction int64, digits int) []byte {
	if seconds < 0 || seconds >= secondsPerDay { // no time of day, but nothing says that a file has none
		dst = appendPadded(dst, seconds/3600, 2)
		dst = appendPadded(append(dst, ':'), seconds/60%60, 2)
		dst = appendPadded(append(dst, ':'), seconds%60, 2)
	} else {
		h, m, s := twoDigits(seconds/3600), twoDigits(seconds/60%60), twoDigits(seconds%60)
		dst = append(dst, h[0], h[1], ':', m[0], m[1], ':', s[0], s[1])
	}
	if fraction == 0 {
		return dst
	}
	left := uint64(fraction)
	for left%10 == 0 {
		left /= 10
		digits--
	}
	dst = append(append(dst, '.'), "000000000"[:digits]...)
	for i := len(dst) - 1; left > 0; i-- {
		dst[i] = byte('0' + left%10)
		left /= 10
	}
	return dst
}

// appendDay writes the date of a day counted from 1970-01-01.
func appendDay(dst []byte, day int64) []byte {
	year, month, dayOfMonth := dateOf(day)
	m, d := twoDigits(month), twoDigits(dayOfMonth)
	switch {
	case year > 9999:
		dst = appendPadded(append(dst, '+'), year, 5)
	case year < 0:
		dst = appendPadded(append(dst, '-'), -year, 5)
	default:
		a, b := twoDigits(year/100), twoDigits(year%100)
		dst = append(dst, a[0], a[1], b[0], b[1])
	}
	return append(dst, '-', m[0], m[1], '-', d[0], d[1])
}

const digitPairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// twoDigits are the digits of 0 to 99.
func twoDigits(v int64) string { return digitPairs[2*v : 2*v+2] }

func appendPadded(dst []byte, v int64, width int) []byte {
	for p := int64(10); width > 1; width-- {
		if v < p {
			dst = append(dst, '0')
		}
		p *= 10
	}
	return strconv.AppendInt(dst, v, 10)
}
