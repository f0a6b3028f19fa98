package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/scan"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/policy"
)

// errFound ends a scan that found something where nothing should be.
var errFound = errors.New("sensitive values where none should be")

func newScan(t *terminal) *cobra.Command {
	var (
		path, entity, region string
		classes              []string
		workers              int
	)
	c := &cobra.Command{
		Use:   "scan [--policy P] FILE…",
		Short: "Say what sensitive values are in which fields of a file",
		Long: `Looks at every cell of the files, Parquet, CSV or JSON, and says in which fields there are values of which classes, in
how many cells and in which rows. It shows no value.

Exit code 1 says that something was found in a field that should hold none. Without a policy that is any field. With
one it is a field that masking would leave as it is: one that is kept without expect, that the policy does not name, or a
text whose scrub does not look for the class.`,
		Example: `  maskrail scan calls.parquet
  maskrail scan --policy policy.yaml --json calls.jsonl.gz
  maskrail scan --classes card,ssn masked.parquet`,
		Args: someArgs("the files to look through"),
		RunE: func(c *cobra.Command, args []string) error {
			var p *policy.Policy
			if path != "" {
				set, err := loadPolicy(path)
				if err != nil {
					return err
				}
				if p, err = pickPolicy(set, entity); err != nil {
					return err
				}
				if !c.Flags().Changed("region") {
					region = p.Region
				}
			}
			set, err := newSet(region, classes)
			if err != nil {
				return err
			}
			if workers < 1 {
				return app.Usage(fmt.Errorf("--workers %d: want at least 1", workers))
			}
			reports, unexpected := []scan.Report{}, int64(0)
			for _, file := range args {
				bar := t.bar(-1, "rows", true)
				r, err := scanFile(c, file, scan.Options{Set: set, Policy: p, Workers: workers, Progress: func(n int64) { bar.Set64(n) }})
				bar.Finish()
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				t.printScan(r)
				reports = append(reports, r)
				unexpected += r.Unexpected()
			}
			if t.json {
				t.report(struct {
					Files      []scan.Report `json:"files"`
					Unexpected int64         `json:"unexpected"` // cells
				}{reports, unexpected})
			}
			if unexpected > 0 {
				return fmt.Errorf("%w: in %s", errFound, count(unexpected, "cell"))
			}
			return nil
		},
	}
	c.Flags().StringVar(&path, "policy", "", "policy file (YAML) that says what a field may hold")
	c.Flags().StringVar(&entity, "entity", "", "entity of the files, when the policy names several")
	detectFlags(c, &classes, &region)
	c.Flags().IntVar(&workers, "workers", runtime.GOMAXPROCS(0), "batches looked at side by side")
	t.jsonFlag(c)
	return c
}

func scanFile(c *cobra.Command, file string, o scan.Options) (scan.Report, error) {
	in, info, err := openInput(file)
	if err != nil {
		return scan.Report{}, err
	}
	defer in.Close()
	r, err := scan.File(c.Context(), io.NewSectionReader(in, 0, info.Size()), filepath.Base(file), o)
	r.File = file
	return r, err
}

func (t *terminal) printScan(r scan.Report) {
	if t.json {
		return
	}
	found := false
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, f := range r.Fields {
		if f.Unreadable > 0 {
			fmt.Fprintf(w, "  %s\t%s\t%s\tbytes that nobody can read\n", f.Field, f.Treatment, count(f.Unreadable, "cell"))
		}
		for _, c := range f.Classes {
			if !found {
				fmt.Fprintln(w, "  FIELD\tTREATMENT\tCELLS\tCLASS\tROWS")
			}
			found = true
			mark := "  "
			if c.Unexpected {
				mark = "! "
			}
			rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Rows), " ", ", "), "[]")
			if c.Cells > int64(len(c.Rows)) {
				rows += ", …"
			}
			fmt.Fprintf(w, "%s%s\t%s\t%d\t%s\t%s\n", mark, f.Field, f.Treatment, c.Cells, c.Class, rows)
		}
	}
	t.say("%s: %s, %s", r.File, count(r.Rows, "row"), count(int64(len(r.Fields)), "field"))
	w.Flush()
	if !found {
		t.say("  nothing found")
	}
}
