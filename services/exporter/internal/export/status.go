package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

// Progress is how far a run has come.
type Progress struct {
	Run     string        `json:"run"`
	By      string        `json:"by"`
	Created time.Time     `json:"created"`
	Planned bool          `json:"planned"`
	Span    objref.Window `json:"span"`
	Windows int           `json:"windows"`
	Done    int           `json:"done"`
	// Failed are windows that are not done, and not tried at the moment; Why is the class of one of the failures, or of what
	// keeps the run from having windows at all.
	Failed  int       `json:"failed,omitempty"`
	Why     string    `json:"why,omitempty"`
	Stopped []Stopped `json:"stopped,omitempty"` // the windows that failed, and were not given up
	Objects int       `json:"objects"`
	Rows    int64     `json:"rows"`
	Sealed  bool      `json:"sealed"`
}

// Stuck reports a run that waits for its next try, or for an operator: what is left has failed.
func (p Progress) Stuck() bool {
	return !p.Planned && p.Why != "" || p.Planned && p.Failed > 0 && p.Done+p.Failed == p.Windows
}

// Progress is how far the run of the journal has come.
func (j *Journal) Progress() Progress {
	p := Progress{Run: j.Run, By: j.By, Created: j.Created, Planned: j.Planned, Span: j.Span, Objects: len(j.objects()), Rows: j.rows(), Sealed: j.Sealed, Why: j.Failed, Stopped: j.stopped()}
	for _, w := range j.Windows {
		if w.Split {
			continue
		}
		p.Windows++
		switch {
		case w.Done:
			p.Done++
		case w.Failed != "":
			p.Failed++
			p.Why = w.Failed
		}
	}
	return p
}

// ErrOver means that a run has no journal: it is over, or was never asked for.
var ErrOver = errors.New("the run is not under way")

// ReadProgress is how far a run has come, or ErrOver.
func ReadProgress(ctx context.Context, store blob.Store, bucket, source, run string) (Progress, error) {
	s := shelf{store, bucket}
	j, err := s.load(ctx, source, run)
	if errors.Is(err, blob.ErrNotFound) {
		return Progress{}, ErrOver
	}
	if err != nil {
		return Progress{}, fmt.Errorf("read the journal of run %s: %w", run, err)
	}
	return j.Progress(), nil
}

// Status is how far a source has come.
type Status struct {
	Marks
	Runs  []Progress `json:"runs"`            // that are under way, the oldest first
	Skips []Skip     `json:"skips,omitempty"` // what operators have decided not to wait for, the oldest first
}

// ReadStatus is how far each source has come, in the order of their names.
func ReadStatus(ctx context.Context, store blob.Store, bucket string) ([]Status, error) {
	s := shelf{store, bucket}
	var names []string
	for o, err := range store.List(ctx, bucket, Prefix) {
		if err != nil {
			return nil, fmt.Errorf("list exports: %w", err)
		}
		token, _, _ := strings.Cut(strings.TrimPrefix(o.Key, Prefix), "/")
		name, ok := objref.ParseToken(strings.TrimSuffix(token, ".json"))
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all []Status
	for _, name := range names {
		journals, err := s.journals(ctx, name)
		if err != nil {
			return nil, err
		}
		m, err := s.readMarks(ctx, name, journals)
		if err != nil {
			return nil, err
		}
		skips, err := s.skips(ctx, name)
		if err != nil {
			return nil, err
		}
		st := Status{Marks: *m, Runs: []Progress{}, Skips: skips}
		for _, j := range journals {
			st.Runs = append(st.Runs, j.Progress())
		}
		all = append(all, st)
	}
	return all, nil
}
