package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
)

// goBench runs benchmarks of a package of the repository, and returns what they report in a unit of their own, by name.
func (b *bench) goBench(ctx context.Context, dir, benchmarks, unit string, flags ...string) (map[string][]float64, error) {
	dir, err := filepath.Abs(filepath.Join(b.source, filepath.FromSlash(dir)))
	if err != nil {
		return nil, err
	}
	args := append([]string{"-C", dir, "test", "-run", "^$", "-bench", benchmarks}, flags...)
	_, out, err := (measure.Command{Path: "go", Args: append(args, ".")}).Run(ctx)
	if err != nil {
		return nil, err
	}
	return reported(string(out), unit), nil
}

var benchmarkLine = regexp.MustCompile(`(?m)^(Benchmark[\w/]+)(?:-\d+)?\s(.*)$`)

// reported are the values of a unit in the output of benchmarks: of each as many as it was run.
func reported(out, unit string) map[string][]float64 {
	values := map[string][]float64{}
	value := regexp.MustCompile(`\s([\d.]+) ` + regexp.QuoteMeta(unit) + `(?:\s|$)`)
	for _, line := range benchmarkLine.FindAllStringSubmatch(out, -1) {
		if m := value.FindStringSubmatch(line[2]); m != nil {
			if v, err := strconv.ParseFloat(m[1], 64); err == nil {
				values[line[1]] = append(values[line[1]], v)
			}
		}
	}
	return values
}

// lost is the error for a benchmark that is not there any more.
func lost(benchmark, unit string) error {
	return fmt.Errorf("the tests have no %s that reports %s any more", benchmark, unit)
}
