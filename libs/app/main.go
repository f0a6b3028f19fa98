package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
)

// Exit codes of every program.
const (
	ExitOK     = 0 // done
	ExitFailed = 1 // data was refused, or something failed
	ExitUsage  = 2 // wrong usage or configuration
)

// Main runs a command and returns its exit code; an error is printed to standard error as one line, or as one for each
// fault of usage or configuration. ctx ends with
// the first SIGINT or SIGTERM, with the signal as its cause; the second one ends the process at once. A command that
// returns because it was stopped has failed: its work is not done.
func Main(name string, run func(context.Context) error) int {
	Frugal()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return report(name, os.Stderr, guard(ctx, os.Stderr, run))
}

// slack is how far the heap may grow beyond what is alive, in per cent. Most of what the workers hold is bytes without
// pointers, which cost the collector nothing to look at: less slack than Go's 100 saves a third of the memory, and
// costs a few hundredths of the time.
const slack = 30

// Frugal sets the slack, unless the user says otherwise. Main calls it.
func Frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(slack)
	}
}

// Daemon is Main for a service, which runs until it is stopped: then stopping is success.
func Daemon(name string, run func(context.Context) error) int {
	return Main(name, func(ctx context.Context) error { return Stopped(ctx, run(ctx)) })
}

// Stopped returns nil when err says no more than that ctx was cancelled, and err otherwise.
func Stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && onlyCanceled(err) {
		return nil
	}
	return err
}

// onlyCanceled looks at every part of a joined error, because a failure while stopping is a failure.
func onlyCanceled(err error) bool {
	for err != nil {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, part := range joined.Unwrap() {
				if !onlyCanceled(part) {
					return false
				}
			}
			return true
		}
		inner := errors.Unwrap(err)
		if inner == nil {
			return errors.Is(err, context.Canceled)
		}
		err = inner
	}
	return true
}

type usage struct{ err error }

func (u *usage) Error() string { return u.err.Error() }
func (u *usage) Unwrap() error { return u.err }

// Usage marks err as wrong usage or configuration: exit code 2.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return &usage{err}
}

// IsUsage reports whether err is marked by Usage.
func IsUsage(err error) bool {
	var u *usage
	return errors.As(err, &u)
}

// guard turns a panic into an error that shows its type and where it was, but not its text: that can hold a value.
func guard(ctx context.Context, stderr io.Writer, run func(context.Context) error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		_, _ = stderr.Write(debug.Stack())
		if own, ok := p.(runtime.Error); ok { // its text is the runtime's own
			err = fmt.Errorf("internal error: %w", own)
		} else {
			err = fmt.Errorf("internal error: panic with a %T", p)
		}
	}()
	return run(ctx)
}

func report(name string, stderr io.Writer, err error) int {
	if err == nil {
		return ExitOK
	}
	if IsUsage(err) {
		for line := range strings.Lines(err.Error()) { // a configuration with several faults
			_, _ = fmt.Fprintf(stderr, "%s: %s\n", name, oneLine(line))
		}
		return ExitUsage
	}
	_, _ = fmt.Fprintf(stderr, "%s: %s\n", name, oneLine(err.Error()))
	return ExitFailed
}

// oneLine joins the lines of a joined error.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
