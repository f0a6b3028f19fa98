package columnar

import (
	"bytes"
	"fmt"
	"io"
)

// lines splits text at line feeds.
type lines struct {
	r        io.Reader
	buf      []byte
	pos, end int
	max      int
	err      error
}

func newLines(r io.Reader, limit int) *lines {
	return &lines{r: r, buf: make([]byte, 256<<10), max: limit}
}

// next returns a line without its line feed, valid until the next call, and
// io.EOF after the last.
func (l *lines) next() ([]byte, error) {
	scanned := l.pos
	for {
		if n := bytes.IndexByte(l.buf[scanned:l.end], '\n'); n >= 0 {
			line := l.buf[l.pos : scanned+n]
			l.pos = scanned + n + 1
			return l.sized(line)
		}
		scanned = l.end
		if l.err != nil {
			if l.err == io.EOF && l.pos < l.end {
				line := l.buf[l.pos:l.end]
				l.pos = l.end
				return l.sized(line)
			}
			return nil, l.err
		}
		scanned -= l.more()
		if l.end-l.pos > l.max {
			return nil, l.tooLong()
		}
	}
}

// more reads on, making room first; it returns how far bytes have moved.
func (l *lines) more() (moved int) {
	if l.pos > 0 {
		moved = l.pos
		l.end = copy(l.buf, l.buf[l.pos:l.end])
		l.pos = 0
	} else if l.end == len(l.buf) {
		grown := make([]byte, 2*len(l.buf))
		copy(grown, l.buf)
		l.buf = grown
	}
	var n int
	n, l.err = io.ReadAtLeast(l.r, l.buf[l.end:], 1)
	l.end += n
	return moved
}

func (l *lines) sized(line []byte) ([]byte, error) {
	if len(line) > l.max {
		return nil, l.tooLong()
	}
	return line, nil
}

func (l *lines) tooLong() error {
	return fmt.Errorf("a line is longer than %d bytes: JSON Lines has one object per line", l.max)
}
