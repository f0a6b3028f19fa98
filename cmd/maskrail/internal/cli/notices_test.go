package cli

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A worker that fails is told of, and given up when it fails for longer than somebody waits.
func TestNotices(t *testing.T) {
	t.Parallel()
	fails := func(service string, wait time.Duration) string {
		return fmt.Sprintf(`{"level":"WARN","service":%q,"error":"no space left","wait":%d}`, service, wait)
	}
	const works = `{"level":"INFO","service":"masker","outcome":"done"}`
	reset := func(wait time.Duration) string {
		return strings.Replace(fails("masker", wait), "no space left", "connection reset", 1)
	}
	for _, c := range []struct {
		name  string
		lines []string // one each second
		said  int      // lines for the person
		lost  bool
	}{
		{"nothing of interest", []string{`{"level":"INFO","service":"masker","msg":"works"}`, "no JSON", `{"level":"WARN","service":"masker"}`}, 0, false},
		{"two failures", []string{fails("masker", 2*time.Second), fails("masker", 8*time.Second)}, 2, false},
		{"a third with a long wait", []string{fails("masker", 2*time.Second), fails("masker", 8*time.Second), fails("masker", 32*time.Second)}, 2, true},
		{"a long wait that may help", []string{reset(2 * time.Second), reset(8 * time.Second), reset(32 * time.Second)}, 3, false},
		{"many short waits", strings.Split(strings.Repeat(reset(time.Second)+"\n", 31), "\n")[:31], 30, true},
		{"success in between", append(append(strings.Split(strings.Repeat(reset(time.Second)+"\n", 20), "\n")[:20], works),
			strings.Split(strings.Repeat(reset(time.Second)+"\n", 20), "\n")[:20]...), 40, false},
		{"waits without a limit", []string{`{"level":"WARN","service":"loader","error":"sandbox is in use"}`}, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var said strings.Builder
				n := newNotices(&said)
				tick := time.NewTicker(time.Second)
				defer tick.Stop()
				for _, line := range c.lines {
					if _, err := n.Write([]byte(line + "\n")); err != nil {
						t.Fatal(err)
					}
					<-tick.C
				}
				select {
				case err := <-n.lost:
					if !c.lost || !strings.HasPrefix(err.Error(), "masker: ") {
						t.Errorf("given up: %v", err)
					}
				default:
					if c.lost {
						t.Error("not given up")
					}
				}
				if got := strings.Count(said.String(), "\n"); got != c.said {
					t.Errorf("%d lines, want %d:\n%s", got, c.said, said.String())
				}
			})
		})
	}
}
