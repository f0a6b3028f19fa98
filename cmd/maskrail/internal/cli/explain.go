package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/sample"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/masker"
)

// exampleEnvironment is the environment that examples are masked for.
const exampleEnvironment = "example"

func newPolicyExplain(t *terminal) *cobra.Command {
	var entity string
	c := &cobra.Command{
		Use:   "explain P",
		Short: "Show what a policy makes of every field, on made-up values",
		Long: `Prints a table: the field, its treatment, a value made up on the spot, and what an analyst will see of it. Fields that are
kept as they are, and those that are dropped, follow by name. The values are nobody's, and the key is one that everybody knows,
so that a sandbox has other tokens.`,
		Example: `  maskrail policy explain policy.yaml`,
		Args:    oneArg("the policy file"),
		RunE: func(c *cobra.Command, args []string) error {
			set, err := loadPolicy(args[0])
			if err != nil {
				return err
			}
			type report struct {
				Entity string      `json:"entity"`
				Fields []explained `json:"fields"`
			}
			var reports []report
			for p := range set.All() {
				if entity != "" && p.Entity != entity {
					continue
				}
				fields, err := explain(c.Context(), p)
				if err != nil {
					return err
				}
				t.printExplained(p, fields)
				reports = append(reports, report{p.Entity, fields})
			}
			if len(reports) == 0 {
				return app.Usage(fmt.Errorf("--entity %s: the policy has none of that name", entity))
			}
			if t.json {
				t.report(struct {
					File     string   `json:"file"`
					Entities []report `json:"entities"`
				}{args[0], reports})
			}
			return nil
		},
	}
	c.Flags().StringVar(&entity, "entity", "", "explain this entity alone")
	t.jsonFlag(c)
	return c
}

// explained is one field of a policy.
type explained struct {
	Field     string  `json:"field"`
	When      string  `json:"when,omitempty"`
	Treatment string  `json:"treatment"`
	Sample    string  `json:"sample"`
	Seen      *string `json:"seen"` // by an analyst; null for null and for what is dropped
	Error     string  `json:"error,omitempty"`
}

func explain(ctx context.Context, p *policy.Policy) ([]explained, error) {
	plan, err := masker.Compile(p, keys.Example(), exampleEnvironment)
	if err != nil {
		return nil, app.Usage(err)
	}
	var out []explained
	for _, f := range p.Fields {
		e := explained{Field: f.Path, Treatment: policy.Describe(f.Treatment), Sample: sampleOf(p, f)}
		var with []policy.Value
		if f.When != nil && len(f.When.In) > 0 {
			e.When = fmt.Sprintf("%s is %s", f.When.Reference, strings.Join(f.When.In, " or "))
			with = append(with, policy.Value{Path: f.When.String(), Text: &f.When.In[0]})
		}
		with = append(with, around(p, f)...)
		seen, err := plan.Try(ctx, f.Path, &e.Sample, with)
		switch reason, refused := stage.Rejected(err); {
		case refused:
			e.Error = reason.Detail
		case err != nil:
			return nil, err
		}
		e.Seen = seen
		out = append(out, e)
	}
	return out, nil
}

// sampleOf is a value that the field could have: of the field that owns rows, one of the tenants.
func sampleOf(p *policy.Policy, f policy.Field) string {
	if t := p.Tenant; t != nil && len(t.Known) > 0 {
		owns := t.Path == f.Path && len(t.Paths) == 0
		if owns || slices.Contains(t.Paths, policy.Reference{Path: f.Path}) {
			return t.Known[0]
		}
	}
	value := sample.Value(f)
	if w := f.When; w != nil && w.Reference == (policy.Reference{Path: f.Path}) {
		return w.In[0] // the condition is on the value itself
	}
	if t := p.Tenant; t != nil && len(t.Known) > 0 {
		for _, r := range t.Paths {
			if r.Path == f.Path { // the key of an open map
				value = withMember(value, r.Key, t.Known[0])
			}
		}
	}
	return value
}

// withMember is the JSON object with another value of a member.
func withMember(object, name, value string) string {
	members := map[string]json.RawMessage{}
	text, err := json.Marshal(value)
	if err != nil || json.Unmarshal([]byte(object), &members) != nil {
		return object
	}
	members[name] = text
	if text, err = json.Marshal(members); err != nil {
		return object
	}
	return string(text)
}

// around is what stands in the record of a field that looks at others.
func around(p *policy.Policy, f policy.Field) []policy.Value {
	var refs []policy.Reference
	switch t := f.Treatment.(type) {
	case policy.Scrub:
		refs = t.Context
	case policy.Shift:
		refs = []policy.Reference{t.By}
	}
	var out []policy.Value
	for _, r := range refs {
		if of, ok := p.Field(r.Path); ok && r.Key == "" {
			value := sample.Value(of)
			out = append(out, policy.Value{Path: r.Path, Text: &value})
		}
	}
	return out
}
