package validator

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// usage says which entries of a chunk's dictionary rows point at. An entry that none points at is read by nobody who
// reads rows, and is in the file all the same. A nil usage is that of a chunk without a dictionary.
type usage struct {
	column *schema.Column
	used   []bool
	left   int // entries that no row has pointed at yet
}

var errIndices = errors.New("the indices of a page are damaged")

func newUsage(column *schema.Column, entries int) *usage {
	return &usage{column: column, used: make([]bool, entries), left: entries}
}

func (u *usage) idle() int {
	if u == nil {
		return 0
	}
	return u.left
}

// mark reads the indices of a page: levels first, where there are any, then the width of an index in one byte, then runs
// (RLE and bit-packing, Parquet's hybrid encoding). Zeros that fill the last run up count as the entry 0.
func (u *usage) mark(page file.DataPage) error {
	encoding := parquet.Encoding(page.Encoding())
	if u == nil || u.left == 0 || encoding != parquet.Encodings.RLEDict && encoding != parquet.Encodings.PlainDict {
		return nil
	}
	data := page.Data()
	switch p := page.(type) {
	case *file.DataPageV1:
		for _, level := range []int16{u.column.MaxRepetitionLevel(), u.column.MaxDefinitionLevel()} {
			if level == 0 {
				continue
			}
			if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
				return errIndices
			}
			data = data[4+binary.LittleEndian.Uint32(data):]
		}
	case *file.DataPageV2:
		levels := int64(p.RepetitionLevelByteLen()) + int64(p.DefinitionLevelByteLen())
		if levels < 0 || levels > int64(len(data)) {
			return errIndices
		}
		data = data[levels:]
	}
	if len(data) == 0 { // nothing but nulls
		return nil
	}
	return u.runs(data[1:], int(data[0]))
}

func (u *usage) runs(data []byte, width int) error {
	if width > 32 {
		return errIndices
	}
	for len(data) > 0 && u.left > 0 {
		head, n := binary.Uvarint(data)
		if n <= 0 {
			return errIndices
		}
		data = data[n:]
		size := (width + 7) / 8
		if head&1 == 1 {
			size = int(min(head>>1, uint64(len(data)))) * width
		}
		size = min(size, len(data)) // a writer may leave out the zeros at the end
		if head&1 == 1 {
			u.packed(data[:size], width)
		} else if head > 0 {
			var value uint64
			for i, b := range data[:size] {
				value |= uint64(b) << (8 * i)
			}
			u.use(value)
		}
		data = data[size:]
	}
	return nil
}

// packed reads indices of so many bits each, the lowest first.
func (u *usage) packed(data []byte, width int) {
	if width == 0 {
		u.use(0)
		return
	}
	var bits uint64
	have := 0
	for _, b := range data {
		bits |= uint64(b) << have
		for have += 8; have >= width; have -= width {
			u.use(bits & (1<<width - 1))
			bits >>= width
		}
	}
}

// use marks an entry; readers of rows have found an index beyond the dictionary before.
func (u *usage) use(entry uint64) {
	if entry < uint64(len(u.used)) && !u.used[entry] {
		u.used[entry] = true
		u.left--
	}
}
