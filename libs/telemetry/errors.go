package telemetry

import (
	"context"
	"errors"
	"fmt"
	"regexp"
)

// otherError is the conventions' word for an error without a class of its own.
const otherError = "_OTHER"

// class is what a class may look like; anything else could be text out of the data.
var class = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// classify names the kind of err for error.type and says whether it counts as a failure: being stopped does not.
// The kind is, in this order, what Class() of an error in the chain returns, "canceled", "timeout", or the Go
// type of the innermost error. It is never the message.
func classify(err error) (kind string, failed bool) {
	var classified interface{ Class() string }
	switch {
	case errors.As(err, &classified):
		if c := classified.Class(); class.MatchString(c) {
			return c, true
		}
		return otherError, true
	case errors.Is(err, context.Canceled):
		return "canceled", false
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout", true
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	switch kind := fmt.Sprintf("%T", err); kind {
	case "*errors.errorString", "*errors.joinError", "*fmt.wrapErrors":
		return otherError, true
	default:
		return kind, true
	}
}
