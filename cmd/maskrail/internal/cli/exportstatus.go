package cli

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/run"
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
			sources, err := session.settling(c.Context(), all)
			if err != nil {
				return err
			}
			if t.json {
				t.report(struct {
					Sources []exportedSource `json:"sources"`
				}{sources})
				return nil
			}
			if len(all) == 0 {
				t.say("no source was exported yet")
				return nil
			}
			return t.exports(sources)
		},
	}
	b.placeFlags(c)
	t.jsonFlag(c)
	return c
}

// exportedSource is how far a source has come.
type exportedSource struct {
	exporter.ExportStatus
	Runs []exportedRun `json:"runs"`
}

// exportedRun is how far a run has come, and how far its objects are in the session's environment once all are there.
type exportedRun struct {
	exporter.ExportProgress
	Settling *run.Report `json:"settling,omitempty"`
}

// settling adds to each run what became of its objects.
func (s *session) settling(ctx context.Context, all []exporter.ExportStatus) ([]exportedSource, error) {
	sources := make([]exportedSource, len(all))
	for i, each := range all {
		sources[i] = exportedSource{each, make([]exportedRun, len(each.Runs))}
		for k, p := range each.Runs {
			sources[i].Runs[k].ExportProgress = p
			if !p.Sealed {
				continue
			}
			m, err := run.Read(ctx, s.stack.Store(), s.stack.Buckets().Raw, p.Run)
			if errors.Is(err, run.ErrNotFound) {
				continue // the lifecycle of the bucket has taken it
			}
			if err != nil {
				return nil, err
			}
			r, err := run.Status(ctx, m, s.states, s.cfg.Environment)
			if err != nil {
				return nil, err
			}
			sources[i].Runs[k].Settling = &r
		}
	}
	return sources, nil
}

func (t *terminal) exports(all []exportedSource) error {
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
func state(p exportedRun) string {
	switch {
	case !p.Planned && p.Why != "":
		return fmt.Sprintf("could not begin (%s), and is tried again within the hour", p.Why)
	case !p.Planned:
		return "waits for its turn"
	case p.Sealed && p.Settling == nil:
		return fmt.Sprintf("exported, %s (%s)", count(int64(p.Objects), "object"), count(p.Rows, "row"))
	case p.Sealed && p.Settling.Rejected+p.Settling.Dead > 0:
		return fmt.Sprintf("exported, %s (%s), %d on their way, and %d stopped in %s that somebody has to release or discard: see maskrail quarantine ls",
			count(int64(p.Objects), "object"), count(p.Rows, "row"), p.Settling.Pending, p.Settling.Rejected+p.Settling.Dead, p.Settling.Environment)
	case p.Sealed:
		return fmt.Sprintf("exported, %s (%s), %d on their way in %s", count(int64(p.Objects), "object"), count(p.Rows, "row"), p.Settling.Pending, p.Settling.Environment)
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
