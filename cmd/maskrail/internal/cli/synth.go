package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/synth"
)

func newSynth(t *terminal) *cobra.Command {
	var (
		entity, notes string
		rows          int64
		seed          uint64
		out           string
	)
	c := &cobra.Command{
		Use:   "synth --entity E --notes N --rows N --seed S --out FILE",
		Short: "Make a file of synthetic records",
		Long: `Makes records in the shape of production ones, without a real person in them: flat interactions,
or conversations, which are nested detail records of about 8 kB.
The ending of FILE says the format: .parquet, .jsonl, .csv for interactions, or .json for conversations, which is
one array; all but .parquet also .gz or .zst. Equal rows, notes and seed make equal files.

The notes of interactions are plain, a handful of sentences over and over, or rich: words of a vocabulary
of 6,000, which compress about as real text does. What must not leave production stands in both as often.`,
		Example: `  maskrail synth --rows 1000000 --out calls.parquet
  maskrail synth --rows 1000 --seed 7 --out calls.csv.gz
  maskrail synth --notes rich --rows 1000000 --out calls.parquet
  maskrail synth --entity conversation --rows 1000 --out details.jsonl.zst`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if rows < 0 {
				return app.Usage(fmt.Errorf("--rows %d: must not be negative", rows))
			}
			if !slices.Contains(synth.Entities(), entity) {
				return app.Usage(fmt.Errorf("--entity: must be one of %s", strings.Join(synth.Entities(), ", ")))
			}
			switch {
			case !slices.Contains(synth.Notes(), notes):
				return app.Usage(fmt.Errorf("--notes: must be one of %s", strings.Join(synth.Notes(), ", ")))
			case notes != synth.Plain && entity != synth.Interactions:
				return app.Usage(fmt.Errorf("--notes %s: is for --entity %s", notes, synth.Interactions))
			}
			file := synth.File{Path: out, Entity: entity, Notes: notes, Seed: seed, Rows: rows}
			if err := file.Check(); err != nil {
				return app.Usage(fmt.Errorf("--out: %w", err))
			}
			if err := checkOut("--out", out); err != nil {
				return err
			}
			start, bar := time.Now(), t.bar(rows, "rows", true)
			err := synth.Write(c.Context(), file, func(n int64) { bar.Set64(n) })
			bar.Finish()
			if err != nil {
				return err
			}
			info, err := os.Stat(out)
			if err != nil {
				return err
			}
			t.say("%s in %s (%d bytes)", count(rows, entity), out, info.Size())
			if t.json {
				t.report(struct {
					File    string  `json:"file"`
					Rows    int64   `json:"rows"`
					Bytes   int64   `json:"bytes"`
					Seconds float64 `json:"seconds"`
				}{out, rows, info.Size(), follow.Seconds(time.Since(start))})
			}
			return nil
		},
	}
	c.Flags().StringVar(&entity, "entity", synth.Interactions, "kind of record: "+strings.Join(synth.Entities(), " or "))
	c.Flags().StringVar(&notes, "notes", synth.Plain, "words of the notes: "+strings.Join(synth.Notes(), " or "))
	c.Flags().Int64Var(&rows, "rows", 50_000, "number of records")
	c.Flags().Uint64Var(&seed, "seed", 1, "equal seeds make equal rows")
	c.Flags().StringVar(&out, "out", "", "file to write")
	c.MarkFlagRequired("out")
	t.jsonFlag(c)
	return c
}
