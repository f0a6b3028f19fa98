package columnar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/endian"
)

// parser writes the value that text stands for to dst, which has room for what
// Arrow keeps of one, a byte for a boolean. Its errors do not repeat the text.
type parser func(dst, text []byte) error

// parserFor returns the strict parser of a declarable type other than string, nil
// for any other.
func parserFor(t arrow.DataType) parser {
	switch t := t.(type) {
	case *arrow.Int64Type:
		return parseInt64
	case *arrow.Float64Type:
		return parseFloat64
	case *arrow.BooleanType:
		return parseBool
	case *arrow.Date32Type:
		return parseDate32
	case *arrow.Decimal128Type:
		if t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision {
			return nil
		}
		return decimalParser(t)
	case *arrow.TimestampType:
		if t.TimeZone != "UTC" || t.Unit != arrow.Millisecond && t.Unit != arrow.Microsecond {
			return nil
		}
		return timestampParser(t.Unit)
	}
	return nil
}

var (
	errInt64   = errors.New("not a 64-bit integer (digits, with - for negative)")
	errFloat64 = errors.New("not a 64-bit floating point number")
	errBool    = errors.New("not a boolean (true or false)")
	errDate    = errors.New("not a date (YYYY-MM-DD)")
	errTime    = errors.New("not a timestamp with a zone (RFC 3339: YYYY-MM-DDThh:mm:ssZ)")
	errFine    = errors.New("the timestamp is finer than its type (microseconds in policies): without a type it stays text, and nothing is lost")
)

func parseInt64(dst, text []byte) error {
	neg := len(text) > 0 && text[0] == '-'
	digits := text
	if neg {
		digits = text[1:]
	}
	if len(digits) == 0 {
		return errInt64
	}
	var v uint64
	for _, c := range digits {
		if c < '0' || c > '9' || v > math.MaxInt64/10 {
			return errInt64
		}
		v = v*10 + uint64(c-'0') // at most MaxInt64 + 9
	}
	switch {
	case neg && v <= 1<<63:
		v = -v
	case !neg && v <= math.MaxInt64:
	default:
		return errInt64
	}
	binary.NativeEndian.PutUint64(dst, v)
	return nil
}

// parseFloat64 takes JSON's number grammar with leading zeros, and the texts
// that AppendText gives to what JSON has no number for.
func parseFloat64(dst, text []byte) error {
	var v float64
	switch string(text) {
	case "NaN":
		v = math.NaN()
	case "Inf":
		v = math.Inf(1)
	case "-Inf":
		v = math.Inf(-1)
	default:
		if numberLen(text, true) != len(text) || len(text) == 0 {
			return errFloat64
		}
		var err error
		if v, err = strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64); err != nil {
			return errFloat64
		}
	}
	binary.NativeEndian.PutUint64(dst, math.Float64bits(v))
	return nil
}

// numberLen returns how many bytes at the start of text are a JSON number, 0 if
// none are. Leading zeros are no JSON but common elsewhere.
func numberLen(text []byte, leadingZeros bool) int {
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	from := i
	if i = afterDigits(text, i); i == from || !leadingZeros && text[from] == '0' && i-from > 1 {
		return 0
	}
	if i < len(text) && text[i] == '.' {
		from = i + 1
		if i = afterDigits(text, from); i == from {
			return 0
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		from = i + 1
		if from < len(text) && (text[from] == '+' || text[from] == '-') {
			from++
		}
		if i = afterDigits(text, from); i == from {
			return 0
		}
	}
	return i
}

func afterDigits(text []byte, i int) int {
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	return i
}

func parseBool(dst, text []byte) error {
	switch string(text) {
	case "true":
		dst[0] = 1
	case "false":
		dst[0] = 0
	default:
		return errBool
	}
	return nil
}

func parseDate32(dst, text []byte) error {
	days, ok := parseDay(text)
	if !ok {
		return errDate
	}
	binary.NativeEndian.PutUint32(dst, uint32(days))
	return nil
}

// parseDay returns the days since 1970-01-01 of an exact YYYY-MM-DD.
func parseDay(text []byte) (int64, bool) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return 0, false
	}
	century, year := twoDigitsAt(text, 0), twoDigitsAt(text, 2)
	if century > 99 || year > 99 {
		return 0, false
	}
	return dayOf(100*century+year, twoDigitsAt(text, 5), twoDigitsAt(text, 8))
}

// twoDigitsAt is the number that the two bytes at i say, above 99 if they are no
// digits.
func twoDigitsAt(text []byte, i int) int {
	tens, ones := text[i]-'0', text[i+1]-'0'
	if tens > 9 || ones > 9 {
		return 100
	}
	return 10*int(tens) + int(ones)
}

// parsedDay is the day that was parsed last: many instants of a file are of one.
type parsedDay struct {
	text [len("2006-01-02")]byte
	day  int64
}

// epoch is the first parsedDay, which must be one.
var epoch = parsedDay{text: [10]byte([]byte("1970-01-01"))}

// parse is parseDay of a text of that length.
func (p *parsedDay) parse(text []byte) (day int64, ok bool) {
	if [len(p.text)]byte(text) == p.text {
		return p.day, true
	}
	if day, ok = parseDay(text); ok {
		*p = parsedDay{[len(p.text)]byte(text), day}
	}
	return day, ok
}

// decimalParser takes plain digits with an optional fraction; an exponent is
// refused, and so are fraction digits beyond the scale unless they are zeros.
func decimalParser(t *arrow.Decimal128Type) parser {
	wrong := fmt.Errorf("not a decimal of at most %d digits, %d of them after the point", t.Precision, t.Scale)
	return func(dst, text []byte) error {
		neg := len(text) > 0 && text[0] == '-'
		if neg {
			text = text[1:]
		}
		var hi, lo uint64
		significant, fraction, digits, point := 0, 0, 0, false
		push := func(d uint64) bool {
			if significant > 0 || d > 0 {
				significant++
			}
			if significant > int(t.Precision) { // 38 digits fit 127 bits
				return false
			}
			carry, l := bits.Mul64(lo, 10)
			l, c := bits.Add64(l, d, 0)
			hi, lo = hi*10+carry+c, l
			return true
		}
		for _, c := range text {
			switch {
			case c == '.' && !point && digits > 0:
				point = true
				continue
			case c < '0' || c > '9':
				return wrong
			}
			digits++
			if point {
				if fraction == int(t.Scale) {
					if c != '0' {
						return wrong
					}
					continue
				}
				fraction++
			}
			if !push(uint64(c - '0')) {
				return wrong
			}
		}
		if digits == 0 || text[len(text)-1] == '.' {
			return wrong
		}
		for ; fraction < int(t.Scale); fraction++ {
			if !push(0) {
				return wrong
			}
		}
		v := decimal128.New(int64(hi), lo)
		if neg {
			v = v.Negate()
		}
		low, high := dst[:8], dst[8:]
		if endian.IsBigEndian {
			low, high = high, low
		}
		binary.NativeEndian.PutUint64(low, v.LowBits())
		binary.NativeEndian.PutUint64(high, uint64(v.HighBits()))
		return nil
	}
}

// timestampParser takes RFC 3339 with T or a space between date and time. A
// time without a zone is refused: nothing says what instant it means. The parser
// is for one goroutine.
func timestampParser(unit arrow.TimeUnit) parser {
	last := epoch
	micros := unit == arrow.Microsecond
	return func(dst, text []byte) error {
		seconds, nanos, ok := parseInstant(text, &last)
		v, fine := seconds*1_000+nanos/1_000_000, nanos%1_000_000
		if micros {
			v, fine = seconds*1_000_000+nanos/1_000, nanos%1_000
		}
		if !ok {
			return errTime
		}
		if fine != 0 {
			return errFine
		}
		binary.NativeEndian.PutUint64(dst, uint64(v))
		return nil
	}
}

func parseInstant(text []byte, last *parsedDay) (seconds, nanos int64, ok bool) {
	if len(text) < len("2006-01-02T15:04:05Z") || text[10] != 'T' && text[10] != ' ' ||
		text[13] != ':' || text[16] != ':' {
		return 0, 0, false
	}
	days, ok := last.parse(text[:10])
	h, m, s := twoDigitsAt(text, 11), twoDigitsAt(text, 14), twoDigitsAt(text, 17)
	if !ok || h > 23 || m > 59 || s > 59 {
		return 0, 0, false
	}
	rest := text[19:]
	if rest[0] == '.' {
		n, unit := 1, int64(100_000_000)
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			nanos += int64(rest[n]-'0') * unit
			if unit == 0 && rest[n] != '0' {
				return 0, 0, false
			}
			unit /= 10
			n++
		}
		if n == 1 {
			return 0, 0, false
		}
		rest = rest[n:]
	}
	offset, ok := parseZone(rest)
	return days*secondsPerDay + int64(h*3600+m*60+s) - offset, nanos, ok
}

// parseZone returns the seconds east of UTC of Z or ±hh:mm.
func parseZone(zone []byte) (int64, bool) {
	if len(zone) == 1 && zone[0] == 'Z' {
		return 0, true
	}
	if len(zone) != 6 || zone[0] != '+' && zone[0] != '-' || zone[3] != ':' {
		return 0, false
	}
	h, m := twoDigitsAt(zone, 1), twoDigitsAt(zone, 4)
	if h > 23 || m > 59 {
		return 0, false
	}
	seconds := int64(h*3600 + m*60)
	if zone[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
