package chunkwrite

import (
	"cmp"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"

	"github.com/maskrail/maskrail/libs/columnar/internal/spare"
)

// Chunk is one column chunk, encoded and compressed, with what the footer says
// of it.
type Chunk struct {
	// Pages are the bytes of the chunk, headers included, in any division. A
	// dictionary page comes first.
	Pages [][]byte

	Codec      compress.Compression
	Encodings  []parquet.Encoding // of values, levels and dictionary; in any order
	Dictionary int64              // length of the dictionary page with its header; 0 = there is none
	Values     int64              // entries, nulls included
	RawBytes   int64              // of the pages before compression, headers included
	PageKinds  []PageKind         // how many pages there are of each kind; may be empty

	// Statistics are what the footer states of the values; nil = nothing.
	Statistics *Statistics

	// Memory of Pages, which Append gives back; may be empty.
	Memory []*spare.Bytes

	start, size int64 // in the file
}

// hold appends pages, which are the chunk's from now on.
func (c *Chunk) hold(pages *spare.Bytes) {
	c.Pages, c.Memory = append(c.Pages, pages.Parts()...), append(c.Memory, pages)
}

// recycle gives the pages up, for other chunks.
func (c *Chunk) recycle() {
	for _, m := range c.Memory {
		m.Release()
	}
	c.Pages, c.Memory = nil, nil
}

// PageKind counts the pages of one kind in a chunk.
type PageKind struct {
	Dictionary bool // dictionary pages, otherwise data pages
	Encoding   parquet.Encoding
	Pages      int32
}

func (k PageKind) compare(other PageKind) int {
	if k.Dictionary != other.Dictionary {
		if k.Dictionary {
			return -1
		}
		return 1
	}
	return cmp.Compare(k.Encoding, other.Encoding)
}

// Statistics of a chunk. Min and Max are in PLAIN encoding, without a length; nil
// where they are not stated.
type Statistics struct {
	Nulls    int64
	Min, Max []byte
}
