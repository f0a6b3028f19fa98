package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/app"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		since, until string
		want         bool
	}{
		"no bounds":             {"", "", true},
		"since is inclusive":    {"2026-03-09T12:00:00Z", "", true},
		"before it":             {"2026-03-09T12:00:01Z", "", false},
		"until is exclusive":    {"", "2026-03-09T12:00:00Z", false},
		"a day is its midnight": {"2026-03-09", "2026-03-10", true},
		"of late":               {"1h", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := readSpan(c.since, c.until)
			if err != nil || s.has(noon) != c.want {
				t.Errorf("has %v is %t, want %t: %v", noon, s.has(noon), c.want, err)
			}
		})
	}
	for _, c := range [][2]string{{"soon", ""}, {"", "-1h"}, {"2026-03-10", "2026-03-09"}} {
		if _, err := readSpan(c[0], c[1]); !app.IsUsage(err) || !strings.Contains(err.Error(), "--") {
			t.Errorf("%q: %v", c, err)
		}
	}
}
