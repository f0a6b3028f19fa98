// Package cli is the operator's command line.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
)

// Execute runs one command line. The error, if any, was not printed yet; app.Main turns it into the exit code.
func Execute(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	t := &terminal{out: stdout, err: stderr}
	root := newRoot(t)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	t.json = wantsJSON(args)
	c, err := root.ExecuteContextC(ctx)
	if err != nil && !t.started {
		err = plain(err)
		err = app.Usage(fmt.Errorf("%w (see %s --help)", err, c.CommandPath()))
	}
	if err != nil && t.json && !t.reported {
		t.report(struct {
			Error string `json:"error"`
		}{err.Error()})
	}
	return err
}

// What the parser of flags says, and its parts: which flags are missing, what is no number, which exclude each other.
var (
	missingFlags = regexp.MustCompile(`^required flag\(s\) "(.*)" not set$`)
	noNumber     = regexp.MustCompile(`^invalid argument ("[^"]*") for "(?:-., )?(--[a-z0-9-]+)" flag: strconv\.Parse(Int|Uint|Float|Bool):.*$`)
	exclusive    = regexp.MustCompile(`^if any flags in the group .*; \[(.*)\] were all set$`)
)

// plain says in our words what the parser says in Go's.
func plain(err error) error {
	text := err.Error()
	if m := missingFlags.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("missing: --%s", strings.ReplaceAll(m[1], `", "`, ", --"))
	}
	if m := noNumber.FindStringSubmatch(text); m != nil {
		want := map[string]string{"Int": "a whole number", "Uint": "a whole number that is not negative", "Float": "a number", "Bool": "true or false"}[m[3]]
		return fmt.Errorf("%s %s: want %s", m[2], m[1], want)
	}
	if m := exclusive.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("--%s exclude each other: give one of them", strings.ReplaceAll(m[1], " ", " and --"))
	}
	return err
}

// wantsJSON looks for --json before flags are parsed, because what is wrong with the others shall be reported as well.
func wantsJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// terminal is where a command writes to, and how.
type terminal struct {
	out, err io.Writer
	json     bool
	started  bool // arguments were fine, the command runs
	reported bool // the closing JSON object is out
}

// report writes the command's closing JSON object, on one line.
func (t *terminal) report(v any) {
	t.reported = true
	b, err := json.Marshal(v)
	if err != nil {
		b = []byte(`{"error":"report cannot be encoded"}`)
	}
	fmt.Fprintf(t.out, "%s\n", b)
}

// say writes a line for people; with --json there is nothing but the report on standard output.
func (t *terminal) say(format string, args ...any) {
	if !t.json {
		fmt.Fprintf(t.out, format+"\n", args...)
	}
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "maskrail",
		Short: "Turns production contact-centre data into a safe analytics sandbox",
		Long: `maskrail turns production contact-centre data into a safe analytics sandbox.

An object lands in the raw bucket; its masked rows end up in the sandbox, with a signed
proof of what was done to them. Nothing passes that the policy does not name.

Exit codes: 0 done; 1 data was refused, or something failed; 2 wrong usage or configuration.`,
		Example: `  maskrail demo
  maskrail keygen --out root.key
  maskrail run --policy policy.yaml --key-file root.key --dir data calls.parquet`,
		Version:       app.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().SortFlags = false
	root.AddCommand(
		newDemo(t), newRun(t), newUp(t), newMask(t), newPreview(t), newReplay(t),
		newExport(t), newDrift(t), newQuarantine(t), newAudit(t), newVerify(t), newTrust(t), newScan(t), newEval(t),
		newSynth(t), newKeygen(t), newPolicy(t), newProvision(t), newVersion(t), newGateway(t),
	)
	root.SetVersionTemplate("maskrail {{.Version}}\n")
	root.SetHelpCommand(newHelp())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	group(root)
	for _, c := range root.Commands() {
		if c.HasSubCommands() && c.RunE == nil {
			group(c)
		}
	}
	completions(root)
	t.markStarted(root)
	return root
}

// markStarted notes when a command's own code begins: errors before that are wrong usage.
func (t *terminal) markStarted(c *cobra.Command) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			t.started = true
			return run(c, args)
		}
	}
	for _, sub := range c.Commands() {
		t.markStarted(sub)
	}
}

// jsonFlag gives a command that reports its --json.
func (t *terminal) jsonFlag(c *cobra.Command) {
	c.Flags().BoolVar(&t.json, "json", false, "report as one JSON object on the last line of standard output")
}

// errRefused ends a command whose data was refused; what and why was reported already.
var errRefused = errors.New("data was refused")
