package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
)

// Of one token: 200 ns, and 100 for the form of what has one.
var (
	tokenGoal  = atMost(200, 160)
	formedGoal = atMost(300, 210)
)

// tokens runs the masker's own benchmarks of single values.
func (b *bench) tokens(ctx context.Context) error {
	dir, err := filepath.Abs(filepath.Join(b.source, "services", "masker"))
	if err != nil {
		return err
	}
	b.say("         one token\n")
	_, out, err := (measure.Command{Path: "go", Args: []string{"-C", dir, "test", "-run", "^$", "-bench", "^BenchmarkToken(Name|Email|Phone)?$",
		"-benchtime", "300ms", "-count", strconv.Itoa(b.rounds), "."}}).Run(ctx)
	if err != nil {
		return err
	}
	values := perValue(string(out))
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
			return fmt.Errorf("the masker's tests have no %s that reports ns/value any more", c.benchmark)
		}
		b.figure(c.name, "ns", values[c.benchmark], c.goal)
	}
	return nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^(Benchmark\w+?)(?:-\d+)?\s.*?([\d.]+) ns/value`)

// perValue are the nanoseconds a value of each run of each benchmark.
func perValue(out string) map[string][]float64 {
	values := map[string][]float64{}
	for _, m := range benchmarkLine.FindAllStringSubmatch(out, -1) {
		if v, err := strconv.ParseFloat(m[2], 64); err == nil {
			values[m[1]] = append(values[m[1]], v)
		}
	}
	return values
}
