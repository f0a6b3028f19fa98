package genesyssim

import (
	"strings"
	"time"
)

// interval is a span of time, half-open.
type interval struct{ from, to time.Time }

// parseInterval reads an ISO 8601 interval of two instants; without an offset they are UTC.
func parseInterval(text string) (interval, bool) {
	from, to, ok := strings.Cut(text, "/")
	if !ok {
		return interval{}, false
	}
	a, okA := parseInstant(from)
	b, okB := parseInstant(to)
	return interval{a, b}, okA && okB && a.Before(b)
}

func parseInstant(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

const day = 24 * time.Hour

// days is the interval stretched to the UTC days that it touches.
func (v interval) days() interval {
	to := v.to.Truncate(day)
	if to.Before(v.to) {
		to = to.Add(day)
	}
	return interval{v.from.Truncate(day), to}
}
