package columnar

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// TestInstants gives one parser and one writer, which remember a day each, instants of the same and of other days, wrong
// ones in between. The standard library says what is right.
func TestInstants(t *testing.T) {
	t.Parallel()
	parse := timestampParser(arrow.Microsecond)
	var last lastDay
	days := []string{"1970-01-01", "2024-02-29", "2024-02-29", "2023-02-29", "2024-02-29", "0000-01-01", "9999-12-31", "1970-01-01", "20x4-02-29", "2024-13-01", "1969-12-31",
		"2024-02-29", "2024-02-28", "2024-02-30", "2024-03-28", "2024-02-2O", "2024/02-28", "2124-02-28", "0001-01-01"}
	times := []string{"T00:00:00Z", "T23:59:59.999999Z", "T12:34:56.5Z", "T24:00:00Z", "T00:60:00Z", "T00:00:61Z", "T0a:00:00Z", "T00:00:00.Z", "T00:00:00.25Z", "T00:00:00.000010Z",
		"T10:00:00-05:30", "T10:00:00+23:59", "T10:00:00+25:00", "T00-00:00Z", "T00:00:00.1234567Z", "T00:00:00"}
	for _, day := range days {
		for _, clock := range times {
			text := day + clock
			dst := make([]byte, 8)
			err := parse(dst, []byte(text))
			want, fault := time.Parse(time.RFC3339Nano, text)
			if fault == nil && want.Nanosecond()%1000 != 0 {
				fault = errFine
			}
			if (err == nil) != (fault == nil) {
				t.Errorf("%s: %v, want %v", text, err, fault)
			}
			if err != nil || fault != nil {
				continue
			}
			got := int64(binary.NativeEndian.Uint64(dst))
			if got != want.UnixMicro() {
				t.Errorf("%s is %d, want %d", text, got, want.UnixMicro())
			}
			for _, unit := range []arrow.TimeUnit{arrow.Microsecond, arrow.Nanosecond} {
				v := want.UnixMicro()
				if unit == arrow.Nanosecond {
					if want.Year() < 1700 || want.Year() > 2200 {
						continue
					}
					v *= 1000
				}
				written, plain := string(last.appendInstant(nil, v, unit)), string(appendInstant(nil, v, unit))
				if written != plain {
					t.Errorf("%s is written as %s, and as %s", text, written, plain)
				}
				if in := want.UTC(); in.Year() >= 0 && in.Year() <= 9999 && written != in.Format(time.RFC3339Nano) {
					t.Errorf("%s is written as %s", text, written)
				}
			}
		}
	}
	if got := string(last.appendInstant(nil, -62_167_219_200_001, arrow.Millisecond)); got != "-00001-12-31T23:59:59.999Z" {
		t.Errorf("the day before year 0 is %s", got)
	}
}
