package main

import "context"

var (
	scrubGoal  = atLeast(150, 200)
	regexpGoal = atLeast(10, 30)
)

// scrub runs the detectors' own benchmark: all classes over notes, and the same classes as expressions of Go's regexp. Each
// round is a process of its own with one processor, so that the two are neighbours in time.
func (b *bench) scrub(ctx context.Context) error {
	const (
		unit    = "MB/cpu-s"
		ours    = "BenchmarkScrub/detectors"
		regexps = "BenchmarkScrub/regexps"
	)
	var speed, ratio []float64
	for round := range b.rounds {
		b.say("         scrub: round %d of %d\n", round+1, b.rounds)
		of, err := b.goBench(ctx, "libs/detect", "^BenchmarkScrub$", unit, "-benchtime", "1s", "-cpu", "1")
		if err != nil {
			return err
		}
		if len(of[ours]) == 0 || len(of[regexps]) == 0 {
			return lost("BenchmarkScrub", unit)
		}
		speed, ratio = append(speed, of[ours][0]), append(ratio, of[ours][0]/of[regexps][0])
	}
	b.figure("scrub of all classes, per core", "MB/s", speed, scrubGoal)
	b.figure("scrub of all classes: expressions one after the other : ours", "", ratio, regexpGoal)
	return nil
}
