package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/services/exporter/internal/genesys"
	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

const jobsPath = "/api/v2/analytics/conversations/details/jobs"

// request is the body of a job, and with paging of a query.
type request struct {
	Interval            string   `json:"interval"`
	Order               string   `json:"order"`
	OrderBy             string   `json:"orderBy"`
	ConversationFilters []clause `json:"conversationFilters,omitempty"`
	SegmentFilters      []clause `json:"segmentFilters,omitempty"`
	Paging              *paging  `json:"paging,omitempty"`
}

// clause is predicates of which all must hold.
type clause struct {
	Type       string      `json:"type"`
	Predicates []predicate `json:"predicates"`
}

type predicate struct {
	Type      string `json:"type"`
	Dimension string `json:"dimension"`
	Operator  string `json:"operator"`
	Value     string `json:"value"`
}

// instants are written in milliseconds, UTC.
const instants = "2006-01-02T15:04:05.000Z"

func (s *Source) request(w objref.Window) request {
	r := request{
		Interval: w.From.UTC().Format(instants) + "/" + w.To.UTC().Format(instants),
		Order:    "asc", OrderBy: "conversationStart",
	}
	for _, f := range s.Filters {
		to := &r.SegmentFilters
		if slices.Contains(conversationDimensions, f.Dimension) {
			to = &r.ConversationFilters
		}
		*to = append(*to, clause{"and", []predicate{{"dimension", f.Dimension, "matches", f.Value}}})
	}
	return r
}

// begin asks for a job. What happens before its id is saved can happen again: then the first job is forsaken, since the
// provider lists none.
func (x *export) begin(ctx context.Context) error {
	const op = "create a job for conversations"
	if !x.Asked.IsZero() {
		if err := x.sink.Note(ctx, source.JobForsaken, ""); err != nil {
			return err
		}
	}
	x.Asked = time.Now().UTC()
	if err := x.save(ctx); err != nil {
		return err
	}
	var answer struct {
		JobID string `json:"jobId"`
	}
	err := x.s.client.Do(ctx, genesys.Call{Op: op, Method: "POST", Path: jobsPath, Body: x.s.request(x.task.Window)}, &answer)
	if genesys.Status(err)/100 == 4 { // there is an answer, and no job
		x.Asked = time.Time{}
		return errors.Join(err, x.save(ctx))
	}
	if err != nil {
		return err
	}
	if err := genesys.CheckID(op, answer.JobID); err != nil {
		return err
	}
	x.Job = answer.JobID
	if err := x.sink.Note(ctx, source.JobCreated, x.Job); err != nil {
		return err
	}
	return x.save(ctx)
}

const (
	// poll is the first wait between two looks at a job; growth and maxGrowth are how the waits grow, and up to how many times
	// the first.
	poll      = time.Second
	growth    = 1.5
	maxGrowth = 30
	// patience is how long a job may take before it is given up.
	patience = 12 * time.Hour
)

// wait waits until the job's results can be read.
func (x *export) wait(ctx context.Context) error {
	for wait := poll; ; wait = min(time.Duration(growth*float64(wait)), maxGrowth*poll) {
		var status struct {
			State string `json:"state"`
		}
		if err := x.s.client.Do(ctx, x.call("read the state of a job", ""), &status); err != nil {
			return x.ended(ctx, err)
		}
		switch status.State {
		case "FULFILLED":
			return nil
		case "FAILED":
			return x.ended(ctx, fmt.Errorf("the job failed: %w", source.ErrSplit))
		case "CANCELLED", "EXPIRED":
			return x.ended(ctx, fmt.Errorf("the job was cancelled, or has expired: %w", source.ErrRestart))
		}
		if time.Since(x.Asked) > patience {
			err := fmt.Errorf("the job is not done after %s: %w", patience, source.ErrRestart)
			return errors.Join(x.ended(ctx, err), x.s.delete(ctx, x.Job))
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// call is a GET about the job.
func (x *export) call(op, below string) genesys.Call {
	return genesys.Call{Op: op, Method: "GET", Path: jobsPath + "/" + x.Job + below, Gone: source.ErrRestart}
}

// ended notes how the job ended when err says that it did.
func (x *export) ended(ctx context.Context, err error) error {
	var action string
	switch {
	case errors.Is(err, source.ErrSplit):
		action = source.JobFailed
	case errors.Is(err, source.ErrRestart):
		action = source.JobLost
	default:
		return err
	}
	return errors.Join(err, x.sink.Note(ctx, action, x.Job))
}

var errGone = errors.New("gone")

// delete takes the job back. One that is gone is no error.
func (s *Source) delete(ctx context.Context, job string) error {
	err := s.client.Do(ctx, genesys.Call{Op: "delete a job", Method: "DELETE", Path: jobsPath + "/" + job, Gone: errGone}, nil)
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
