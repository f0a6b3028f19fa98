package masker

import (
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/maskrail/maskrail/libs/policy"
)

// textTypes are the types of columns that hold text.
var textTypes = []arrow.DataType{
	arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView, arrow.BinaryTypes.Binary,
	&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.BinaryTypes.String},
}

func TestTruncateText(t *testing.T) {
	t.Parallel()
	day, month, year := policy.Date{Truncate: policy.Day}, policy.Date{Truncate: policy.Month}, policy.Date{Truncate: policy.Year}
	old := policy.Date{Truncate: policy.Year, Earliest: 1937}
	tests := []struct {
		treat    policy.Date
		in, want string // "" for a fault
	}{
		{year, "1931-05-12", "1931-01-01"},
		{month, "1931-05-12", "1931-05-01"},
		{day, "1931-05-12", "1931-05-12"},
		{day, "2026-02-28T23:59:59.125Z", "2026-02-28T00:00:00.000Z"},
		{year, "2026-02-28 23:59:59+02:00", "2026-01-01 00:00:00+02:00"},
		{month, "2026-02-28T23:59:01-0830", "2026-02-01T00:00:00-0830"},
		{month, "2026-02-28T23:59+05", "2026-02-01T00:00+05"},
		{year, "2024-02-29", "2024-01-01"},
		{year, "0000-12-31", "0000-01-01"},
		{old, "1931-05-12", "1937-01-01"},
		{old, "1936-12-31T23:59:59.9Z", "1937-01-01T00:00:00.0Z"},
		{old, "0001-01-01", "1937-01-01"},
		{old, "1937-05-12", "1937-01-01"},
		{old, "1938-05-12", "1938-01-01"},
		{policy.Date{Truncate: policy.Month, Earliest: 1937}, "1936-12-12", "1937-01-01"},
		{policy.Date{Truncate: policy.Day, Earliest: 1937}, "1936-12-12 10:00", "1937-01-01 00:00"},
		{policy.Date{Truncate: policy.Day, Earliest: 1937}, "1937-02-03", "1937-02-03"},
		{year, "2023-02-29", ""},
		{year, "12/05/1931", ""},
		{year, "1931-5-12", ""},
		{year, "1931", ""},
		{year, " 1931-05-12", ""},
		{year, "1931-05-12x", ""},
		{year, "1931-05-12T25:00:00", ""},
		{year, "1931-05-12T10:00:00+99", ""},
		{old, "+12026-01-01", ""},
	}
	for _, tt := range tests {
		if tt.want == "" {
			refuses(t, tt.treat, arrow.BinaryTypes.String, tt.in)
			continue
		}
		for _, of := range textTypes {
			got, err := treatColumn(t, tt.treat, arrayOf(t, of, tt.in, "null", "", tt.in))
			if err != nil {
				t.Errorf("%+v of %q: %v", tt.treat, tt.in, err)
			} else if texts := written(t, got); !slices.Equal(texts, []string{tt.want, "null", "", tt.want}) {
				t.Errorf("%+v of %q as %s: got %q, want %q", tt.treat, tt.in, of, texts, tt.want)
			}
		}
	}
}

func TestTruncateTypes(t *testing.T) {
	t.Parallel()
	year, old := policy.Date{Truncate: policy.Year}, policy.Date{Truncate: policy.Month, Earliest: 1937}
	stamp := func(unit arrow.TimeUnit, zone string) arrow.DataType {
		return &arrow.TimestampType{Unit: unit, TimeZone: zone}
	}
	tests := []struct {
		treat    policy.Date
		of       arrow.DataType
		in, want string
	}{
		{year, arrow.FixedWidthTypes.Date32, "2024-02-29", "2024-01-01"},
		{year, arrow.FixedWidthTypes.Date64, "1931-12-31", "1931-01-01"},
		{old, arrow.FixedWidthTypes.Date32, "1936-12-31", "1937-01-01"},
		{old, arrow.FixedWidthTypes.Date64, "1200-12-31", "1937-01-01"},
		{year, stamp(arrow.Second, "UTC"), "1931-12-31T23:59:59Z", "1931-01-01T00:00:00Z"},
		{year, stamp(arrow.Millisecond, ""), "1931-12-31T23:59:59.125", "1931-01-01T00:00:00Z"},
		{old, stamp(arrow.Microsecond, "UTC"), "1931-12-31T23:59:59.125Z", "1937-01-01T00:00:00Z"},
		{old, stamp(arrow.Nanosecond, "UTC"), "1937-02-28T23:59:59.999999999Z", "1937-02-01T00:00:00Z"},
	}
	for _, tt := range tests {
		got, err := treatColumn(t, tt.treat, arrayOf(t, tt.of, tt.in, "null"))
		if err != nil {
			t.Errorf("%+v of %s as %s: %v", tt.treat, tt.in, tt.of, err)
		} else if texts := written(t, got); !slices.Equal(texts, []string{tt.want, "null"}) {
			t.Errorf("%+v of %s as %s: got %q, want %q", tt.treat, tt.in, tt.of, texts, tt.want)
		}
	}
	refuses(t, year, stamp(arrow.Nanosecond, "UTC"), "1677-09-22T00:00:00Z") // 1677-01-01 is below what it holds
	refuses(t, policy.Date{Truncate: policy.Year, Earliest: 3000}, stamp(arrow.Nanosecond, "UTC"), "2000-01-01T00:00:00Z")
	for _, of := range []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.FixedWidthTypes.Boolean, arrow.FixedWidthTypes.Time64us, arrow.ListOf(arrow.BinaryTypes.String),
		&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.PrimitiveTypes.Int64}} {
		if _, ok := (dated{}).output(of); ok {
			t.Errorf("dates are taken from a column of %s", of)
		}
	}
}

func TestTruncateDay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		unit     policy.Unit
		in, want int64
	}{
		{policy.Year, 0, 0}, {policy.Year, 364, 0}, {policy.Year, 365, 365},
		{policy.Year, -1, -365}, {policy.Month, 58, 31}, {policy.Month, -1, -31}, {policy.Day, -7, -7},
		{policy.Year, 146_097*1_000 + 5, 146_097 * 1_000}, {policy.Year, -146_097*1_000 + 40, -146_097 * 1_000},
	}
	for _, tt := range tests {
		if got, err := (truncate{tt.unit, math.MinInt64}).move(nil, place{}, tt.in); got != tt.want || err != nil {
			t.Errorf("%s of day %d: got %d %v, want %d", tt.unit, tt.in, got, err, tt.want)
		}
	}
}

func TestEarliestOutsideCalendar(t *testing.T) {
	t.Parallel()
	for _, year := range []int{-1, 10_000} {
		p := treating(t, oneColumn, map[string]policy.Treatment{"v": policy.Date{Truncate: policy.Year, Earliest: year}})
		if _, err := Compile(p, testRing(t), "sandbox"); err == nil {
			t.Errorf("the year %d is taken for the earliest", year)
		}
	}
}
