package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
)

func TestMet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		goal  Goal
		value float64
		want  string
	}{
		"no goal":       {Goal{}, 3, ""},
		"more, aim":     {atLeast(2, 2.8), 2.8, metAim},
		"more, must":    {atLeast(2, 2.8), 2.79, metMust},
		"more, missed":  {atLeast(2, 2.8), 1.99, missed},
		"less, aim":     {atMost(1.4, 1.2), 1.2, metAim},
		"less, must":    {atMost(1.4, 1.2), 1.4, metMust},
		"less, missed":  {atMost(1.4, 1.2), 1.41, missed},
		"must, no aim":  {atLeast(0.8, 0), 5, metMust},
		"aim not known": {atLeast(0.8, 0), 0.79, missed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.goal.met(c.value); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// What is too small is held against no goal, and what was not measured says so.
func TestTable(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int64]string{fullRows: metMust, fullRows - 1: ""} {
		b := &bench{options: options{rows: rows, rounds: 5}}
		b.figure("a ratio", "", []float64{3, 1, 2, 9, 2.5}, atLeast(2, 2.8))
		b.without("another", "python3 is not installed", atLeast(6, 10))
		b.entrants = append(b.entrants, timing("work", &measure.Result{Name: "somebody", Samples: make([]measure.Sample, 5)}))
		b.wrong = []string{"work: 3 rows"}
		if got := b.figures[0].Met; got != want {
			t.Errorf("%d rows: %q, want %q", rows, got, want)
		}
		var out bytes.Buffer
		if err := b.print(&out); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"2.50×", "1.00–9.00", "≥ 2 ", "≥ 2.8", "not measured: python3 is not installed", "somebody", "WRONG: work: 3 rows"} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("the table has no %q:\n%s", part, out.String())
			}
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no contest":   {[]string{"--only", "csv"}, "parquet-plain"},
		"no rounds":    {[]string{"--rounds", "0"}, "--rounds"},
		"no binary":    {[]string{"--maskrail", "nowhere"}, "make build"},
		"a word":       {[]string{"fast"}, "flags"},
		"no part":      {[]string{partCommand, "referee", "{}"}, "duckdb"},
		"part's order": {[]string{partCommand, "copy", "x"}, "copy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), c.args); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want it to say %q", err, c.says)
			}
		})
	}
	names := contestNames()
	slices.Sort(names)
	if len(slices.Compact(names)) != len(contests()) {
		t.Error("two contests have one name")
	}
}
