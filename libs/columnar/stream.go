package columnar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var utf8BOM = []byte{0xef, 0xbb, 0xbf}

// zstdWindow is the largest window a text object may ask for: what zstd's own
// command line accepts without --long.
const zstdWindow = 128 << 20

// stream is the decompressed text of a source.
type stream struct {
	t      *trackedSource
	in     counter
	out    int64
	limits Limits
	r      *bufio.Reader
	close  func()
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// openStream gives UTF-8 text without its byte order mark.
func openStream(t *trackedSource, codec Codec, limits Limits) (*stream, error) {
	s, err := openBytes(t, codec, limits)
	if err != nil {
		return nil, err
	}
	if err := s.skip(utf8BOM); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// openBytes gives the text in whatever encoding, byte order mark included.
func openBytes(t *trackedSource, codec Codec, limits Limits) (*stream, error) {
	s := &stream{t: t, in: counter{r: t.section()}, limits: limits, close: func() {}}
	var text io.Reader
	switch codec {
	case CodecNone:
		text = &s.in
	case CodecGzip:
		z, err := gzip.NewReader(&s.in)
		if err != nil {
			return nil, codecError(codec, err)
		}
		text = z
	case CodecZstd:
		// One goroutine: a panic stays where guard can see it.
		z, err := zstd.NewReader(&s.in, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, codecError(codec, err)
		}
		text, s.close = z, z.Close
	default:
		return nil, fmt.Errorf("unknown codec %q: use gzip, zstd or none", codec)
	}
	s.r = bufio.NewReaderSize(&checked{s, codec, text}, 64<<10)
	if codec == CodecZstd && t.size == 0 {
		return nil, codecError(codec, io.ErrUnexpectedEOF)
	}
	return s, nil
}

// skip passes over a byte order mark, if there is one.
func (s *stream) skip(mark []byte) error {
	if head, _ := s.r.Peek(len(mark)); !bytes.Equal(head, mark) {
		return nil
	}
	_, err := s.r.Discard(len(mark))
	return err
}

func (s *stream) Read(p []byte) (int, error) { return s.r.Read(p) }

func (s *stream) Close() { s.close() }

// checked watches the ratio and names the codec in its errors.
type checked struct {
	s     *stream
	codec Codec
	r     io.Reader
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.s.out += int64(n)
	if c.codec == CodecNone {
		return n, err
	}
	if c.s.limits.expands(c.s.in.n, c.s.out) {
		return 0, fmt.Errorf("decompresses to more than %d times its size: if the data is genuine, store it with less compression", c.s.limits.MaxRatio)
	}
	if err != nil && err != io.EOF {
		err = codecError(c.codec, err)
	}
	return n, err
}

func codecError(codec Codec, err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s data is cut off: upload the whole file again", codec)
	}
	return fmt.Errorf("%s data is damaged: %w", codec, library(err))
}
