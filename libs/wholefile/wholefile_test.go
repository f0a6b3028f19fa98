package wholefile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestWrite: the file has every byte, and after an error nothing of it is there and the one before is.
func TestWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	want := bytes.Repeat([]byte("0123456789abcde\n"), (2*earlyBytes+1<<20)/16)
	whole := func(w io.Writer) error {
		for rest := want; len(rest) > 0; {
			n, err := w.Write(rest[:min(len(rest), 300_001)])
			if err != nil {
				return err
			}
			rest = rest[n:]
		}
		return nil
	}
	failed := errors.New("failed")
	stopped, stop := context.WithCancelCause(t.Context())
	stop(failed)
	for _, step := range []struct {
		name  string
		ctx   context.Context
		write func(io.Writer) error
		err   error
	}{
		{"new", t.Context(), whole, nil},
		{"half", t.Context(), func(w io.Writer) error { _, err := w.Write([]byte("half")); return errors.Join(err, failed) }, failed},
		{"stopped", stopped, whole, failed},
		{"again", t.Context(), whole, nil},
	} {
		if err := Write(step.ctx, path, step.write); !errors.Is(err, step.err) {
			t.Fatalf("%s: %v, want %v", step.name, err, step.err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s: %d bytes of %d, %v", step.name, len(got), len(want), err)
		}
		if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
			t.Fatalf("%s: %d files in the directory, %v", step.name, len(names), err)
		}
	}
}
