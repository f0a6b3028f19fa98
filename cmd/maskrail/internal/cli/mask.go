package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/wholefile"
	"github.com/maskrail/maskrail/services/masker"
)

func newMask(t *terminal) *cobra.Command {
	var (
		s           settings
		out, entity string
		workers     int
	)
	c := &cobra.Command{
		Use:   "mask --policy P --key-file K --env NAME --out OUT IN",
		Short: "Mask one local file, without bus and bucket",
		Long: `Masks one file: Parquet, CSV, or JSON, which is objects one after the other (JSON Lines among them) or one array of them;
CSV and JSON also as gzip or zstd. The ending of OUT says the format: .parquet, .csv for flat records, or .jsonl and .json, both
one object a line; all but .parquet also .gz or .zst. OUT appears only when it is whole; an existing OUT is replaced.`,
		Example: `  maskrail mask --policy policy.yaml --key-file root.key --out masked.parquet calls.csv.gz
  maskrail mask --policy policy.yaml --key-file root.key --out masked.jsonl.zst details.json`,
		Args: oneArg("the file to mask"),
		RunE: func(c *cobra.Command, args []string) error {
			if workers < 1 {
				return app.Usage(fmt.Errorf("--workers %d: want at least 1", workers))
			}
			set, ring, err := s.load(c.Context())
			if err != nil {
				return err
			}
			p, err := pickPolicy(set, entity)
			if err != nil {
				return err
			}
			format, codec, err := columnar.FormatOf(out)
			if err != nil {
				return app.Usage(fmt.Errorf("--out: %w", err))
			}
			if path, ok := nestedField(p); ok && format == columnar.FormatCSV {
				return app.Usage(fmt.Errorf("--out %s: CSV holds single values, and the policy has nested ones, such as %s: choose a name that ends in .parquet or .jsonl", out, path))
			}
			plan, err := masker.Compile(p, ring, s.env)
			if err != nil {
				return app.Usage(err)
			}
			if err := checkOut("--out", out); err != nil {
				return err
			}
			in, info, err := openInput(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			if old, err := os.Stat(out); err == nil && os.SameFile(old, info) {
				return app.Usage(fmt.Errorf("--out %s is the file to mask: the original would be gone, choose another name", out))
			}
			start, bar := time.Now(), t.bar(-1, "rows", true)
			var result masker.Result
			err = wholefile.Write(c.Context(), out, func(w io.Writer) (err error) {
				result, err = plan.Mask(c.Context(), io.NewSectionReader(in, 0, info.Size()), filepath.Base(args[0]), w, masker.Options{
					Workers: workers, Format: format, Codec: codec, TempDir: filepath.Dir(out), Progress: func(n int64) { bar.Set64(n) },
				})
				return err
			})
			bar.Finish()
			if errors.Is(err, syscall.ENOSPC) {
				err = fmt.Errorf("folder %s is full: free some space or choose another one with --out: %w", filepath.Dir(out), err)
			}
			report := maskReport{File: out, RowsIn: result.RowsIn, RowsOut: result.RowsOut, Rejects: result.Rejects,
				Policy: p.Digest(), Key: ring.Fingerprint(), Seconds: follow.Seconds(time.Since(start))}
			if reason, ok := stage.Rejected(err); ok {
				report.File, report.Reason = "", reason.String()
				if t.json {
					t.report(report)
				}
				return fmt.Errorf("%s: %w: %s", args[0], errRefused, reason)
			}
			if err != nil {
				return err
			}
			t.say("%s in, %s out: %s", count(result.RowsIn, "row"), count(result.RowsOut, "row"), out)
			for _, class := range slices.Sorted(maps.Keys(result.Rejects)) {
				t.say("%s left out: %s", count(result.Rejects[class], "row"), class)
			}
			if t.json {
				t.report(report)
			}
			return nil
		},
	}
	s.maskFlags(c)
	c.Flags().StringVar(&out, "out", "", "file to write")
	c.MarkFlagRequired("out")
	c.Flags().StringVar(&entity, "entity", "", "entity of the file, when the policy names several")
	c.Flags().IntVar(&workers, "workers", runtime.GOMAXPROCS(0), "batches masked at the same time")
	t.jsonFlag(c)
	return c
}

// nestedField is a path of the output that leads into an object or list.
func nestedField(p *policy.Policy) (string, bool) {
	for f := range p.Output() {
		if len(f.Steps()) > 1 {
			return f.Path, true
		}
	}
	return "", false
}

type maskReport struct {
	File    string           `json:"file,omitempty"`
	RowsIn  int64            `json:"rowsIn"`
	RowsOut int64            `json:"rowsOut"`
	Rejects map[string]int64 `json:"rejects,omitempty"`
	Policy  string           `json:"policy"`
	Key     string           `json:"key"`
	Reason  string           `json:"reason,omitempty"`
	Seconds float64          `json:"seconds"`
}
