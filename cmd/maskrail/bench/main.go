// Command bench measures the masker against what a user would take instead, and against the least that any program must
// do: everything in one run, in turns, on data of its own making. It ends with 1 when an output is wrong, and never
// because something took long.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == stack.GatewayCommand { // this binary is the S3 server of stacks that it runs
		return stack.ServeGateway(ctx, os.Stdin, os.Stdout)
	}
	if len(args) > 1 && args[0] == partCommand {
		return playPart(ctx, args[1], args[2:])
	}
	var o options
	var only string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&o.dir, "dir", "bench-data", "folder for data and outputs; data that fits is used again")
	f.StringVar(&o.maskrail, "maskrail", "bin/maskrail", "the binary that is measured")
	f.StringVar(&o.source, "source", ".", "the repository, for the benchmarks of single tokens")
	f.Int64Var(&o.rows, "rows", fullRows, "interactions of the large files; fewer are not held against the goals")
	f.IntVar(&o.rounds, "rounds", 5, "runs of everybody, of which the median counts")
	f.BoolVar(&o.check, "check", false, "every output once on small data, for wrong ones alone; no figure is held against a goal")
	f.BoolVar(&o.json, "json", false, "print the result as one JSON object")
	f.StringVar(&only, "only", "", "measure these alone, with commas between: "+strings.Join(contestNames(), ", "))
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case f.NArg() > 0:
		return fmt.Errorf("%s: bench has flags alone", f.Arg(0))
	}
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	b, err := newBench(o)
	if err != nil {
		return err
	}
	return b.run(ctx, os.Stdout)
}
