package main

import (
	"context"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// highCardinality are the columns of which a dictionary would be as long as the column.
var highCardinality = []string{"interactionId", "startTime", "endTime", "durationMs", "cardNumber", "notes"}

func (b *bench) parquetPlain(ctx context.Context) error {
	return b.parquet(ctx, plain, atLeast(2, 2.8))
}

func (b *bench) parquetRich(ctx context.Context) error {
	return b.parquet(ctx, rich, atLeast(1.6, 2.2))
}

// parquet masks a flat file to Parquet: against DuckDB, and against the floors.
func (b *bench) parquet(ctx context.Context, kind data, goal Goal) error {
	in, err := b.file(ctx, kind, ".parquet", b.rows)
	if err != nil {
		return err
	}
	name := kind.Notes
	work := "Parquet, " + name + " notes"
	ours, theirs := b.out("ours.parquet"), b.out("duckdb.parquet")
	floor := func(name, out string, p part, kind string) measure.Entrant {
		return measure.Entrant{Name: name, Out: b.out(out), Command: b.play(kind, p)}
	}
	r, err := b.race(ctx, work, b.rounds,
		b.mask(us, b.policy, in, ours, threads),
		b.duckdb(duck, in, theirs, false),
		b.duckdb(duckTuned, in, b.out("tuned.parquet"), true),
		floor(recompress, "pages", &rival.Recompress{In: in, Out: b.out("pages"), Columns: rival.Masked}, "recompress"),
		floor(arrowTuned, "groups", &rival.Arrow{In: in, Out: b.out("groups"), Tuned: true, HighCardinality: highCardinality}, "arrow"),
	)
	if err != nil {
		return err
	}
	// What nobody is held to is measured once.
	alone := b.out("alone.parquet")
	if _, err := b.race(ctx, work, 1,
		b.mask(usAlone, b.policy, in, alone, 1),
		floor(reencode, "pages", &rival.Recompress{In: ours, Out: b.out("pages"), Columns: rival.Masked}, "recompress"),
		floor(arrowPlain, "groups", &rival.Arrow{In: in, Out: b.out("groups")}, "arrow"),
		floor(copied, "pages", &rival.Copy{In: in, Out: b.out("pages")}, "copy"),
	); err != nil {
		return err
	}
	best := faster(r[duck], r[duckTuned])
	mine := r[us].Wall()
	b.figure("Parquet → Parquet, "+name+": the faster DuckDB : ours", "", measure.Ratios(best.Wall(), mine), goal)
	b.figure("  ours : recompressing what is masked, "+name, "", measure.Ratios(mine, r[recompress].Wall()), atMost(1.4, 1.2))
	b.figure("  ours : Arrow decode and encode, "+name, "", measure.Ratios(mine, r[arrowTuned].Wall()), Goal{})
	b.figure("  output size : DuckDB's, "+name, "", []float64{float64(r[us].Size) / float64(min(r[duck].Size, r[duckTuned].Size))}, atMost(1.15, 1.05))
	b.figure("  peak memory, "+rowsOf(b.rows)+", "+name, "MiB", r[us].Peak(), atMost(256, 192))

	if err := b.same(work, ours, alone); err != nil {
		return err
	}
	return b.judge(ctx, "compare", &rival.Compare{Source: in, Ours: ours, Theirs: theirs}, work, b.rows)
}

// memory masks a file that is so much longer, for its peak alone.
func (b *bench) memory(ctx context.Context) error {
	in, err := b.file(ctx, plain, ".parquet", memoryFactor*b.rows)
	if err != nil {
		return err
	}
	r, err := b.race(ctx, "Parquet, a long file", 1, b.mask(us, b.policy, in, b.out("long.parquet"), threads))
	if err != nil {
		return err
	}
	b.figure("peak memory, "+rowsOf(memoryFactor*b.rows), "MiB", r[us].Peak(), atMost(256, 192))
	return nil
}
