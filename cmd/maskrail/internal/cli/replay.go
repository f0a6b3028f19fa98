package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

func newReplay(t *terminal) *cobra.Command {
	var (
		s            settings
		q            history
		since, until string
		dryRun       bool
		remote       stack.Remote
	)
	c := &cobra.Command{
		Use:   "replay --dir DIR --policy P --key-file K --stage STAGE --env NAME",
		Short: "Send what went through a stage before to an environment again",
		Long: `Reads the history of a stage from its stream and hands it to the workers of one environment, under a
run of its own. A new environment is filled this way; one that has the rows already does not change.
Live work goes on undisturbed. What was discarded in the environment is left out.

Uses the stack that runs on DIR, or runs one for the time being. With --nats and --s3 it works
against running servers and workers instead.`,
		Example: `  maskrail replay --policy policy.yaml --key-file root.key --dir data --env second
  maskrail replay --policy policy.yaml --key-file root.key --dir data --stage masked --since 24h --dry-run`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if q.span, err = readSpan(since, until); err != nil {
				return err
			}
			switch q.stage {
			case objref.AtRaw, objref.AtMasked, objref.AtValidated:
			default:
				return app.Usage(fmt.Errorf("--stage %q: want raw, masked or validated", q.stage))
			}
			cfg, err := s.config(c.Context())
			if err != nil {
				return err
			}
			cfg.Remote = remote
			if remote.NATS == "" {
				if _, err := os.Stat(filepath.Join(s.dir, "nats")); err != nil {
					return app.Usage(fmt.Errorf("--dir %s holds no history: name the folder of an earlier run", s.dir))
				}
			}
			session, err := open(c.Context(), t, cfg)
			if err != nil {
				return err
			}
			defer session.close(c.Context())
			return session.replay(c.Context(), q, dryRun)
		},
	}
	s.flags(c)
	c.Flags().StringVar((*string)(&q.stage), "stage", string(objref.AtRaw), "stage to begin with: raw, masked or validated")
	c.Flags().StringVar(&q.entity, "entity", "", "only this entity")
	c.Flags().StringVar(&q.tenant, "tenant", "", "only objects of this tenant; those of several tenants do not match")
	c.Flags().StringVar(&since, "since", "", "only what came at or after this time (RFC 3339, a date, or a duration such as 24h ago)")
	c.Flags().StringVar(&until, "until", "", "only what came before this time (as --since)")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be replayed, and stop")
	remote.Flags(c.Flags())
	t.jsonFlag(c)
	return c
}

// history selects messages of a stage.
type history struct {
	stage          objref.Stage
	entity, tenant string
	span
}

// read finds the selected references, the newest reference to each raw object, oldest object first.
func (s *session) read(ctx context.Context, q history) ([]objref.Ref, error) {
	entity := "*"
	if q.entity != "" {
		entity = objref.Token(q.entity)
	}
	tenant := "*"
	if q.tenant != "" {
		tenant = objref.Token(q.tenant)
	}
	stream, filter := bus.Raw, "maskrail.raw."
	switch env := objref.Token(s.cfg.Environment); q.stage {
	case objref.AtMasked:
		stream, filter = bus.Masked, "maskrail.masked."+env+"."
	case objref.AtValidated:
		stream, filter = bus.Validated, "maskrail.validated."+env+"."
	}
	latest := map[string]int{}
	var refs []objref.Ref
	err := s.stack.Bus().Read(ctx, bus.Query{Stream: stream, Filters: []string{filter + entity + "." + tenant}, Since: q.since, Until: q.until},
		func(m bus.Message) error {
			ref, _, err := objref.Decode(m)
			if err != nil {
				return nil //nolint:nilerr // what cannot be read was dead-lettered by the worker of the stage
			}
			i, ok := latest[slot(ref.Origin())]
			if ok {
				refs[i] = ref
				return nil
			}
			latest[slot(ref.Origin())] = len(refs)
			refs = append(refs, ref)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", stream, err)
	}
	return refs, nil
}

// slot is what holds one object at a time: in a bucket without versioning an overwritten object is gone, and the
// reference of its successor stands for it.
func slot(o objref.Object) string {
	if strings.HasPrefix(o.Version, "etag:") {
		o.Version = ""
	}
	return o.Identity()
}

func (s *session) replay(ctx context.Context, q history, dryRun bool) error {
	refs, err := s.read(ctx, q)
	if err != nil {
		return err
	}
	if refs, err = s.undiscarded(ctx, refs); err != nil {
		return err
	}
	table := q.entity
	if table == "" && len(entities(s.cfg.Policies)) == 1 {
		table = entities(s.cfg.Policies)[0]
	}
	if dryRun || len(refs) == 0 {
		return s.listed(table, q.stage, refs, dryRun)
	}
	id := run.NewID()
	manifest := run.Manifest{Run: id, Source: "replay", Sealed: true}
	f := follow.New(s.stack.Bus(), s.cfg.Environment, s.started)
	for _, ref := range refs {
		manifest.Objects = append(manifest.Objects, ref.Origin())
		f.Add(ref.Origin(), id)
	}
	if err := run.Write(ctx, s.stack.Store(), s.stack.Buckets().Raw, manifest); err != nil {
		return err
	}
	for _, ref := range refs {
		ref.Run = id
		if err := s.resend(ctx, ref, q.stage); err != nil {
			return err
		}
	}
	objects, err := s.wait(ctx, f)
	return s.finish(s.report(id, table, q.stage, objects, nil), err)
}

// undiscarded leaves out what somebody has given up in this environment, and says so: only a release takes that back.
func (s *session) undiscarded(ctx context.Context, refs []objref.Ref) (kept []objref.Ref, err error) {
	items, err := s.quarantine().List(ctx)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, i := range items {
		gone[i.ID] = i.State == objref.Discarded
	}
	for _, ref := range refs {
		if !gone[ref.Origin().Identity()] {
			kept = append(kept, ref)
		}
	}
	if n := len(refs) - len(kept); n > 0 {
		fmt.Fprintf(s.t.err, "maskrail: %s discarded in %s and left out: maskrail quarantine release takes back what ls --all shows\n",
			map[bool]string{true: "1 object was", false: fmt.Sprintf("%d objects were", n)}[n == 1], s.cfg.Environment)
	}
	return kept, nil
}

// listed ends a replay that has nothing to do, or was asked only what it would do.
func (s *session) listed(table string, from objref.Stage, refs []objref.Ref, dryRun bool) error {
	r := s.report("", table, from, nil, nil)
	r.DryRun = dryRun
	var bytes int64
	for _, ref := range refs {
		r.Objects = append(r.Objects, ObjectReport{Object: ref.Origin().ShortID(), Rows: ref.Rows})
		bytes += ref.Object.Bytes
	}
	if s.t.json {
		s.t.report(r)
		return nil
	}
	if len(refs) == 0 {
		s.t.say("nothing to replay: the stream holds no message that fits; what is older than its horizon must be dropped again")
		return nil
	}
	s.t.say("%s (%d bytes) would be replayed from stage %s into %s", count(int64(len(refs)), "object"), bytes, from, s.cfg.Environment)
	return nil
}
