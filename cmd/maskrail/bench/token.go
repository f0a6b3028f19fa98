package main

import (
	"context"
	"strconv"
)

// Of one token: 200 ns, and 100 for the form of what has one.
var (
	tokenGoal  = atMost(200, 160)
	formedGoal = atMost(300, 210)
)

// tokens runs the masker's own benchmarks of single values.
func (b *bench) tokens(ctx context.Context) error {
	b.say("         one token\n")
	const unit = "ns/value"
	values, err := b.goBench(ctx, "services/masker", "^BenchmarkToken(Name|Email|Phone)?$", unit, "-benchtime", "300ms", "-count", strconv.Itoa(b.rounds))
	if err != nil {
		return err
	}
	for _, c := range []struct {
		benchmark, name string
		goal            Goal
	}{
		{"BenchmarkToken", "one token", tokenGoal},
		{"BenchmarkTokenName", "one token, with the form of a name", formedGoal},
		{"BenchmarkTokenEmail", "one token, with the form of a mail address", formedGoal},
		{"BenchmarkTokenPhone", "one token, with the form of a number", formedGoal},
	} {
		if len(values[c.benchmark]) == 0 {
			return lost(c.benchmark, unit)
		}
		b.figure(c.name, "ns", values[c.benchmark], c.goal)
	}
	return nil
}
