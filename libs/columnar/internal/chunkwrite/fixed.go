package chunkwrite

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
)

// fixed is the store of columns whose values have one width: INT32, INT64, FLOAT,
// DOUBLE and FIXED_LEN_BYTE_ARRAY.
type fixed struct {
	shop    *workshop
	width   int
	convert converter

	in    []byte // width bytes a slot
	codes []int32

	page    []byte
	whole   bool // INT32 or INT64, which deltas are for
	packing packing

	words    fixedDictionary // of widths 4 and 8
	entries  bytesDictionary // of others
	extremes fixedExtent     // nil: none are wanted
}

func (f *fixed) bind(arr arrow.Array, spans []span) (err error) {
	f.codes = nil
	f.in, err = f.convert.slots(arr, spans)
	return err
}

func (f *fixed) replay(numbers []uint32) (restore func()) {
	in, codes := f.in, f.codes
	f.in = f.dictionaryData()
	f.codes = make([]int32, len(numbers))
	for i, n := range numbers {
		f.codes[i] = int32(n)
	}
	return func() { f.in, f.codes = in, codes }
}

func (f *fixed) isWord() bool { return f.width == 4 || f.width == 8 }

func (f *fixed) dictionaryData() []byte {
	if f.isWord() {
		return f.words.data
	}
	return f.entries.data
}

func (f *fixed) reset() {
	f.shop, f.in, f.codes, f.page = nil, nil, nil, f.page[:0]
	f.forget()
	f.extremes, f.whole, f.packing = nil, false, untried
}

func (f *fixed) put(s span) {
	if f.codes == nil {
		f.page = append(f.page, f.in[s.from*f.width:s.to*f.width]...)
		return
	}
	for _, c := range f.codes[s.from:s.to] {
		at := int(c) * f.width
		f.page = append(f.page, f.in[at:at+f.width]...)
	}
}

func (f *fixed) fit(s span, room int) (n, size int) {
	n = min(s.to-s.from, (room+f.width-1)/f.width)
	return n, n * f.width
}

func (f *fixed) size() int { return len(f.page) }

func (f *fixed) encoding() parquet.Encoding {
	if f.whole && f.packing == untried && len(f.page) > 0 {
		f.packing = f.tryDeltas()
	}
	if f.packing >= asDeltas && len(f.page) > 0 {
		return parquet.Encodings.DeltaBinaryPacked
	}
	return parquet.Encodings.Plain
}

func (f *fixed) appendPage(dst []byte) ([]byte, grid) {
	if f.extremes != nil {
		f.extremes.learn(f.page)
	}
	g := grid{}
	if f.encoding() == parquet.Encodings.DeltaBinaryPacked {
		dst = f.appendDeltas(dst, f.page)
		g.stored = f.packing == asStoredDeltas
	} else {
		dst = append(dst, f.page...)
	}
	f.page = f.page[:0]
	return dst, g
}

func (f *fixed) appendDeltas(dst, values []byte) []byte {
	if f.width == 4 {
		return appendDeltas(dst, arrow.Int32Traits.CastFromBytes(values))
	}
	return appendDeltas(dst, arrow.Int64Traits.CastFromBytes(values))
}

// packing is how the plain pages of a chunk are encoded.
type packing int

const (
	untried packing = iota
	asIs
	asDeltas
	asStoredDeltas // which are not compressed
)

// tryDeltas packs the first values, which is to be no larger than what zstd makes
// of them. Where it leaves too little for zstd to find it is faster as well.
func (f *fixed) tryDeltas() packing {
	const tried = 64 << 10
	values := f.page[:min(len(f.page), tried)]
	c := f.shop.takeCompressor()
	defer f.shop.compressors.Give(c)
	packed := f.appendDeltas(nil, values)
	if len(packed) > len(c.general(values)) {
		return asIs
	}
	const worthwhile = 16 // zstd takes one in so many bytes away
	if saved := len(packed) - len(c.general(packed)); saved*worthwhile < len(packed) {
		return asStoredDeltas
	}
	return asDeltas
}

func (f *fixed) number(dst []uint32, s span, size int) []uint32 {
	in := f.in[s.from*f.width : s.to*f.width]
	for ; len(in) > 0; in = in[f.width:] {
		var (
			n     uint32
			isNew bool
		)
		switch f.width {
		case 4:
			n, isNew = f.words.number(uint64(binary.LittleEndian.Uint32(in)), 4)
		case 8:
			n, isNew = f.words.number(binary.LittleEndian.Uint64(in), 8)
		default:
			n, isNew = f.entries.number(in[:f.width])
		}
		dst = append(dst, n)
		if isNew && len(f.dictionaryData()) >= size {
			break
		}
	}
	return dst
}

func (f *fixed) len() int {
	if f.isWord() {
		return f.words.len()
	}
	return f.entries.len()
}

func (f *fixed) dictionarySize() int { return len(f.dictionaryData()) }

func (f *fixed) appendDictionary(dst []byte) ([]byte, grid) {
	if f.extremes != nil {
		f.extremes.learn(f.dictionaryData())
	}
	return append(dst, f.dictionaryData()...), grid{}
}

func (f *fixed) forget() {
	f.words.reset()
	f.entries.reset()
}
