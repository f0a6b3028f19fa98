package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/bench/internal/measure"
	"github.com/maskrail/maskrail/policies"
)

// The sizes that the goals are about.
const (
	fullRows     = 2_000_000
	smallRows    = 150_000 // two row groups
	memoryFactor = 8       // how much longer the longest file is
)

type options struct {
	dir, maskrail, source string
	rows                  int64
	rounds                int
	check, json           bool
	only                  []string
}

// bench is one run. It stays small itself: all that takes memory is done by processes of their own.
type bench struct {
	options
	self          string
	policy, key   string // files
	nested        string // policy of conversations
	data          string // folder of data that synth makes as it is now
	contests      []contest
	figures       []Figure
	entrants      []Timing
	remarks       []string
	wrong, failed []string // of outputs, and contests
	began         time.Time
	done          int // contests
}

func newBench(o options) (*bench, error) {
	if o.check {
		o.rows, o.rounds = min(o.rows, smallRows), 1
	}
	b := &bench{options: o, began: time.Now()}
	switch {
	case o.rows < 1 || o.rounds < 1:
		return nil, errors.New("--rows and --rounds must be at least 1")
	case len(o.only) == 0:
		b.contests = contests()
	}
	for _, name := range o.only {
		i := slices.IndexFunc(contests(), func(c contest) bool { return c.name == name })
		if i < 0 {
			return nil, fmt.Errorf("--only %s: must be of %s", name, strings.Join(contestNames(), ", "))
		}
		b.contests = append(b.contests, contests()[i])
	}
	if o.check {
		b.contests = slices.DeleteFunc(b.contests, func(c contest) bool { return c.outputless })
	}
	if _, err := os.Stat(o.maskrail); err != nil {
		return nil, fmt.Errorf("--maskrail: %w: make build makes it", err)
	}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if b.dir, err = filepath.Abs(o.dir); err != nil {
		return nil, err
	}
	b.policy, b.nested, b.key = filepath.Join(b.dir, "policy.yaml"), filepath.Join(b.dir, "conversation.yaml"), filepath.Join(b.dir, "root.key")
	return b, nil
}

// run measures, and returns an error when something failed or an output is wrong.
func (b *bench) run(ctx context.Context, out io.Writer) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	for i, c := range b.contests {
		b.done = i
		if err := c.run(b, ctx); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			b.failed = append(b.failed, fmt.Sprintf("%s: %v", c.name, err)) // the others can be measured all the same
		}
	}
	b.say("\n")
	if err := b.print(out); err != nil {
		return err
	}
	if len(b.wrong)+len(b.failed) > 0 {
		return fmt.Errorf("%s in the outputs, which are in %s, and %s that failed",
			plural(len(b.wrong), "fault"), b.out(""), plural(len(b.failed), "contest"))
	}
	return os.RemoveAll(b.out(""))
}

// prepare makes the folder, the policies and the key.
func (b *bench) prepare(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(b.dir, "out"), 0o755); err != nil {
		return err
	}
	// The agents are kept, so that nine of twenty columns change; all else is the ready policy.
	const agent = "token: {domain: agent}"
	flat := strings.Replace(string(policies.GuideInteraction), agent, "keep: true", 1)
	if !strings.Contains(string(policies.GuideInteraction), agent) {
		return errors.New("the ready policy for interactions has no token for agents any more: say anew which columns change")
	}
	nested, ok := policies.Find("genesys-conversation")
	if !ok {
		return errors.New("there is no ready policy for conversations any more")
	}
	if err := errors.Join(os.WriteFile(b.policy, []byte(flat), 0o644), os.WriteFile(b.nested, nested, 0o644)); err != nil {
		return err
	}
	if _, err := os.Stat(b.key); errors.Is(err, os.ErrNotExist) {
		if _, _, err := (measure.Command{Path: b.maskrail, Args: []string{"keygen", "--out", b.key}}).Run(ctx); err != nil {
			return err
		}
	}
	return b.findData(ctx)
}

// say shows what goes on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }

// race runs entrants in turn, and keeps what each took for the report.
func (b *bench) race(ctx context.Context, title string, rounds int, entrants ...measure.Entrant) (map[string]*measure.Result, error) {
	results, err := measure.Race(ctx, rounds, entrants, func(round int, name string) {
		b.say("%6.0fs  [%d/%d] %s: round %d of %d, %s\n", time.Since(b.began).Seconds(), b.done+1, len(b.contests), title, round+1, rounds, name)
	})
	if err != nil {
		return nil, err
	}
	for _, e := range entrants {
		b.entrants = append(b.entrants, timing(title, results[e.Name]))
	}
	return results, nil
}

// remark is said at the end, once.
func (b *bench) remark(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(b.remarks, s) {
		b.remarks = append(b.remarks, s)
	}
}

func (b *bench) out(name string) string { return filepath.Join(b.dir, "out", name) }
