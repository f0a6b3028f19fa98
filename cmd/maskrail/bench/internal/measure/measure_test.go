package measure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// role makes the test's binary play somebody who is measured.
const role = "MEASURE_ROLE"

func TestMain(m *testing.M) {
	switch what, arg, _ := strings.Cut(os.Getenv(role), " "); what {
	case "":
		os.Exit(m.Run())
	case "fail":
		fmt.Fprintln(os.Stderr, arg)
		os.Exit(3)
	case "wait":
		select {}
	case "write":
		path, text, _ := strings.Cut(arg, " ")
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err != nil {
			panic(err)
		}
		fmt.Print("wrote ", text)
	case "take":
		memory := make([]byte, 64<<20)
		for i := range memory {
			memory[i] = byte(i)
		}
		for start := time.Now(); time.Since(start) < 200*time.Millisecond; {
			memory[0]++
		}
	}
}

func playing(t *testing.T, part string) Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Command{Path: self, Env: []string{role + "=" + part}}
}

func TestRunTakesTheSystemsAccount(t *testing.T) {
	t.Parallel()
	s, _, err := playing(t, "take").Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Peak < 64<<20 || s.Wall < 200*time.Millisecond || s.CPU <= 0 {
		t.Errorf("%+v for 64 MiB and 0.2 s", s)
	}
}

func TestRunSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	if _, _, err := playing(t, "fail no such column").Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no such column") {
		t.Errorf("run: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stopped")
	cancel(stop)
	if _, _, err := playing(t, "wait").Run(ctx); !errors.Is(err, stop) {
		t.Errorf("run that was stopped: %v", err)
	}
}

func TestRaceGoesInTurn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	entrant := func(name string) Entrant {
		return Entrant{Name: name, Command: playing(t, "write "+log+" "+name), Out: filepath.Join(dir, name)}
	}
	var told []string
	results, err := Race(t.Context(), 3, []Entrant{entrant("a"), entrant("b")}, func(round int, name string) { told = append(told, fmt.Sprint(round, " ", name)) })
	if err != nil {
		t.Fatal(err)
	}
	if order, err := os.ReadFile(log); err != nil || string(order) != "ababab" {
		t.Errorf("order %q, %v", order, err)
	}
	if want := []string{"0 a", "0 b", "1 a", "1 b", "2 a", "2 b"}; !slices.Equal(told, want) {
		t.Errorf("told %v", told)
	}
	if r := results["b"]; len(r.Samples) != 3 || len(r.Wall()) != 3 || r.Wall()[0] <= 0 || r.Peak()[2] <= 0 || string(r.Stdout) != "wrote b" {
		t.Errorf("result of b: %+v", r)
	}
}

func TestRaceRemovesWhatWasWrittenBefore(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	r, err := Race(t.Context(), 2, []Entrant{{Name: "a", Command: playing(t, "write "+out+" xyz"), Out: out}}, func(int, string) {})
	if err != nil {
		t.Fatal(err)
	}
	if r["a"].Size != 3 {
		t.Errorf("output of %d bytes, want 3", r["a"].Size)
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		want   Spread
	}{
		"none": {nil, Spread{}},
		"one":  {[]float64{3}, Spread{3, 3, 3}},
		"odd":  {[]float64{9, 1, 2}, Spread{2, 1, 9}},
		"even": {[]float64{4, 1, 2, 9}, Spread{3, 1, 9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Of(c.values); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	if got := Ratios([]float64{4, 9}, []float64{2, 3, 1}); !slices.Equal(got, []float64{2, 3}) {
		t.Errorf("ratios %v", got)
	}
}
