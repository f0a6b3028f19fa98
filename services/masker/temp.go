package masker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"syscall"

	"github.com/maskrail/maskrail/libs/app"
)

// nameless is a temporary file. It has no name, so that nothing stays behind when the process is killed; where an open
// file cannot be unlinked, Close removes it.
type nameless struct {
	*os.File
	name string // what Close has still to remove
}

// newNameless makes a file in dir; "" is the system's directory.
func newNameless(dir, pattern string) (*nameless, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, explain(fmt.Errorf("create temporary file: %w", err))
	}
	t := &nameless{File: f}
	if os.Remove(f.Name()) != nil {
		t.name = f.Name()
	}
	return t, nil
}

// Close closes and removes the file.
func (t *nameless) Close() error {
	err := t.File.Close()
	if t.name != "" {
		err = errors.Join(err, os.Remove(t.name))
	}
	return err
}

// temp takes a masked object until its digest is known.
type temp struct {
	*nameless
	hash  hash.Hash
	bytes int64
}

func newTemp(dir string) (*temp, error) {
	f, err := newNameless(dir, "maskrail-masked-*")
	if err != nil {
		return nil, err
	}
	return &temp{nameless: f, hash: sha256.New()}, nil
}

func (t *temp) Write(p []byte) (int, error) {
	n, err := t.nameless.Write(p)
	t.hash.Write(p[:n])
	t.bytes += int64(n)
	return n, err
}

// sha256 is the digest of what was written, in lower-case hex.
func (t *temp) sha256() string { return hex.EncodeToString(t.hash.Sum(nil)) }

// explain says what to do about a full disk.
func explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the temporary directory is full: free some space or set %sTEMP_DIR to a larger one: %w", app.EnvPrefix, err)
	}
	return err
}
