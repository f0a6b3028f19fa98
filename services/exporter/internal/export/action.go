package export

import (
	"context"

	"github.com/maskrail/maskrail/libs/audit"
	"github.com/maskrail/maskrail/libs/telemetry"
)

// Actions of the audit log, beside those that sources note.
const (
	RunRequested = "run-requested" // by the schedule or an operator
	RunPlanned   = "run-planned"   // its windows are decided
	RunResumed   = "run-resumed"   // after a failure, or by another process
	RunFailed    = "run-failed"    // before it had windows
	RunSealed    = "run-sealed"    // every window is done, or was given up
	RunSettled   = "run-settled"   // every object of it has ended
	RunGivenUp   = "run-given-up"  // windows of it cannot be exported, and nobody will try again

	SkipRequested = "skip-requested" // by an operator: windows of the span that fail are given up
	WindowSkipped = "window-skipped" // it failed, and lies in such a span

	WindowBegun     = "window-begun"
	WindowDone      = "window-done"
	WindowSplit     = "window-split"
	WindowRestarted = "window-restarted" // what it had left with the provider is gone
	WindowFailed    = "window-failed"
)

// note appends to the audit log what was done with a run, or with a window of it.
func (f *feed) note(ctx context.Context, j *Journal, w *Window, action string, more ...func(*audit.Entry)) error {
	e := audit.Entry{Actor: actor, Action: action, Source: j.Source, Run: j.Run, Tenants: j.Tenants, Trace: telemetry.TraceID(ctx)}
	if w != nil {
		span := w.Window
		e.Window = &span
	}
	for _, change := range more {
		change(&e)
	}
	return f.log.Append(ctx, e)
}

func counts(c map[string]int64) func(*audit.Entry) { return func(e *audit.Entry) { e.Counts = c } }

func class(c string, fields ...string) func(*audit.Entry) {
	return func(e *audit.Entry) { e.Class, e.Fields = c, fields }
}
