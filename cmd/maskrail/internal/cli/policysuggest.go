package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/draft"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/policy"
)

func newPolicySuggest(t *terminal) *cobra.Command {
	var (
		b            bare
		file, entity string
	)
	c := &cobra.Command{
		Use:   "suggest --policy P [--dir DIR --env NAME | FILE...]",
		Short: "Print a patch that names the fields a policy does not know",
		Long: `Compares files with a policy, or takes what waits in quarantine because of drift, and prints a patch of the policy's file:
a line for each new field with a treatment and why, another name for each renamed one. Comments stay. What is not surely
harmless is taken away. Read the patch before you apply it; what no patch can settle is said on standard error.

It never shows a value.`,
		Example: `  maskrail policy suggest --policy policy.yaml --dir data > drift.patch
  git apply drift.patch
  maskrail policy suggest --policy policy.yaml new-export.parquet`,
		RunE: func(c *cobra.Command, files []string) error {
			set, err := loadPolicy(file)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return app.Usage(err)
			}
			fields := map[string][]drift.Field{} // by entity
			if len(files) > 0 {
				p, err := pickPolicy(set, entity)
				if err != nil {
					return err
				}
				for _, f := range files {
					if err := compareFile(c.Context(), p, f, fields); err != nil {
						return err
					}
				}
			} else {
				session, err := b.look(c.Context(), t)
				if err != nil {
					return err
				}
				defer session.close(c.Context())
				found, _, err := waiting(c.Context(), session.quarantine(), entity)
				if err != nil {
					return err
				}
				for _, d := range found {
					fields[d.Entity] = append(fields[d.Entity], d.Field)
				}
			}
			return suggest(t, file, text, set, fields)
		},
	}
	c.Flags().StringVar(&file, "policy", "", "policy file (YAML) to extend")
	c.MarkFlagRequired("policy")
	c.Flags().StringVar(&entity, "entity", "", "entity of the files, when the policy names several")
	b.flags(c)
	t.jsonFlag(c)
	return c
}

func compareFile(ctx context.Context, p *policy.Policy, file string, into map[string][]drift.Field) error {
	in, info, err := openInput(file)
	if err != nil {
		return err
	}
	defer in.Close()
	found, _, err := drift.File(ctx, p, io.NewSectionReader(in, 0, info.Size()), filepath.Base(file), "")
	var bad *columnar.Error
	if errors.As(err, &bad) {
		return fmt.Errorf("%s: %w: %w", file, errRefused, bad)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	into[p.Entity] = append(into[p.Entity], found...)
	return nil
}

// suggest prints the patch for what was found.
func suggest(t *terminal, file string, text []byte, set *policy.Set, fields map[string][]drift.Field) error {
	type open struct {
		Entity string `json:"entity"`
		drift.Field
	}
	type report struct {
		Policy string           `json:"policy"`
		Fields []draft.Proposal `json:"fields"`
		Open   []open           `json:"open"` // that no patch can settle
		Patch  string           `json:"patch"`
	}
	r := report{Policy: file, Fields: []draft.Proposal{}, Open: []open{}}
	proposals := map[string][]draft.Proposal{}
	for p := range set.All() {
		seen := map[string]bool{}
		for _, f := range fields[p.Entity] {
			if seen[f.Path] || f.Kind != drift.Retyped && f.Kind != drift.Vanished && drift.Named(p, f.Path) {
				continue
			}
			seen[f.Path] = true
			if proposal, ok := draft.For(f, p.Tenant != nil && p.Tenant.Required); ok {
				proposals[p.Entity] = append(proposals[p.Entity], proposal)
				r.Fields = append(r.Fields, proposal)
			} else if f.Waits || f.Kind == drift.Retyped {
				r.Open = append(r.Open, open{p.Entity, f})
			}
		}
	}
	if len(proposals) > 0 {
		var err error
		if _, r.Patch, err = draft.Patch(patchName(file), text, proposals, beside(file)); err != nil {
			return err
		}
	}
	for _, f := range r.Open {
		fmt.Fprintf(t.err, "maskrail: %s: %s is %s: %s\n", f.Entity, f.Path, driftKind(f.Field), byHand(f.Field))
	}
	switch {
	case t.json:
		t.report(r)
	case r.Patch != "":
		_, err := io.WriteString(t.out, r.Patch)
		return err
	default:
		fmt.Fprintln(t.err, "maskrail: nothing to suggest: the policy names every field")
	}
	return nil
}

// byHand is what a person has to do about a field.
func byHand(f drift.Field) string {
	switch {
	case f.Hidden:
		return "its name may be a value and is not shown: look at the source, and name it or rename it there"
	case f.Kind == drift.Vanished:
		return "rows cannot do without it: mend the source, or give the policy's field its new name as an alias"
	}
	return "change its type or path in the policy once you know why the source changed"
}

// beside opens what a policy names, as policy.Load does.
func beside(file string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		if !filepath.IsLocal(name) {
			return nil, errors.New("the file must lie beside the policy or below it")
		}
		return os.ReadFile(filepath.Join(filepath.Dir(file), name))
	}
}

// patchName is how a patch names a file: from here on, with slashes.
func patchName(file string) string {
	name := filepath.ToSlash(filepath.Clean(shown(file)))
	if filepath.IsAbs(file) && name == filepath.ToSlash(filepath.Clean(file)) || slices.Contains([]string{"..", "../"}, name[:min(3, len(name))]) {
		return filepath.Base(file)
	}
	return name
}
