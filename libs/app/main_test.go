package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// modeVar makes the test program a program of its own, so that signals and exit codes are real.
const modeVar = "APP_TEST_MODE"

func TestMain(m *testing.M) {
	mode := os.Getenv(modeVar)
	if mode == "" {
		goleak.VerifyTestMain(m)
		return
	}
	run := func(ctx context.Context) error {
		switch mode {
		case "ok":
			return nil
		case "usage":
			return fmt.Errorf("run: %w", Usage(errors.New("--rows: want at least 1")))
		case "faults":
			return Usage(errors.Join(errors.New("p.yaml:2: first"), errors.New("p.yaml:7: second")))
		case "failed":
			return errors.Join(errors.New("first"), errors.New("second"))
		case "panic":
			panic("value 4155550100")
		case "index":
			var none []int
			return fmt.Errorf("%d", none[len(os.Args)])
		}
		fmt.Println("ready")
		if mode == "deaf" {
			select {}
		}
		<-ctx.Done()
		if mode == "daemon-broken" {
			return errors.Join(context.Cause(ctx), errors.New("flush failed"))
		}
		return fmt.Errorf("consume: %w", context.Cause(ctx))
	}
	if strings.HasPrefix(mode, "daemon") {
		os.Exit(Daemon("masker", run))
	}
	os.Exit(Main("maskrail", run))
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode    string
		signals []os.Signal
		code    int
		stderr  string // the first line, or a part of it
	}{
		{"ok", nil, 0, ""},
		{"usage", nil, 2, "maskrail: run: --rows: want at least 1\n"},
		{"faults", nil, 2, "maskrail: p.yaml:2: first\nmaskrail: p.yaml:7: second\n"},
		{"failed", nil, 1, "maskrail: first; second\n"},
		{"panic", nil, 1, "maskrail: internal error: panic with a string\n"},
		{"index", nil, 1, "maskrail: internal error: runtime error: index out of range"},
		{"command", []os.Signal{syscall.SIGTERM}, 1, "maskrail: consume: terminated signal received\n"},
		{"daemon", []os.Signal{syscall.SIGTERM}, 0, ""},
		{"daemon", []os.Signal{os.Interrupt}, 0, ""},
		{"daemon-broken", []os.Signal{syscall.SIGTERM}, 1, "flush failed\n"},
	} {
		t.Run(fmt.Sprint(c.mode, c.signals), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), modeVar+"="+c.mode)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if len(c.signals) > 0 {
				if _, err := fmt.Fscanln(stdout, new(string)); err != nil {
					t.Error(err)
				}
			}
			for _, s := range c.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Error(err)
				}
			}
			_ = cmd.Wait() // the code says it
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d; standard error %s", code, c.code, stderr.String())
			}
			if !strings.Contains(stderr.String(), c.stderr) || (c.stderr == "") != (stderr.Len() == 0) {
				t.Errorf("standard error %q, want %q", stderr.String(), c.stderr)
			}
			if strings.Contains(stderr.String(), "4155550100") {
				t.Error("the panic's text was printed")
			}
		})
	}
}

// A command that does not end when it is asked to must end when it is asked again.
func TestSecondSignalKills(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), modeVar+"=deaf")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(stdout, new(string)); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-ended:
			if code := cmd.ProcessState.ExitCode(); code != -1 {
				t.Errorf("exit code %d, want the end by the signal", code)
			}
			return
		case <-again.C:
			_ = cmd.Process.Signal(syscall.SIGTERM) // fails when it has just ended
		}
	}
}

func TestStopped(t *testing.T) {
	t.Parallel()
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	failure := errors.New("disk full")
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		nil  bool
	}{
		{"no error", t.Context(), nil, true},
		{"cancelled by the stop", stopped, fmt.Errorf("consume: %w", context.Canceled), true},
		{"several parts cancelled", stopped, errors.Join(context.Canceled, fmt.Errorf("a: %w", context.Canceled)), true},
		{"failure", stopped, failure, false},
		{"failure beside the stop", stopped, fmt.Errorf("run: %w", errors.Join(context.Canceled, failure)), false},
		{"cancelled while nobody stopped", t.Context(), context.Canceled, false},
		{"deadline", stopped, context.DeadlineExceeded, false},
	} {
		if got := Stopped(c.ctx, c.err); (got == nil) != c.nil {
			t.Errorf("%s: %v, want nil: %v", c.name, got, c.nil)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	settings := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	for _, c := range []struct {
		name string
		info debug.BuildInfo
		want string
	}{
		{"release", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: settings}, "v1.2.3"},
		{"changed files", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: settings}, "devel-0123456789ab-dirty"},
		{"commit", debug.BuildInfo{Settings: settings[:1]}, "devel-0123456789ab"},
		{"nothing known", debug.BuildInfo{}, "devel"},
	} {
		if got := version(&c.info); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if Version() == "" {
		t.Error("the version is empty")
	}
}
