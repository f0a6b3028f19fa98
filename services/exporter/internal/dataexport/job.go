package dataexport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// state is what goes on after a crash. It is saved before a job is ordered, without an id, and again with it: whoever
// finds an order without an id looks for the job by its prefix, which no other task has.
type state struct {
	Ordered time.Time `json:"ordered"`
	Job     string    `json:"job,omitempty"`
}

func (st state) save(ctx context.Context, sink source.Sink) error {
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return sink.Save(ctx, b)
}

func readState(b []byte) (st state, err error) {
	if b == nil {
		return state{}, nil
	}
	if json.Unmarshal(b, &st) != nil || st.Ordered.IsZero() {
		return state{}, fmt.Errorf("read state of export: %w: it is not one of this version", source.ErrRestart)
	}
	return st, nil
}

// prefix is where the job of the task puts its objects.
func (s *Source) prefix(t source.Task) string {
	return source.Prefix(s.config.Entity, t.Run) + windowName(t.Window) + "/"
}

func (s *Source) exportAll(ctx context.Context, t source.Task, sink source.Sink) error {
	st, err := readState(t.State)
	if err != nil {
		return err
	}
	if st.Job == "" {
		if st, err = s.begin(ctx, t, st, sink); err != nil {
			return err
		}
	}
	j, err := s.wait(ctx, st, sink)
	if err != nil {
		return err
	}
	if err := s.check(j, s.prefix(t)); err != nil {
		// What it wrote it wrote: the next try, say when the provider was mended, orders another one.
		return errors.Join(err, sink.Note(ctx, source.JobFailed, st.Job), sink.Save(ctx, nil))
	}
	for _, o := range j.Objects {
		if err := sink.Adopt(ctx, o.Key, o.Rows); err != nil {
			return err
		}
	}
	return sink.Note(ctx, source.JobDone, st.Job)
}

// begin orders a job, or takes up the one that was ordered before a crash.
func (s *Source) begin(ctx context.Context, t source.Task, st state, sink source.Sink) (state, error) {
	if !st.Ordered.IsZero() {
		adopted, err := s.adopt(ctx, t, st, sink)
		if err != nil || adopted.Job != "" {
			return adopted, err
		}
	}
	st = state{Ordered: time.Now().UTC()}
	if err := st.save(ctx, sink); err != nil {
		return st, err
	}
	id, err := s.create(ctx, s.order(t.Window, s.prefix(t)))
	if err != nil {
		return st, err
	}
	return st.begun(ctx, source.JobCreated, id, sink)
}

// begun keeps the id. It is noted first: a job that is not noted would be one that nobody can account for.
func (st state) begun(ctx context.Context, how, id string, sink source.Sink) (state, error) {
	st.Job = id
	if err := sink.Note(ctx, how, id); err != nil {
		return st, err
	}
	return st, st.save(ctx, sink)
}

// adopt finds the job of an order whose answer nobody heard. Of several, which an order that was repeated leaves, it takes
// the first and deletes the others.
func (s *Source) adopt(ctx context.Context, t source.Task, st state, sink source.Sink) (state, error) {
	ids, err := s.alive(ctx, s.prefix(t))
	if err != nil || len(ids) == 0 {
		return st, err
	}
	if st, err = st.begun(ctx, source.JobAdopted, ids[0], sink); err != nil {
		return st, err
	}
	for _, id := range ids[1:] {
		if err := errors.Join(s.remove(ctx, id), sink.Note(ctx, source.JobDeleted, id)); err != nil {
			return st, err
		}
	}
	return st, nil
}

// polls are the waits between two looks at a job.
var polls = retry.Policy{Initial: time.Second, Max: 30 * time.Second, Factor: 1.5, Jitter: 0.2}

// jobTime is how long a job may take; a longer one is taken to be stuck.
const jobTime = 24 * time.Hour

var errPending = errors.New("the job goes on")

// wait looks at the job until it is complete.
func (s *Source) wait(ctx context.Context, st state, sink source.Sink) (job, error) {
	var j job
	var asked error
	err := retry.Do(ctx, polls, func(ctx context.Context) error {
		j, asked = s.status(ctx, st.Job)
		if goesOn := j.State == queued || j.State == running; asked == nil && goesOn && time.Since(st.Ordered) <= jobTime {
			return errPending
		}
		return nil
	})
	switch {
	case err != nil:
		return j, fmt.Errorf("wait for export job: %w", err)
	case errors.Is(asked, source.ErrRestart):
		return j, errors.Join(asked, sink.Note(ctx, source.JobLost, st.Job))
	case asked != nil:
		return j, asked
	}
	// What the provider says about its failure is text of its own, and stays with it.
	switch j.State {
	case completed:
		return j, nil
	case failed:
		return j, ended(ctx, sink, source.JobFailed, st.Job, source.ErrSplit, "it failed")
	case expired, cancelled:
		return j, ended(ctx, sink, source.JobLost, st.Job, source.ErrRestart, "it expired, or somebody cancelled it")
	case queued, running:
		if err := s.remove(ctx, st.Job); err != nil {
			return j, err
		}
		return j, ended(ctx, sink, source.JobDeleted, st.Job, source.ErrSplit, "it did not end within a day")
	}
	return j, fmt.Errorf("%s: it is in a state that the contract does not have", opStatus)
}

func ended(ctx context.Context, sink source.Sink, how, id string, means error, why string) error {
	err := fmt.Errorf("export job: %w: %s", means, why)
	return errors.Join(err, sink.Note(ctx, how, id))
}

// deleteJobs deletes the job of the task, also when its id was never learnt.
func (s *Source) deleteJobs(ctx context.Context, t source.Task) error {
	st, err := readState(t.State)
	if err != nil || st.Ordered.IsZero() {
		return nil //nolint:nilerr // what cannot be read names no job
	}
	ids := []string{st.Job}
	if st.Job == "" {
		if ids, err = s.alive(ctx, s.prefix(t)); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := s.remove(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
