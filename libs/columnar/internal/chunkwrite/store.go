package chunkwrite

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
)

// limits end pages and dictionaries. They are the same for all files.
type limits struct {
	// The row that takes a data page to either is its last: the plain size of
	// values, and the number of entries.
	pageBytes, pageEntries int

	// The row that takes a dictionary to this plain size of entries is the last
	// that uses it.
	dictionaryBytes int

	// A dictionary is given up where, of the first values, more are distinct than
	// the share that still pays.
	trials []trial
}

type trial struct{ values, distinct int }

var fileLimits = limits{
	pageBytes:       1 << 20,
	pageEntries:     1 << 17,
	dictionaryBytes: 1 << 20,
	trials: []trial{
		{1 << 11, 1<<11 - 1<<7}, // 15 of 16
		{1 << 14, 1 << 13},      // one half
	},
}

// input gives the stores their values.
type input interface {
	// bind says what the spans index from now on. Of arr only the slots in spans
	// are looked at.
	bind(arr arrow.Array, spans []span) error
	// replay binds the entries of the dictionary by their numbers, until the
	// next bind or restore.
	replay(numbers []uint32) (restore func())
	// reset gives up all that is held, for another chunk.
	reset()
}

// plainPage gathers the values of one page.
type plainPage interface {
	// put appends the values of a span.
	put(s span)
	// fit is how many slots of a span fill room, the last one included, or all
	// where they do not; and their plain size.
	fit(s span, room int) (n, size int)
	// size is the plain size of the page.
	size() int
	// appendPage encodes the page and empties it.
	appendPage(dst []byte) ([]byte, grid)
	encoding() parquet.Encoding
}

// dictionary numbers values in the order of first use.
type dictionary interface {
	// number appends the numbers of a span's values, up to and with the one
	// that takes the dictionary to a plain size.
	number(dst []uint32, s span, size int) []uint32
	len() int
	// dictionarySize is the plain size of the entries.
	dictionarySize() int
	// appendDictionary encodes the entries.
	appendDictionary(dst []byte) ([]byte, grid)
	// forget drops the entries.
	forget()
}

// extent is what is known of the least and the greatest value.
type extent interface {
	// bounds are in PLAIN encoding, and the caller's; nil where there is none.
	bounds() (least, most []byte)
}
