package run

import (
	"context"
	"errors"
	"net/http"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
)

// Report says how far a run is in one environment.
type Report struct {
	Run          string    `json:"run"`
	Environment  string    `json:"environment"`
	Sealed       bool      `json:"sealed"`
	Objects      int       `json:"objects"`
	Loaded       int       `json:"loaded"`           // objects
	Skipped      int       `json:"skipped"`          // objects whose rows were there already
	Rejected     int       `json:"rejected"`         // objects
	Dead         int       `json:"dead"`             // objects
	Discarded    int       `json:"discarded"`        // objects that were refused, and that an operator gave up
	Pending      int       `json:"pending"`          // objects on their way, released ones among them
	Failed       int       `json:"failed,omitempty"` // windows of an export that were given up
	Rows         int64     `json:"rows"`             // in the objects that settled
	RowsLoaded   int64     `json:"rowsLoaded"`
	RowsSkipped  int64     `json:"rowsSkipped"`
	RowsRejected int64     `json:"rowsRejected"`      // dropped by the policy and counted
	Traces       []string  `json:"traces,omitempty"`  // of the objects that settled, at most listed
	Stopped      []Stopped `json:"stopped,omitempty"` // rejected and dead objects, at most listed
}

// Stopped is an object that did not get through.
type Stopped struct {
	Object string         `json:"object"` // short id
	State  objref.State   `json:"state"`
	Reason *objref.Reason `json:"reason,omitempty"`
	Trace  string         `json:"trace,omitempty"`
}

// listed is the most that a report names one by one.
const listed = 100

// Status compares a run's manifest with the states of an environment.
func Status(ctx context.Context, m Manifest, states *States, environment string) (Report, error) {
	r := Report{Run: m.Run, Environment: environment, Sealed: m.Sealed, Objects: len(m.Objects), Failed: m.Failed}
	for _, o := range m.Objects {
		e, err := states.Get(ctx, environment, o.Identity())
		if errors.Is(err, bus.ErrNotFound) {
			r.Pending++
			continue
		}
		if err != nil {
			return Report{}, err
		}
		if e.State == objref.Released {
			r.Pending++
			continue
		}
		r.add(o, e)
	}
	return r, nil
}

func (r *Report) add(o objref.Object, e Entry) {
	switch e.State {
	case objref.Loaded:
		r.Loaded++
	case objref.Skipped:
		r.Skipped++
	case objref.Rejected:
		r.Rejected++
	case objref.Discarded:
		r.Discarded++
	default:
		r.Dead++
	}
	r.Rows += e.Rows
	r.RowsRejected += e.Rejects
	r.RowsLoaded += e.Loaded
	r.RowsSkipped += e.Skipped
	if e.Trace != "" && len(r.Traces) < listed {
		r.Traces = append(r.Traces, e.Trace)
	}
	if !e.Committed() && e.State != objref.Discarded && len(r.Stopped) < listed {
		r.Stopped = append(r.Stopped, Stopped{Object: o.ShortID(), State: e.State, Reason: e.Reason, Trace: e.Trace})
	}
}

// Settled reports whether the run is complete and every object ended.
func (r Report) Settled() bool { return r.Sealed && r.Pending == 0 }

// HTTPStatus is what a caller who waits for the run needs to know: 202 until the run is sealed and every object
// ended, then 409 when one was rejected or given up or windows could not be exported, and 200 when all is in the sandbox. A 409 becomes 202 when what was
// parked is released, and 200 when it is loaded or discarded.
func (r Report) HTTPStatus() int {
	switch {
	case !r.Settled():
		return http.StatusAccepted
	case r.Rejected+r.Dead+r.Failed > 0:
		return http.StatusConflict
	default:
		return http.StatusOK
	}
}
