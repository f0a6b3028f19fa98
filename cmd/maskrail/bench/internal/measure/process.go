// Package measure runs processes in turn and says what each of them took.
package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Sample is what one process took, by the system's account. Peak is the most memory that it had resident, in bytes. It
// is never less than what the process that started it ever had: Linux hands the mark on, so whoever measures stays small.
type Sample struct {
	Wall time.Duration `json:"wall"`
	CPU  time.Duration `json:"cpu"` // of all threads, in user mode and in the kernel
	Peak int64         `json:"peak"`
}

// Command is a process that can be started any number of times.
type Command struct {
	Path string
	Args []string
	Env  []string // added to this process's
}

// Run starts the command, waits for its end, and returns its standard output. The error of one that failed has the end
// of its standard error.
func (c Command) Run(ctx context.Context) (Sample, []byte, error) {
	cmd := exec.CommandContext(ctx, c.Path, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	// An interrupt lets the process remove what it has begun to write.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		if ctx.Err() != nil {
			return Sample{}, nil, context.Cause(ctx)
		}
		return Sample{}, out.Bytes(), fmt.Errorf("%s: %w: %s", c.Path, err, last(errs.String()))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return Sample{}, nil, errors.New("this system does not say what a process took")
	}
	peak := usage.Maxrss
	if runtime.GOOS != "darwin" {
		peak <<= 10 // KiB
	}
	return Sample{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Peak: peak}, out.Bytes(), nil
}

// last is the end of a process's standard error.
func last(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "it wrote no message"
	}
	if n := len(s) - 2000; n > 0 {
		s = "…" + s[n:]
	}
	return s
}
