package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter"
)

func newExport(t *terminal) *cobra.Command {
	var (
		w        working
		a        asked
		from, to string
		sources  string
	)
	c := &cobra.Command{
		Use:   "export --dir DIR --source NAME",
		Short: "Have a source deliver, and take it through the pipeline into the sandbox",
		Long: `Asks for an export of a source: of a span of time, of some tenants, or, without either, of what came since the last
one. The span is half-open; without --from it is the source's lookback before --to.

The stack that runs on DIR does it; --wait waits until every row is in the sandbox. Where none runs, --sources, --policy
and --key-file run one for the time being, and the command waits in any case. An export that is interrupted goes on with
the next one. An exporter that runs elsewhere is asked by POST /refresh on its own address.`,
		Example: `  maskrail export --dir data --source prod --wait
  maskrail export --dir data --source prod --from 2026-03-01 --to 2026-03-08 --tenant acme --wait --json
  maskrail export --dir data --source prod --sources sources.yaml --policy policy.yaml --key-file root.key`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if a.From, err = moment("--from", from); err != nil {
				return err
			}
			if a.To, err = moment("--to", to); err != nil {
				return err
			}
			if !a.From.IsZero() && !a.To.IsZero() && !a.From.Before(a.To) {
				return app.Usage(fmt.Errorf("--from %s is not before --to %s", from, to))
			}
			own, err := readSources(sources)
			if err != nil {
				return err
			}
			for i := range own {
				own[i].Schedule = new("") // the command exports what it is asked for, and nothing else
			}
			session, err := w.openWith(c.Context(), t, func(c *stack.Config) { c.Sources = own })
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			return session.export(c.Context(), a)
		},
	}
	w.flags(c)
	hideRemote(c) // they are there to be told apart from flags that nobody knows, and refused with what to do
	c.Flags().StringVar(&a.Source, "source", "", "name of the source")
	c.Flags().StringVar(&from, "from", "", "beginning of the span (RFC 3339, a date, or a duration such as 24h ago)")
	c.Flags().StringVar(&to, "to", "", "end of the span, not itself in it (as --from)")
	c.Flags().StringArrayVar(&a.Tenants, "tenant", nil, "only rows of this tenant; may be given several times")
	c.Flags().StringVar(&a.By, "by", "", "who asks, for the audit log (default: the name of the user)")
	c.Flags().BoolVar(&a.wait, "wait", false, "wait until every row is in the sandbox")
	c.Flags().StringVar(&sources, "sources", "", sourcesHelp+", to run a stack where none runs")
	c.MarkFlagRequired("source")
	_ = c.RegisterFlagCompletionFunc("source", completeSource)
	t.jsonFlag(c)
	c.AddCommand(newExportStatus(t), newExportSkip(t))
	return c
}

// asked is what a command asks for.
type asked struct {
	exporter.RefreshRequest
	wait bool
}

// noted is the report on an export that nobody waits for.
type noted struct {
	Run     string `json:"run"`
	Source  string `json:"source"`
	Refresh string `json:"refresh"` // where its end is told
}

// export asks the stack for an export and, if wanted, waits for its end.
func (s *session) export(ctx context.Context, a asked) error {
	if a.By == "" {
		a.By = userName()
	}
	if s.cfg.Remote.NATS != "" {
		return app.Usage(errors.New("--nats: an exporter that runs elsewhere is asked by POST /refresh on its own address"))
	}
	s.started = time.Now()
	id, err := s.ask(ctx, a.RefreshRequest)
	if err != nil {
		return err
	}
	if !a.wait && !s.stack.Own() {
		n := noted{Run: id, Source: a.Source, Refresh: s.stack.Info().HTTP + "/refresh/" + id}
		s.t.say("run %s is noted; %s tells how it ends", n.Run, n.Refresh)
		if s.t.json {
			s.t.report(n)
		}
		return nil
	}
	return s.finish(s.exported(ctx, a.Source, id))
}

// exported waits until every row of a run is in the sandbox, or was refused.
func (s *session) exported(ctx context.Context, source, id string) (Report, error) {
	m, err := s.delivered(ctx, source, id)
	f := follow.New(s.stack.Bus(), s.cfg.Environment, s.started)
	for _, o := range m.Objects {
		f.Add(o, id)
	}
	if err != nil {
		return s.report(id, "", "", nil, nil), interrupted(ctx, err)
	}
	objects, err := s.wait(ctx, f)
	if err == nil && m.Failed > 0 {
		err = fmt.Errorf("%s could not be exported: maskrail audit tells why", count(int64(m.Failed), "window"))
	}
	if len(m.Objects) == 0 && err == nil {
		s.t.say("run %s: the source has nothing there", id)
	}
	return s.report(id, table(m.Objects), "", objects, nil), err
}

// table is the entity of the objects, when they are of one.
func table(objects []objref.Object) string {
	entity := ""
	for i, o := range objects {
		switch name := exporter.Entity(o.Key); {
		case i == 0:
			entity = name
		case name != entity:
			return ""
		}
	}
	return entity
}

// ask posts to the stack's /refresh and returns the run's id.
func (s *session) ask(ctx context.Context, r exporter.RefreshRequest) (string, error) {
	file := s.stack.Info().RefreshToken
	if file == "" {
		return "", app.Usage(fmt.Errorf("the stack on %s has its token for refreshes from a variable: ask it by POST /refresh", s.cfg.Dir))
	}
	token, err := keys.ReadPrivate(file)
	if err != nil {
		return "", fmt.Errorf("read the token for refreshes: %w", err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.stack.Info().HTTP+"/refresh", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+string(bytes.TrimSpace(token)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask the stack for an export: %w", err)
	}
	defer res.Body.Close()
	var answer exporter.RefreshAnswer
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("ask the stack for an export: answer %s: %w", res.Status, err)
	}
	switch res.StatusCode {
	case http.StatusAccepted:
		return answer.Run, nil
	case http.StatusNotFound:
		return "", app.Usage(fmt.Errorf("--source %q: the stack on %s does not export it: name it in the --sources of maskrail up, or stop the stack and give --sources here", r.Source, s.cfg.Dir))
	case http.StatusBadRequest:
		return "", app.Usage(errors.New(answer.Error))
	}
	return "", fmt.Errorf("ask the stack for an export: %s: %s", res.Status, answer.Error)
}

// beat is how often a run's journal is looked at.
const beat = 250 * time.Millisecond

// delivered waits until the source has delivered, and returns the manifest.
func (s *session) delivered(ctx context.Context, source, id string) (run.Manifest, error) {
	bar := s.t.bar(-1, "exporting", false)
	defer bar.Finish()
	store, raw := s.stack.Store(), s.stack.Buckets().Raw
	for {
		m, err := run.Read(ctx, store, raw, id)
		if err != nil && !errors.Is(err, run.ErrNotFound) || err == nil && m.Sealed {
			return m, err
		}
		p, err := exporter.ReadProgress(ctx, store, raw, source, id)
		if err != nil && !errors.Is(err, exporter.ErrOver) {
			return m, err
		}
		if p.Stuck() && !p.Planned {
			return m, fmt.Errorf("the source cannot be asked (%s): %s tells what to mend, and the next export goes on with it", p.Why, s.logged())
		}
		if p.Stuck() {
			return m, fmt.Errorf("%d of %s could not be exported (%s): they are tried again later; %s tells what to mend", p.Failed, count(int64(p.Windows), "window"), p.Why, s.logged())
		}
		bar.Describe(fmt.Sprintf("exported %d of %s, %s", p.Done, count(int64(p.Windows), "window"), count(p.Rows, "row")))
		_ = bar.Add(1)
		select {
		case <-time.After(beat):
		case err := <-s.stack.Failed():
			return m, err
		case <-ctx.Done():
			return m, context.Cause(ctx)
		}
	}
}

// logged is where the workers of the stack say what has failed.
func (s *session) logged() string {
	return "the log of the workers, such as " + shown(s.cfg.Dir.Log(s.cfg.Environment)) + ","
}

// userName is who runs the command.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}
