package columnar

import (
	"fmt"
	"io"
	"sync/atomic"
)

// Source is a local file that does not change while it is read: an open
// *os.File behind io.NewSectionReader, or a bytes.Reader. Size is in bytes.
// ReadAt may be called from several goroutines.
type Source interface {
	io.ReaderAt
	Size() int64
}

// trackedSource remembers the first failure of the source itself, so that a
// decoder's complaint can be told from a disk's. It answers reads outside the
// file with io.EOF and without asking the source: such an offset is a claim of
// the file's content.
type trackedSource struct {
	src   Source
	size  int64
	fault atomic.Pointer[error]
}

// failed is the source's first failure, nil if there was none.
func (t *trackedSource) failed() error {
	if err := t.fault.Load(); err != nil {
		return *err
	}
	return nil
}

func track(src Source) *trackedSource { return &trackedSource{src: src, size: src.Size()} }

func (t *trackedSource) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= t.size {
		return 0, io.EOF
	}
	want := min(int64(len(p)), t.size-off)
	n, err := t.src.ReadAt(p, off)
	if int64(n) < want {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		err = fmt.Errorf("columnar: read source: %w", err)
		t.fault.CompareAndSwap(nil, &err)
		return n, t.failed()
	}
	if int64(len(p)) > want {
		return int(want), io.EOF
	}
	return n, nil
}

func (t *trackedSource) section() *io.SectionReader { return io.NewSectionReader(t, 0, t.size) }
