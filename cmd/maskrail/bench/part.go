package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/pipeline"
	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/rival"
)

// partCommand makes this binary play one part in a process of its own, so that the system's account of it is its own.
const partCommand = "part"

// part is what such a process does: it has its fields from the second argument, as JSON.
type part interface {
	Run(context.Context) error
}

// parts by name. Those that report write JSON to standard output.
var parts = map[string]func() part{
	"duckdb":     func() part { return &rival.DuckDB{} },
	"arrow":      func() part { return &rival.Arrow{} },
	"recompress": func() part { return &rival.Recompress{} },
	"copy":       func() part { return &rival.Copy{} },
	"attested":   func() part { return &rival.Attested{} },
	"validate":   func() part { return &rival.Validate{} },
	"loader":     func() part { return &rival.Loader{} },
	"insert":     func() part { return &rival.Insert{} },
	"data":       func() part { return &data{} },
	"stamp":      func() part { return &stamp{} },
	"compare":    func() part { return &rival.Compare{} },
	"nested":     func() part { return &rival.CompareNested{} },
	"masker":     func() part { return &pipeline.Masker{} },
	"pipeline":   func() part { return &pipeline.Whole{} },
}

func playPart(ctx context.Context, name string, args []string) error {
	open, ok := parts[name]
	if !ok || len(args) != 1 {
		return fmt.Errorf("%s is none of the parts %v with one argument", name, slices.Sorted(maps.Keys(parts)))
	}
	p := open()
	if err := json.Unmarshal([]byte(args[0]), p); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return p.Run(ctx)
}

// play is the command that plays a part.
func (b *bench) play(name string, p part) measure.Command {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers
	}
	return measure.Command{Path: b.self, Args: []string{partCommand, name, string(text)}}
}

// report writes what a part has to say.
func report(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
