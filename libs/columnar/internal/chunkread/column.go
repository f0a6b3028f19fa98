// Package chunkread decodes flat Parquet column chunks into Arrow arrays, window
// by window, and checks chunks that are to be copied as they are.
//
// It believes nothing a chunk says: sizes, counts, levels, indices, text and
// checksums are verified, and what does not add up is an error. No error holds a
// value. It never panics over what the bytes hold; an allocator that refuses by
// panicking does so through Next, which frees what it holds and may be called no
// more.
//
// Format: Apache Parquet 2.11 (github.com/apache/parquet-format).
package chunkread

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

// Column says which chunk to read and as what. Offsets and sizes in Meta are
// those of the source: whoever opens the file has compared them with its size.
type Column struct {
	Type arrow.DataType // of the arrays
	Leaf *pqschema.Column
	Meta *metadata.ColumnChunkMetaData
	Rows int64 // of the row group

	// Dictionary lets text come as *array.Dictionary with int32 indices, in
	// windows whose pages all use the dictionary. They share one dictionary: the
	// same Data().Dictionary() in all of them. Other windows are of Type.
	Dictionary bool

	MaxPage   int64            // bytes of a page, decompressed; 0 = 256 MiB
	Allocator memory.Allocator // of the arrays; nil = Go's
	Spare     *Spare           // of the file; nil: every reader has memory of its own
}

const maxPage = 256 << 20

func (c Column) withDefaults() Column {
	c.MaxPage = min(cmp.Or(c.MaxPage, maxPage), maxPage)
	if c.Allocator == nil {
		c.Allocator = memory.DefaultAllocator
	}
	return c
}

func (c Column) optional() bool { return c.Leaf.MaxDefinitionLevel() == 1 }

// Supported reports whether this package reads and copies the column. What it
// does not is read with pqarrow.
func Supported(c Column) bool {
	if _, ok := formOf(c); !ok || !codecs[c.Meta.Compression()] || !littleEndian {
		return false
	}
	if c.Leaf.MaxRepetitionLevel() != 0 || c.Leaf.MaxDefinitionLevel() > 1 || c.Meta.Type() != c.Leaf.PhysicalType() {
		return false
	}
	for _, e := range c.Meta.Encodings() {
		if !slices.Contains(listed, e) && !slices.Contains(encodings[c.Meta.Type()], e) {
			return false
		}
	}
	return true
}

// listed are encodings that footers name whatever the pages are in: those of
// levels, and of dictionaries also for booleans.
var listed = []parquet.Encoding{parquet.Encodings.RLE, parquet.Encodings.BitPacked, parquet.Encodings.PlainDict}

// littleEndian is what numbers are in pages; here they are copied as they are.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

var codecs = map[compress.Compression]bool{
	compress.Codecs.Uncompressed: true,
	compress.Codecs.Snappy:       true,
	compress.Codecs.Gzip:         true,
	compress.Codecs.Brotli:       true,
	compress.Codecs.Zstd:         true,
	compress.Codecs.Lz4Raw:       true,
}

// encodings are those of the values of each type that are decoded.
var encodings = map[parquet.Type][]parquet.Encoding{
	parquet.Types.Boolean:   {parquet.Encodings.Plain, parquet.Encodings.RLE},
	parquet.Types.Int32:     {parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.DeltaBinaryPacked},
	parquet.Types.Int64:     {parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.DeltaBinaryPacked},
	parquet.Types.Float:     {parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict},
	parquet.Types.Double:    {parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict},
	parquet.Types.ByteArray: {parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.DeltaLengthByteArray},
}

// form is how the values of a column lie in pages and in arrays.
type form struct {
	text   bool // BYTE_ARRAY; utf8 says whether it must be text
	utf8   bool
	bits   bool // BOOLEAN
	stored int  // bytes of a number in a page
	shown  int  // bytes of it in an array: stored; 1 and 2 for narrow integers, 16 for decimals
	signed bool // how a narrow integer is read
}

// formOf returns false for a type that is not read here.
func formOf(c Column) (form, bool) {
	signed := func(stored, shown int) (form, bool) { return form{stored: stored, shown: shown, signed: true}, true }
	unsigned := func(stored, shown int) (form, bool) { return form{stored: stored, shown: shown}, true }
	physical, shown := c.Leaf.PhysicalType(), c.Type.ID()
	switch physical {
	case parquet.Types.ByteArray:
		return form{text: true, utf8: shown == arrow.STRING}, shown == arrow.STRING || shown == arrow.BINARY
	case parquet.Types.Boolean:
		return form{bits: true}, shown == arrow.BOOL
	case parquet.Types.Float:
		return form{stored: 4, shown: 4}, shown == arrow.FLOAT32
	case parquet.Types.Double:
		return form{stored: 8, shown: 8}, shown == arrow.FLOAT64
	case parquet.Types.Int32:
		switch shown {
		case arrow.INT8:
			return signed(4, 1)
		case arrow.INT16:
			return signed(4, 2)
		case arrow.UINT8:
			return unsigned(4, 1)
		case arrow.UINT16:
			return unsigned(4, 2)
		case arrow.INT32, arrow.UINT32, arrow.DATE32, arrow.TIME32:
			return signed(4, 4)
		case arrow.DECIMAL128:
			return signed(4, 16)
		}
	case parquet.Types.Int64:
		switch shown {
		case arrow.INT64, arrow.UINT64, arrow.TIMESTAMP, arrow.TIME64:
			return signed(8, 8)
		case arrow.DECIMAL128:
			return signed(8, 16)
		}
	}
	return form{}, false
}
