package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/quarantine"
	"github.com/maskrail/maskrail/services/exporter"
)

func newAudit(t *terminal) *cobra.Command {
	var (
		b            bare
		since, until string
	)
	c := &cobra.Command{
		Use:   "audit --dir DIR --env NAME [--since TIME] [--until TIME]",
		Short: "Print who did what: exports, and decisions about what was stopped",
		Long: `Prints the audit logs. That of exports has every run, window and job of a source in one order, each entry with the digest
of the one before it: a log that was changed or cut afterwards is told, with exit code 1. That of the environment's
quarantine has every decision about an object. Neither holds a value.

--since and --until choose what is printed; the digests are checked from the first entry on in any case.`,
		Example: `  maskrail audit --dir data
  maskrail audit --dir data --since 24h
  maskrail audit --dir data --since 2026-03-01 --until 2026-04-01
  maskrail audit --dir data --json | tail -1 | jq .exports`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			printed, err := readSpan(since, until)
			if err != nil {
				return err
			}
			session, err := b.look(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			r := audited{Exports: []audit.Entry{}, Decisions: []quarantine.Record{}}
			var failed error
			for e, err := range exporter.AuditLog(session.stack.Store(), session.stack.Buckets().Raw).All(c.Context()) {
				if err != nil {
					failed = err
					break
				}
				if printed.has(e.At) {
					r.Exports = append(r.Exports, e)
				}
			}
			for d, err := range session.quarantine().Audit(c.Context()) {
				if err != nil {
					return err
				}
				if printed.has(d.At) {
					r.Decisions = append(r.Decisions, d)
				}
			}
			if t.json {
				if failed != nil {
					r.Error = failed.Error()
				}
				t.report(r)
			} else if err := t.audited(r); err != nil {
				return err
			}
			return failed
		},
	}
	b.flags(c)
	c.Flags().StringVar(&since, "since", "", "only what was done at or after this time (RFC 3339, a date, or a duration such as 24h ago)")
	c.Flags().StringVar(&until, "until", "", "only what was done before this time (as --since)")
	t.jsonFlag(c)
	return c
}

// audited is the report of maskrail audit.
type audited struct {
	Exports   []audit.Entry       `json:"exports"`
	Decisions []quarantine.Record `json:"decisions"`
	Error     string              `json:"error,omitempty"`
}

// audited prints both logs as one, by time.
func (t *terminal) audited(r audited) error {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for _, e := range r.Exports {
		lines = append(lines, line{e.At, strings.Join([]string{e.Actor, e.Action, cmp.Or(e.Source, "-"), cmp.Or(e.Run, "-"), about(e)}, "\t")})
	}
	for _, d := range r.Decisions {
		lines = append(lines, line{d.At, strings.Join([]string{d.By, string(d.Action), "quarantine", cmp.Or(d.Run, "-"), "object " + d.Object + " " + d.Reason.Class}, "\t")})
	}
	if len(lines) == 0 {
		t.say("nothing is noted there")
		return nil
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tBY\tACTION\tOF\tRUN\tABOUT")
	for _, l := range lines {
		fmt.Fprintf(w, "%s\t%s\n", utc(l.at), l.text)
	}
	return w.Flush()
}

// about is the rest of an entry in words.
func about(e audit.Entry) string {
	var parts []string
	if e.Class != "" {
		parts = append(parts, strings.Join(append([]string{e.Class}, e.Fields...), " "))
	}
	if e.Window != nil {
		parts = append(parts, utc(e.Window.From)+"/"+utc(e.Window.To))
	}
	if e.Why != "" {
		parts = append(parts, e.Why)
	}
	if e.Job != "" {
		parts = append(parts, "job "+e.Job)
	}
	for _, what := range []string{"windows", "objects", "rows", "fields", "failed"} {
		if n, ok := e.Counts[what]; ok && (n > 0 || what == "rows") {
			parts = append(parts, count(n, strings.TrimSuffix(what, "s")))
		}
	}
	return strings.Join(parts, ", ")
}
