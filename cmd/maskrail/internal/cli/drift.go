package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/quarantine"
)

// drifted is a field that objects wait for, or that passed by.
type drifted struct {
	Entity string `json:"entity"`
	drift.Field
	Objects  int       `json:"objects"` // that wait because of it
	First    time.Time `json:"first"`   // seen
	Last     time.Time `json:"last"`    // seen
	Policy   string    `json:"policyDigest"`
	Name     string    `json:"policyName"`
	Revision int       `json:"policyVersion,omitempty"`
}

func newDrift(t *terminal) *cobra.Command {
	var (
		b      bare
		entity string
	)
	c := &cobra.Command{
		Use:   "drift --dir DIR --env NAME",
		Short: "List the fields that objects wait for because no policy names them",
		Long: `Lists the fields in which objects differ from the policy that stopped them: new, gone, of another type or renamed, at any
depth, each with what it looks like, how many objects wait for it, and since when. It never shows a value.

Behind them stand fields that a policy drops or lets pass unnamed. What to do about the first: maskrail policy suggest.`,
		Example: `  maskrail drift --dir data
  maskrail drift --dir data --json | jq -r '.fields[].path'`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			session, err := b.look(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			q := session.quarantine()
			fields, objects, err := waiting(c.Context(), q, entity)
			if err != nil {
				return err
			}
			passed, err := passing(c.Context(), q, entity)
			if err != nil {
				return err
			}
			if t.json {
				t.report(struct {
					Environment string    `json:"environment"`
					Objects     int       `json:"objects"`
					Fields      []drifted `json:"fields"`
					Passed      []drifted `json:"passed"`
				}{b.env, objects, append([]drifted{}, fields...), append([]drifted{}, passed...)})
				return nil
			}
			if len(fields) == 0 {
				t.say("nothing waits for a field in %s", b.env)
			} else {
				t.say("%s of %s wait for %s:", count(int64(objects), "object"), b.env, count(int64(len(fields)), "field"))
				printDrifted(t, fields)
				t.say("\nnext: maskrail policy suggest, review, maskrail quarantine release")
			}
			if len(passed) > 0 {
				t.say("\nseen, and dropped or passed as the policy says:")
				printDrifted(t, passed)
			}
			return nil
		},
	}
	b.flags(c)
	c.Flags().StringVar(&entity, "entity", "", "only this entity")
	t.jsonFlag(c)
	return c
}

// waiting sums up the reports on the objects that wait, and says how many of these there are.
func waiting(ctx context.Context, q quarantine.Store, entity string) (fields []drifted, objects int, err error) {
	items, err := q.List(ctx)
	if err != nil {
		return nil, 0, err
	}
	at := map[string]int{}
	for _, i := range items {
		if !i.Waits() || entity != "" && i.Entity != entity {
			continue
		}
		r, err := q.Drift(ctx, i)
		if errors.Is(err, drift.ErrNoReport) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		objects++
		for _, f := range r.Fields {
			if !f.Waits {
				continue
			}
			key := r.Entity + "\x00" + f.Path + "\x00" + r.Policy
			n, ok := at[key]
			if !ok {
				n = len(fields)
				at[key] = n
				fields = append(fields, drifted{Entity: r.Entity, Field: f, First: i.First, Policy: r.Policy, Name: r.Name, Revision: r.Revision})
			}
			d := &fields[n]
			d.Objects++
			if i.First.Before(d.First) {
				d.First = i.First
			}
			if i.Last.After(d.Last) {
				d.Last = i.Last
			}
			if f.Opinion != nil && (d.Opinion == nil || f.Opinion.Confidence > d.Opinion.Confidence) {
				d.Opinion, d.Type = f.Opinion, f.Type
			}
		}
	}
	return fields, objects, nil
}

// passing lists the fields that objects have beside the policy without waiting for them.
func passing(ctx context.Context, q quarantine.Store, entity string) ([]drifted, error) {
	var out []drifted
	for n, err := range drift.Notices(ctx, q.Blobs, q.Quarantine, q.Environment) {
		if err != nil {
			return nil, err
		}
		if !n.Field.Waits && (entity == "" || n.Entity == entity) {
			out = append(out, drifted{Entity: n.Entity, Field: n.Field, First: n.First, Last: n.First, Policy: n.Policy, Name: n.Name})
		}
	}
	slices.SortFunc(out, func(a, b drifted) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Path, b.Path), a.First.Compare(b.First))
	})
	return out, nil
}

func printDrifted(t *terminal, fields []drifted) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ENTITY\tFIELD\tDRIFT\tTYPE\tLOOKS LIKE\tBY\tOBJECTS\tFIRST\tLAST\tPOLICY")
	for _, f := range fields {
		class, by := looksLike(f.Field)
		objects, policy := "-", f.Name
		if f.Objects > 0 {
			objects, policy = fmt.Sprint(f.Objects), fmt.Sprintf("%s v%d", f.Name, f.Revision)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Entity, f.Path, driftKind(f.Field), f.Type, class, by, objects,
			age(time.Since(f.First)), age(time.Since(f.Last)), policy)
	}
	w.Flush()
}
