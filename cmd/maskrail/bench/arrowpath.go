package main

import (
	"context"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// conversationRows are two row groups, one for each of two threads.
const conversationRows = 32_768

// arrowNested masks what only Arrow reads, for its shape.
func (b *bench) arrowNested(ctx context.Context) error {
	rows := b.share(conversationRows)
	in, err := b.file(ctx, conversation, ".parquet", rows)
	if err != nil {
		return err
	}
	ours, err := b.arrowPath(ctx, "Parquet, nested", b.nested, in, nil)
	if err != nil {
		return err
	}
	return b.judge(ctx, "nested", &rival.CompareNested{Source: in, Ours: ours}, "Parquet, nested", rows)
}

// arrowOdd masks what only Arrow reads, for its encodings.
func (b *bench) arrowOdd(ctx context.Context) error {
	rows := b.share(lineRows)
	in, err := b.file(ctx, odd, ".parquet", rows)
	if err != nil {
		return err
	}
	const work = "Parquet, other encodings"
	ours, err := b.arrowPath(ctx, work, b.policy, in, highCardinality)
	if err != nil {
		return err
	}
	theirs := b.duckdb(duck, in, b.out("duckdb.parquet"), false)
	if _, err := b.race(ctx, work, 1, theirs); err != nil {
		return err
	}
	return b.judge(ctx, "compare", &rival.Compare{Source: in, Ours: ours, Theirs: theirs.Out}, work, rows)
}

// arrowPath holds the masker against Arrow on a file, and returns the masked one.
func (b *bench) arrowPath(ctx context.Context, work, policy, in string, many []string) (string, error) {
	ours, alone, groups := b.out("ours.parquet"), b.out("alone.parquet"), b.out("groups")
	r, err := b.race(ctx, work, b.rounds,
		b.mask(us, policy, in, ours, threads),
		measure.Entrant{Name: arrowTuned, Out: groups, Command: b.play("arrow", &rival.Arrow{In: in, Out: groups, Tuned: true, HighCardinality: many})},
		measure.Entrant{Name: arrowPlain, Out: groups, Command: b.play("arrow", &rival.Arrow{In: in, Out: groups})},
	)
	if err != nil {
		return "", err
	}
	if _, err := b.race(ctx, work, 1, b.mask(usAlone, policy, in, alone, 1)); err != nil {
		return "", err
	}
	floor := faster(r[arrowTuned], r[arrowPlain])
	b.figure(work+": ours : Arrow decode and encode", "", measure.Ratios(r[us].Wall(), floor.Wall()), atMost(1.4, 1.2))
	b.figure("  peak memory, "+work, "MiB", r[us].Peak(), Goal{})
	return ours, b.same(work, ours, alone)
}
