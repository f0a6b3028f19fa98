package columnar

import (
	"math"
	"testing"
	"time"
)

// TestCalendar compares with the standard library, every day of four centuries
// and some that are far away.
func TestCalendar(t *testing.T) {
	t.Parallel()
	from := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for year := range 10_000 {
		for month := range 14 {
			first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
			for day := range 33 {
				got, ok := dayOf(year, month, day)
				want := first.AddDate(0, 0, day-1)
				if real := month >= 1 && month <= 12 && day > 0 && want.Month() == first.Month(); ok != real {
					t.Fatalf("%d-%d-%d: is a date: %t", year, month, day, ok)
				} else if real && got != want.Unix()/secondsPerDay {
					t.Fatalf("%d-%d-%d: day %d, want %d", year, month, day, got, want.Unix()/secondsPerDay)
				}
			}
		}
	}
	for day := range int64(2 * daysPer400) {
		sameDate(t, from.Unix()/secondsPerDay+day-daysPer400, 0)
	}
	for _, cycles := range []int64{-1_000_000, -3, 7, 1_000_000, math.MaxInt64 / secondsPerDay / daysPer400} {
		for _, day := range []int64{0, 58, 59, 60, daysPer100, daysPer400 - 1} {
			sameDate(t, day, cycles)
		}
	}
}

func sameDate(t *testing.T, day, cycles int64) {
	t.Helper()
	want := time.Unix(day*secondsPerDay, 0).UTC()
	year, month, dayOfMonth := dateOf(day + cycles*daysPer400)
	if year != int64(want.Year())+400*cycles || month != int64(want.Month()) || dayOfMonth != int64(want.Day()) {
		t.Fatalf("day %d and %d cycles: %d-%d-%d, want %s", day, cycles, year, month, dayOfMonth, want)
	}
}
