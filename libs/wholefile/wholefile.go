// Package wholefile writes files that are whole or not there.
package wholefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Prefix begins the name of a file that is not whole yet; it lies beside the one that it will be.
const Prefix = ".maskrail-"

// Write makes the file at path, which appears under its name only when write has succeeded. A file that is there
// already is replaced then, and stays as it is otherwise.
func Write(ctx context.Context, path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), Prefix+"*")
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	if err := write(&early{file: tmp}); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(tmp.Name(), path)
}
