package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/quarantine"
)

func newQuarantine(t *terminal) *cobra.Command {
	c := &cobra.Command{Use: "quarantine", Short: "List, explain, release and discard what was stopped"}
	c.AddCommand(newQuarantineList(t), newQuarantineShow(t), newQuarantineRelease(t), newQuarantineDiscard(t))
	return c
}

// selection are the flags that choose among objects.
type selection struct {
	quarantine.Filter
	all bool
}

func (s *selection) flags(c *cobra.Command, all string) {
	c.Flags().StringVar(&s.Reason, "reason", "", "only what was stopped for this reason, as in unknown-field")
	c.Flags().StringVar(&s.Field, "field", "", "only what was stopped because of this field (path)")
	c.Flags().StringVar(&s.Entity, "entity", "", "only this entity")
	c.Flags().StringVar(&s.Tenant, "tenant", "", "only objects of this tenant; those of several tenants do not match")
	c.Flags().BoolVar(&s.all, "all", false, all)
}

// items lists what the flags select; nothing but what waits unless others are named or asked for.
func (s *selection) items(ctx context.Context, q quarantine.Store, ended bool) ([]quarantine.Item, error) {
	items, err := q.List(ctx)
	if err != nil {
		return nil, err
	}
	if !ended && len(s.IDs) == 0 {
		items = slices.DeleteFunc(items, func(i quarantine.Item) bool { return !i.Waits() })
	}
	items, err = q.Select(ctx, items, s.Filter)
	if errors.Is(err, quarantine.ErrNotFound) || errors.Is(err, quarantine.ErrAmbiguous) {
		err = app.Usage(fmt.Errorf("%w: maskrail quarantine ls shows them", err))
	}
	return items, err
}

func newQuarantineList(t *terminal) *cobra.Command {
	var (
		b bare
		s selection
	)
	c := &cobra.Command{
		Use:   "ls --dir DIR --env NAME",
		Short: "List the objects that were stopped and wait",
		Long: `Lists the objects of an environment that were stopped: which, why, because of which field, and since when. It never shows
a value. With --all it also lists those that somebody has decided about, and those that are in the sandbox by now.

Reads the streams, which reach as far back as their horizon (30 days unless changed).`,
		Example: `  maskrail quarantine ls --dir data
  maskrail quarantine ls --dir data --reason unknown-field --json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			session, err := b.look(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			items, err := s.items(c.Context(), session.quarantine(), s.all)
			if err != nil {
				return err
			}
			if t.json {
				t.report(struct {
					Environment string            `json:"environment"`
					Objects     []quarantine.Item `json:"objects"`
				}{b.env, append([]quarantine.Item{}, items...)})
				return nil
			}
			if len(items) == 0 {
				fits := map[bool]string{false: " that fits"}[s.Empty()]
				t.say("nothing%s waits in quarantine for %s", fits, b.env)
				return nil
			}
			w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "OBJECT\tENTITY\tTENANT\tSTATE\tSTOPPED BY\tREASON\tFIELD\tAGE")
			for _, i := range items {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.Object, i.Entity, tenantName(i.Tenant), i.State, i.Reason.Service, i.Reason.Class,
					cut(i.Reason.Field, 48), age(time.Since(i.Last)))
			}
			return w.Flush()
		},
	}
	b.flags(c)
	s.flags(c, "what no longer waits as well")
	t.jsonFlag(c)
	return c
}

func tenantName(name string) string {
	if name == objref.Several || name == "" {
		return "-"
	}
	return name
}

// age is a duration as people say it: 5s, 12m, 3h, 2d.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

// stopped is all that is known of an object in quarantine.
type stopped struct {
	quarantine.Item
	Drift []drift.Field       `json:"drift,omitempty"`
	Rules []ruled             `json:"rules,omitempty"`
	Audit []quarantine.Record `json:"audit,omitempty"`
}

// ruled is what one of the validator's rules said.
type ruled struct {
	Rule   string `json:"rule"`
	Result string `json:"result"`
	Detail string `json:"detail,omitempty"`
}

func newQuarantineShow(t *terminal) *cobra.Command {
	var b bare
	c := &cobra.Command{
		Use:   "show --dir DIR --env NAME OBJECT",
		Short: "Explain why an object was stopped, and who decided what",
		Long: `Shows what is known of one object: the reason, the fields that have drifted with what they look like, the rules of the
validator that failed, and the decisions in the audit log. It never shows a value. OBJECT is an id of quarantine ls, or its beginning.`,
		Example: `  maskrail quarantine show --dir data 3f9c2a`,
		Args:    oneArg("the object, by its id in maskrail quarantine ls"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := b.look(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			q, s := session.quarantine(), selection{Filter: quarantine.Filter{IDs: args}}
			items, err := s.items(c.Context(), q, true)
			if err != nil {
				return err
			}
			all, err := explainStop(c.Context(), q, items[0])
			if err != nil {
				return err
			}
			if t.json {
				t.report(all)
				return nil
			}
			all.print(t)
			return nil
		},
	}
	b.flags(c)
	t.jsonFlag(c)
	return c
}

func explainStop(ctx context.Context, q quarantine.Store, i quarantine.Item) (stopped, error) {
	out := stopped{Item: i}
	report, err := q.Drift(ctx, i)
	if err != nil && !errors.Is(err, drift.ErrNoReport) {
		return out, err
	}
	out.Drift = report.Fields
	if out.Rules, err = rules(ctx, q, i); err != nil {
		return out, err
	}
	for r, err := range q.Audit(ctx) {
		if err != nil {
			return out, err
		}
		if r.ID == i.ID {
			out.Audit = append(out.Audit, r)
		}
	}
	return out, nil
}

// maxRules bounds what is read of a validator's report, in bytes.
const maxRules = 8 << 20

// rules reads the validator's report on a refused masked object, if there is one.
func rules(ctx context.Context, q quarantine.Store, i quarantine.Item) ([]ruled, error) {
	for _, key := range i.Reports() {
		body, _, err := q.Blobs.Get(ctx, blob.Location{Bucket: q.Quarantine, Key: key}, blob.Range{})
		if errors.Is(err, blob.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the validator's report: %w", err)
		}
		b, err := io.ReadAll(io.LimitReader(body, maxRules))
		body.Close()
		if err != nil {
			return nil, fmt.Errorf("read the validator's report: %w", err)
		}
		var report struct {
			Rules []struct {
				ruled
				Findings []struct{ Detail string } `json:"findings"`
			} `json:"rules"`
		}
		if json.Unmarshal(b, &report) != nil {
			continue
		}
		var out []ruled
		for _, r := range report.Rules {
			for _, f := range r.Findings {
				r.Detail = strings.TrimPrefix(r.Detail+"; "+f.Detail, "; ")
			}
			out = append(out, r.ruled)
		}
		return out, nil
	}
	return nil, nil
}

func (s stopped) print(t *terminal) {
	t.say("object   %s  (%s)", s.Object, s.ID)
	t.say("entity   %s, tenant %s", s.Entity, tenantName(s.Tenant))
	t.say("state    %s", s.State)
	t.say("stopped  %s by the %s, %s (first %s)", count(int64(s.Times), "time"), s.Reason.Service, s.Last.Local().Format(time.DateTime), s.First.Local().Format(time.DateTime))
	t.say("reason   %s", s.Reason)
	if s.Trace != "" {
		t.say("trace    %s", s.Trace)
	}
	if len(s.Drift) > 0 {
		t.say("\nfields that have drifted")
		printFields(t, s.Drift)
	}
	if len(s.Rules) > 0 {
		t.say("\nrules of the validator")
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		for _, r := range s.Rules {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", r.Result, r.Rule, r.Detail)
		}
		w.Flush()
	}
	for _, r := range s.Audit {
		t.say("%s  %s by %s", r.At.Local().Format(time.DateTime), r.Action, r.By)
	}
}

// printFields is a table of drifted fields.
func printFields(t *terminal, fields []drift.Field) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  FIELD\tDRIFT\tTYPE\tLOOKS LIKE\tBY")
	for _, f := range fields {
		class, by := looksLike(f)
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", f.Path, driftKind(f), f.Type, class, by)
	}
	w.Flush()
}

func driftKind(f drift.Field) string {
	kind := string(f.Kind)
	if f.Policy != "" && f.Kind != drift.Vanished {
		kind += " (policy: " + f.Policy + ")"
	}
	return kind
}

// looksLike is an opinion in two columns: the class with its confidence, and what it rests on.
func looksLike(f drift.Field) (class, by string) {
	o := f.Opinion
	if o == nil {
		return "-", "-"
	}
	class = fmt.Sprintf("%s %.2f", o.Class, o.Confidence)
	if len(o.Inside) > 0 {
		words := make([]string, len(o.Inside))
		for i, c := range o.Inside {
			words[i] = string(c)
		}
		class += " with " + strings.Join(words, ", ")
	}
	return class, string(o.Reason)
}
