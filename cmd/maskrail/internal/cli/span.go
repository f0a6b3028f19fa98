package cli

import (
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/app"
)

// span is half-open; a zero time is no bound.
type span struct{ since, until time.Time }

// readSpan reads --since and --until.
func readSpan(since, until string) (s span, err error) {
	if s.since, err = moment("--since", since); err != nil {
		return s, err
	}
	if s.until, err = moment("--until", until); err != nil {
		return s, err
	}
	if !s.since.IsZero() && !s.until.IsZero() && !s.since.Before(s.until) {
		return s, app.Usage(fmt.Errorf("--since %s is not before --until %s", since, until))
	}
	return s, nil
}

// has reports whether a time lies in the span.
func (s span) has(at time.Time) bool {
	return !at.Before(s.since) && (s.until.IsZero() || at.Before(s.until))
}

// moment reads a point in time: RFC 3339, a date, or how long ago.
func moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return time.Now().Add(-d), nil
	}
	return time.Time{}, app.Usage(fmt.Errorf("%s %q: want a time such as 2026-03-09T13:04:11Z, a date, or a duration such as 24h for that long ago", flag, text))
}
