package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
)

// print writes the result, as a table or as JSON.
func (b *bench) print(w io.Writer) error {
	if b.json {
		return json.NewEncoder(w).Encode(struct {
			Rows    int64    `json:"rows"`
			Rounds  int      `json:"rounds"`
			Seconds float64  `json:"seconds"`
			Figures []Figure `json:"figures"`
			Timings []Timing `json:"timings"`
			Remarks []string `json:"remarks,omitempty"`
			Wrong   []string `json:"wrong,omitempty"`
			Failed  []string `json:"failed,omitempty"`
		}{b.rows, b.rounds, time.Since(b.began).Round(time.Second).Seconds(), b.figures, b.entrants, b.remarks, b.wrong, b.failed})
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "figure\tmedian\tmin–max\tmust\taim\tmet")
	for _, f := range b.figures {
		if f.Not != "" {
			fmt.Fprintf(t, "%s\t—\t\t%s\t%s\tnot measured\n", f.Name, f.goal(f.Must), f.goal(f.Aim))
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s–%s\t%s\t%s\t%s\n", f.Name, f.number(f.Median), number(f.Min), number(f.Max), f.goal(f.Must), f.goal(f.Aim), f.Met)
	}
	fmt.Fprintln(t)
	fmt.Fprintln(t, "work\tby\tseconds\tmin–max\tCPU s\tpeak MiB\toutput MB")
	for _, e := range b.entrants {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.0f\t%.1f\n", e.Work, e.Name, number(e.Wall.Median), ends(e.Wall), number(e.CPU.Median), e.Peak.Median, float64(e.Size)/1e6)
	}
	t.Flush()
	fmt.Fprintf(w, "\n%d rows, the middle of %s, in %s\n", b.rows, plural(b.rounds, "run"), time.Since(b.began).Round(time.Second))
	if b.check || b.rows < fullRows {
		fmt.Fprintln(w, "The data is smaller than what the goals are about: no figure is held against them.")
	}
	for _, r := range b.remarks {
		fmt.Fprintln(w, r)
	}
	for _, r := range b.wrong {
		fmt.Fprintln(w, "WRONG:", r)
	}
	for _, f := range b.failed {
		fmt.Fprintln(w, "FAILED:", f)
	}
	return nil
}

func ends(s measure.Spread) string { return number(s.Min) + "–" + number(s.Max) }

// number has three digits that matter.
func number(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}

func (f Figure) number(v float64) string {
	if f.Unit == "" {
		return number(v) + "×"
	}
	return number(v) + " " + f.Unit
}

func (f Figure) goal(v float64) string {
	if v == 0 {
		return ""
	}
	sign := "≥ "
	if f.Less {
		sign = "≤ "
	}
	return sign + strconv.FormatFloat(v, 'g', -1, 64)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
