package main

import (
	"context"
	"os"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// load brings a masked file into a new sandbox, by the loader and by one statement.
func (b *bench) load(ctx context.Context) error {
	const work = "load into DuckDB"
	in, err := b.file(ctx, plain, ".parquet", b.rows)
	if err != nil {
		return err
	}
	masked := b.mask(us, b.policy, in, b.out("masked.parquet"), threads)
	if _, _, err := masked.Run(ctx); err != nil {
		return err
	}
	defer os.Remove(masked.Out)
	ours, theirs := b.out("loader.duckdb"), b.out("insert.duckdb")
	r, err := b.race(ctx, work, b.rounds,
		measure.Entrant{Name: loader, Out: ours, Command: b.play("loader", &rival.Loader{File: masked.Out, Database: ours, Rows: b.rows})},
		measure.Entrant{Name: plainInsert, Out: theirs, Command: b.play("insert", &rival.Insert{File: masked.Out, Database: theirs, Rows: b.rows})},
	)
	if err != nil {
		return err
	}
	b.figure("load: a plain session : the loader", "", measure.Ratios(r[plainInsert].Wall(), r[loader].Wall()), atLeast(0.8, 0))
	return nil
}
