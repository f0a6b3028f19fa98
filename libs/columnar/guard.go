package columnar

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// guard runs fn and turns a panic into an error that names the place and not
// the panic's text, which may quote data. It reaches panics of the calling
// goroutine only: fn must not start others.
func guard(fn func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case overBudget:
			err = p
		default:
			err = &PanicError{Place: panicPlace()}
		}
	}()
	return fn()
}

// Guard is for callers whose goroutines work on what this package read: it runs fn
// and turns a panic into an error without the panic's text.
func Guard(fn func() error) error { return guard(fn) }

// PanicError is what is left of a panic: where it happened. The text of the
// panic is not kept.
type PanicError struct{ Place string }

func (e *PanicError) Error() string { return "panicked at " + e.Place }

// panicPlace finds the frame that panicked, seen from a deferred function.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		runtimeFrame := strings.HasPrefix(f.Function, "runtime.")
		if panicking && !runtimeFrame {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}
