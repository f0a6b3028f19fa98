package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/synth"
	"github.com/maskrail/maskrail/policies"
)

func newDemo(t *terminal) *cobra.Command {
	var (
		rows        int64
		seed        uint64
		dir, source string
	)
	c := &cobra.Command{
		Use:   "demo [--source SOURCE] [--rows N] [--seed S] [--dir DIR]",
		Short: "Watch synthetic interactions travel from bucket to sandbox",
		Long: `Runs the whole pipeline on this machine: makes synthetic interactions, drops them into the raw bucket,
and waits until their masked rows can be queried. Then drops the same object again, to show that
nothing is loaded twice.

With --source a simulated cloud takes the place of the dropped file: its interactions of the last seven days are exported
as those of a real one would be, and then exported again.`,
		Example: `  maskrail demo
  maskrail demo --source genesys-analytics
  maskrail demo --rows 200000 --seed 7 --dir /tmp/masked --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if rows < 0 || rows == 0 && c.Flags().Changed("rows") {
				return app.Usage(fmt.Errorf("--rows %d: want at least 1", rows))
			}
			simulated, known := demoSources[source]
			if !known && source != "" {
				return app.Usage(fmt.Errorf("--source %q: want %s", source, strings.Join(slices.Sorted(maps.Keys(demoSources)), " or ")))
			}
			if known && !c.Flags().Changed("dir") {
				dir += "-" + source
			}
			if err := checkFolder("--dir", dir); err != nil {
				return err
			}
			abs, err := filepath.Abs(dir)
			if err != nil {
				return app.Usage(err)
			}
			if known {
				return t.demoSource(c.Context(), stack.Dir(abs), source, cmp.Or(rows, simulated.rows), seed)
			}
			return t.demo(c.Context(), stack.Dir(abs), cmp.Or(rows, demoRows), seed)
		},
	}
	c.Flags().Int64Var(&rows, "rows", 0, "number of interactions (default 50000; 2000 conversations of genesys-analytics)")
	c.Flags().StringVar(&source, "source", "", "export from a simulated cloud instead: data-export or genesys-analytics")
	_ = c.RegisterFlagCompletionFunc("source", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return slices.Sorted(maps.Keys(demoSources)), cobra.ShellCompDirectiveNoFileComp
	})
	c.Flags().Uint64Var(&seed, "seed", 1, "equal seeds make equal interactions")
	c.Flags().StringVar(&dir, "dir", "maskrail-demo", "folder for everything the demo keeps")
	t.jsonFlag(c)
	return c
}

// demoRows are the interactions of a demo that takes seconds.
const demoRows = 50_000

func (t *terminal) demo(ctx context.Context, dir stack.Dir, rows int64, seed uint64) error {
	cfg, err := demoConfig(dir, policies.GuideInteraction)
	if err != nil {
		return err
	}
	file := filepath.Join(string(dir), fmt.Sprintf("interactions-%d-%d.parquet", rows, seed))
	if _, err := os.Stat(file); err != nil {
		bar := t.bar(rows, "making interactions", true)
		err := synth.Write(ctx, synth.File{Path: file, Entity: synth.Interactions, Seed: seed, Rows: rows}, func(n int64) { bar.Set64(n) })
		bar.Finish()
		if err != nil {
			return err
		}
	}
	s, err := open(ctx, t, cfg)
	if err != nil {
		return err
	}
	defer s.close(ctx)

	t.say("%s, dropped into the raw bucket:\n", count(rows, "synthetic interaction"))
	return s.twice(ctx, "The same object dropped again", func() (Report, error) { return s.drop(ctx, "interaction", []string{file}) })
}

// twice shows the work and what it leaves in the sandbox, and then that the same work again adds nothing.
func (s *session) twice(ctx context.Context, again string, work func() (Report, error)) error {
	first, err := work()
	if err != nil || first.Refused() {
		return s.finish(first, err)
	}
	if !s.t.json {
		first.print(s.t)
		if err := s.showcase(ctx, first); err != nil {
			return err
		}
	}
	second, err := work()
	if err != nil || second.Refused() {
		return s.finish(second, err)
	}
	if s.t.json {
		first.Again = &second
		s.t.report(first)
		return nil
	}
	s.t.say("\n%s: %d loaded, %d skipped.", again, second.Loaded, second.Skipped)
	s.whereabouts(first)
	return nil
}

// demoConfig makes what a user would bring along: a policy, as a file to read and change, and a key.
func demoConfig(dir stack.Dir, text []byte) (stack.Config, error) {
	if err := os.MkdirAll(filepath.Join(string(dir), "keys"), 0o700); err != nil {
		return stack.Config{}, fmt.Errorf("create folder: %w (choose another with --dir)", err)
	}
	path := filepath.Join(string(dir), "policy.yaml")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) { // one that was changed stays
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return stack.Config{}, fmt.Errorf("write the demo's policy: %w", err)
		}
	}
	set, err := policy.Load(path)
	if err != nil {
		return stack.Config{}, app.Usage(fmt.Errorf("%w (delete %s to get the demo's own policy back)", err, shown(path)))
	}
	if _, err := os.Stat(dir.RootKey()); errors.Is(err, fs.ErrNotExist) {
		if err := keys.Create(dir.RootKey(), keys.Generate); err != nil {
			return stack.Config{}, err
		}
	}
	ring, err := keys.Load(keys.Source{File: dir.RootKey()})
	if err != nil {
		return stack.Config{}, app.Usage(err)
	}
	return stack.Config{Dir: dir, Environment: defaultEnvironment, Policies: set, Ring: ring}, nil
}
