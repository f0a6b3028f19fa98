package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/quarantine"
	"github.com/maskrail/maskrail/libs/run"
)

// decision is what release and discard have in common.
type decision struct {
	selection
	by string
}

func (d *decision) flags(c *cobra.Command) {
	d.selection.flags(c, "everything that waits and that the other flags select")
	c.Flags().StringVar(&d.by, "by", "", "who decides, for the audit log; otherwise the user of this process")
}

// read takes the arguments over and says what is missing.
func (d *decision) read(args []string) error {
	d.IDs = args
	if !d.all && d.Empty() {
		return app.Usage(errors.New("which objects? Name them by the ids of maskrail quarantine ls, give a filter, or --all"))
	}
	if d.by == "" {
		d.by = os.Getenv("USER")
		if u, err := user.Current(); err == nil && u.Username != "" {
			d.by = u.Username
		}
	}
	if d.by = strings.TrimSpace(d.by); d.by == "" || len(d.by) > 128 || strings.ContainsFunc(d.by, func(r rune) bool { return r < ' ' }) {
		return app.Usage(errors.New("--by: want the name of who decides, 1 to 128 characters, for the audit log"))
	}
	return nil
}

func newQuarantineRelease(t *terminal) *cobra.Command {
	var (
		w working
		d decision
	)
	c := &cobra.Command{
		Use:   "release --dir DIR --env NAME [--policy P --key-file K] [OBJECT...]",
		Short: "Send stopped objects through the workers again",
		Long: `Masks objects again from the same raw objects, after the policy, or whatever stopped them, was mended. A refresh that waits
for them goes from refused to pending, and to done when they are loaded. Who released what is in the audit log of the
quarantine bucket.

Works with the workers that run on DIR or on --nats. Where none run, --policy and --key-file start them for the time being.`,
		Example: `  maskrail quarantine release --dir data --policy policy.yaml --key-file root.key --field participants[].sessions[].cc[]
  maskrail quarantine release --dir data 3f9c2a --by ana`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := d.read(args); err != nil {
				return err
			}
			if w.remote.NATS == "" { // before workers are started for a name that was mistyped
				if err := among(stack.Dir(w.bare.dir).Environments(), w.bare.env); err != nil {
					return err
				}
			}
			session, err := w.open(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			q := session.quarantine()
			items, err := d.items(c.Context(), q, false)
			if err != nil {
				return err
			}
			id := run.NewID()
			f := follow.New(session.stack.Bus(), session.cfg.Environment, session.started)
			manifest := run.Manifest{Run: id, Source: run.SourceReplay, Sealed: true}
			for _, i := range items {
				if i.State == objref.Loaded || i.State == objref.Skipped {
					return app.Usage(fmt.Errorf("object %s is in the sandbox: there is nothing to release", i.Object))
				}
				raw := i.Raw(id).Object
				manifest.Objects = append(manifest.Objects, raw)
				f.Add(raw, id)
			}
			if len(items) == 0 {
				t.say("nothing waits that fits")
				return session.finish(session.report("", "", objref.AtRaw, nil, nil), nil)
			}
			if err := run.Write(c.Context(), session.stack.Store(), session.stack.Buckets().Raw, manifest); err != nil {
				return err
			}
			if err := q.Release(c.Context(), items, id, d.by); err != nil {
				return err
			}
			objects, err := session.wait(c.Context(), f)
			return session.finish(session.report(id, items[0].Entity, objref.AtRaw, objects, nil), err)
		},
	}
	w.flags(c)
	d.flags(c)
	t.jsonFlag(c)
	return c
}

func newQuarantineDiscard(t *terminal) *cobra.Command {
	var (
		b   bare
		d   decision
		yes bool
	)
	c := &cobra.Command{
		Use:   "discard --dir DIR --env NAME [OBJECT...]",
		Short: "Give stopped objects up",
		Long: `Gives objects up: they are not to be loaded, and no refresh waits for them any more. Who discarded what is in the audit
log of the quarantine bucket. Nothing is deleted; what lies in the buckets stays until their lifecycle takes it, and until
then quarantine release can still take it back.`,
		Example: `  maskrail quarantine discard --dir data 3f9c2a
  maskrail quarantine discard --dir data --reason malformed --yes`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := d.read(args); err != nil {
				return err
			}
			if !yes && !isTerminal(os.Stdin) {
				return app.Usage(errors.New("discarding asks before it acts, and there is no terminal to ask on: confirm with --yes"))
			}
			session, err := b.look(c.Context(), t)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			q := session.quarantine()
			items, err := d.items(c.Context(), q, false)
			if err != nil {
				return err
			}
			for _, i := range items {
				if !i.Waits() && i.State != objref.Released {
					return app.Usage(fmt.Errorf("object %s is %s: there is nothing to discard", i.Object, i.State))
				}
			}
			if len(items) > 0 && !yes && !confirmed(os.Stdin, t.err, fmt.Sprintf("discard %s of %s?", count(int64(len(items)), "object"), b.env)) {
				return errors.New("nothing was discarded")
			}
			if err := q.Discard(c.Context(), items, d.by); err != nil {
				return err
			}
			t.say("%s discarded by %s", count(int64(len(items)), "object"), d.by)
			if t.json {
				t.report(struct {
					Discarded int               `json:"discarded"`
					By        string            `json:"by"`
					Objects   []quarantine.Item `json:"objects"`
				}{len(items), d.by, append([]quarantine.Item{}, items...)})
			}
			return nil
		},
	}
	b.flags(c)
	d.flags(c)
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	t.jsonFlag(c)
	return c
}

// confirmed asks a question that only a clear yes answers.
func confirmed(in io.Reader, out io.Writer, question string) bool {
	fmt.Fprintf(out, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(in).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true
	}
	return false
}
