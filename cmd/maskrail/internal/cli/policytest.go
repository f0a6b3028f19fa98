package cli

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/masker"
)

func newPolicyTest(t *terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "test P",
		Short: "Run the examples that a policy has",
		Long: `Masks the examples of every field, as in

  - {path: dateOfBirth, date: {truncate: year}, examples: [{in: 1984-07-02, out: 1984-01-01}]}

and compares what comes out. Examples are masked with a key that everybody knows, for the environment "example" and,
unless the policy lists its tenants, the tenant "example", so that tokens can be written down. Exits with 1 when an example fails.`,
		Example: `  maskrail policy test policy.yaml`,
		Args:    oneArg("the policy file"),
		RunE: func(c *cobra.Command, args []string) error {
			set, err := loadPolicy(args[0])
			if err != nil {
				return err
			}
			type failure struct {
				Entity string `json:"entity"`
				Field  string `json:"field"`
				Line   int    `json:"line"`
				Got    string `json:"got"`
				Want   string `json:"want"`
			}
			failures, ran := []failure{}, 0
			for p := range set.All() {
				plan, err := masker.Compile(p, keys.Example(), exampleEnvironment)
				if err != nil {
					return app.Usage(err)
				}
				for _, f := range p.Fields {
					for _, e := range f.Examples {
						ran++
						out, err := plan.Try(c.Context(), f.Path, e.In, e.With)
						got := shownValue(out)
						if reason, refused := stage.Rejected(err); refused {
							got = "refused: " + reason.Detail
						} else if err != nil {
							return fmt.Errorf("%s:%d: %w", args[0], e.Line, err)
						}
						if want := shownValue(e.Out); got != want {
							failures = append(failures, failure{p.Entity, f.Path, e.Line, got, want})
							t.say("%s:%d: %s: got %s, want %s", args[0], e.Line, f.Path, got, want)
						}
					}
				}
			}
			t.say("%s: %s, %d failed", args[0], count(int64(ran), "example"), len(failures))
			if t.json {
				t.report(struct {
					File     string    `json:"file"`
					Examples int       `json:"examples"`
					Failed   []failure `json:"failed"`
				}{args[0], ran, failures})
			}
			if len(failures) > 0 {
				return errors.New("examples failed")
			}
			return nil
		},
	}
	t.jsonFlag(c)
	return c
}

func shownValue(v *string) string {
	if v == nil {
		return "null"
	}
	return strconv.Quote(*v)
}
