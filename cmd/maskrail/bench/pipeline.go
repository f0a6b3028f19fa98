package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/pipeline"
)

// The objects of a run through the pipeline: a row group each, about 8 MiB.
const (
	pipelineObjects = 20
	pipelineRows    = 131_072
	pipelineAlone   = 4 // in each round
)

// pipeline takes files through the embedded stack, and says by what the workers trace what that costs beside the work.
func (b *bench) pipeline(ctx context.Context) error {
	objects, alone, rows := pipelineObjects, pipelineAlone, int64(pipelineRows)
	if b.check {
		objects, alone, rows = 3, 1, smallRows/10
	}
	files := make([]string, objects)
	for i := range files {
		kind := plain
		kind.Seed = seed + uint64(i)
		var err error
		if files[i], err = b.file(ctx, kind, ".parquet", rows); err != nil {
			return err
		}
	}
	var single, queue, handOffs, run []float64
	work := map[string][]float64{}
	for round := range b.rounds {
		m := pipeline.Masker{Dir: b.out("stack"), Policy: b.policy, Key: b.key, Workers: threads, Queue: files}
		for i := range alone {
			file, out := files[(round*alone+i)%len(files)], b.out("alone.parquet")
			m.Alone = append(m.Alone, pipeline.Pair{File: file, Out: out, Mask: b.mask(us, b.policy, file, out, threads).Command})
		}
		var one pipeline.MaskerTimes
		if err := b.through(ctx, "masker", &m, round, &one); err != nil {
			return err
		}
		single = append(single, measure.Ratios(one.Alone, one.Mask)...)
		queue = append(queue, one.Queue/measure.Of(one.Mask).Median)

		var all pipeline.WholeTimes
		if err := b.through(ctx, "pipeline", &pipeline.Whole{Dir: b.out("stack"), Policy: b.policy, Key: b.key, Files: files}, round, &all); err != nil {
			return err
		}
		if want := rows * int64(objects); all.Rows != want {
			b.wrong = append(b.wrong, fmt.Sprintf("pipeline: %d rows are in the sandbox, of %d", all.Rows, want))
		}
		run, handOffs = append(run, all.Run), append(handOffs, 100*all.HandOffs/all.Run)
		for service, seconds := range all.Work {
			work[service] = append(work[service], 100*seconds/all.Run)
		}
	}
	b.figure("masker's worker with one object : mask", "", single, atMost(1.15, 0))
	b.figure(fmt.Sprintf("  with each of a queue of %d", objects), "", queue, atMost(1.15, 0))
	b.figure(fmt.Sprintf("hand-offs of a run of %d objects", objects), "%", handOffs, atMost(5, 0))
	b.figure("  the run", "s", run, Goal{})
	for _, service := range []string{"exporter", "masker", "validator", "loader"} {
		b.figure("  "+service+" at work", "%", work[service], Goal{})
	}
	return nil
}

// through lets a part take files through a stack of its own, and reads its report.
func (b *bench) through(ctx context.Context, name string, p part, round int, times any) error {
	b.say("%6.0fs  [%d/%d] pipeline: round %d of %d, %s\n", time.Since(b.began).Seconds(), b.done+1, len(b.contests), round+1, b.rounds, name)
	_, out, err := b.play(name, p).Run(ctx)
	if err == nil {
		err = json.Unmarshal(out, times)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.RemoveAll(b.out("stack"))
}
