package interval

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"testing"
)

func intervals(t testing.TB, width int64, top ...int64) Intervals {
	t.Helper()
	var bound *int64
	if len(top) > 0 {
		bound = &top[0]
	}
	i, err := New(width, bound)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{0, -1, math.MinInt64} {
		if _, err := New(width, nil); err == nil {
			t.Errorf("width %d is taken", width)
		}
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	plain, topped, odd := intervals(t, 10), intervals(t, 10, 90), intervals(t, 10, 95)
	tests := []struct {
		name    string
		of      Intervals
		v, want int64
		err     error
	}{
		{"within", plain, 37, 30, nil},
		{"at the bound", plain, 30, 30, nil},
		{"zero", plain, 0, 0, nil},
		{"negative", plain, -1, -10, nil},
		{"negative at the bound", plain, -10, -10, nil},
		{"width 1", intervals(t, 1), -7, -7, nil},
		{"width of all numbers", intervals(t, math.MaxInt64), -1, -math.MaxInt64, nil},
		{"largest", plain, math.MaxInt64, math.MaxInt64 - 7, nil},
		{"least", plain, math.MinInt64, 0, ErrRange},
		{"least of width 2", intervals(t, 2), math.MinInt64, math.MinInt64, nil},
		{"below the top", topped, 89, 80, nil},
		{"top", topped, 90, 90, nil},
		{"above the top", topped, math.MaxInt64, 90, nil},
		{"interval that the top cuts", odd, 94, 90, nil},
		{"top that is no multiple", odd, 95, 95, nil},
		{"top below zero", intervals(t, 10, -5), 7, -5, nil},
	}
	for _, tt := range tests {
		if got, err := tt.of.Int(tt.v); !errors.Is(err, tt.err) || got != tt.want {
			t.Errorf("%s: got %d %v, want %d %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestUint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		of      Intervals
		v, want uint64
		err     error
	}{
		{"within", intervals(t, 10), 37, 30, nil},
		{"largest", intervals(t, 10), math.MaxUint64, math.MaxUint64 - 5, nil},
		{"above the top", intervals(t, 10, 90), math.MaxUint64, 90, nil},
		{"below the top", intervals(t, 10, 90), 89, 80, nil},
		{"top zero", intervals(t, 10, 0), 7, 0, nil},
		{"top below zero", intervals(t, 10, -1), 7, 0, ErrRange},
	}
	for _, tt := range tests {
		if got, err := tt.of.Uint(tt.v); !errors.Is(err, tt.err) || got != tt.want {
			t.Errorf("%s: got %d %v, want %d %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestFloat(t *testing.T) {
	t.Parallel()
	plain, topped := intervals(t, 10), intervals(t, 10, 90)
	tests := []struct {
		name    string
		of      Intervals
		format  Format
		v, want float64
		err     error
	}{
		{"within", plain, Double, 37.5, 30, nil},
		{"just below the bound", plain, Double, math.Nextafter(30, 0), 20, nil},
		{"negative", plain, Double, -0.001, -10, nil},
		{"negative zero", plain, Double, math.Copysign(0, -1), 0, nil},
		{"just below the top", topped, Double, math.Nextafter(90, 0), 80, nil},
		{"top", topped, Double, 90, 90, nil},
		{"beyond 64 bits, with a top", topped, Double, 1e300, 90, nil},
		{"beyond 64 bits", plain, Double, 1e300, 0, ErrRange},
		{"beyond 64 bits below", topped, Double, -1e300, 0, ErrRange},
		{"largest that is exact", plain, Double, 1 << 53, 1<<53 - 2, nil},
		{"beyond what is exact", plain, Double, 1<<53 + 10, 0, ErrRange},
		{"beyond what is exact, with a top", topped, Double, 1<<53 + 10, 90, nil},
		{"beyond what is exact below", plain, Double, -1 << 53, 0, ErrRange},
		{"beyond what a single has exact", plain, Single, 1<<24 + 10, 0, ErrRange},
		{"of a single", plain, Single, 1 << 24, 1<<24 - 6, nil},
		{"largest of a half", plain, Half, 65504, 0, ErrRange},
		{"of a half", plain, Half, 2047, 2040, nil},
		{"top beyond a half", intervals(t, 10, 70000), Half, 65504, 0, ErrRange},
		{"NaN", topped, Double, math.NaN(), 0, ErrNumber},
		{"infinity", topped, Double, math.Inf(1), 0, ErrNumber},
		{"negative infinity", topped, Double, math.Inf(-1), 0, ErrNumber},
	}
	for _, tt := range tests {
		got, err := tt.of.Float(tt.v, tt.format)
		if !errors.Is(err, tt.err) || err == nil && (got != tt.want || math.Signbit(got) != math.Signbit(tt.want)) {
			t.Errorf("%s: got %v %v, want %v %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		of               Intervals
		precision, scale int32
		v, want          string // unscaled
	}{
		{"cents", intervals(t, 10), 10, 2, "3799", "3000"},
		{"negative cents", intervals(t, 10), 10, 2, "-1", "-1000"},
		{"top", intervals(t, 10, 90), 10, 2, "9000", "9000"},
		{"above the top", intervals(t, 10, 90), 10, 2, "123456", "9000"},
		{"below the top", intervals(t, 10, 90), 10, 2, "8999", "8000"},
		{"whole numbers", intervals(t, 10), 10, 0, "-37", "-40"},
		{"more than 64 bits", intervals(t, 100), 38, 3, "-12345678901234567890123456789012345678", "-12345678901234567890123456789012400000"},
		{"wider than the precision, downwards", intervals(t, 100), 2, 0, "-37", ""},
		{"wider than the precision", intervals(t, 100), 2, 0, "37", "0"},
		{"more digits than 256 bits have at the end", intervals(t, 7), 76, 76, "-1", ""},
	}
	for _, tt := range tests {
		v, _ := new(big.Int).SetString(tt.v, 10)
		got, err := tt.of.Decimal(tt.precision, tt.scale).Floor(v)
		switch {
		case tt.want == "":
			if !errors.Is(err, ErrRange) {
				t.Errorf("%s: got %v %v, want %v", tt.name, got, err, ErrRange)
			}
		case err != nil || got.String() != tt.want:
			t.Errorf("%s: got %v %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	plain, topped := intervals(t, 10), intervals(t, 10, 90)
	tests := []struct {
		of       Intervals
		in, want string
		err      error
	}{
		{plain, "37", "30", nil}, {plain, "37.5", "30", nil}, {plain, " 37 ", "30", nil}, {plain, "+37", "30", nil}, {plain, "0037", "30", nil},
		{plain, "-0.5", "-10", nil}, {plain, "-10.0", "-10", nil}, {plain, "-10.01", "-20", nil}, {plain, "0", "0", nil}, {plain, "-0", "0", nil},
		{plain, "3.75e1", "30", nil}, {plain, "375E-1", "30", nil}, {plain, "-375e-1", "-40", nil}, {plain, "1e21", "1000000000000000000000", nil}, {plain, "0037e0", "30", nil},
		{plain, "18446744073709551615", "18446744073709551610", nil}, {plain, "-9223372036854775808", "-9223372036854775810", nil},
		{topped, "89.99", "80", nil}, {topped, "90", "90", nil}, {topped, "1e300", "90", nil}, {topped, "123456789012345678901", "90", nil},
		{plain, "1e401", "", ErrRange}, {plain, "1e-401", "", ErrRange}, {plain, "1e99999999999999999999", "", ErrNumber},
		{plain, "", "", ErrNumber}, {plain, "-", "", ErrNumber}, {plain, ".5", "", ErrNumber}, {plain, "5.", "", ErrNumber}, {plain, "1e", "", ErrNumber},
		{plain, "1e+", "", ErrNumber}, {plain, "1,234", "", ErrNumber}, {plain, "1_000", "", ErrNumber}, {plain, "0x10", "", ErrNumber}, {plain, "1/2", "", ErrNumber},
		{plain, "NaN", "", ErrNumber}, {topped, "Inf", "", ErrNumber}, {plain, "abc", "", ErrNumber}, {plain, "3 7", "", ErrNumber}, {plain, "--1", "", ErrNumber},
		{plain, "４2", "", ErrNumber},
	}
	for _, tt := range tests {
		got, err := tt.of.Text(nil, []byte(tt.in))
		if !errors.Is(err, tt.err) || string(got) != tt.want {
			t.Errorf("%q: got %q %v, want %q %v", tt.in, got, err, tt.want, tt.err)
		}
	}
}

// FuzzText: text, floats, decimals and integers agree with each other and with exact arithmetic.
func FuzzText(f *testing.F) {
	f.Add("37.5", int64(10), int64(90), true)
	f.Add("-9223372036854775808", int64(7), int64(-1), false)
	f.Add("12e-3", int64(1), int64(0), true)
	f.Fuzz(func(t *testing.T, text string, width, top int64, topped bool) {
		bound := &top
		if !topped {
			bound = nil
		}
		i, err := New(width, bound)
		if err != nil {
			return
		}
		got, err := i.Text(nil, []byte(text))
		if err != nil {
			return
		}
		start, ok := new(big.Rat).SetString(string(got))
		if !ok || !start.IsInt() {
			t.Fatalf("%q gives %q", text, got)
		}
		var room []byte
		for _, c := range []byte(text) {
			if c > ' ' && c < 0x7f {
				room = append(room, c)
			}
		}
		v, ok := new(big.Rat).SetString(string(room))
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		limit, step := new(big.Rat).SetInt64(top), new(big.Rat).SetInt64(width)
		if topped && v.Cmp(limit) >= 0 {
			if start.Cmp(limit) != 0 {
				t.Fatalf("%q gives %q and not the top %d", text, got, top)
			}
			return
		}
		if start.Cmp(v) > 0 || new(big.Rat).Add(start, step).Cmp(v) <= 0 || !new(big.Rat).Quo(start, step).IsInt() {
			t.Fatalf("%q gives %q with width %d", text, got, width)
		}
		if n, err := strconv.ParseInt(string(room), 10, 64); err == nil {
			if whole, err := i.Int(n); err == nil && strconv.FormatInt(whole, 10) != string(got) {
				t.Fatalf("%q gives %q as text and %d as a number", text, got, whole)
			}
		}
		if d, exact := v.Float64(); exact {
			if whole, err := i.Float(d, Double); err == nil && strconv.FormatFloat(whole, 'f', -1, 64) != string(got) {
				t.Fatalf("%q gives %q as text and %g as a float", text, got, whole)
			}
		}
	})
}
