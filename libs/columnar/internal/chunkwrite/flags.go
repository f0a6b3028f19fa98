package chunkwrite

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
)

// flags is the store of BOOLEAN columns. They have no dictionary.
type flags struct {
	in   *array.Boolean
	page []uint8 // 0 or 1

	seen [2]bool
}

func (f *flags) bind(arr arrow.Array, _ []span) error {
	if ext, ok := arr.(array.ExtensionArray); ok {
		arr = ext.Storage()
	}
	in, ok := arr.(*array.Boolean)
	if !ok {
		return fmt.Errorf("values of type %s in a column of booleans", arr.DataType())
	}
	f.in = in
	return nil
}

func (f *flags) replay([]uint32) (restore func()) { return func() {} }

func (f *flags) reset() { f.in, f.page, f.seen = nil, f.page[:0], [2]bool{} }

func (f *flags) put(s span) {
	for i := s.from; i < s.to; i++ {
		v := uint8(0)
		if f.in.Value(i) {
			v = 1
		}
		f.page = append(f.page, v)
		f.seen[v] = true
	}
}

func (f *flags) fit(s span, room int) (n, size int) {
	n = min(s.to-s.from, room)
	return n, n
}

func (f *flags) size() int { return len(f.page) }

func (f *flags) encoding() parquet.Encoding { return parquet.Encodings.Plain }

func (f *flags) appendPage(dst []byte) ([]byte, grid) {
	dst = appendBits(dst, f.page, 1)
	f.page = f.page[:0]
	return dst, grid{}
}

func (f *flags) bounds() (least, most []byte) {
	switch f.seen {
	case [2]bool{}:
		return nil, nil
	case [2]bool{true, false}:
		return []byte{0}, []byte{0}
	case [2]bool{false, true}:
		return []byte{1}, []byte{1}
	}
	return []byte{0}, []byte{1}
}
