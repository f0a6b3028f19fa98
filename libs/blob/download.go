package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	body, o, err := store.Get(ctx, loc, Range{})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if dir == "" {
		dir = os.TempDir()
	}
	tmp, err := os.CreateTemp(dir, "maskrail-*")
	if err != nil {
		return nil, Fail("download", loc, spaceError(dir, o.Bytes, err))
	}
	f := &File{File: tmp, Object: o}
	if os.Remove(tmp.Name()) != nil {
		f.name = tmp.Name()
	}
	if err := f.fill(body, dir); err != nil {
		return nil, errors.Join(Fail("download", loc, err), f.Close())
	}
	return f, nil
}

func (f *File) fill(body io.Reader, dir string) error {
	h := sha256.New()
	disk := &diskWriter{f: f.File}
	n, err := io.CopyBuffer(io.MultiWriter(disk, h), body, make([]byte, 256<<10))
	switch {
	case disk.err != nil:
		return spaceError(dir, f.Object.Bytes, disk.err)
	case err != nil:
		return err
	case n != f.Object.Bytes:
		return fmt.Errorf("%d of %d bytes arrived: %w", n, f.Object.Bytes, io.ErrUnexpectedEOF)
	}
	f.Bytes, f.SHA256 = n, hex.EncodeToString(h.Sum(nil))
	if f.Object.SHA256 != "" && f.Object.SHA256 != f.SHA256 {
		return ErrChecksum
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// diskWriter keeps the error of the disk apart from that of the network.
type diskWriter struct {
	f   *os.File
	err error
}

func (w *diskWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.err = err
	return n, err
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
