package calendar

import (
	"math"
	"testing"
	"time"
)

// TestEveryDay goes through 800 years, two whole cycles of the calendar, and compares with the standard library.
func TestEveryDay(t *testing.T) {
	t.Parallel()
	want := time.Date(1569, 12, 31, 0, 0, 0, 0, time.UTC)
	for n := want.Unix() / 86_400; n < 400*366; n++ {
		year, month, day := Date(n)
		if int(year) != want.Year() || month != int(want.Month()) || day != want.Day() {
			t.Fatalf("day %d is %d-%d-%d, want %s", n, year, month, day, want)
		}
		if got := Day(year, month, day); got != n {
			t.Fatalf("%d-%d-%d is day %d, want %d", year, month, day, got, n)
		}
		if got := FirstOfMonth(n); got != Day(year, month, 1) {
			t.Fatalf("the month of %d-%d-%d begins on day %d, want %d", year, month, day, got, Day(year, month, 1))
		}
		if got := FirstOfYear(n); got != Day(year, 1, 1) {
			t.Fatalf("the year of %d-%d-%d begins on day %d, want %d", year, month, day, got, Day(year, 1, 1))
		}
		want = want.AddDate(0, 0, 1)
	}
}

// TestBounds: what timestamps in seconds can hold is a date and comes back.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{math.MinInt64 / 86_400, math.MaxInt64 / 86_400, First, Last, First - 1, Last + 1, 0, -1} {
		if got := Day(Date(n)); got != n {
			t.Errorf("day %d comes back as %d", n, got)
		}
	}
	if got := Day(0, 1, 1); got != First {
		t.Errorf("0000-01-01 is day %d, want %d", got, First)
	}
	if got := Day(9999, 12, 31); got != Last {
		t.Errorf("9999-12-31 is day %d, want %d", got, Last)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		end  int // 0 for what is no date
	}{
		{"1931-05-12", 10}, {"0000-01-01", 10}, {"9999-12-31", 10}, {"2024-02-29", 10}, {"2000-02-29", 10},
		{"1931-05-12T10:00", 16}, {"1931-05-12 10:00:59", 19}, {"1931-05-12T23:59:59.999999999", 29}, {"1931-05-12T23:59:59,5", 21},
		{"1931-05-12T10:00Z", 16}, {"1931-05-12T10:00:00+05", 19}, {"1931-05-12T10:00:00.1-0530", 21}, {"1931-05-12T10:00:00+05:30", 19},
		{"1931-05-12T10:00-0830", 16},
		{"", 0}, {"1931", 0}, {"1931-05", 0}, {"1931-5-12", 0}, {"12/05/1931", 0}, {" 1931-05-12", 0}, {"1931-05-12x", 0}, {"1931-05-12T", 0},
		{"2023-02-29", 0}, {"1900-02-29", 0}, {"1931-04-31", 0}, {"1931-13-01", 0}, {"1931-00-01", 0}, {"1931-01-00", 0}, {"1931-01-32", 0}, {"-931-01-01", 0},
		{"1931-05-12T10", 0}, {"1931-05-12T1:00:00", 0}, {"1931-05-12T24:00:00", 0}, {"1931-05-12T10:60", 0}, {"1931-05-12T10:00:60", 0},
		{"1931-05-12T10:00:0", 0}, {"1931-05-12T10:00:00.", 0}, {"1931-05-12T10:00:00.0000000001", 0}, {"1931-05-12T10:00.5", 0},
		{"1931-05-12T10:00:00+99", 0}, {"1931-05-12T10:00:00+5", 0}, {"1931-05-12T10:00:00+05:", 0}, {"1931-05-12T10:00:00+05:3", 0},
		{"1931-05-12T10:00:00+05:60", 0}, {"1931-05-12T10:00:00z", 0}, {"1931-05-12T10:00:00ZZ", 0}, {"1931-05-12Z", 0}, {"1931-05-12T10:00:00+05 30", 0},
	}
	for _, tt := range tests {
		day, end, ok := Parse([]byte(tt.text))
		if ok != (tt.end > 0) || end != tt.end {
			t.Errorf("%q: got %v and %d, want %d", tt.text, ok, end, tt.end)
		}
		if !ok {
			continue
		}
		got := []byte("????-??-??")
		got[4], got[7] = '-', '-'
		if PutDate(got, day); string(got) != tt.text[:DateLen] {
			t.Errorf("%q comes back as %s", tt.text, got)
		}
	}
}

// FuzzParse: what is read as a date is one for the standard library too, and the other way round for its layouts.
func FuzzParse(f *testing.F) {
	f.Add("2024-02-29T23:59:59.125+05:30")
	f.Add("2023-02-29")
	layouts := []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00",
		"2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07", "2006-01-02T15:04:05Z07"}
	f.Fuzz(func(t *testing.T, text string) {
		day, end, ok := Parse([]byte(text))
		if !ok {
			return
		}
		if end < DateLen || end > len(text) {
			t.Fatalf("%q ends at %d", text, end)
		}
		with := []byte(text)
		if len(with) > DateLen {
			with[DateLen] = 'T'
		}
		for _, layout := range layouts {
			at, err := time.Parse(layout, string(with))
			if err != nil {
				continue
			}
			want := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86_400
			if day != want {
				t.Fatalf("%q is day %d, want %d", text, day, want)
			}
			return
		}
		t.Fatalf("%q is a date in no layout", text)
	})
}
