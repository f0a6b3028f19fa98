package masker

import (
	"fmt"
	"math"

	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/services/masker/internal/calendar"
)

// truncate cuts dates down to the first day of their month or year, and times to midnight. What lies before the
// earliest year becomes its first day, so that nobody is known by being the oldest.
type truncate struct {
	unit     policy.Unit
	earliest int64 // day; the least of all without a bound
}

func newTruncate(t policy.Date) (dated, error) {
	if t.Earliest < 0 || t.Earliest > 9999 {
		return dated{}, fmt.Errorf("date.earliest: year %d, want 1 to 9999, or 0 for none", t.Earliest)
	}
	o := truncate{unit: t.Truncate, earliest: math.MinInt64}
	if t.Earliest > 0 {
		o.earliest = calendar.Day(int64(t.Earliest), 1, 1)
	}
	return dated{o}, nil
}

func (truncate) perValue() bool { return true }

func (truncate) midnight() bool { return true }

func (o truncate) move(_ *scratch, _ place, day int64) (int64, error) {
	switch o.unit {
	case policy.Day:
	case policy.Year:
		day = calendar.FirstOfYear(day)
	default:
		day = calendar.FirstOfMonth(day)
	}
	return max(day, o.earliest), nil
}
