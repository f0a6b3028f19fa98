package measure

import (
	"context"
	"fmt"
	"os"
)

// Entrant is one of those who do the same work.
type Entrant struct {
	Name string
	Command
	Out string // the file it writes; it is removed before each run
}

// Result is what the runs of an entrant took, in order.
type Result struct {
	Name    string
	Samples []Sample
	Size    int64  // bytes of the file it wrote
	Stdout  []byte // of the last run
}

// Race runs everyone in turn, and that as many times as there are rounds: whatever disturbs the machine disturbs
// neighbours alike. announce is called before each run.
func Race(ctx context.Context, rounds int, entrants []Entrant, announce func(round int, name string)) (map[string]*Result, error) {
	results := map[string]*Result{}
	for round := range rounds {
		for _, e := range entrants {
			announce(round, e.Name)
			if e.Out != "" {
				if err := os.RemoveAll(e.Out); err != nil {
					return nil, fmt.Errorf("remove the output of %s: %w", e.Name, err)
				}
			}
			s, out, err := e.Run(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			r := results[e.Name]
			if r == nil {
				r = &Result{Name: e.Name}
				results[e.Name] = r
			}
			r.Samples, r.Stdout = append(r.Samples, s), out
			if info, err := os.Stat(e.Out); err == nil {
				r.Size = info.Size()
			}
		}
	}
	return results, nil
}

// Wall is the seconds of each run.
func (r *Result) Wall() []float64 {
	return r.each(func(s Sample) float64 { return s.Wall.Seconds() })
}

// CPU is the processor seconds of each run.
func (r *Result) CPU() []float64 {
	return r.each(func(s Sample) float64 { return s.CPU.Seconds() })
}

// Peak is the MiB that each run had resident at most.
func (r *Result) Peak() []float64 {
	return r.each(func(s Sample) float64 { return float64(s.Peak) / (1 << 20) })
}

func (r *Result) each(of func(Sample) float64) []float64 {
	v := make([]float64, len(r.Samples))
	for i, s := range r.Samples {
		v[i] = of(s)
	}
	return v
}
