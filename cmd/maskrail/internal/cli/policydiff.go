package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/policy"
)

func newPolicyDiff(t *terminal) *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what changes from one version of a policy to another",
		Long: `Compares what two policy files mean, not how they are written: which fields come and go, whose treatment changes,
where more of the values would be seen than before, and which tokens would no longer join with data that is
loaded already. With --check it exits with 1 when a change exposes more, so that a pipeline can ask for a second reviewer.`,
		Example: `  maskrail policy diff policy.yaml policy-next.yaml
  maskrail policy diff --check main/policy.yaml branch/policy.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("name two policy files: the old one and the new one")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var sets [2]*policy.Set
			for i, path := range args {
				var err error
				if sets[i], err = loadPolicy(path); err != nil {
					return err
				}
			}
			type entity struct {
				Entity  string          `json:"entity"`
				What    string          `json:"what"` // "added", "removed", "changed" or "same"
				Old     string          `json:"old,omitempty"`
				New     string          `json:"new,omitempty"` // digests
				Changes []policy.Change `json:"changes"`
			}
			var report []entity
			exposes := false
			for p := range sets[1].All() {
				e := entity{Entity: p.Entity, What: "added", New: p.Digest(), Changes: []policy.Change{}}
				if old, ok := sets[0].For(p.Entity); ok {
					e.Old, e.What = old.Digest(), "same"
					if e.Changes = append(e.Changes, policy.Diff(old, p)...); len(e.Changes) > 0 {
						e.What = "changed"
					}
				} else {
					exposes = true // of a new entity everything is
				}
				exposes = exposes || slices.ContainsFunc(e.Changes, func(c policy.Change) bool { return c.Exposes })
				report = append(report, e)
			}
			for p := range sets[0].All() {
				if _, ok := sets[1].For(p.Entity); !ok {
					report = append(report, entity{Entity: p.Entity, What: "removed", Old: p.Digest(), Changes: []policy.Change{}})
				}
			}
			for _, e := range report {
				t.say("%s: %s", e.Entity, e.What)
				for _, c := range e.Changes {
					t.say("  %s", c)
				}
			}
			if t.json {
				t.report(struct {
					Exposes  bool     `json:"exposes"`
					Entities []entity `json:"entities"`
				}{exposes, report})
			}
			if check && exposes {
				return errors.New("the new policy exposes more than the old one")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&check, "check", false, "exit with 1 when more of the values would be seen than before")
	t.jsonFlag(c)
	return c
}
