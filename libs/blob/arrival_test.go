package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

// slow is a store from which the whole of an object comes as the test lets it; other ranges come at once.
type slow struct {
	blob.Store
	size   int64
	come   chan int // bytes that may come
	fail   error    // when come is closed
	change func([]byte)
}

func (s *slow) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	body, o, err := s.Store.Get(ctx, loc, r)
	if err != nil {
		return nil, o, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, o, err
	}
	if r.Offset > 0 {
		if s.change != nil {
			s.change(b)
		}
		return io.NopCloser(bytes.NewReader(b)), o, nil
	}
	return &trickle{slow: s, ctx: ctx, left: b}, o, nil
}

type trickle struct {
	*slow
	ctx  context.Context
	left []byte
	may  int
}

func (t *trickle) Read(p []byte) (int, error) {
	if len(t.left) == 0 {
		return 0, io.EOF
	}
	for t.may == 0 {
		select {
		case n, open := <-t.come:
			if !open {
				return 0, t.fail
			}
			t.may = n
		case <-t.ctx.Done():
			return 0, t.ctx.Err()
		}
	}
	n := copy(p[:min(len(p), t.may)], t.left)
	t.left, t.may = t.left[n:], t.may-n
	return n, nil
}

func (t *trickle) Close() error { return nil }

// fetch begins to fetch an object of random bytes.
func fetch(t *testing.T, size int) (*blob.Arrival, *slow, []byte) {
	t.Helper()
	content := make([]byte, size)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(content)
	mem := memblob.New("b")
	o := put(t, mem, "b", "Canary", string(content))
	store := &slow{Store: mem, size: o.Bytes, come: make(chan int)}
	a, err := blob.Fetch(t.Context(), store, o.Location, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if a.Size() != int64(size) {
		t.Errorf("size %d, want %d", a.Size(), size)
	}
	return a, store, content
}

// read reads a part in the background; the channel closes when it is done.
func read(t *testing.T, a *blob.Arrival, content []byte, offset, n int) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, n)
		if _, err := a.ReadAt(buf, int64(offset)); err != nil || !bytes.Equal(buf, content[offset:offset+n]) {
			t.Errorf("%d bytes at %d: not the object's, error %v", n, offset, err)
		}
	}()
	return done
}

func waits(done <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-done:
		return false
	default:
		return true
	}
}

const mib = 1 << 20

func TestArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, store, content := fetch(t, 10*mib)
		front, middle, behind := read(t, a, content, 0, mib), read(t, a, content, mib, mib), read(t, a, content, 5*mib, mib)
		if !waits(front) {
			t.Error("bytes are read before they came")
		}
		store.come <- mib
		if waits(front) || !waits(middle) {
			t.Error("after one MiB: want the first read done and the second not")
		}
		for _, offset := range []int{10*mib - 8, 10*mib - 1000, 10*mib - 100_000} {
			if waits(read(t, a, content, offset, 8)) {
				t.Errorf("the end is waited for at %d", offset)
			}
		}
		if n, err := a.ReadAt(make([]byte, 16), 10*mib-8); n != 8 || err != io.EOF {
			t.Errorf("read %d bytes over the end, error %v, want 8 and EOF", n, err)
		}
		if n, err := a.ReadAt(make([]byte, 16), 10*mib); n != 0 || err != io.EOF {
			t.Errorf("read %d bytes behind the end, error %v", n, err)
		}
		if !waits(behind) {
			t.Error("what is no end did not wait")
		}
		store.come <- 9 * mib
		f, err := a.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if waits(middle) || waits(behind) {
			t.Error("reads wait for ever")
		}
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, content) || len(f.SHA256) != 64 || f.Bytes != 10*mib {
			t.Errorf("the file has %d bytes, error %v", len(got), err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestArrivalOfOtherEnd proves that an end which was read ahead has to be the one that comes.
func TestArrivalOfOtherEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, store, _ := fetch(t, 10*mib)
		store.change = func(b []byte) { b[len(b)-9]++ }
		if _, err := a.ReadAt(make([]byte, 8), 10*mib-8); err != nil {
			t.Fatal(err)
		}
		store.come <- 10 * mib
		if _, err := a.Wait(); !errors.Is(err, blob.ErrChecksum) {
			t.Errorf("%v, want a checksum that does not match", err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestArrivalBreaks(t *testing.T) {
	t.Parallel()
	gone := errors.New("connection reset")
	for name, end := range map[string]func(*blob.Arrival, *slow) error{
		"failure": func(_ *blob.Arrival, s *slow) error { s.fail = gone; close(s.come); return gone },
		"short":   func(_ *blob.Arrival, s *slow) error { s.fail = io.EOF; close(s.come); return io.ErrUnexpectedEOF },
		"closed":  func(a *blob.Arrival, _ *slow) error { _ = a.Close(); return context.Canceled },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a, store, _ := fetch(t, 10*mib)
				store.come <- mib
				read := make(chan error)
				go func() {
					_, err := a.ReadAt(make([]byte, mib), 2*mib)
					read <- err
				}()
				synctest.Wait()
				want := end(a, store)
				if err := <-read; !errors.Is(err, want) {
					t.Errorf("read: %v, want %v", err, want)
				}
				if _, err := a.Wait(); !errors.Is(err, want) {
					t.Errorf("wait: %v, want %v", err, want)
				}
				if err := a.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
					t.Error(err)
				}
			})
		})
	}
}
