package chunkread

import (
	"github.com/apache/arrow-go/v18/parquet"

	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

// bytes is the header as it is written: what describes the page, the checksum if
// it had one, and nothing else.
func (h header) bytes() []byte {
	w := thrift.NewWriter(make([]byte, 0, 48))
	w.I32(headerType, h.kind)
	w.I32(headerRaw, h.raw)
	w.I32(headerPacked, h.packed)
	if h.hasCRC {
		w.I32(headerCRC, int32(h.crc))
	}
	switch h.kind {
	case pageDictionary:
		w.Struct(headerDictionary)
		w.I32(1, h.values)
		w.I32(2, int32(h.encoding))
		w.Bool(3, h.sorted)
	case pageDataV2:
		w.Struct(headerDataV2)
		w.I32(1, h.values)
		w.I32(2, h.nulls)
		w.I32(3, h.rows)
		w.I32(4, int32(h.encoding))
		w.I32(5, h.definition)
		w.I32(6, h.repetition)
		w.Bool(7, !h.uncompressed)
	default:
		w.Struct(headerData)
		w.I32(1, h.values)
		w.I32(2, int32(h.encoding))
		w.I32(3, int32(parquet.Encodings.RLE))
		w.I32(4, int32(parquet.Encodings.RLE))
	}
	w.End()
	w.End()
	return w.Bytes
}
