package main

import (
	"context"
	"os"
	"os/exec"
	"strconv"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// The sizes of what is slower to read than a flat Parquet file.
const (
	lineRows             = 500_000 // interactions as JSON Lines
	conversationLineRows = 20_000  // of about 8 kB
)

// lines masks JSON Lines to JSON Lines, against a script.
func (b *bench) lines(ctx context.Context) error {
	const work = "JSON Lines → JSON Lines"
	rows := b.share(lineRows)
	in, err := b.file(ctx, plain, ".jsonl", rows)
	if err != nil {
		return err
	}
	goal := atLeast(6, 10)
	figure := work + ", per core: Python : ours"
	ours := b.mask(usAlone, b.policy, in, b.out("ours.jsonl"), 1)
	theirs := b.duckdb(duck, in, b.out("duckdb.jsonl"), false)
	entrants := []measure.Entrant{ours, theirs}
	script := b.out("mask.py")
	if err := os.WriteFile(script, []byte(rival.Script), 0o644); err != nil {
		return err
	}
	interpreter, missing := exec.LookPath("python3")
	if missing == nil {
		out := b.out("python.jsonl")
		entrants = append(entrants, measure.Entrant{Name: python, Out: out, Command: measure.Command{Path: interpreter, Args: []string{script, in, out}}})
	}
	r, err := b.race(ctx, work, b.rounds, entrants...)
	if err != nil {
		return err
	}
	if missing != nil {
		b.without(figure, "python3 is not installed", goal)
	} else {
		b.figure(figure, "", measure.Ratios(r[python].CPU(), r[usAlone].CPU()), goal)
		if err := b.judge(ctx, "compare", &rival.Compare{Source: in, Ours: ours.Out, Theirs: b.out("python.jsonl")}, work+", with Python", rows); err != nil {
			return err
		}
	}
	b.figure("  per core: DuckDB : ours", "", measure.Ratios(r[duck].CPU(), r[usAlone].CPU()), Goal{})
	two := b.mask(us, b.policy, in, b.out("two.jsonl"), threads)
	if _, err := b.race(ctx, work, 1, two); err != nil {
		return err
	}
	if err := b.same(work, ours.Out, two.Out); err != nil {
		return err
	}
	return b.judge(ctx, "compare", &rival.Compare{Source: in, Ours: ours.Out, Theirs: theirs.Out}, work, rows)
}

// linesToParquet masks JSON Lines to Parquet, against DuckDB.
func (b *bench) linesToParquet(ctx context.Context) error {
	const work = "JSON Lines → Parquet"
	rows := b.share(lineRows)
	in, err := b.file(ctx, plain, ".jsonl", rows)
	if err != nil {
		return err
	}
	ours, alone := b.mask(us, b.policy, in, b.out("ours.parquet"), threads), b.mask(usAlone, b.policy, in, b.out("alone.parquet"), 1)
	theirs := b.duckdb(duck, in, b.out("duckdb.parquet"), false)
	r, err := b.race(ctx, work, b.rounds, ours, theirs, b.duckdb(duckTuned, in, b.out("tuned.parquet"), true))
	if err != nil {
		return err
	}
	if _, err := b.race(ctx, work, 1, alone); err != nil {
		return err
	}
	b.figure(work+": the faster DuckDB : ours", "", measure.Ratios(faster(r[duck], r[duckTuned]).Wall(), r[us].Wall()), atLeast(1.4, 2))
	if err := b.same(work, ours.Out, alone.Out); err != nil {
		return err
	}
	return b.judge(ctx, "compare", &rival.Compare{Source: in, Ours: ours.Out, Theirs: theirs.Out}, work, rows)
}

// conversations masks nested records, by the second of one core.
func (b *bench) conversations(ctx context.Context) error {
	const work = "conversations, JSON Lines"
	rows := b.share(conversationLineRows)
	in, err := b.file(ctx, conversation, ".jsonl", rows)
	if err != nil {
		return err
	}
	info, err := os.Stat(in)
	if err != nil {
		return err
	}
	to := []measure.Entrant{
		b.mask("maskrail, 1 core, to JSON Lines", b.nested, in, b.out("ours.jsonl"), 1),
		b.mask("maskrail, 1 core, to Parquet", b.nested, in, b.out("ours.parquet"), 1),
	}
	r, err := b.race(ctx, work, b.rounds, to...)
	if err != nil {
		return err
	}
	for i, what := range []string{"JSON Lines", "Parquet"} {
		var speed []float64
		for _, seconds := range r[to[i].Name].CPU() {
			speed = append(speed, float64(info.Size())/1e6/seconds)
		}
		b.figure("conversations, JSON Lines → "+what+", per core", "MB/s", speed, atLeast(60, 120))
		if err := b.judge(ctx, "nested", &rival.CompareNested{Source: in, Ours: to[i].Out}, work+" → "+what, rows); err != nil {
			return err
		}
	}
	for i, two := range []measure.Entrant{b.mask("maskrail, to JSON Lines", b.nested, in, b.out("two.jsonl"), threads), b.mask("maskrail, to Parquet", b.nested, in, b.out("two.parquet"), threads)} {
		if _, err := b.race(ctx, work, 1, two); err != nil {
			return err
		}
		if err := b.same(work, to[i].Out, two.Out); err != nil {
			return err
		}
	}
	return nil
}

// share is as much of a contest's own rows as the run has of all.
func (b *bench) share(rows int64) int64 { return max(rows*b.rows/fullRows, 100) }

// rowsOf is a number of rows for people.
func rowsOf(n int64) string {
	if n%1_000_000 == 0 {
		return strconv.FormatInt(n/1_000_000, 10) + "M rows"
	}
	return strconv.FormatInt(n, 10) + " rows"
}
