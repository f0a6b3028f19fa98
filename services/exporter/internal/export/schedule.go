package export

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/adhocore/gronx"
)

// CheckSchedule says what is wrong with a cron expression.
func CheckSchedule(expression string) error {
	if !gronx.IsValid(expression) {
		return fmt.Errorf("%q is no cron expression: want minute, hour, day of month, month and day of week in UTC, such as \"0 2 * * *\"", expression)
	}
	if _, err := gronx.NextTickAfter(expression, time.Unix(0, 0).UTC().AddDate(56, 0, 0), false); err != nil {
		return fmt.Errorf("%q never comes", expression)
	}
	return nil
}

// last is the scheduled time at or before now whose delay is over; zero for none.
func (s Settings) last(now time.Time) time.Time {
	if s.Schedule == "" {
		return time.Time{}
	}
	tick, err := gronx.PrevTickBefore(s.Schedule, now.UTC(), true)
	if err == nil && now.Before(tick.Add(s.delay(tick))) {
		tick, err = gronx.PrevTickBefore(s.Schedule, tick, false)
	}
	if err != nil {
		return time.Time{}
	}
	return tick.Truncate(time.Second)
}

// next is how long after now the next scheduled time comes, its delay included; false for never.
func (s Settings) next(now time.Time) (time.Duration, bool) {
	if s.Schedule == "" {
		return 0, false
	}
	from := now.UTC()
	if passed, err := gronx.PrevTickBefore(s.Schedule, from, true); err == nil {
		if due := passed.Add(s.delay(passed)); due.After(now) {
			return due.Sub(now), true
		}
	}
	tick, err := gronx.NextTickAfter(s.Schedule, from, false)
	if err != nil {
		return 0, false
	}
	return tick.Add(s.delay(tick)).Sub(now), true
}

// delay is by how much a scheduled time is put off, so that not everybody asks at the full hour. It follows from source and
// time, so that all processes agree.
func (s Settings) delay(tick time.Time) time.Duration {
	if s.Jitter < time.Second {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(s.Name))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(tick.Unix()))) //nolint:gosec // a hash
	return time.Duration(h.Sum64()%uint64(s.Jitter/time.Second)) * time.Second
}
