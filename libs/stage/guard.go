package stage

import (
	"fmt"
	"runtime"
	"strings"
)

// maxFrames bounds the functions that a panic's error names.
const maxFrames = 12

// panicked is the error that a panic becomes. It holds the type of the panic's value and the functions on the
// stack. The value itself can hold a part of a record and is dropped.
type panicked struct {
	kind  string
	stack []string // innermost first
}

func (p *panicked) Error() string {
	return "panic of type " + p.kind + " in " + strings.Join(p.stack, " < ")
}

// Class is the word for spans and reasons.
func (p *panicked) Class() string { return "panic" }

// guard runs f and turns a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{kind: fmt.Sprintf("%T", v), stack: functions()}
		}
	}()
	return f()
}

// functions names the functions between the panic and guard.
func functions() []string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	var names []string
	for len(names) < maxFrames {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, "libs/stage.guard") {
			break
		}
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			names = append(names, f.Function)
		}
		if !more {
			break
		}
	}
	return names
}
