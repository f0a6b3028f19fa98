package validator

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/maskrail/maskrail/libs/policy"
)

// isTruncated wants the first day of the unit, midnight, and no year before the earliest.
func isTruncated(b []byte, unit policy.Unit, earliest int) bool {
	if len(b) == 0 {
		return true
	}
	day, clock := string(b), ""
	if i := strings.IndexAny(day, "T "); i >= 0 {
		day, clock = day[:i], day[i+1:]
	}
	want := map[policy.Unit]string{policy.Year: "-01-01", policy.Month: "-01"}[unit]
	if !strings.HasSuffix(day, want) || len(day) < len("2006-01-02") || !consists([]byte(day), isDay) {
		return false
	}
	if earliest > 0 {
		if year, err := strconv.Atoi(day[:len(day)-len("-01-02")]); err != nil || year < earliest {
			return false
		}
	}
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock = clock[:i]
	}
	return consists([]byte(clock), func(c byte) bool { return c == '0' || c == ':' || c == '.' || c == ',' })
}

func isDay(c byte) bool { return isDigit(c) || c == '-' || c == '+' }

// isDate wants a date of the years 0 to 9999, alone or with a time of day and an offset, in the extended form of ISO 8601.
// A shifted date looks like any other: this finds what is none.
func isDate(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	rest, ok := after(b, "0000-00-00")
	if !ok || string(b[5:7]) > "12" || string(b[5:7]) < "01" || string(b[8:10]) > "31" || string(b[8:10]) < "01" {
		return false
	}
	if len(rest) == 0 {
		return true
	}
	clock := rest[1:]
	if rest[0] != 'T' && rest[0] != ' ' {
		return false
	}
	if rest, ok = after(clock, "00:00"); !ok || string(clock[:2]) > "23" || clock[3] > '5' {
		return false
	}
	if seconds, ok := after(rest, ":00"); ok {
		if rest[1] > '5' {
			return false
		}
		rest = seconds
		if len(rest) > 0 && (rest[0] == '.' || rest[0] == ',') {
			fraction := rest[1:]
			rest = bytes.TrimLeft(fraction, "0123456789")
			if n := len(fraction) - len(rest); n < 1 || n > 9 {
				return false
			}
		}
	}
	return isOffset(rest)
}

// isOffset wants nothing or an offset from UTC.
func isOffset(b []byte) bool {
	if len(b) == 0 || string(b) == "Z" {
		return true
	}
	for _, layout := range []string{"00", "0000", "00:00"} {
		if rest, ok := after(b[1:], layout); ok && len(rest) == 0 {
			return (b[0] == '+' || b[0] == '-') && string(b[1:3]) <= "23" && b[len(b)-2] <= '5'
		}
	}
	return false
}

// after is what follows in b on text of a layout, in which 0 is any digit.
func after(b []byte, layout string) (rest []byte, ok bool) {
	if len(b) < len(layout) {
		return nil, false
	}
	for i, c := range []byte(layout) {
		if c != b[i] && (c != '0' || !isDigit(b[i])) {
			return nil, false
		}
	}
	return b[len(layout):], true
}
