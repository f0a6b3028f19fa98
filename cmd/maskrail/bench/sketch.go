package main

import (
	"context"
	"fmt"
)

// lookUpGoal is of one candidate, in nanoseconds of processor time.
var lookUpGoal = atMost(20, 0)

// lookUps runs the validator's benchmark of candidates in their canonical form, against sketches of several sizes. Each round
// is a process of its own with one processor.
func (b *bench) lookUps(ctx context.Context) error {
	const unit = "ns/candidate"
	sizes := []struct {
		values int
		name   string
	}{{10_000, "10,000"}, {1_000_000, "1,000,000"}, {10_000_000, "10,000,000"}}
	took := map[int][]float64{}
	for round := range b.rounds {
		b.say("         sketch: round %d of %d\n", round+1, b.rounds)
		of, err := b.goBench(ctx, "services/validator", "^BenchmarkLookUp$", unit, "-benchtime", "300ms", "-cpu", "1")
		if err != nil {
			return err
		}
		for _, s := range sizes {
			name := fmt.Sprintf("BenchmarkLookUp/%d", s.values)
			if len(of[name]) == 0 {
				return lost(name, unit)
			}
			took[s.values] = append(took[s.values], of[name]...)
		}
	}
	for _, s := range sizes {
		b.figure("look-up of a candidate in a sketch of "+s.name+" values", "ns", took[s.values], lookUpGoal)
	}
	return nil
}
