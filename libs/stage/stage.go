// Package stage is the frame of a worker. A worker is a Func; the error it returns is the verdict on its
// message, and Runner, the only code that settles messages, carries the verdict out.
package stage

import (
	"context"
	"errors"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// Func does the work on one object and returns the references to hand on. It may run again for the same
// reference at any time, also after it succeeded, and then returns the same references.
//
//	nil              publish out, then acknowledge
//	Reject(reason)   the data is at fault: park it on .rejected
//	Permanent(err)   nothing will mend it: park it on .dead
//	RetryAfter(err)  again after that time, however often: the object has nothing to do with it
//	any other error  again, with exponential backoff; parked on .dead when it has failed a few times
//
// blob.ErrUnavailable counts as RetryAfter: an outage of the store must not park what is healthy.
// Stopping is a cancelled context and never counts as a failure.
type Func func(ctx context.Context, in objref.Ref) (out []objref.Ref, err error)

// Middleware wraps a Func.
type Middleware func(Func) Func

// Chain wraps f so that the first middleware is the outermost.
func Chain(f Func, ms ...Middleware) Func {
	for i := len(ms) - 1; i >= 0; i-- {
		f = ms[i](f)
	}
	return f
}

// Rejection is the error of data at fault. Reason never holds a value from the data.
type Rejection struct{ Reason objref.Reason }

func (r *Rejection) Error() string { return "rejected: " + r.Reason.String() }

// Class is the reason's class, for spans.
func (r *Rejection) Class() string { return r.Reason.Class }

// Reject is the verdict that the data is at fault.
func Reject(r objref.Reason) error { return &Rejection{Reason: r} }

// Rejected returns the reason when err is a rejection.
func Rejected(err error) (objref.Reason, bool) {
	var r *Rejection
	if errors.As(err, &r) {
		return r.Reason, true
	}
	return objref.Reason{}, false
}

type permanent struct{ err error }

func (p *permanent) Error() string { return p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }

// Permanent marks err as one that no retry mends.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

// IsPermanent reports whether err is marked as permanent.
func IsPermanent(err error) bool {
	var p *permanent
	return errors.As(err, &p)
}

type retryAfter struct {
	err   error
	after time.Duration
}

func (r *retryAfter) Error() string { return r.err.Error() }
func (r *retryAfter) Unwrap() error { return r.err }

// RetryAfter asks for another try after d, for what does not depend on the object: a server demanded the wait, a file is
// held by somebody. It does not count as a failure.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &retryAfter{err: err, after: d}
}

// Delay returns the wait that RetryAfter asked for.
func Delay(err error) (time.Duration, bool) {
	var r *retryAfter
	if errors.As(err, &r) {
		return r.after, true
	}
	return 0, false
}
