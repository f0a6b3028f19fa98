package columnar

import (
	"errors"
	"fmt"
	"io"
)

// jsonPad is the number of zeros after the text in a buffer. No zero is valid
// JSON, so that scanning stops there without looking for the end, and as many
// bytes can be read at once from anywhere in the text.
const jsonPad = 16

const jsonBuffer = 512 << 10 // bytes, if no object is larger

// jsonFrames finds the objects of a text: one after the other, with blanks and
// line breaks between them or nothing (JSON Lines, pretty-printed, concatenated),
// or in one array.
type jsonFrames struct {
	r        io.Reader
	buf      []byte // buf[pos:end] is text not yet taken; zeros follow
	pos, end int
	err      error // of r, at its end or failure
	state    frameState
	array    bool
}

type frameState uint8

const (
	atFirst    frameState = iota // nothing but blanks so far
	atElement                    // after [
	afterRow                     // after an object
	afterComma                   // in an array
	afterArray                   // after ]
)

var (
	errNoObject  = errors.New("not a JSON object: the file must be objects one after the other, as in JSON Lines, or one array of objects")
	errElement   = errors.New("not a JSON object: every element of the array must be one")
	errComma     = errors.New("a comma between objects: put all of them into one array, or write one object per line without commas")
	errNoComma   = errors.New("a comma is missing between two elements of the array")
	errLastComma = errors.New("a comma after the last element of the array")
	errBetween   = errors.New("text that is no JSON object after an object")
	errAfter     = errors.New("text after the array: the array must be the only thing in the file")
	errOpenArray = errors.New("the array does not end: the file is cut off, or ] is missing")
)

// newJSONFrames reads into a buffer of the given size at first.
func newJSONFrames(r io.Reader, size int) *jsonFrames {
	return &jsonFrames{r: r, buf: make([]byte, size+jsonPad)}
}

// text is what the buffer holds, with the zeros.
func (f *jsonFrames) text() []byte { return f.buf[:f.end+jsonPad] }

// next goes to the brace that opens the next object; io.EOF after the last.
func (f *jsonFrames) next() error {
	for {
		if f.pos = blanks(f.text(), f.pos); f.pos == f.end {
			if f.more() {
				continue
			}
			return f.last()
		}
		switch c := f.buf[f.pos]; {
		case c == '{' && f.state != afterArray && (f.state != afterRow || !f.array):
			f.state = afterRow
			return nil
		case c == '[' && f.state == atFirst:
			f.array, f.state = true, atElement
		case c == ',' && f.array && f.state == afterRow:
			f.state = afterComma
		case c == ']' && f.array && (f.state == afterRow || f.state == atElement):
			f.state = afterArray
		default:
			return f.garbage(c)
		}
		f.pos++
	}
}

func (f *jsonFrames) garbage(c byte) error {
	switch {
	case f.state == afterArray:
		return errAfter
	case f.array && f.state == afterRow:
		return errNoComma
	case f.array && f.state == afterComma && c == ']':
		return errLastComma
	case f.array:
		return errElement
	case f.state == afterRow && c == ',':
		return errComma
	case f.state == afterRow:
		return errBetween
	}
	return errNoObject
}

// last ends the text, if it may end here.
func (f *jsonFrames) last() error {
	if f.err == io.EOF && f.array && f.state != afterArray {
		return errOpenArray
	}
	return f.err
}

// more reads on until the buffer is full, with room for text that is still to be
// taken; it says whether there was more.
func (f *jsonFrames) more() bool {
	if f.err != nil {
		return false
	}
	if f.pos > 0 {
		f.end = copy(f.buf, f.buf[f.pos:f.end])
		f.pos = 0
	} else if f.end+jsonPad == len(f.buf) {
		grown := make([]byte, 2*len(f.buf))
		copy(grown, f.buf[:f.end])
		f.buf = grown
	}
	was, room := f.end, f.buf[:len(f.buf)-jsonPad]
	for f.end < len(room) && f.err == nil {
		var n int
		n, f.err = io.ReadAtLeast(f.r, room[f.end:], 1)
		f.end += n
	}
	clear(f.buf[f.end : f.end+jsonPad])
	return f.end > was
}

// need reads on until the buffer holds n bytes or the last.
func (f *jsonFrames) need(n int) {
	for f.end-f.pos < n && f.more() {
	}
}

// cause is what stands behind err, which may be the text's end for a failure to
// read on.
func (f *jsonFrames) cause(err error) error {
	if errors.Is(err, errCut) && f.err != nil && f.err != io.EOF {
		return f.err
	}
	return err
}

func tooLong(limit int) error {
	return fmt.Errorf("an object is larger than %d bytes, or a bracket or quote that ends it is missing", limit)
}
