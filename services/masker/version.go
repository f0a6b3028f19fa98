package masker

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// version orders rows of one key by what newestBy says of them: as numbers and instants where it says such, also in text,
// else as text. Null comes before all.
type version struct {
	kind   versionKind
	number int64
	text   string // what is behind number
}

type versionKind uint8

const (
	noVersion versionKind = iota
	textVersion
	instantVersion
	numberVersion
)

func (v version) compare(w version) int {
	return cmp.Or(cmp.Compare(v.kind, w.kind), cmp.Compare(v.number, w.number), strings.Compare(v.text, w.text))
}

// versions reads the column that orders rows of one key, nil when the policy names none or the source has none.
func (f *frame) versions() ([]version, error) {
	p := f.plan
	if p.order < 0 {
		return nil, nil
	}
	c := f.columns[p.order]
	if c.array == nil {
		return nil, nil
	}
	out := make([]version, c.level.slots)
	view := c.texts()
	for slot := range out {
		if c.array.IsNull(slot) {
			continue
		}
		switch a := c.array.(type) {
		case *array.Int64:
			out[slot] = version{kind: numberVersion, number: a.Value(slot)}
		case *array.Timestamp:
			out[slot] = version{kind: numberVersion, number: int64(a.Value(slot))}
		case *array.Date32:
			out[slot] = version{kind: numberVersion, number: int64(a.Value(slot))}
		case *array.Float64:
			out[slot] = floatVersion(a.Value(slot))
		case *array.Float32:
			out[slot] = floatVersion(float64(a.Value(slot)))
		default:
			text, ok, err := view.at(slot)
			if err != nil {
				return nil, err
			}
			if ok {
				out[slot] = textualVersion(text)
			}
		}
	}
	return out, nil
}

// floatVersion orders floats by their bits, those below 0 the other way round (IEEE 754, totalOrder).
func floatVersion(f float64) version {
	bits := int64(math.Float64bits(f + 0)) // -0 is 0
	if bits < 0 {
		bits ^= math.MaxInt64
	}
	return version{kind: numberVersion, number: bits}
}

// textualVersion is that of a text: a decimal number without exponent, an instant (RFC 3339), or any text.
func textualVersion(text []byte) version {
	if v, ok := decimalVersion(text); ok {
		return v
	}
	if at, err := time.Parse(time.RFC3339Nano, string(text)); err == nil {
		behind := binary.BigEndian.AppendUint32(nil, uint32(at.Nanosecond()))
		return version{kind: instantVersion, number: at.Unix(), text: string(behind)}
	}
	return version{kind: textVersion, text: string(text)}
}

// decimalVersion orders decimal numbers, of which one column has few digits and another more than any integer has: first
// by sign and how many digits stand before the point, then by the digits, each as its complement below 0.
func decimalVersion(text []byte) (version, bool) {
	digits, negative := bytes.CutPrefix(text, []byte("-"))
	whole, fraction, point := bytes.Cut(digits, []byte("."))
	if len(whole) == 0 || point && len(fraction) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return version{}, false
	}
	whole, fraction = bytes.TrimLeft(whole, "0"), bytes.TrimRight(fraction, "0")
	v := version{kind: numberVersion, number: int64(len(whole))}
	behind := slices.Concat(whole, fraction)
	if negative && len(behind) > 0 {
		v.number = -v.number - 1
		for i := range behind {
			behind[i] = '9' - behind[i] + '0'
		}
		behind = append(behind, ':') // the longer fraction is the smaller number
	}
	v.text = string(behind)
	return v, true
}
