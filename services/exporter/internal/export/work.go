package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// work is a run that is under way in this process.
type work struct {
	*feed
	saving chan struct{} // held by who writes the journal

	mu     sync.Mutex // over the journal
	j      *Journal
	active int        // windows that a worker has
	turn   *sync.Cond // of mu: a window became pending, or a worker is free
	failed error      // of one of the windows
}

// errIncomplete means that windows of a run are not done.
var errIncomplete = errors.New("windows could not be exported")

// work brings a run to its end, from wherever it is. After an error it may be called again.
func (f *feed) work(ctx context.Context, j *Journal) error {
	w := &work{feed: f, j: j, saving: make(chan struct{}, 1)}
	w.turn = sync.NewCond(&w.mu)
	if j.Planned {
		if err := f.note(ctx, j, nil, RunResumed); err != nil {
			return err
		}
	} else if err := w.plan(ctx); err != nil {
		return w.unplanned(ctx, err)
	}
	if j.Marks != nil { // again after a crash, which changes nothing
		marks, err := f.readMarks(ctx, f.Name, []*Journal{j})
		if err != nil {
			return err
		}
		if err := f.writeMarks(ctx, marks); err != nil {
			return err
		}
	}
	if err := run.Write(ctx, f.Store, f.Raw, f.manifest(j)); err != nil && !errors.Is(err, run.ErrSealed) {
		return err
	}
	if err := w.giveUpSkipped(ctx); err != nil {
		return err
	}
	var workers sync.WaitGroup
	for range max(f.Workers, 1) {
		workers.Go(func() {
			for next := w.take(); next != nil; next = w.take() {
				w.release(w.export(ctx, next))
			}
		})
	}
	workers.Wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case w.failed == nil:
	case j.Marks != nil: // a window that the marks wait for is given up by an operator alone
		if err := w.giveUpSkipped(ctx); err != nil {
			return err
		}
		if slices.ContainsFunc(j.Windows, (*Window).pending) {
			return fmt.Errorf("%w: %w", errIncomplete, w.failed)
		}
	default:
		if err := w.giveUp(ctx); err != nil {
			return err
		}
	}
	return w.seal(ctx)
}

// telling is after how many tries a run that cannot be planned says why. Each takes the client's own tries, up to a minute.
const telling = 2

// plan decides on the windows and writes them down.
func (w *work) plan(ctx context.Context) error {
	var available time.Time
	policy := w.retries(ctx)
	tell := policy.Notify
	policy.Notify = func(err error, attempt int, wait time.Duration) {
		tell(err, attempt, wait)
		if attempt == telling { // those who wait need not wait for the last try to know
			w.j.Failed = failure(err)
			if err := w.feed.save(ctx, w.j); err != nil {
				w.Telemetry.Log().WarnContext(ctx, "that a run does not begin could not be written down", "source", w.Name, "run", w.j.Run, "error", err.Error())
			}
		}
	}
	err := retry.Do(ctx, policy, func(ctx context.Context) (err error) {
		if available, err = w.available(ctx); errors.Is(err, source.ErrRefused) {
			return retry.Permanent(err)
		}
		return err
	})
	if err != nil {
		return err
	}
	marks, err := w.readMarks(ctx, w.Name, nil)
	if err != nil {
		return err
	}
	w.Settings.plan(w.j, marks, available)
	w.j.Failed = ""
	if len(w.j.Tenants) == 0 {
		w.j.Tenants = w.Tenants
	}
	if len(w.j.Tenants) == 0 { // sources tell no list from an empty one: that would be nobody's rows
		w.j.Tenants = nil
	}
	if err := w.note(ctx, w.j, &Window{Window: w.j.Span}, RunPlanned, counts(map[string]int64{"windows": int64(len(w.j.Windows))})); err != nil {
		return err
	}
	return w.feed.save(ctx, w.j)
}

// unplanned notes why a run has no windows yet, for those who wait for it.
func (w *work) unplanned(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return cause
	}
	*w.j = Journal{
		Run: w.j.Run, Source: w.j.Source, By: w.j.By, Created: w.j.Created, Tick: w.j.Tick, From: w.j.From, To: w.j.To,
		Tenants: w.j.Tenants, Failed: failure(cause),
	}
	// Before the journal says it: who waits for the run ends then, and maybe this process with him.
	w.Telemetry.Log().ErrorContext(ctx, "a run could not begin", "source", w.Name, "run", w.j.Run, "class", w.j.Failed, "error", cause.Error())
	if err := w.note(ctx, w.j, nil, RunFailed, class(w.j.Failed)); err != nil {
		return errors.Join(cause, err)
	}
	return errors.Join(cause, w.feed.save(ctx, w.j))
}

// take is the next window to export, the oldest first; nil when none is left and none can come.
func (w *work) take() *Window {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for _, next := range w.j.Windows {
			if next.pending() && !next.taken {
				next.taken = true
				w.active++
				return next
			}
		}
		if w.active == 0 {
			return nil
		}
		w.turn.Wait()
	}
}

// release says that a worker is done with its window.
func (w *work) release(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && w.failed == nil {
		w.failed = err
	}
	w.active--
	w.turn.Broadcast()
}

// save writes the journal as it is now, with what all its windows have done.
func (w *work) save(ctx context.Context) error {
	return w.write(ctx, w.journal(w.Name, w.j.Run), w.j, nil)
}

// change changes the journal and writes it.
func (w *work) change(ctx context.Context, do func()) error {
	return w.write(ctx, w.journal(w.Name, w.j.Run), w.j, do)
}

// keep changes a window that is under way and writes it beside the journal: pages are many, and a journal may be long.
func (w *work) keep(ctx context.Context, next *Window, do func()) error {
	return w.write(ctx, w.window(w.Name, w.j.Run, next.Window), next, func() {
		next.Kept++
		do()
	})
}

// write changes a part of the journal and writes it, one after the other.
func (w *work) write(ctx context.Context, at blob.Location, part any, do func()) error {
	select {
	case w.saving <- struct{}{}:
		defer func() { <-w.saving }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	w.mu.Lock()
	if do != nil {
		do()
	}
	now, err := json.Marshal(part)
	w.mu.Unlock()
	if err == nil {
		err = w.put(ctx, at, now)
	}
	if err != nil {
		return fmt.Errorf("write the journal of run %s: %w", w.j.Run, err)
	}
	return nil
}

// seal writes down that nothing is exported any more, for those who wait for the run.
func (w *work) seal(ctx context.Context) error {
	if err := w.strays(ctx); err != nil {
		return err
	}
	w.j.Sealed = true
	m := w.manifest(w.j)
	if err := w.note(ctx, w.j, nil, RunSealed, counts(map[string]int64{
		"objects": int64(len(m.Objects)), "rows": w.j.rows(), "windows": int64(len(w.j.Windows)), "failed": int64(m.Failed),
	})); err != nil {
		return err
	}
	// A run that is sealed already was sealed by a process that died before it could say so here.
	if err := run.Write(ctx, w.Store, w.Raw, m); err != nil && !errors.Is(err, run.ErrSealed) {
		return err
	}
	return w.feed.save(ctx, w.j)
}

// strays finds the objects of the run that no window knows of: a process that died may have stored them, and the source may
// have delivered other bytes in their place since. They are announced by now, so they belong to the run.
func (w *work) strays(ctx context.Context) error {
	known, entities := map[string]bool{}, map[string]bool{}
	for _, o := range w.j.objects() {
		known[o.Identity()] = true
		if at, ok := source.ParseKey(o.Key); ok {
			entities[at.Entity] = true
		}
	}
	for entity := range entities {
		for o, err := range w.Store.List(ctx, w.Raw, source.Prefix(entity, w.j.Run)) {
			if err != nil {
				return err
			}
			if known[objref.From(o).Identity()] {
				continue
			}
			head, err := w.Store.Head(ctx, blob.Location{Bucket: w.Raw, Key: o.Key})
			if err != nil {
				return err
			}
			if err := w.Announce(ctx, head.Location); errors.Is(err, ErrIgnored) {
				continue // something that a provider has laid there beside the data
			} else if err != nil {
				return err
			}
			w.j.Strays = append(w.j.Strays, Object{Object: objref.From(head)})
		}
	}
	return nil
}

// giveUp ends a run on demand of which windows cannot be exported: what they have left with the provider is taken back.
func (w *work) giveUp(ctx context.Context) error {
	for _, next := range w.j.Windows {
		if !next.pending() {
			continue
		}
		w.drop(ctx, next)
	}
	if err := w.note(ctx, w.j, nil, RunGivenUp, counts(map[string]int64{"windows": int64(w.j.GivenUp())})); err != nil {
		return err
	}
	return w.save(ctx)
}

// drop gives a window up and takes back what it has left with the provider.
func (w *work) drop(ctx context.Context, next *Window) {
	w.abandon(ctx, next)
	next.GivenUp, next.State = true, nil
}

// abandon takes back what a window that will not go on has left with the provider. If that fails it expires there.
func (w *work) abandon(ctx context.Context, next *Window) {
	if err := w.src.Abandon(ctx, w.task(next)); err != nil && ctx.Err() == nil {
		w.Telemetry.Log().WarnContext(ctx, "what a window has left with the provider cannot be taken back", "source", w.Name, "run", w.j.Run, "error", err.Error())
	}
}

func (w *work) task(next *Window) source.Task {
	return source.Task{Run: w.j.Run, Window: next.Window, Tenants: w.j.Tenants, State: next.State}
}
