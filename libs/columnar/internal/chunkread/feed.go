package chunkread

import (
	"errors"
	"fmt"
	"io"

	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

const (
	readAhead  = 256 << 10 // bytes of a chunk that are read at once
	headerPeek = 4 << 10   // bytes in which a page header is looked for first
	maxHeader  = 16 << 20  // bytes of a page header: statistics in it hold whole values
)

// feed reads a chunk from its first byte to its last.
type feed struct {
	src  io.ReaderAt
	at   int64  // offset in src of the first byte that was not read from it
	left int64  // bytes of the chunk from there on
	buf  []byte // to be used again
	have []byte // bytes of buf that were read and not taken
}

// remaining is how many bytes of the chunk were not taken.
func (f *feed) remaining() int64 { return int64(len(f.have)) + f.left }

// peek returns the next n bytes, or all there are.
func (f *feed) peek(n int) ([]byte, error) {
	if n <= len(f.have) || f.left == 0 {
		return f.have[:min(n, len(f.have))], nil
	}
	more := int(min(f.left, int64(max(n-len(f.have), readAhead))))
	kept := len(f.have)
	if cap(f.buf) < kept+more {
		f.buf = make([]byte, kept+more)
	}
	copy(f.buf[:kept], f.have)
	into := f.buf[kept : kept+more]
	if got, err := f.src.ReadAt(into, f.at); got < more {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("read a column chunk: %w", err)
	}
	f.at += int64(more)
	f.left -= int64(more)
	f.have = f.buf[:kept+more]
	return f.have[:min(n, len(f.have))], nil
}

// take returns the next n bytes, which stand until the next call.
func (f *feed) take(n int) ([]byte, error) {
	if int64(n) > f.remaining() {
		return nil, errPageSize
	}
	b, err := f.peek(n)
	if err != nil {
		return nil, err
	}
	f.have = f.have[n:]
	return b[:n:n], nil
}

// header takes a page header.
func (f *feed) header() (header, error) {
	for want := headerPeek; ; want *= 2 {
		b, err := f.peek(want)
		if err != nil {
			return header{}, err
		}
		h, n, err := parseHeader(b)
		if err == nil {
			f.have = f.have[n:]
			return h, nil
		}
		if !errors.Is(err, thrift.ErrDamaged) || int64(len(b)) == f.remaining() || want >= maxHeader {
			return header{}, errHeader
		}
	}
}
