package chunkread

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/maskrail/maskrail/libs/columnar/internal/spare"
)

// pages are the pages of a chunk, one after the other.
type pages struct {
	feed
	c     Column
	count int // pages that were begun
	buffers
}

// buffers are those of the current page.
type buffers struct {
	raw   []byte  // it decompressed
	sizes []int32 // the lengths of its texts
}

// Buffers outlive their reader, but for large ones.
const keptBuffer = 16 << 20 // bytes

// Spare is memory that the readers of one file use one after the other. The zero value is ready; it is safe for
// concurrent use.
type Spare struct {
	stored  spare.List[[]byte] // pages as they are stored
	buffers spare.List[buffers]
}

// newPages reads from src. Buffers come from c.Spare, to which close gives them.
func newPages(src io.ReaderAt, c Column) pages {
	p := pages{c: c, feed: feed{src: src, at: Start(c.Meta), left: c.Meta.TotalCompressedSize()}}
	if c.Spare != nil {
		p.buf, _ = c.Spare.stored.Take()
		p.buffers, _ = c.Spare.buffers.Take()
	}
	return p
}

func (p *pages) close() {
	if s := p.c.Spare; s != nil {
		if cap(p.buf) <= keptBuffer {
			s.stored.Give(p.buf)
		}
		if cap(p.raw)+4*cap(p.sizes) <= keptBuffer {
			s.buffers.Give(p.buffers)
		}
	}
	p.buf, p.buffers, p.have = nil, buffers{}, nil
}

// Start is the offset of a chunk's first byte. Some writers give 0 as the
// offset of a dictionary page, whether there is one or not.
func Start(m *metadata.ColumnChunkMetaData) int64 {
	start := m.DataPageOffset()
	if dict := m.DictionaryPageOffset(); m.HasDictionaryPage() && dict > 0 {
		start = min(start, dict)
	}
	return start
}

// next returns the next page as it is stored, and its header; io.EOF behind the
// last. Pages of other kinds than data and dictionary are passed over.
func (p *pages) next() (h header, stored []byte, err error) {
	for p.remaining() > 0 {
		p.count++
		if h, err = p.header(); err != nil {
			return h, nil, err
		}
		if stored, err = p.take(int(h.packed)); err != nil {
			return h, nil, err
		}
		if h.kind != pageData && h.kind != pageDataV2 && h.kind != pageDictionary {
			continue
		}
		if int64(h.raw) > p.c.MaxPage {
			return h, nil, errPageSize
		}
		if h.hasCRC && crc32.ChecksumIEEE(stored) != h.crc {
			return h, nil, errChecksum
		}
		return h, stored, nil
	}
	return h, nil, io.EOF
}

// open decompresses a page. The results stand until the next call. Levels are
// those of definition, nil for a column that has none.
func (p *pages) open(h header, stored []byte) (levels, values []byte, err error) {
	if h.kind == pageDataV2 {
		repetition, definition := int(h.repetition), int(h.definition)
		if repetition > len(stored) || definition > len(stored)-repetition || repetition+definition > int(h.raw) {
			return nil, nil, errLevels
		}
		if !zeroLevels(stored[:repetition], int(h.values)) {
			return nil, nil, errLevels
		}
		levels, stored = stored[repetition:repetition+definition], stored[repetition+definition:]
		values, err = p.decompress(stored, int(h.raw)-repetition-definition, h.uncompressed)
		if !p.c.optional() && !zeroLevels(levels, int(h.values)) {
			err = errLevels
		}
		return levels, values, err
	}
	if values, err = p.decompress(stored, int(h.raw), false); err != nil || h.kind == pageDictionary || !p.c.optional() {
		return nil, values, err
	}
	if h.levels != parquet.Encodings.RLE {
		return nil, nil, errLevelKind
	}
	levels, values, ok := prefixed(values)
	if !ok {
		return nil, nil, errLevels
	}
	return levels, values, nil
}

// prefixed cuts off bytes that follow their own length.
func prefixed(b []byte) (head, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.LittleEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

func (p *pages) decompress(stored []byte, size int, plain bool) ([]byte, error) {
	codec := p.c.Meta.Compression()
	switch {
	case plain || codec == compress.Codecs.Uncompressed:
		if len(stored) != size {
			return nil, errDecompress
		}
		return stored, nil
	case size == 0 && len(stored) == 0: // as some writers leave a page of nulls
		return nil, nil
	}
	if cap(p.raw) < size {
		p.raw = make([]byte, size)
	}
	return p.raw[:size:size], decompress(codec, p.raw[:size:size], stored)
}

// page is a data page that is being read.
type page struct {
	header
	left   int // rows that were not read
	absent int // nulls that were read

	definition hybrid  // levels, for an optional column
	packed     hybrid  // indices, booleans
	plain      []byte  // values that were not read, as PLAIN stores them
	sizes      []int32 // of texts in plain that stand there without them
	deltas     deltas  // integers
}

// data opens a data page.
func (p *pages) data(h header, stored []byte, rowsLeft int64) (page, error) {
	q := page{header: h, left: int(h.values)}
	if int64(h.values) > rowsLeft {
		return q, errTooMany
	}
	if h.kind == pageDataV2 && h.rows != h.values {
		return q, errHeader
	}
	levels, values, err := p.open(h, stored)
	if err != nil {
		return q, err
	}
	if p.c.optional() {
		q.definition = hybrid{b: levels, width: 1}
	}
	return q, p.begin(&q, values)
}

// begin sets a page up to read its values.
func (p *pages) begin(q *page, values []byte) error {
	physical := p.c.Leaf.PhysicalType()
	if !slices.Contains(encodings[physical], q.encoding) {
		return errEncoding
	}
	ok := true
	switch {
	case q.indexed():
		if len(values) > 0 { // none where all are null
			q.packed = hybrid{b: values[1:], width: int(values[0])}
		}
		ok = q.packed.width <= 32
	case q.encoding == parquet.Encodings.DeltaLengthByteArray:
		p.sizes, q.plain, ok = lengths(p.sizes[:0], values, int(q.values))
		q.sizes = p.sizes
	case q.encoding == parquet.Encodings.DeltaBinaryPacked:
		q.deltas, ok = newDeltas(values, int(q.values))
	case q.encoding == parquet.Encodings.RLE:
		q.packed.width = 1
		q.packed.b, values, ok = prefixed(values)
		ok = ok && onlyPadding(values)
	case physical == parquet.Types.Boolean:
		q.packed = packedBits(values)
	default:
		q.plain = values
	}
	if !ok {
		return errValues
	}
	return nil
}

// indexed reports whether the values are indices of dictionary entries.
func (q *page) indexed() bool {
	return q.encoding == parquet.Encodings.RLEDict || q.encoding == parquet.Encodings.PlainDict
}

// present reads the levels of n rows into a bitmap and returns how many of them
// have a value.
func (q *page) present(bitmap []byte, at, n int) (int, error) {
	ones := q.definition.fill(bitmap, at, n)
	if ones < 0 {
		return 0, errLevels
	}
	q.absent += n - ones
	return ones, nil
}

// end checks that nothing is left of a page whose rows were read.
func (q *page) end() error {
	if !q.definition.ended() {
		return errLevels
	}
	if q.kind == pageDataV2 && q.absent != int(q.nulls) {
		return errNulls
	}
	if q.encoding == parquet.Encodings.Plain && q.packed.bits != nil { // booleans
		q.packed = hybrid{b: q.packed.bits[(q.packed.at+7)/8:]}
	}
	if len(q.plain) > 0 || len(q.sizes) > 0 || !q.packed.ended() || !q.deltas.ended() {
		return errTrailing
	}
	return nil
}
