package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

const (
	arrivalBuffer = 256 << 10
	// What is read at the end of an object while most of it is still to come is fetched ahead, as the footer of a Parquet
	// file is: firstTail bytes in one go, and never more than maxTail.
	firstTail = 64 << 10
	maxTail   = 4 << 20
	farAhead  = 1 << 20
)

// Arrival is an object on its way into a temporary file. It can be read at once: a read waits until its bytes are there.
// What was read counts only after Wait has said that all bytes are those of the object.
type Arrival struct {
	file   *File
	store  Store
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing more comes

	mu    sync.Mutex
	grown sync.Cond
	there int64 // bytes that are in the file
	err   error // why no more came

	ahead sync.Mutex
	tail  []byte // the object's last bytes, fetched ahead
}

// Fetch begins to copy the object at loc into a temporary file as Download does, and returns when the store has said how
// large it is. Wait and Close end it.
func Fetch(ctx context.Context, store Store, loc Location, dir string) (*Arrival, error) {
	o, err := store.Head(ctx, loc)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		dir = os.TempDir()
	}
	f, err := newFile(o, dir)
	if err != nil {
		return nil, Fail("download", loc, err)
	}
	a := newArrival(f)
	a.store = store
	a.ctx, a.cancel = context.WithCancel(ctx)
	go func() {
		defer close(a.done)
		err := a.fill(dir)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.err = Fail("download", loc, err)
		a.grown.Broadcast()
	}()
	return a, nil
}

func newArrival(f *File) *Arrival {
	a := &Arrival{file: f, done: make(chan struct{})}
	a.grown.L = &a.mu
	return a
}

// Size is the object's in bytes.
func (a *Arrival) Size() int64 { return a.file.Object.Bytes }

// ReadAt implements io.ReaderAt.
func (a *Arrival) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= a.Size() {
		return 0, io.EOF
	}
	end := min(offset+int64(len(p)), a.Size())
	if tail := a.fetchAhead(offset, end); tail != nil {
		n := copy(p, tail[offset-(a.Size()-int64(len(tail))):])
		if n < len(p) {
			return n, io.EOF
		}
		return n, nil
	}
	a.mu.Lock()
	for a.there < end && a.err == nil {
		a.grown.Wait()
	}
	err := a.err
	if a.there >= end {
		err = nil
	}
	a.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return a.file.ReadAt(p, offset)
}

// fetchAhead is the tail where the bytes are in it, else nil. It is not written any more; a longer one takes its place.
func (a *Arrival) fetchAhead(offset, end int64) []byte {
	a.ahead.Lock()
	defer a.ahead.Unlock()
	a.mu.Lock()
	there := a.there
	a.mu.Unlock()
	size := a.Size()
	switch {
	case there >= end:
		return nil
	case offset >= size-int64(len(a.tail)):
		return a.tail
	case offset-there < farAhead, size-offset > maxTail:
		return nil // it will be there soon, or it is no tail
	}
	// What was fetched before stays, so that Wait compares all that was read.
	from, known := min(offset, size-firstTail), size-int64(len(a.tail))
	body, _, err := a.store.Get(a.ctx, a.file.Object.Location, Range{Offset: from, Length: known - from})
	if err != nil {
		return nil // the bytes are waited for
	}
	defer body.Close()
	tail := make([]byte, size-from)
	if _, err := io.ReadFull(body, tail[:known-from]); err != nil {
		return nil
	}
	copy(tail[known-from:], a.tail)
	a.tail = tail
	return tail
}

// fill copies the object. It is read as a range, since stores leave the digest of a range to the reader.
func (a *Arrival) fill(dir string) (err error) {
	defer func() { // in a goroutine that nobody else guards; the panic's text may quote the object
		if recover() != nil {
			err = errors.New("the store's client panicked")
		}
	}()
	body, _, err := a.store.Get(a.ctx, a.file.Object.Location, Range{Length: a.Size()})
	if err != nil {
		return err
	}
	defer body.Close()
	return a.copy(io.LimitReader(body, a.Size()+1), dir) // a store that sends more must not fill the disk
}

func (a *Arrival) copy(body io.Reader, dir string) error {
	o := a.file.Object
	h, buf := sha256.New(), make([]byte, arrivalBuffer)
	for {
		n, err := io.ReadAtLeast(body, buf, 1)
		if n > 0 {
			if _, err := a.file.Write(buf[:n]); err != nil {
				return spaceError(dir, o.Bytes, err)
			}
			h.Write(buf[:n])
			a.mu.Lock()
			a.there += int64(n)
			a.grown.Broadcast()
			a.mu.Unlock()
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if a.there != o.Bytes {
		return fmt.Errorf("%d of %d bytes arrived: %w", a.there, o.Bytes, io.ErrUnexpectedEOF)
	}
	a.file.SHA256 = hex.EncodeToString(h.Sum(nil))
	if o.SHA256 != "" && o.SHA256 != a.file.SHA256 {
		return ErrChecksum
	}
	_, err := a.file.Seek(0, io.SeekStart)
	return err
}

// Wait waits until all bytes are there and returns the file, which Close and the file's own Close remove. It fails with
// ErrChecksum when they are not those that the store knows the digest of, or not those that were read before; what was
// read is worth nothing then.
func (a *Arrival) Wait() (*File, error) {
	<-a.done
	a.ahead.Lock()
	defer a.ahead.Unlock()
	defer a.cancel()
	if a.err != nil {
		return nil, a.err
	}
	last := make([]byte, len(a.tail))
	if _, err := a.file.ReadAt(last, a.Size()-int64(len(last))); err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Equal(last, a.tail) {
		return nil, Fail("download", a.file.Object.Location, ErrChecksum)
	}
	return a.file, nil
}

// Close ends the copying and removes the file.
func (a *Arrival) Close() error {
	a.cancel()
	<-a.done
	return a.file.Close()
}
