package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/classify"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/draft"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/survey"
	"github.com/maskrail/maskrail/services/masker"
)

func newPolicyInfer(t *terminal) *cobra.Command {
	var entity, region, out, delimiter string
	c := &cobra.Command{
		Use:   "infer [--entity NAME] [--out P] FILE",
		Short: "Draft a policy for a file from names and values",
		Long: `Reads a file and drafts a policy for it: a line for each field with a treatment, and behind it what the field probably
holds, how sure that is, and by which sign. What is not surely harmless is taken away. The draft is tried on the file before it
is printed, so it fits; whether it is right is for a person to say.

It never shows a value.`,
		Example: `  maskrail policy infer --out policy.yaml calls.parquet
  maskrail policy infer --entity conversation details.jsonl.gz > policy.yaml`,
		Args: oneArg("the file to draft a policy for"),
		RunE: func(c *cobra.Command, args []string) error {
			if entity == "" {
				entity = entityOf(args[0])
			}
			if !entityRule.MatchString(entity) {
				return app.Usage(fmt.Errorf("--entity %q: want a lower-case word of letters, digits and underscores", entity))
			}
			if out != "" {
				if err := checkOut("--out", out); err != nil {
					return err
				}
				if _, err := os.Stat(out); err == nil {
					return app.Usage(fmt.Errorf("--out %s exists: choose another name, or policy suggest to extend it", out))
				}
			}
			by, err := classify.New(region)
			if err != nil {
				return app.Usage(fmt.Errorf("--region: %w", err))
			}
			i := &inference{file: args[0], by: by, entity: entity, region: strings.ToUpper(region)}
			if i.delimiter, err = oneRune(delimiter); err != nil {
				return err
			}
			text, err := i.draft(c.Context())
			if err != nil {
				return err
			}
			if out != "" {
				if err := os.WriteFile(out, text, 0o644); err != nil {
					return fmt.Errorf("write policy: %w", err)
				}
				t.say("%s drafted for %s: read it line by line, then maskrail policy lint %s", count(int64(len(i.made.Fields)), "field"), args[0], out)
			}
			if t.json {
				t.report(struct {
					File   string           `json:"file"`
					Entity string           `json:"entity"`
					Key    string           `json:"key"`
					Tenant string           `json:"tenant"`
					Fields []draft.Proposal `json:"fields"`
					Policy string           `json:"policy"` // YAML
				}{args[0], entity, i.made.Key, i.made.Tenant, i.made.Fields, string(text)})
				return nil
			}
			if out == "" {
				_, err = t.out.Write(text)
			}
			return err
		},
	}
	c.Flags().StringVar(&entity, "entity", "", "entity of the file; otherwise its name")
	c.Flags().StringVar(&region, "region", "US", "country of numbers written without a country code")
	c.Flags().StringVar(&delimiter, "delimiter", "", "what stands between the values of CSV, a comma unless given")
	c.Flags().StringVar(&out, "out", "", "file to write, otherwise standard output; it must not exist")
	t.jsonFlag(c)
	return c
}

var entityRule = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// entityOf is the entity that a file's name says: calls-2026.csv.gz is calls.
func entityOf(file string) string {
	name := strings.ToLower(filepath.Base(file))
	end := strings.IndexFunc(name, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
	if end > 0 {
		name = strings.Trim(name[:end], "_")
	}
	if !entityRule.MatchString(name) {
		return "interaction"
	}
	return name
}

func oneRune(text string) (rune, error) {
	switch r := []rune(strings.ReplaceAll(text, `\t`, "\t")); len(r) {
	case 0:
		return 0, nil
	case 1:
		return r[0], nil
	}
	return 0, app.Usage(fmt.Errorf("--delimiter %q: want one character", text))
}

// inference drafts a policy for one file.
type inference struct {
	file, entity, region string
	delimiter            rune
	by                   *classify.Classifier
	made                 *draft.Draft
}

// maxMends is how often a draft is changed until it fits.
const maxMends = 2000

// draft drafts the policy and mends it until it passes lint and masks the file.
func (i *inference) draft(ctx context.Context) ([]byte, error) {
	in, info, err := openInput(i.file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	src := io.NewSectionReader(in, 0, info.Size())
	settings := survey.Settings{Rows: math.MaxInt64, Collapse: true}
	if i.delimiter != 0 {
		settings.CSV = columnar.CSV{Delimiter: i.delimiter, Header: true, Quote: '"'}
	}
	s, err := survey.Read(ctx, src, filepath.Base(i.file), settings)
	var bad *columnar.Error
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("%s: %w: %w", i.file, errRefused, bad)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.file, err)
	}
	if s.Format == columnar.FormatCSV && len(s.Columns) == 1 && strings.ContainsAny(s.Columns[0].Path[0].Name, ";\t|") {
		return nil, app.Usage(fmt.Errorf("%s: the header is one name with other signs in it: say with --delimiter what stands between the values", i.file))
	}
	for _, c := range s.Columns {
		for _, step := range c.Path {
			if !step.List && (columnar.LooksLikeValue(step.Name) || i.by.Value(step.Name)) {
				return nil, fmt.Errorf("%s: a column's name looks like a value: does the file have a header? A policy must not repeat values", i.file)
			}
		}
	}
	i.made = draft.New(i.entity, s, i.by, i.region)
	i.made.Delimiter = i.delimiter
	for range maxMends {
		text := i.made.YAML()
		set, err := policy.Parse("draft.yaml", text, nil)
		if err != nil {
			return nil, fmt.Errorf("draft a policy: %w", err)
		}
		p, _ := set.For(i.entity)
		if mended := i.lint(p); mended {
			continue
		}
		switch mended, err := i.try(ctx, p, src); {
		case err != nil:
			return nil, err
		case !mended:
			return text, nil
		}
	}
	return nil, errors.New("draft a policy: no draft fits the file")
}

// lint mends what nobody should let pass.
func (i *inference) lint(p *policy.Policy) (mended bool) {
	for _, f := range policy.Lint(p) {
		if f.Severity == policy.LintError && f.Field != "" {
			mended = i.made.Mend(f.Field, "its name stands against it") || mended
		}
	}
	return mended
}

// try masks the file into nothing and mends what stops it.
func (i *inference) try(ctx context.Context, p *policy.Policy, src columnar.Source) (mended bool, err error) {
	var text bytes.Buffer
	if err := keys.Generate(&text); err != nil {
		return false, fmt.Errorf("try the draft: %w", err)
	}
	ring, err := keys.Load(keys.Source{Text: keys.NewSecret(text.Bytes())})
	if err != nil {
		return false, fmt.Errorf("try the draft: %w", err)
	}
	plan, err := masker.Compile(p, ring, "draft")
	if err != nil {
		return false, fmt.Errorf("try the draft: %w", err)
	}
	_, err = plan.Mask(ctx, src, filepath.Base(i.file), io.Discard, masker.Options{})
	reason, rejected := stage.Rejected(err)
	if !rejected {
		if err != nil {
			err = fmt.Errorf("try the draft: %w", err)
		}
		return false, err
	}
	return i.mend(ctx, p, src, reason.Class, strings.Trim(reason.Field, `"`), fmt.Errorf("%s: %w: %s", i.file, errRefused, reason))
}

func (i *inference) mend(ctx context.Context, p *policy.Policy, src columnar.Source, class, field string, refused error) (bool, error) {
	switch class {
	case masker.ClassUnknownTenant:
		if i.made.WithoutTenant() {
			return true, nil
		}
	case masker.ClassNullKey, masker.ClassDuplicateKey:
		if i.made.WithoutKey() {
			return true, nil
		}
	case masker.ClassUnknownField:
		fields, _, err := drift.File(ctx, p, src, filepath.Base(i.file), "")
		if err != nil {
			return false, err
		}
		mended := false
		for _, f := range fields {
			if proposal, ok := draft.For(f, i.made.Tenant != ""); ok {
				i.made.Fields = append(i.made.Fields, proposal)
				mended = true
			}
		}
		if mended {
			return true, nil
		}
	default:
		if i.made.Mend(field, "values of it do not fit") {
			return true, nil
		}
	}
	return false, refused
}
