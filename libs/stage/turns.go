package stage

import (
	"context"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// Turns lets a worker do the heavy part of its work for a few objects at a time, while it fetches the next one and stores
// the last one.
type Turns struct{ taken chan struct{} }

// NewTurns lets n objects through at a time; less than 1 means 1.
func NewTurns(n int) Turns { return Turns{make(chan struct{}, max(n, 1))} }

// Take waits for a turn, which done gives back; it must be called once. The wait is a span of its own. The error is the
// cause of ctx's end.
func (t Turns) Take(ctx context.Context) (done func(), err error) {
	done = func() { <-t.taken }
	select {
	case t.taken <- struct{}{}:
		return done, nil
	default:
	}
	ctx, end := telemetry.Start(ctx, "wait")
	defer func() { end(err) }()
	select {
	case t.taken <- struct{}{}:
		return done, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
