package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/tenant"
)

// Skip is an operator's decision about a span that the provider does not give: its windows are asked for as before, and one
// that fails and lies in the span whole is given up instead of waited for. It holds for later runs too, which ask for the span
// again at their overlap and at their ages; what the provider gives then is exported. No program decides that.
type Skip struct {
	objref.Window
	By  string    `json:"by"`
	Why string    `json:"why"`
	At  time.Time `json:"at"`
}

// Stopped is a window that has failed and that nothing but another try or an operator moves.
type Stopped struct {
	objref.Window
	Run   string `json:"run"`
	Class string `json:"class"` // of the last failure
}

// SkipRequest asks for a Skip.
type SkipRequest struct {
	Source   string
	From, To time.Time // half-open
	By, Why  string
}

func (r SkipRequest) check() error {
	names, err := tenant.NewNames("")
	if err != nil {
		return err
	}
	switch {
	case r.From.IsZero() || r.To.IsZero() || !r.From.Before(r.To):
		return fmt.Errorf("%w: want the beginning of the span, and an end after it", ErrRequest)
	case !plain(r.By):
		return fmt.Errorf("%w: by: want the name of who decides, 1 to %d characters, for the audit log", ErrRequest, maxName)
	case !plain(r.Why) || strings.TrimSpace(r.Why) == "":
		return fmt.Errorf("%w: why: want a reason of 1 to %d characters, for the audit log", ErrRequest, maxName)
	}
	if wrong := names.Refuse([]byte(r.Why)); wrong != "" {
		return fmt.Errorf("%w: why: the text %s, and the audit log holds none", ErrRequest, wrong)
	}
	return nil
}

// DecideSkip writes an operator's decision down, first in the audit log, and returns the windows that it gives up; the exporter of
// the source does the rest when it next looks. There has to be such a window: nobody decides about what has not failed.
func DecideSkip(ctx context.Context, store blob.Store, bucket string, r SkipRequest) ([]Stopped, error) {
	r.From, r.To = floor(r.From), ceil(r.To)
	if err := r.check(); err != nil {
		return nil, err
	}
	s := shelf{store, bucket}
	journals, err := s.journals(ctx, r.Source)
	if err != nil {
		return nil, err
	}
	k := Skip{Window: objref.Window{From: r.From, To: r.To}, By: r.By, Why: r.Why, At: time.Now().UTC().Truncate(grain)}
	var hit []Stopped
	for _, j := range journals {
		if j.Marks == nil {
			continue // nothing waits for it
		}
		for _, w := range j.stopped() {
			switch {
			case within(w.Window, k.Window):
				hit = append(hit, w)
			case w.From.Before(k.To) && k.From.Before(w.To):
				return nil, fmt.Errorf("%w: the span cuts the window from %s to %s, which failed: take all of it, or none", ErrRequest, w.From.Format(time.RFC3339Nano), w.To.Format(time.RFC3339Nano))
			}
		}
	}
	if len(hit) == 0 {
		return nil, fmt.Errorf("%w: no window of source %s that failed lies in the span: maskrail export status lists them", ErrRequest, r.Source)
	}
	if err := audit.Open(store, bucket, AuditPrefix).Append(ctx, audit.Entry{
		Actor: k.By, Action: SkipRequested, Source: r.Source, Window: &k.Window, Why: k.Why, At: k.At,
		Counts: map[string]int64{"windows": int64(len(hit))},
	}); err != nil {
		return nil, err
	}
	if err := s.write(ctx, s.skip(r.Source, k.Window), k); err != nil {
		return nil, fmt.Errorf("write down what is to be skipped: %w", err)
	}
	return hit, nil
}

func within(w, span objref.Window) bool { return !w.From.Before(span.From) && !w.To.After(span.To) }

// covers reports that one of the decisions is about the whole window.
func covers(skips []Skip, w *Window) bool {
	return slices.ContainsFunc(skips, func(k Skip) bool { return within(w.Window, k.Window) })
}

// stopped reports a window that has failed and was not given up.
func (w *Window) stopped() bool { return w.pending() && w.Failed != "" }

// stopped are the windows of a run that wait for another try or an operator.
func (j *Journal) stopped() (all []Stopped) {
	for _, w := range j.Windows {
		if w.stopped() {
			all = append(all, Stopped{w.Window, j.Run, w.Failed})
		}
	}
	return all
}

// decided reports that the run has windows that failed and that were decided about since.
func (j *Journal) decided(skips []Skip) bool {
	return j.Marks != nil && slices.ContainsFunc(j.Windows, func(w *Window) bool { return w.stopped() && covers(skips, w) })
}

// giveUpSkipped gives up the windows of a run that have failed and that an operator has decided about.
func (w *work) giveUpSkipped(ctx context.Context) error {
	if len(w.j.stopped()) == 0 {
		return nil
	}
	skips, err := w.skips(ctx, w.Name)
	if err != nil || !w.j.decided(skips) {
		return err
	}
	for _, next := range w.j.Windows {
		if !next.stopped() || !covers(skips, next) {
			continue
		}
		if err := w.note(ctx, w.j, next, WindowSkipped, class(next.Failed)); err != nil {
			return err
		}
		w.drop(ctx, next)
		w.outcome(ctx, "skipped")
	}
	return w.save(ctx)
}

func (s shelf) skip(source string, w objref.Window) blob.Location {
	return blob.Location{Bucket: s.bucket, Key: fmt.Sprintf("%s%d-%d.json", skipFolder(source), w.From.UnixMilli(), w.To.UnixMilli())}
}

func skipFolder(source string) string { return folder(source) + "skip/" }

// skips are the decisions about a source, the oldest span first.
func (s shelf) skips(ctx context.Context, source string) ([]Skip, error) {
	var all []Skip
	for o, err := range s.store.List(ctx, s.bucket, skipFolder(source)) {
		var k Skip
		if err == nil {
			err = s.read(ctx, blob.Location{Bucket: s.bucket, Key: o.Key}, &k)
		}
		if errors.Is(err, blob.ErrNotFound) {
			continue // somebody has deleted it
		}
		if err != nil {
			return nil, fmt.Errorf("read what is to be skipped of source %s: %w", source, err)
		}
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Skip) int { return a.From.Compare(b.From) })
	return all, nil
}
