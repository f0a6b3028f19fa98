package chunkread

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Reader reads one chunk from its first row to its last. It is for one
// goroutine.
type Reader struct {
	pages
	page   page
	window window
	left   int64  // rows of the chunk that were not read
	valid  []byte // bitmap of the current window, optional columns only
	err    error  // of the first call that failed, for all that follow
}

// window collects the values of one array.
type window interface {
	// dictionary reads a dictionary page of n entries, and copies it.
	dictionary(entries []byte, n int) error
	// begin starts an array of rows rows.
	begin(rows int)
	// take reads rows at to at+n from a page: those that have a bit in valid, which
	// are k.
	take(p *page, at, n, k int, valid []byte) error
	// end returns the parts of the array, which are the caller's.
	end() parts
	// drop frees what an array that did not end has, and with all the dictionary.
	drop(all bool)
}

// parts of an array, without its bitmap.
type parts struct {
	typ        arrow.DataType
	buffers    []*memory.Buffer
	dictionary *array.Data // not the caller's
}

// Open begins to read a chunk.
func Open(src io.ReaderAt, c Column) (*Reader, error) {
	f, ok := formOf(c)
	if !ok || !Supported(c) || c.Meta.TotalCompressedSize() < 0 {
		return nil, errSupport
	}
	c = c.withDefaults()
	r := &Reader{left: c.Rows, pages: newPages(src, c)}
	switch {
	case f.text:
		r.window = &texts{c: c, utf8: f.utf8}
	case f.bits:
		r.window = &booleans{c: c}
	default:
		r.window = newNumbers(c, f)
	}
	return r, nil
}

// Next returns the next rows rows. It is an error if there are fewer.
func (r *Reader) Next(rows int) (arrow.Array, error) {
	if r.err != nil {
		return nil, r.err
	}
	if rows < 0 || int64(rows) > r.left {
		return nil, errTooFew
	}
	done := false
	defer func() {
		if !done { // also where the allocator panics
			r.window.drop(false)
			r.err = cmp.Or(r.err, errFailed)
		}
	}()
	nulls, err := r.read(rows)
	if err != nil {
		if r.count > 0 && !errors.Is(err, errTooFew) {
			err = fmt.Errorf("page %d: %w", r.count, err)
		}
		r.err = err
		return nil, err
	}
	arr := r.array(rows, nulls)
	done = true
	return arr, nil
}

var errFailed = errors.New("an earlier read of this column failed")

// read fills the window with rows rows and returns how many are null.
func (r *Reader) read(rows int) (nulls int, err error) {
	optional := r.c.optional()
	if bytes := int(bitutil.BytesForBits(int64(rows))); optional && len(r.valid) < bytes {
		r.valid = make([]byte, bytes)
	}
	r.window.begin(rows)
	for at := 0; at < rows; {
		if r.page.left == 0 {
			if err := r.turn(); err != nil {
				return 0, err
			}
			continue
		}
		n := min(rows-at, r.page.left)
		k := n
		if optional {
			if k, err = r.page.present(r.valid, at, n); err != nil {
				return 0, err
			}
			nulls += n - k
		}
		if err := r.window.take(&r.page, at, n, k, r.valid); err != nil {
			return 0, err
		}
		at += n
		r.left -= int64(n)
		if r.page.left -= n; r.page.left == 0 {
			if err := r.page.end(); err != nil {
				return 0, err
			}
		}
	}
	return nulls, nil
}

// turn goes to the next data page, and reads a dictionary before the first.
func (r *Reader) turn() error {
	for {
		h, stored, err := r.next()
		switch {
		case err == io.EOF:
			return errTooFew
		case err != nil:
			return err
		case h.kind != pageDictionary:
			if r.page, err = r.data(h, stored, r.left); err == nil && r.page.left == 0 {
				err = r.page.end()
			}
			return err
		case r.count > 1:
			return errPageOrder
		case !plainDictionary(h):
			return errDictionary
		}
		_, entries, err := r.open(h, stored)
		if err != nil {
			return err
		}
		if err := r.window.dictionary(entries, int(h.values)); err != nil {
			return err
		}
	}
}

// array makes the array of the window.
func (r *Reader) array(rows, nulls int) arrow.Array {
	var valid *memory.Buffer
	if nulls > 0 {
		valid = memory.NewResizableBuffer(r.c.Allocator)
		defer valid.Release()
		valid.Resize(int(bitutil.BytesForBits(int64(rows))))
		copy(valid.Bytes(), r.valid)
		if rows%8 > 0 { // bits of an earlier window
			valid.Bytes()[rows/8] &= 1<<(rows%8) - 1
		}
	}
	p := r.window.end()
	data := array.NewDataWithDictionary(p.typ, rows, append([]*memory.Buffer{valid}, p.buffers...), nulls, 0, p.dictionary)
	defer data.Release()
	for _, b := range p.buffers {
		b.Release()
	}
	return array.MakeFromData(data)
}

// Close frees what the reader holds; arrays stay. After the last row it reports
// a chunk that has more rows than it claims, or bytes behind its last page.
func (r *Reader) Close() error {
	if r.window == nil {
		return nil
	}
	var err error
	if r.left == 0 && r.err == nil {
		err = r.ended()
	}
	r.window.drop(true)
	r.close()
	r.window, r.err = nil, cmp.Or(r.err, errClosed)
	return err
}

var errClosed = errors.New("the reader of this column is closed")

func (r *Reader) ended() error {
	for {
		h, stored, err := r.next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errHeader) || errors.Is(err, errPageSize):
			return errBehind
		case err != nil:
			return err
		case h.kind == pageDictionary && r.count > 1:
			return errPageOrder
		case h.kind == pageDictionary:
			continue // of a chunk without rows
		}
		empty, err := r.data(h, stored, 0)
		if err == nil {
			err = empty.end()
		}
		if err != nil {
			return err
		}
	}
}
