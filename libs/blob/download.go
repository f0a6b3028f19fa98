package blob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// File is a local copy of an object. It stands at its start and is gone once it is closed.
type File struct {
	*os.File
	SHA256 string // lower-case hex of the bytes
	Bytes  int64
	Object Object

	name string // what Close has still to remove; "" where an open file can be unlinked
}

// Close closes and removes the file.
func (f *File) Close() error {
	err := f.File.Close()
	if f.name != "" {
		err = errors.Join(err, os.Remove(f.name))
	}
	return err
}

// Download copies the object at loc into a temporary file in dir (the system's when dir is empty) and computes
// its digest on the way. The file has no name any more when its first byte is written, so that nothing stays
// behind when the process is killed; on systems that cannot unlink an open file, Close removes it.
//
// It fails with ErrChecksum when the store knows a digest and the bytes have another.
func Download(ctx context.Context, store Store, loc Location, dir string) (*File, error) {
	a, err := Fetch(ctx, store, loc, dir)
	if err != nil {
		return nil, err
	}
	f, err := a.Wait()
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return f, nil
}

// Temp is an empty temporary file in dir (the system's when dir is empty), as Download makes them.
func Temp(dir string) (*File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	return newFile(Object{}, dir)
}

// newFile makes a file for an object.
func newFile(o Object, dir string) (*File, error) {
	tmp, err := os.CreateTemp(dir, "maskrail-*")
	if err != nil {
		return nil, spaceError(dir, o.Bytes, err)
	}
	f := &File{File: tmp, Object: o, Bytes: o.Bytes}
	if os.Remove(tmp.Name()) != nil {
		f.name = tmp.Name()
	}
	return f, nil
}

// spaceError says what to do when the temporary directory is full or cannot be used.
func spaceError(dir string, bytes int64, err error) error {
	cause := err
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		cause = p.Err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("temporary directory %s is full, the object needs %d bytes there; free some or set MASKRAIL_TEMP_DIR to a larger one: %w",
			dir, bytes, cause)
	}
	return fmt.Errorf("temporary directory %s cannot be used; set MASKRAIL_TEMP_DIR to one that can: %w", dir, cause)
}
