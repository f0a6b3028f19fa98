package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/policy"
)

func newPolicy(t *terminal) *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: "Find, draft, check, explain, test, compare and extend policies"}
	c.AddCommand(newPolicyLint(t), newPolicyExplain(t), newPolicyTest(t), newPolicyDiff(t), newPolicyReady(t), newPolicySuggest(t), newPolicyInfer(t))
	return c
}

func newPolicyLint(t *terminal) *cobra.Command {
	var strict bool
	c := &cobra.Command{
		Use:   "lint P",
		Short: "Find what is wrong or doubtful in a policy",
		Long: `Reads a policy as the masker does and looks for what a reviewer should see: sensitive fields that are
kept, weak tokens, keys that could identify a person. Exits with 2 when the policy cannot be read, with 1
when a finding is an error (with --strict: any finding), otherwise with 0.`,
		Example: `  maskrail policy lint --strict policy.yaml`,
		Args:    oneArg("the policy file"),
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := loadPolicy(args[0])
			if err != nil {
				return err
			}
			type report struct {
				Entity   string           `json:"entity"`
				Digest   string           `json:"digest"`
				Findings []policy.Finding `json:"findings"`
			}
			var reports []report
			bad := false
			for p := range set.All() {
				r := report{Entity: p.Entity, Digest: p.Digest(), Findings: append([]policy.Finding{}, policy.Lint(p)...)}
				for _, f := range r.Findings {
					bad = bad || strict || f.Severity == policy.LintError
					t.say("%s: %s: %s", args[0], p.Entity, f)
				}
				if len(r.Findings) == 0 {
					t.say("%s: %s: nothing found (%s)", args[0], p.Entity, r.Digest)
				}
				reports = append(reports, r)
			}
			if t.json {
				t.report(struct {
					File     string   `json:"file"`
					OK       bool     `json:"ok"`
					Entities []report `json:"entities"`
				}{args[0], !bad, reports})
			}
			if bad {
				return errors.New("the policy needs work")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&strict, "strict", false, "count warnings as errors")
	t.jsonFlag(c)
	return c
}

// entities lists what a policy file speaks about, in its order.
func entities(set *policy.Set) []string {
	var names []string
	for p := range set.All() {
		names = append(names, p.Entity)
	}
	return names
}

// loadPolicy reads a policy file; whatever is wrong with it is the user's to mend.
func loadPolicy(path string) (*policy.Set, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, app.Usage(fmt.Errorf("policy %s is not there: name a file that is, or begin with maskrail policy ready (%w)", path, err))
	case err == nil && info.IsDir():
		return nil, app.Usage(fmt.Errorf("policy %s is a folder: name the file in it", path))
	}
	set, err := policy.Load(path)
	if err != nil {
		return nil, app.Usage(err)
	}
	return set, nil
}
