package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/policies"
)

func newPolicyReady(t *terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "ready [NAME]",
		Short: "List the ready policies, or print one to begin with",
		Long: `The binary carries policies for common sources. Without a name it lists them; with one it prints that policy, which
is meant to be saved, read and adapted.`,
		Example: `  maskrail policy ready
  maskrail policy ready genesys-conversation > policy.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%d arguments: name one policy", len(args))
			}
			return nil
		},
		ValidArgs: policies.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, name := range policies.Names() {
					t.say("%s", name)
				}
				if t.json {
					t.report(struct {
						Policies []string `json:"policies"`
					}{policies.Names()})
				}
				return nil
			}
			text, ok := policies.Find(args[0])
			if !ok {
				return app.Usage(fmt.Errorf("no ready policy is called %q: there are %s", args[0], strings.Join(policies.Names(), ", ")))
			}
			if t.json {
				t.report(struct {
					Name string `json:"name"`
					Text string `json:"text"` // YAML
				}{args[0], string(text)})
				return nil
			}
			_, err := t.out.Write(text)
			return err
		},
	}
	t.jsonFlag(c)
	return c
}
