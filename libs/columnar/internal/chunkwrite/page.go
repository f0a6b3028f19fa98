package chunkwrite

import (
	"errors"
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/parquet"

	"github.com/maskrail/maskrail/libs/columnar/internal/spare"
	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

var errPageSize = errors.New("a value, or a row of a list, of more than 1 GiB cannot be written")

// cut ends the page in work.
func (l *leaf) cut() error {
	c := l.shop.takeCompressor()
	defer l.shop.compressors.Give(c)
	body := l.reps.appendTo(c.page[:0])
	body = l.defs.appendTo(body)
	encoding := parquet.Encodings.RLEDict
	var g grid
	if l.stage == laidOut {
		encoding = l.plain.encoding()
		body, g = l.plain.appendPage(body)
	} else {
		width := max(bits.Len(uint(l.dict.len()-1)), 1)
		body = append(body, byte(width))
		body = appendHybrid(body, l.indices, width)
	}
	c.page = body
	if err := l.seal(c, l.out, g, PageKind{Encoding: encoding}, l.inPage); err != nil {
		return err
	}
	l.clearLevels()
	l.indices = l.indices[:0]
	l.inPage = 0
	return nil
}

// seal compresses the body of a page, c.page, and appends it with its header to
// out.
func (l *leaf) seal(c *compressor, out *spare.Bytes, g grid, kind PageKind, entries int) error {
	body := c.page
	if len(body) > math.MaxInt32/2 {
		return errPageSize
	}
	packed := c.compress(body, g, &l.choice)
	w := thrift.NewWriter(nil)
	writePageHeader(w, kind, int32(entries), int32(len(body)), int32(len(packed)))
	l.raw += int64(len(w.Bytes) + len(body))
	out.Append(w.Bytes)
	out.Append(packed)
	l.tally(kind)
	return nil
}

// tally counts a page.
func (l *leaf) tally(kind PageKind) {
	for i := range l.kinds {
		k := &l.kinds[i]
		if k.Dictionary == kind.Dictionary && k.Encoding == kind.Encoding {
			k.Pages++
			return
		}
	}
	kind.Pages = 1
	l.kinds = append(l.kinds, kind)
}

// Page types and fields of the format's PageHeader.
const (
	dataPage       = 0
	dictionaryPage = 2

	pageType           = 1
	pageRawSize        = 2
	pageSize           = 3
	pageDataHead       = 5
	pageDictionaryHead = 7

	headEntries     = 1
	headEncoding    = 2
	headDefinitions = 3
	headRepetitions = 4
)

func writePageHeader(w *thrift.Writer, kind PageKind, entries, raw, packed int32) {
	typ, head := int32(dataPage), int16(pageDataHead)
	if kind.Dictionary {
		typ, head = dictionaryPage, pageDictionaryHead
	}
	w.I32(pageType, typ)
	w.I32(pageRawSize, raw)
	w.I32(pageSize, packed)
	w.Struct(head)
	w.I32(headEntries, entries)
	w.I32(headEncoding, int32(kind.Encoding))
	if !kind.Dictionary {
		w.I32(headDefinitions, int32(parquet.Encodings.RLE))
		w.I32(headRepetitions, int32(parquet.Encodings.RLE))
	}
	w.End()
	w.End()
}

// finish ends the chunk: all is encoded and compressed.
func (l *leaf) finish() (Chunk, error) {
	defer l.release()
	if l.inPage > 0 && l.stage != laidOut {
		if err := l.judge(true); err != nil {
			return Chunk{}, err
		}
	}
	if l.inPage > 0 {
		if err := l.cut(); err != nil {
			return Chunk{}, err
		}
	}
	c := Chunk{Codec: codec, Values: l.entries}
	if l.dict != nil && l.dict.len() > 0 {
		dictionary := l.shop.blocks.New()
		if err := l.sealDictionary(dictionary); err != nil {
			return Chunk{}, err
		}
		c.Dictionary = dictionary.Len()
		c.hold(dictionary)
	}
	c.hold(l.out)
	l.out = nil
	c.RawBytes = l.raw
	c.PageKinds = l.kinds
	c.Encodings = encodings(l.kinds, l.col.MaxDefinitionLevel() > 0 || l.col.MaxRepetitionLevel() > 0)
	if l.statistics && l.entries > 0 {
		c.Statistics = l.stated()
	}
	return c, nil
}

func (l *leaf) sealDictionary(out *spare.Bytes) error {
	c := l.shop.takeCompressor()
	defer l.shop.compressors.Give(c)
	var g grid
	c.page, g = l.dict.appendDictionary(c.page[:0])
	return l.seal(c, out, g, PageKind{Dictionary: true, Encoding: parquet.Encodings.Plain}, l.dict.len())
}

// encodings are those of values and levels, in any order.
func encodings(kinds []PageKind, levels bool) []parquet.Encoding {
	var list []parquet.Encoding
	for _, k := range kinds {
		list = append(list, k.Encoding)
	}
	if levels {
		list = append(list, parquet.Encodings.RLE)
	}
	return list
}

func (l *leaf) stated() *Statistics {
	s := &Statistics{Nulls: l.entries - l.values}
	if l.edge == nil {
		return s
	}
	s.Min, s.Max = l.edge.bounds()
	return s.bounded()
}

// bounded leaves out bounds that are too long to be stated.
func (s *Statistics) bounded() *Statistics {
	if len(s.Min) > boundBytes {
		s.Min = nil
	}
	if len(s.Max) > boundBytes {
		s.Max = nil
	}
	return s
}
