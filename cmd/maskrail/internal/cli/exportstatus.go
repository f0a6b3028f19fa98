package cli

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/services/exporter"
)

func newExportStatus(t *terminal) *cobra.Command {
	var b bare
	c := &cobra.Command{
		Use:   "status --dir DIR",
		Short: "Show how far each source has come, and what is under way",
		Long: `Shows of each source up to when it was exported, up to when everything is in the sandbox (the watermark), and the runs
that are not over: because they are at work, because windows failed and are tried again, or because objects have not ended.
It lists the windows that failed, and the spans that maskrail export skip has given up.`,
		Example: `  maskrail export status --dir data
  maskrail export status --dir data --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			session, err := b.connect(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			all, err := exporter.ReadStatus(c.Context(), session.stack.Store(), session.stack.Buckets().Raw)
			if err != nil {
				return err
			}
			if t.json {
				t.report(struct {
					Sources []exporter.ExportStatus `json:"sources"`
				}{append([]exporter.ExportStatus{}, all...)})
				return nil
			}
			if len(all) == 0 {
				t.say("no source was exported yet")
				return nil
			}
			return t.exports(all)
		},
	}
	b.flags(c)
	t.jsonFlag(c)
	return c
}

func (t *terminal) exports(all []exporter.ExportStatus) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SOURCE\tEXPORTED TO\tWATERMARK\tUNDER WAY")
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", s.Source, utc(s.Exported), utc(s.Watermark), len(s.Runs))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range all {
		for _, r := range s.Runs {
			t.say("\nrun %s of %s, asked for by %s %s ago: %s", r.Run, s.Source, r.By, age(time.Since(r.Created)), state(r))
			for _, w := range r.Stopped {
				t.say("  failed: %s", failed(w))
			}
		}
		for _, k := range s.Skips {
			t.say("\nskipped of %s where it fails: %s to %s, by %s %s ago: %s", s.Source, utc(k.From), utc(k.To), k.By, age(time.Since(k.At)), k.Why)
		}
	}
	return nil
}

// state is how a run that is under way stands, in words.
func state(p exporter.ExportProgress) string {
	switch {
	case !p.Planned && p.Why != "":
		return fmt.Sprintf("could not begin (%s), and is tried again within the hour", p.Why)
	case !p.Planned:
		return "waits for its turn"
	case p.Sealed:
		return fmt.Sprintf("exported, %s (%s) on their way", count(int64(p.Objects), "object"), count(p.Rows, "row"))
	}
	text := fmt.Sprintf("%d of %s exported, %s", p.Done, count(int64(p.Windows), "window"), count(p.Rows, "row"))
	if p.Failed > 0 {
		text += fmt.Sprintf(", %d failed (%s)", p.Failed, p.Why)
	}
	return text
}

// utc is a point in time, as short as it may be.
func utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
