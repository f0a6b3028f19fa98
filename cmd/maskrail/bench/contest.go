package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// contest is a group of figures that are measured together.
type contest struct {
	name       string
	run        func(*bench, context.Context) error
	outputless bool // there is nothing that could be wrong
}

// contests are all there are, in order.
func contests() []contest {
	return []contest{
		{name: "parquet-plain", run: (*bench).parquetPlain},
		{name: "parquet-rich", run: (*bench).parquetRich},
		{name: "nested", run: (*bench).arrowNested},
		{name: "encodings", run: (*bench).arrowOdd},
		{name: "jsonl", run: (*bench).lines},
		{name: "jsonl-parquet", run: (*bench).linesToParquet},
		{name: "conversation", run: (*bench).conversations},
		{name: "validate", run: (*bench).validate},
		{name: "load", run: (*bench).load},
		{name: "pipeline", run: (*bench).pipeline},
		{name: "token", run: (*bench).tokens, outputless: true},
		{name: "scrub", run: (*bench).scrub, outputless: true},
		{name: "sketch", run: (*bench).lookUps, outputless: true},
		{name: "memory", run: (*bench).memory, outputless: true},
	}
}

func contestNames() []string {
	var names []string
	for _, c := range contests() {
		names = append(names, c.name)
	}
	return names
}

// The names of those who take part.
const (
	us          = "maskrail"
	usAlone     = "maskrail, 1 core"
	duck        = "DuckDB"
	duckTuned   = "DuckDB, tuned"
	python      = "Python"
	arrowPlain  = "Arrow, decode and encode"
	arrowTuned  = "Arrow, by row groups"
	recompress  = "recompress what is masked"
	reencode    = "recompress our output"
	copied      = "copy"
	validating  = "validator"
	loader      = "loader"
	plainInsert = "INSERT in a plain session"
)

// mask is the real command.
func (b *bench) mask(name, policy, in, out string, workers int) measure.Entrant {
	c := measure.Command{Path: b.maskrail, Args: []string{"mask", "--policy", policy, "--key-file", b.key, "--env", "bench",
		"--workers", strconv.Itoa(workers), "--out", out, in}}
	if workers == 1 {
		c.Env = []string{"GOMAXPROCS=1"}
	}
	return measure.Entrant{Name: name, Command: c, Out: out}
}

func (b *bench) duckdb(name, in, out string, tuned bool) measure.Entrant {
	return measure.Entrant{Name: name, Out: out, Command: b.play("duckdb", &rival.DuckDB{In: in, Out: out, Threads: threads, Tuned: tuned})}
}

// threads are those of everybody who is not held to one core.
const threads = 2

// judge runs a part that compares, and keeps what it finds wrong.
func (b *bench) judge(ctx context.Context, name string, p part, what string, rows int64) error {
	b.say("         compare %s\n", what)
	_, out, err := b.play(name, p).Run(ctx)
	if err != nil {
		return fmt.Errorf("compare %s: %w", what, err)
	}
	var v rival.Verdict
	if err := json.Unmarshal(out, &v); err != nil {
		return fmt.Errorf("compare %s: %w", what, err)
	}
	if v.Rows != rows {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%d rows, of %d", v.Rows, rows))
	}
	for _, w := range v.Wrong {
		b.wrong = append(b.wrong, what+": "+w)
	}
	return nil
}

// same says whether two files are equal, byte by byte.
func (b *bench) same(what, first, second string) error {
	x, err := sum(first)
	if err != nil {
		return err
	}
	y, err := sum(second)
	if err != nil {
		return err
	}
	if x != y {
		b.wrong = append(b.wrong, what+": the output of one worker and that of two are not the same bytes")
	}
	return nil
}
