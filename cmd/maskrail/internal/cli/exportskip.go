package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/services/exporter"
)

func newExportSkip(t *terminal) *cobra.Command {
	var (
		b        bare
		r        exporter.SkipRequest
		from, to string
	)
	c := &cobra.Command{
		Use:   "skip --dir DIR --source NAME --from TIME --to TIME --why TEXT",
		Short: "Give up windows that a source does not give, so that the watermark goes on without them",
		Long: `Decides that nobody waits for a span any more that the source has refused or failed on however often it was asked. Windows
that failed and lie in the span whole are given up: their rows are missing in the sandbox, and GET /refresh of their runs
answers 409. maskrail export status lists what has failed.

The decision holds for later runs, which ask for the span again for some weeks: what the source gives then is exported, and
what fails again is given up again. They cut their windows elsewhere, so leave ten minutes on either side. Who decided it
and why stands in the audit log. The exporter acts on it within a quarter of an hour, or when it next starts.`,
		Example: `  maskrail export status --dir data
  maskrail export skip --dir data --source prod --from 2026-03-01T17:50:00Z --to 2026-03-01T18:20:00Z --why "the provider cannot repair it, case 4711"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if r.From, err = moment("--from", from); err != nil {
				return err
			}
			if r.To, err = moment("--to", to); err != nil {
				return err
			}
			r.By = cmp.Or(strings.TrimSpace(r.By), userName())
			session, err := b.connect(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			hit, err := exporter.Skip(c.Context(), session.stack.Store(), session.stack.Buckets().Raw, r)
			if errors.Is(err, exporter.ErrRequest) {
				return app.Usage(err)
			}
			if err != nil {
				return err
			}
			if t.json {
				t.report(struct {
					Source  string                   `json:"source"`
					Skipped []exporter.ExportStopped `json:"skipped"`
				}{r.Source, hit})
				return nil
			}
			for _, w := range hit {
				t.say("run %s: %s will be given up", w.Run, failed(w))
			}
			return nil
		},
	}
	b.placeFlags(c)
	c.Flags().StringVar(&r.Source, "source", "", "name of the source")
	c.Flags().StringVar(&from, "from", "", "beginning of the span (RFC 3339, a date, or a duration such as 24h ago)")
	c.Flags().StringVar(&to, "to", "", "end of the span, not itself in it (as --from)")
	c.Flags().StringVar(&r.Why, "why", "", "the reason, for the audit log")
	c.Flags().StringVar(&r.By, "by", "", "who decides, for the audit log (default: the name of the user)")
	for _, flag := range []string{"source", "from", "to", "why"} {
		c.MarkFlagRequired(flag)
	}
	_ = c.RegisterFlagCompletionFunc("source", completeSource)
	t.jsonFlag(c)
	return c
}

// failed is a window that failed, in words, to the millisecond: an operator says it back.
func failed(w exporter.ExportStopped) string {
	return fmt.Sprintf("%s to %s (%s)", w.From.Format(time.RFC3339Nano), w.To.Format(time.RFC3339Nano), w.Class)
}
