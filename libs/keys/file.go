package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// maxFile is the most that a key file may hold in bytes; more is surely another file.
const maxFile = 64 << 10

// ReadPrivate reads a small file (at most 64 KiB) that nobody but its owner may read: mode 0600 or stricter, on systems
// that have modes.
func ReadPrivate(path string) ([]byte, error) {
	// Before opening, because opening a pipe waits for its writer.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file: name the key file itself", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open private file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("inspect private file: %w", err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s has mode %04o, others may read it: run chmod 600 %s", path, info.Mode().Perm(), path)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes, a key file has at most %d: is it the right file?", path, info.Size(), maxFile)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read private file: %w", err)
	}
	return content, nil
}

func createPrivate(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s exists and is not replaced: choose another name or move it away", path)
	}
	return f, err
}

func removePartial(path string) error {
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the incomplete file: %w", err)
	}
	return nil
}
