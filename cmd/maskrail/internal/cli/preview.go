package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/profile"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/masker"
)

func newPreview(t *terminal) *cobra.Command {
	var (
		s      settings
		entity string
		rows   int
	)
	c := &cobra.Command{
		Use:   "preview --policy P --key-file K FILE",
		Short: "Show what masking does to a file, without writing one",
		Long: `Masks a file and compares it with the source, field by field: how many values are null, how many differ, and
what share the most frequent one has. The report holds no value of the data.

With --rows N it first prints N rows before and after, side by side. That is clear data: it goes to a terminal
alone, and never to a file or pipe.`,
		Example: `  maskrail preview --policy policy.yaml --key-file root.key calls.csv.gz
  maskrail preview --policy policy.yaml --key-file root.key --rows 20 calls.parquet`,
		Args: oneArg("the file to look at"),
		RunE: func(c *cobra.Command, args []string) error {
			if rows < 0 {
				return app.Usage(fmt.Errorf("--rows %d: want 0 for none, or more", rows))
			}
			if rows > 0 && (t.json || !isTerminal(t.out)) {
				return app.Usage(errors.New("--rows prints clear data: it goes to a terminal alone, without --json, a pipe or a file"))
			}
			set, ring, err := s.load(c.Context())
			if err != nil {
				return err
			}
			p, err := pickPolicy(set, entity)
			if err != nil {
				return err
			}
			plan, err := masker.Compile(p, ring, s.env)
			if err != nil {
				return app.Usage(err)
			}
			in, info, err := openInput(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			v := &preview{file: args[0], name: filepath.Base(args[0]), plan: plan, source: io.NewSectionReader(in, 0, info.Size())}
			if rows > 0 {
				err = v.show(c.Context(), t, rows)
			}
			if err == nil {
				err = v.compare(c.Context(), t)
			}
			if reason, ok := stage.Rejected(err); ok {
				return fmt.Errorf("%s: %w: %s", args[0], errRefused, reason)
			}
			return err
		},
	}
	s.maskFlags(c)
	c.Flags().IntVar(&rows, "rows", 0, "rows to print before and after, on a terminal alone")
	c.Flags().StringVar(&entity, "entity", "", "entity of the file, when the policy names several")
	t.jsonFlag(c)
	return c
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// preview is one file under comparison.
type preview struct {
	file, name string
	plan       *masker.Plan
	source     columnar.Source
}

// show prints the first rows, one field a line.
func (v *preview) show(ctx context.Context, t *terminal, rows int) error {
	width := 80
	if f, ok := t.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			width = w
		}
	}
	cell := max(16, (width-34)/2)
	number := 0
	return v.plan.Compare(ctx, v.source, v.name, masker.Options{}, func(records int, fields []masker.Compared) error {
		for record := range records {
			if number == rows {
				return masker.ErrEnough
			}
			number++
			t.say("row %d", number)
			w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
			for _, f := range fields {
				from, to := f.Values(record)
				fmt.Fprintf(w, "  %s\t%s\t%s\n", f.Path, cut(values(f.Before, from, to), cell), cut(values(f.After, from, to), cell))
			}
			w.Flush()
		}
		return nil
	})
}

// values writes what one record has of a field, the elements of lists with bars between them.
func values(a arrow.Array, from, to int) string {
	if a == nil {
		return "(dropped)"
	}
	var parts []string
	for i := from; i < to; i++ {
		switch text, ok, err := columnar.AppendText(nil, a, i); {
		case a.IsNull(i):
			parts = append(parts, "(null)")
		case err != nil || !ok: // an open map
			parts = append(parts, a.ValueStr(i))
		default:
			parts = append(parts, string(text))
		}
	}
	return strings.Join(parts, " | ")
}

// cut shortens a text for a table and takes what would move the cursor out of it.
func cut(text string, width int) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, text))
	if len(clean) > width {
		return string(clean[:width-1]) + "…"
	}
	return string(clean)
}

// comparison is the report on one field.
type comparison struct {
	Field     string    `json:"field"`
	Treatment string    `json:"treatment"`
	Before    profiled  `json:"before"`
	After     *profiled `json:"after,omitempty"` // nothing of what is dropped
}

type profiled struct {
	Values   int64   `json:"values"`
	NullRate float64 `json:"nullRate"`
	Distinct int64   `json:"distinct"`
	More     bool    `json:"more,omitempty"` // distinct is a lower bound
	TopShare float64 `json:"topShare"`
}

func profiledOf(f *profile.Field) profiled {
	return profiled{f.Values, f.NullRate(), f.Distinct, f.More, f.TopShare()}
}

// compare profiles the whole file.
func (v *preview) compare(ctx context.Context, t *terminal) error {
	bar := t.bar(-1, "rows", true)
	var order []string
	before, after, treatments := map[string]*profile.Field{}, map[string]*profile.Field{}, map[string]string{}
	rows := int64(0)
	err := v.plan.Compare(ctx, v.source, v.name, masker.Options{}, func(records int, fields []masker.Compared) error {
		for _, f := range fields {
			if before[f.Path] == nil {
				order = append(order, f.Path)
				before[f.Path], after[f.Path], treatments[f.Path] = &profile.Field{}, &profile.Field{}, f.Treatment
			}
			if err := before[f.Path].Add(f.Before); err != nil {
				return err
			}
			if f.After == nil {
				continue
			}
			if err := after[f.Path].Add(f.After); err != nil {
				return err
			}
		}
		rows += int64(records)
		bar.Set64(rows)
		return nil
	})
	bar.Finish()
	if err != nil {
		return err
	}
	var report []comparison
	for _, path := range order {
		c := comparison{Field: path, Treatment: treatments[path], Before: profiledOf(before[path])}
		if after[path].Values > 0 || before[path].Values == 0 {
			p := profiledOf(after[path])
			c.After = &p
		}
		report = append(report, c)
	}
	t.printComparison(report)
	if slices.ContainsFunc(report, func(c comparison) bool { return c.After != nil && c.After.Distinct > c.Before.Distinct }) {
		t.say("\nA value has another token, or is shifted otherwise, in each tenant: a field can have more distinct values than before.")
	}
	t.say("\n%s of %s", count(rows, "row"), v.file)
	if t.json {
		t.report(struct {
			File   string       `json:"file"`
			Rows   int64        `json:"rows"`
			Fields []comparison `json:"fields"`
		}{v.file, rows, report})
	}
	return nil
}

func (t *terminal) printComparison(report []comparison) {
	if t.json {
		return
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FIELD\tTREATMENT\tNULL %\tDISTINCT\tTOP VALUE %")
	for _, c := range report {
		if c.After == nil {
			fmt.Fprintf(w, "%s\t%s\t%s → -\t%s → -\t%s → -\n", c.Field, c.Treatment, percent(c.Before.NullRate), c.Before.distinct(), percent(c.Before.TopShare))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.Field, c.Treatment,
			change(percent(c.Before.NullRate), percent(c.After.NullRate)),
			change(c.Before.distinct(), c.After.distinct()),
			change(percent(c.Before.TopShare), percent(c.After.TopShare)))
	}
	w.Flush()
}

func (p profiled) distinct() string {
	if p.More {
		return fmt.Sprintf("> %d", p.Distinct)
	}
	return fmt.Sprint(p.Distinct)
}

func percent(share float64) string { return fmt.Sprintf("%.1f", 100*share) }

func change(before, after string) string {
	if before == after {
		return before
	}
	return before + " → " + after
}
