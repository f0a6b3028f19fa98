package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/detect/evaluate"
	"github.com/maskrail/maskrail/libs/wholefile"
)

func newEval(t *terminal) *cobra.Command {
	var (
		spans, out, region string
		types              map[string]string
		classes            []string
	)
	c := &cobra.Command{
		Use:   "eval --spans FILE",
		Short: "Measure the detectors on labelled texts",
		Long: `Looks for sensitive spans in labelled texts and holds what it finds against the labels: precision, recall and F2
(5PR/(4P+R), in which a miss weighs more than a false alarm) by class and over all. A finding counts when class and place
are those of a label: at least half of the characters of both together are in both.

FILE is in the format of presidio-research: a JSON array of {"full_text": …, "spans": [{"entity_type": …,
"start_position": …, "end_position": …}]}, positions in characters. The usual types are known (PHONE_NUMBER is phone);
--map gives others a class. A type without a class counts as missed each time.

The tables hold no text. --out writes what was found, in the same format, with the texts.`,
		Example: `  maskrail eval --spans notes.json
  maskrail eval --spans notes.json --map NIN=ssn --map CUSTOMER=name --out found.json --json
  maskrail eval --spans mails.json --classes phone,email,card,ssn --region GB`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			mapping := evaluate.DefaultMapping()
			for _, label := range slices.Sorted(maps.Keys(types)) {
				if err := mapping.Add(label, types[label]); err != nil {
					return app.Usage(fmt.Errorf("--map: %w", err))
				}
			}
			set, err := newTextSet(region, classes)
			if err != nil {
				return err
			}
			if c.Flags().Changed("out") {
				if err := checkOut("--out", out); err != nil {
					return err
				}
			}
			in, _, err := openInput(spans)
			if err != nil {
				return err
			}
			defer in.Close()
			samples, err := evaluate.Read(in)
			if err != nil {
				return fmt.Errorf("%s: %w", spans, err)
			}
			result, found := evaluate.Run(samples, set, mapping)
			if out != "" {
				err := wholefile.Write(c.Context(), out, func(w io.Writer) error { return evaluate.Write(w, found) })
				if err != nil {
					return err
				}
			}
			t.printFigures(result)
			if t.json {
				t.report(result)
			}
			return nil
		},
	}
	c.Flags().StringVar(&spans, "spans", "", "labelled texts (JSON)")
	c.Flags().StringVar(&out, "out", "", "file to write what was found to, with the texts")
	c.Flags().StringToStringVar(&types, "map", nil, "class of a type that the file has, as TYPE=CLASS")
	detectFlags(c, &classes, &region)
	t.jsonFlag(c)
	c.MarkFlagRequired("spans")
	return c
}

// detectFlags choose detectors.
func detectFlags(c *cobra.Command, classes *[]string, region *string) {
	known := make([]string, 0, len(detect.Classes()))
	for _, class := range detect.Classes() {
		known = append(known, string(class))
	}
	c.Flags().StringSliceVar(classes, "classes", nil, "classes to look for: "+strings.Join(known, ", ")+" (default all)")
	c.Flags().StringVar(region, "region", "US", "country of numbers without a country code")
	_ = c.RegisterFlagCompletionFunc("classes", cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp))
}

// newSet compiles the detectors that flags choose, newTextSet those for texts.
func newSet(region string, names []string) (*detect.Set, error) {
	return compile(detect.NewSet, region, names)
}

func newTextSet(region string, names []string) (*detect.Set, error) {
	return compile(detect.NewTextSet, region, names)
}

func compile(with func(string, ...detect.Class) (*detect.Set, error), region string, names []string) (*detect.Set, error) {
	var classes []detect.Class
	for _, name := range names {
		classes = append(classes, detect.Class(strings.ToLower(strings.TrimSpace(name))))
	}
	set, err := with(region, classes...)
	if err != nil {
		return nil, app.Usage(err)
	}
	return set, nil
}

func (t *terminal) printFigures(r evaluate.Result) {
	if t.json {
		return
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "class\tprecision\trecall\tF2\tfound\tfalse\tmissed\t")
	row := func(name string, f evaluate.Figures) {
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%d\t%d\t%d\t\n", name, f.Precision, f.Recall, f.F2, f.Found, f.False, f.Missed)
	}
	for _, name := range r.Names() {
		row(name, r.Classes[name])
	}
	row("all", r.Figures)
	w.Flush()
	t.say("%s, %s", count(int64(r.Samples), "text"), count(int64(r.Labels), "label"))
}
