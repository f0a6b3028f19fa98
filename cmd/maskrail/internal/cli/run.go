package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/policy"
)

func newRun(t *terminal) *cobra.Command {
	var (
		s      settings
		entity string
	)
	c := &cobra.Command{
		Use:   "run --policy P --key-file K --env NAME --dir DIR FILE...",
		Short: "Take files through the whole pipeline into the sandbox",
		Long: `Puts the files into the raw bucket under DIR and works until each is loaded or refused.
Uses the stack that runs on DIR, or runs one for the time being. Rows that are in the sandbox
already are skipped. Exits with 0 when every row is in the sandbox.`,
		Example: `  maskrail run --policy policy.yaml --key-file root.key --dir data calls.parquet
  maskrail run --policy policy.yaml --key-file root.key --dir data --json march/*.csv.gz | tail -1 | jq .loaded`,
		Args: someArgs("the files to take, as arguments"),
		RunE: func(c *cobra.Command, files []string) error {
			cfg, err := s.config(c.Context())
			if err != nil {
				return err
			}
			p, err := pickPolicy(cfg.Policies, entity)
			if err != nil {
				return err
			}
			for _, f := range files {
				if err := checkInput(f); err != nil {
					return err
				}
			}
			session, err := open(c.Context(), t, cfg)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			report, err := session.drop(c.Context(), p.Entity, files)
			return session.finish(report, err)
		},
	}
	s.flags(c)
	c.Flags().StringVar(&entity, "entity", "", "entity of the files, when the policy names several")
	t.jsonFlag(c)
	return c
}

// pickPolicy finds the policy of an entity; a policy file with one entity needs no name.
func pickPolicy(set *policy.Set, entity string) (*policy.Policy, error) {
	names := entities(set)
	if entity == "" {
		if len(names) != 1 {
			return nil, app.Usage(fmt.Errorf("the policy names several entities: choose one with --entity (%s)", strings.Join(names, ", ")))
		}
		entity = names[0]
	}
	p, ok := set.For(entity)
	if !ok {
		return nil, app.Usage(fmt.Errorf("--entity %q: the policy names %s", entity, strings.Join(names, ", ")))
	}
	return p, nil
}
