package chunkread

import (
	"github.com/apache/arrow-go/v18/parquet"

	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

// Page types of parquet.thrift.
const (
	pageData       = 0
	pageDictionary = 2
	pageDataV2     = 3
)

// Field ids of PageHeader.
const (
	headerType       = 1
	headerRaw        = 2
	headerPacked     = 3
	headerCRC        = 4
	headerData       = 5
	headerDictionary = 7
	headerDataV2     = 8
)

// header is what a page header says. Of the three headers in it only the one
// that its type names is read into.
type header struct {
	kind   int32
	raw    int32 // bytes of the page, decompressed
	packed int32 // bytes of the page in the file, without the header
	crc    uint32
	hasCRC bool

	values   int32 // nulls included
	encoding parquet.Encoding

	levels parquet.Encoding // of definition levels, V1

	nulls, rows  int32 // V2
	definition   int32 // bytes of levels, V2
	repetition   int32
	uncompressed bool // V2

	sorted bool // dictionary
}

// parseHeader reads a page header from the start of b, and returns its length.
// thrift.ErrDamaged may mean that b ends too early.
func parseHeader(b []byte) (h header, n int, err error) {
	r := thrift.NewReader(b)
	seen := 0
	var inner [headerDataV2 + 1]header
	err = r.Fields(func(id int16, kind thrift.Kind) (bool, error) {
		switch {
		case kind == thrift.I32:
			v, err := r.I32()
			switch id {
			case headerType:
				h.kind = v
			case headerRaw:
				h.raw = v
			case headerPacked:
				h.packed = v
			case headerCRC:
				h.crc, h.hasCRC = uint32(v), true
			default:
				return true, err
			}
			seen |= 1 << id
			return true, err
		case kind == thrift.Struct && (id == headerData || id == headerDictionary || id == headerDataV2):
			seen |= 1 << id
			return true, inner[id].pageFields(r, int(id))
		}
		return false, nil
	})
	if err != nil {
		return h, 0, err
	}
	const always = 1<<headerType | 1<<headerRaw | 1<<headerPacked
	if seen&always != always || h.raw < 0 || h.packed < 0 {
		return h, 0, errHeader
	}
	var id int
	switch h.kind {
	case pageData:
		id = headerData
	case pageDictionary:
		id = headerDictionary
	case pageDataV2:
		id = headerDataV2
	default:
		return h, r.Offset(), nil // a kind of page that is passed over
	}
	in := inner[id]
	if seen>>id&1 == 0 || in.values < 0 || in.nulls < 0 || in.rows < 0 || in.definition < 0 || in.repetition < 0 {
		return h, 0, errHeader
	}
	in.kind, in.raw, in.packed, in.crc, in.hasCRC = h.kind, h.raw, h.packed, h.crc, h.hasCRC
	return in, r.Offset(), nil
}

// pageFields reads DataPageHeader, DictionaryPageHeader or DataPageHeaderV2.
func (h *header) pageFields(r *thrift.Reader, page int) error {
	var (
		fields   []*int32 // by their ids, from 1
		encoding int32    = -1
		levels   int32    = -1
	)
	h.values = -1
	switch page {
	case headerData:
		fields = []*int32{&h.values, &encoding, &levels}
	case headerDictionary:
		fields = []*int32{&h.values, &encoding}
	case headerDataV2:
		h.nulls, h.rows, h.definition, h.repetition = -1, -1, -1, -1
		fields = []*int32{&h.values, &h.nulls, &h.rows, &encoding, &h.definition, &h.repetition}
	}
	err := r.Fields(func(id int16, kind thrift.Kind) (bool, error) {
		switch {
		case kind == thrift.I32 && id >= 1 && int(id) <= len(fields):
			var err error
			*fields[id-1], err = r.I32()
			return true, err
		case page == headerDataV2 && id == 7 && kind == thrift.False:
			h.uncompressed = true
		case page == headerDictionary && id == 3 && kind == thrift.True:
			h.sorted = true
		}
		return false, nil
	})
	h.encoding, h.levels = parquet.Encoding(encoding), parquet.Encoding(levels)
	return err
}
