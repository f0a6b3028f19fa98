package genesys

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/maskrail/maskrail/services/exporter/internal/source"
)

// Error is a call that failed. All that it shows is from lists in this package, but for numbers and the correlation id.
type Error struct {
	Op          string
	Status      int    // of the answer, 0 without one
	Code        string // the provider's, when it is one of those that are known
	Correlation string // for the provider's support, when it has the form of a UUID
	What        string // what is wrong, and what to do

	cause    error // a sentinel of package source, or of this one; nil for others
	fleeting bool  // the next try may go well
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", e.Code)
	}
	if e.Correlation != "" {
		fmt.Fprintf(&b, ", correlation id %s", e.Correlation)
	}
	if e.What != "" {
		fmt.Fprintf(&b, ": %s", e.What)
	}
	return b.String()
}

// Unwrap is what the failure means, for errors.Is.
func (e *Error) Unwrap() error { return e.cause }

// Class is the error's name in telemetry.
func (e *Error) Class() string {
	switch {
	case e.Status != 0:
		return fmt.Sprintf("genesys-%d", e.Status)
	case errors.Is(e.cause, source.ErrRefused):
		return "genesys-refused"
	}
	return "genesys-unreachable"
}

// fleeting reports whether the same call may go well the next time.
func fleeting(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.fleeting
}

// stale reports whether the provider did not take the token, and may take a new one.
func stale(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusUnauthorized && e.Code != codeAddress
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// failed is an Error about an answer.
func failed(op string, resp *http.Response, what string) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, What: what}
	if id := resp.Header.Get("ININ-Correlation-Id"); uuid.MatchString(id) {
		e.Correlation = id
	}
	return e
}
