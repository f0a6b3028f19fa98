package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
)

var (
	scrubGoal  = atLeast(150, 200)
	regexpGoal = atLeast(10, 30)
)

// scrub runs the detectors' own benchmark: all classes over notes, and the same classes as expressions of Go's regexp. Each
// round is a process of its own with one processor, so that the two are neighbours in time.
func (b *bench) scrub(ctx context.Context) error {
	dir, err := filepath.Abs(filepath.Join(b.source, "libs", "detect"))
	if err != nil {
		return err
	}
	var speed, ratio []float64
	for round := range b.rounds {
		b.say("         scrub: round %d of %d\n", round+1, b.rounds)
		_, out, err := (measure.Command{Path: "go", Args: []string{"-C", dir, "test", "-run", "^$", "-bench", "^BenchmarkScrub$", "-benchtime", "1s", "-cpu", "1", "."}}).Run(ctx)
		if err != nil {
			return err
		}
		of := perSecond(string(out))
		if of["detectors"] == 0 || of["regexps"] == 0 {
			return fmt.Errorf("the detectors' tests have no BenchmarkScrub that reports MB/cpu-s any more")
		}
		speed, ratio = append(speed, of["detectors"]), append(ratio, of["detectors"]/of["regexps"])
	}
	b.figure("scrub of all classes, per core", "MB/s", speed, scrubGoal)
	b.figure("scrub of all classes: expressions one after the other : ours", "", ratio, regexpGoal)
	return nil
}

var scrubLine = regexp.MustCompile(`(?m)^BenchmarkScrub/(\w+?)(?:-\d+)?\s.*?([\d.]+) MB/cpu-s`)

// perSecond are the MB in a second of processor time of each of the two.
func perSecond(out string) map[string]float64 {
	values := map[string]float64{}
	for _, m := range scrubLine.FindAllStringSubmatch(out, -1) {
		if v, err := strconv.ParseFloat(m[2], 64); err == nil {
			values[m[1]] = v
		}
	}
	return values
}
