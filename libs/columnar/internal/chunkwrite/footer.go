package chunkwrite

import (
	"bytes"
	"errors"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

const createdBy = "maskrail"

// Fields of the format's structs, as parquet.thrift numbers them.
const (
	fileSchema       = 2
	fileRows         = 3
	fileGroups       = 4
	fileCreatedBy    = 6
	fileColumnOrders = 7

	orderOfType = 1

	groupColumns = 1
	groupRaw     = 2
	groupRows    = 3
	groupStart   = 5
	groupSize    = 6
	groupOrdinal = 7

	chunkStart    = 2
	chunkMetadata = 3

	metaType       = 1
	metaEncodings  = 2
	metaPath       = 3
	metaCodec      = 4
	metaValues     = 5
	metaRaw        = 6
	metaSize       = 7
	metaData       = 9
	metaDictionary = 11
	metaStatistics = 12
	metaPageKinds  = 13

	statisticsOldMax = 1
	statisticsOldMin = 2
	statisticsNulls  = 3
	statisticsMax    = 5
	statisticsMin    = 6

	kindPage     = 1
	kindEncoding = 2
	kindCount    = 3
)

// footerHead is the footer up to and with the schema, as the library writes it.
func footerHead(s *schema.Schema, props *parquet.WriterProperties) ([]byte, error) {
	m, err := metadata.NewFileMetadataBuilder(s, props, nil).Finish()
	if err != nil {
		return nil, err
	}
	var empty bytes.Buffer
	if _, err := m.WriteTo(&empty, nil); err != nil {
		return nil, err
	}
	r := thrift.NewReader(empty.Bytes())
	end := 0
	err = r.Fields(func(id int16, _ thrift.Kind) (bool, error) {
		if id == fileRows {
			end = r.Offset() - 1 // the field's head takes a byte
		}
		return false, nil
	})
	if err != nil || end == 0 {
		return nil, errors.New("the library's footer has no number of rows")
	}
	return bytes.Clone(empty.Bytes()[:end]), nil
}

func (f *File) footer() []byte {
	w := thrift.NewWriter(bytes.Clone(f.head))
	w.Skip(fileSchema)
	w.I64(fileRows, f.rows)
	w.List(fileGroups, thrift.Struct, len(f.groups))
	for i, g := range f.groups {
		w.Begin()
		f.writeGroup(w, i, g)
		w.End()
	}
	w.Binary(fileCreatedBy, []byte(createdBy))
	w.List(fileColumnOrders, thrift.Struct, f.parquet.NumColumns())
	for range f.parquet.NumColumns() {
		w.Begin()
		w.Struct(orderOfType)
		w.End()
		w.End()
	}
	w.End()
	return w.Bytes
}

func (f *File) writeGroup(w *thrift.Writer, ordinal int, g rowGroup) {
	var raw, size int64
	w.List(groupColumns, thrift.Struct, len(g.chunks))
	for i, c := range g.chunks {
		raw += c.RawBytes
		size += c.size
		w.Begin()
		w.I64(chunkStart, c.start)
		w.Struct(chunkMetadata)
		writeChunk(w, c, f.parquet.Column(i))
		w.End()
		w.End()
	}
	w.I64(groupRaw, raw)
	w.I64(groupRows, g.rows)
	w.I64(groupStart, g.start)
	w.I64(groupSize, size)
	if ordinal <= math.MaxInt16 {
		w.I16(groupOrdinal, int16(ordinal))
	}
}

func writeChunk(w *thrift.Writer, c Chunk, col *schema.Column) {
	encodings := slices.Clone(c.Encodings)
	slices.Sort(encodings)
	encodings = slices.Compact(encodings)
	path := col.ColumnPath()

	w.I32(metaType, int32(col.PhysicalType()))
	w.List(metaEncodings, thrift.I32, len(encodings))
	for _, e := range encodings {
		w.I32Element(int32(e))
	}
	w.List(metaPath, thrift.Binary, len(path))
	for _, name := range path {
		w.BinaryElement([]byte(name))
	}
	w.I32(metaCodec, int32(c.Codec))
	w.I64(metaValues, c.Values)
	w.I64(metaRaw, c.RawBytes)
	w.I64(metaSize, c.size)
	w.I64(metaData, c.start+c.Dictionary)
	if c.Dictionary > 0 {
		w.I64(metaDictionary, c.start)
	}
	if c.Statistics != nil {
		w.Struct(metaStatistics)
		writeStatistics(w, c.Statistics, col.SortOrder() == schema.SortSIGNED)
		w.End()
	}
	if len(c.PageKinds) > 0 {
		writeKinds(w, c.PageKinds)
	}
}

// writeStatistics states bounds in the old fields as well where the order is
// signed, the only one that those had.
func writeStatistics(w *thrift.Writer, s *Statistics, signed bool) {
	bound := func(id int16, v []byte) {
		if v != nil {
			w.Binary(id, v)
		}
	}
	if signed {
		bound(statisticsOldMax, s.Max)
		bound(statisticsOldMin, s.Min)
	}
	w.I64(statisticsNulls, s.Nulls)
	bound(statisticsMax, s.Max)
	bound(statisticsMin, s.Min)
}

func writeKinds(w *thrift.Writer, kinds []PageKind) {
	kinds = slices.Clone(kinds)
	slices.SortFunc(kinds, PageKind.compare)
	w.List(metaPageKinds, thrift.Struct, len(kinds))
	for _, k := range kinds {
		w.Begin()
		page := int32(dataPage)
		if k.Dictionary {
			page = dictionaryPage
		}
		w.I32(kindPage, page)
		w.I32(kindEncoding, int32(k.Encoding))
		w.I32(kindCount, k.Pages)
		w.End()
	}
}
