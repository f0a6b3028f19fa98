package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/follow"
	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/run"
)

// session is one command's work on a stack: its own, or the one that runs on the folder.
type session struct {
	t       *terminal
	cfg     stack.Config
	stack   *stack.Stack
	states  *run.States
	notices *notices
	started time.Time // of the work that is reported
}

// open opens a session with workers.
func open(ctx context.Context, t *terminal, cfg stack.Config) (*session, error) {
	return begin(ctx, t, cfg, stack.Open)
}

// begin opens a session on the stack that reach gives.
func begin(ctx context.Context, t *terminal, cfg stack.Config, reach func(context.Context, stack.Config) (*stack.Stack, error)) (*session, error) {
	n := newNotices(t.err)
	cfg.Notices = n
	st, err := reach(ctx, cfg)
	if err != nil {
		return nil, unlessStopped(ctx, err)
	}
	s := &session{t: t, cfg: cfg, stack: st, notices: n, started: time.Now()}
	if s.states, err = run.OpenStates(ctx, st.Bus()); err != nil {
		s.close(ctx)
		return nil, unlessStopped(ctx, err)
	}
	return s, nil
}

// unlessStopped says that a stop was asked for, instead of where it struck.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() == nil || app.IsUsage(err) {
		return err
	}
	return context.Cause(ctx)
}

// close stops what the session started. It also works when ctx has ended.
func (s *session) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stack.Grace)
	defer cancel()
	if err := s.stack.Close(ctx); err != nil {
		fmt.Fprintf(s.t.err, "maskrail: stop: %v\n", err)
	}
}

// drop puts the files into the raw bucket and waits until each has come to its end.
func (s *session) drop(ctx context.Context, entity string, files []string) (Report, error) {
	s.started = time.Now()
	id := run.NewID()
	f := follow.New(s.stack.Bus(), s.cfg.Environment, s.started)
	names := map[string]string{} // identity → file
	manifest := run.Manifest{Run: id, Source: "files"}
	for _, file := range files {
		raw, before, err := s.put(ctx, entity, file)
		if err != nil {
			return s.report(id, entity, "", nil, names), interrupted(ctx, fmt.Errorf("%s: %w", file, s.explain(err)))
		}
		if first, twice := names[raw.Identity()]; twice {
			fmt.Fprintf(s.t.err, "maskrail: %s is the same as %s: taken once\n", file, first)
			continue
		}
		names[raw.Identity()] = file
		manifest.Objects = append(manifest.Objects, raw)
		// What came to an end is told of anew by this run alone, and of what is on its way whichever is the first counts.
		only := ""
		if before == ended {
			only = id
		}
		f.Add(raw, only)
		if before == absent {
			continue // the event brings it
		}
		// Neither event nor sweep moves an object that was announced before: it came to an end, or another environment
		// has it, or an earlier command gave up on it. Send it through once more.
		if err := s.resend(ctx, objref.Ref{Entity: entity, Run: id, Tenant: objref.Several, Object: raw}, objref.AtRaw); err != nil {
			return s.report(id, entity, "", nil, names), interrupted(ctx, err)
		}
	}
	manifest.Sealed = true
	if err := run.Write(ctx, s.stack.Store(), s.stack.Buckets().Raw, manifest); err != nil {
		return s.report(id, entity, "", nil, names), interrupted(ctx, err)
	}
	objects, err := s.wait(ctx, f)
	return s.report(id, entity, "", objects, names), err
}

// interrupted says what a stop means for the work, instead of where it struck.
func interrupted(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("%w: nothing is lost, and the same command goes on from here", context.Cause(ctx))
}

// earlier is what is known of an object before it is put.
type earlier int

const (
	absent earlier = iota
	there          // in the bucket, without an end in this environment
	ended
)

// put stores the file in the raw bucket and says what was known of this version of the object before. The key holds the
// content's digest, so two files of one name are two objects.
func (s *session) put(ctx context.Context, entity, file string) (objref.Object, earlier, error) {
	in, err := os.Open(file)
	if err != nil {
		return objref.Object{}, absent, err
	}
	defer in.Close()
	h := sha256.New()
	size, err := io.Copy(h, in)
	if err != nil {
		return objref.Object{}, absent, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	loc := blob.Location{Bucket: s.stack.Buckets().Raw, Key: entity + "/" + sum[:16] + "/" + filepath.Base(file)}

	before := absent
	switch old, err := s.stack.Store().Head(ctx, loc); {
	case err == nil:
		before = there
		_, err := s.states.Get(ctx, s.cfg.Environment, objref.From(old).Identity())
		if err != nil && !errors.Is(err, bus.ErrNotFound) {
			return objref.Object{}, absent, err
		}
		if err == nil {
			before = ended
		}
	case !errors.Is(err, blob.ErrNotFound):
		return objref.Object{}, absent, err
	}
	o, err := s.stack.Store().Put(ctx, loc, in, size, blob.PutOptions{SHA256: sum})
	if err != nil {
		return objref.Object{}, absent, err
	}
	return objref.From(o), before, nil
}

// resend hands a reference to this environment's workers alone, from the stage on.
func (s *session) resend(ctx context.Context, ref objref.Ref, at objref.Stage) error {
	m, err := objref.Encode(ref, at, ref.ReplaySubject(s.cfg.Environment, at), "/maskrail")
	if err != nil {
		return err
	}
	return s.stack.Bus().Publish(ctx, m)
}

// wait follows the objects to their end, with a progress bar for people.
func (s *session) wait(ctx context.Context, f *follow.Follower) ([]follow.Object, error) {
	bar := s.t.bar(int64(4*f.Len()), "starting", false)
	defer bar.Finish()
	outer := ctx
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	go func() {
		select {
		case err := <-s.notices.lost:
			giveUp(fmt.Errorf("%w: nothing is lost: mend that and run the same command again", s.explain(err)))
		case <-ctx.Done():
		}
	}()
	objects, err := f.Wait(ctx, s.stack.Failed(), func(p follow.Progress) {
		bar.Describe(fmt.Sprintf("masked %d, validated %d, done %d of %d",
			p.Reached[objref.AtMasked], p.Reached[objref.AtValidated], p.Settled, p.Objects))
		bar.Set64(int64(p.Reached[objref.AtRaw] + p.Reached[objref.AtMasked] + p.Reached[objref.AtValidated] + p.Settled))
	})
	return objects, interrupted(outer, err)
}

// explain adds the reason that lies below many others.
func (s *session) explain(err error) error {
	if s.cfg.Remote.NATS != "" {
		return err
	}
	if full := s.cfg.Dir.Space(); full != nil {
		return fmt.Errorf("%w: %w", full, err)
	}
	if strings.Contains(err.Error(), blob.ErrFull.Error()) { // of a worker there is the text alone
		return fmt.Errorf("folder %s is too full for the object: free some space or choose another with --dir: %w",
			filepath.Dir(s.cfg.Dir.Bucket(s.stack.Buckets().Raw)), err)
	}
	return err
}

// finish prints the report and says how the command ends.
func (s *session) finish(r Report, err error) error {
	if err != nil {
		r.Error = err.Error()
	}
	if s.t.json {
		s.t.report(r)
	} else if len(r.Objects) > 0 {
		r.print(s.t)
	}
	if err != nil {
		return err
	}
	if r.Refused() {
		s.whatNext(r)
		return fmt.Errorf("%w: %d of %s", errRefused, r.refused(), count(int64(len(r.Objects)), "object"))
	}
	return nil
}

// whatNext says how to learn more of the first object that was refused.
func (s *session) whatNext(r Report) {
	if s.t.json || s.cfg.Remote.NATS != "" {
		return
	}
	i := slices.IndexFunc(r.Objects, ObjectReport.stopped)
	env := ""
	if s.cfg.Environment != defaultEnvironment {
		env = " --env " + s.cfg.Environment
	}
	s.t.say("more on it: %s quarantine show --dir %s%s %s", itself(), shown(string(s.cfg.Dir)), env, r.Objects[i].Object)
}
