package columnar

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/maskrail/maskrail/libs/columnar/internal/thrift"
)

const sentinel = "SENTINEL"

// traces lists where a Parquet file has text, or what it should not have at all,
// by walking its bytes: each page header, each page decompressed, the footer,
// and whatever stands between them.
func traces(t testing.TB, data []byte, text string) []string {
	t.Helper()
	found := map[string]bool{}
	look := func(place string, b []byte) {
		if bytes.Contains(b, []byte(text)) {
			found[place] = true
		}
	}
	m := footerOf(t, data)
	footer := len(data) - parquetTail - m.Size()
	look("footer", data[footer:])
	at := len(parquetMagic)
	for _, rg := range m.RowGroups {
		for _, c := range rg.Columns {
			start := int(c.MetaData.DataPageOffset)
			if c.MetaData.DictionaryPageOffset != nil {
				start = int(*c.MetaData.DictionaryPageOffset)
			}
			end := start + int(c.MetaData.TotalCompressedSize)
			path := strings.Join(c.MetaData.PathInSchema, ".")
			if start != at {
				found["bytes outside the pages"] = true
			}
			for at = start; at < end; {
				at += walkPage(t, data[at:end], compress.Compression(c.MetaData.Codec), path, look, found)
			}
			if c.MetaData.Statistics != nil {
				found["statistics in the footer: "+path] = true
			}
			if c.ColumnIndexOffset != nil || c.OffsetIndexOffset != nil {
				found["page index: "+path] = true
			}
			if c.MetaData.BloomFilterOffset != nil {
				found["bloom filter: "+path] = true
			}
		}
	}
	if at != footer {
		found["bytes outside the pages"] = true
	}
	look("bytes", data)
	if m.KeyValueMetadata().Len() > 0 {
		found["key-value metadata"] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// Fields of PageHeader and of the headers in it, from parquet.thrift.
const (
	headerRawSize, headerSize             = 2, 3
	headerV1, headerDictionary, headerV2  = 5, 7, 8
	statisticsV1, statisticsV2            = 5, 8
	levelBytesDefV2, levelBytesRepV2      = 5, 6
	pagePlaceHeader, pagePlaceValues      = "page header", "page"
	pagePlaceDictionary, pagePlaceHasStat = "dictionary", "statistics in a page header: "
)

// walkPage returns the bytes of a page and its header.
func walkPage(t testing.TB, b []byte, codec compress.Compression, path string, look func(string, []byte), found map[string]bool) int {
	t.Helper()
	r := thrift.NewReader(b)
	header := thriftFields(t, r)
	size, body := int(header[headerSize].(int64)), r.Offset()
	look(pagePlaceHeader, b[:body])
	page := b[body : body+size]
	place, levels := pagePlaceValues, 0
	if v1, ok := header[headerV1].(map[int]any); ok && says(v1[statisticsV1]) {
		found[pagePlaceHasStat+path] = true
	}
	if v2, ok := header[headerV2].(map[int]any); ok {
		levels = int(v2[levelBytesDefV2].(int64) + v2[levelBytesRepV2].(int64))
		if says(v2[statisticsV2]) {
			found[pagePlaceHasStat+path] = true
		}
	}
	if header[headerDictionary] != nil {
		place = pagePlaceDictionary
	}
	decoder, err := compress.GetCodec(codec)
	must(t, err)
	if raw := int(header[headerRawSize].(int64)); raw > levels {
		plain, err := compress.Decode(decoder, make([]byte, raw-levels), page[levels:])
		must(t, err)
		look(place, plain)
	}
	return body + size
}

// says is whether statistics have any field: the library writes them empty where
// they are off.
func says(statistics any) bool {
	fields, _ := statistics.(map[int]any)
	return len(fields) > 0
}

// thriftFields reads the numbers and structs of a struct by their ids; anything
// else that is there is true.
func thriftFields(t testing.TB, r *thrift.Reader) map[int]any {
	t.Helper()
	fields := map[int]any{}
	must(t, r.Fields(func(id int16, kind thrift.Kind) (read bool, err error) {
		fields[int(id)] = true
		switch kind {
		case thrift.I16, thrift.I32, thrift.I64:
			fields[int(id)], err = r.I64()
			return true, err
		case thrift.Struct:
			fields[int(id)] = thriftFields(t, r)
			return true, nil
		}
		return false, nil
	}))
	return fields
}

// hidden is a batch of masked values whose arrays still hold clear ones where no
// row shows them: in dictionary entries that are not used, under nulls, before
// and behind slices, in names and values of metadata.
func hidden(t testing.TB) arrow.RecordBatch {
	t.Helper()
	meta := arrow.NewMetadata([]string{"source", sentinel}, []string{sentinel + "-m", "x"})
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	leg := arrow.StructOf(arrow.Field{Name: "ani", Type: arrow.BinaryTypes.String, Nullable: true, Metadata: meta})
	fields := []arrow.Field{
		{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true, Metadata: meta},
		{Name: "dict", Type: dict, Nullable: true},
		{Name: "struct", Type: leg, Nullable: true, Metadata: meta},
		{Name: "legs", Type: arrow.ListOf(leg), Nullable: true},
		{Name: "map", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), Nullable: true},
		{Name: "number", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}
	schema := arrow.NewSchema(fields, &meta)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	text := b.Field(0).(*array.StringBuilder)
	for i := range 40 {
		clear := fmt.Sprintf("%s-%d", sentinel, i)
		value := "token"
		if i < 10 || i >= 30 {
			value = clear // outside of the slice below
		}
		text.Append(value)
		must(t, b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(value))
		st := b.Field(2).(*array.StructBuilder)
		st.Append(true)
		legs := b.Field(3).(*array.ListBuilder)
		legs.Append(true)
		legs.ValueBuilder().(*array.StructBuilder).Append(true)
		ani := legs.ValueBuilder().(*array.StructBuilder).FieldBuilder(0).(*array.StringBuilder)
		ani.Append(value)
		m := b.Field(4).(*array.MapBuilder)
		m.Append(true)
		m.KeyBuilder().(*array.StringBuilder).Append(value)
		m.ItemBuilder().(*array.StringBuilder).Append(value)
		st.FieldBuilder(0).(*array.StringBuilder).Append(value)
		b.Field(5).(*array.Int64Builder).Append(int64(i))
		if i >= 10 && i < 30 && i%3 == 0 { // becomes null below
			overwrite(text, clear)
			overwrite(st.FieldBuilder(0).(*array.StringBuilder), clear)
			overwrite(ani, clear)
			overwrite(m.ItemBuilder().(*array.StringBuilder), clear)
		}
	}
	whole := b.NewRecordBatch()
	defer whole.Release()
	columns := make([]arrow.Array, len(fields))
	for i, col := range whole.Columns() {
		data := nullEvery3rd(col.Data())
		columns[i] = array.MakeFromData(data)
		data.Release()
		defer columns[i].Release()
	}
	masked := array.NewRecordBatch(schema, columns, whole.NumRows())
	defer masked.Release()
	slice := masked.NewSlice(10, 30)
	t.Cleanup(slice.Release)
	return slice
}

// overwrite replaces the last value of a builder.
func overwrite(b *array.StringBuilder, value string) {
	b.Resize(b.Len() - 1)
	b.Append(value)
}

// nullEvery3rd clears validity bits and leaves the values beneath. Of lists and
// maps, whose elements here are one per row, it clears those of the elements.
func nullEvery3rd(d arrow.ArrayData) arrow.ArrayData {
	children := slices.Clone(d.Children())
	buffers := slices.Clone(d.Buffers())
	switch {
	case d.DataType().ID() == arrow.LIST:
		children[0] = nullEvery3rd(children[0])
	case d.DataType().ID() == arrow.MAP:
		entries := children[0]
		items := nullEvery3rd(entries.Children()[1])
		defer items.Release()
		children[0] = array.NewData(entries.DataType(), entries.Len(), entries.Buffers(), []arrow.ArrayData{entries.Children()[0], items}, 0, 0)
	default:
		bits := memory.NewBufferBytes(bytes.Repeat([]byte{0xff}, d.Len()/8+1))
		for i := 0; i < d.Len(); i += 3 {
			bits.Bytes()[i/8] &^= 1 << (i % 8)
		}
		buffers[0] = bits
	}
	data := array.NewData(d.DataType(), d.Len(), buffers, children, array.UnknownNullCount, d.Offset())
	if d.DataType().ID() == arrow.DICTIONARY {
		data.SetDictionary(d.Dictionary())
	}
	if len(children) == 1 && d.DataType().ID() != arrow.STRUCT {
		children[0].Release()
	}
	return data
}

// TestNoTraces: of clear values that no row shows nothing reaches the file, and
// of the columns without statistics there are none, whatever their nesting.
func TestNoTraces(t *testing.T) {
	t.Parallel()
	batch := hidden(t)
	if n := batch.Column(0).NullN(); n == 0 {
		t.Fatal("no nulls")
	}
	var names []string
	for _, f := range batch.Schema().Fields() {
		names = append(names, f.Name)
	}
	for _, group := range []int{0, 7} {
		data := writeAll(t, batch, 20, WriteOptions{Format: FormatParquet, RowGroupRows: group, NoStatistics: names})
		if found := traces(t, data, sentinel); len(found) > 0 {
			t.Errorf("row groups of %d: %q", group, found)
		}
		// The rows are there: the walk looked at something.
		if found := traces(t, data, "token"); !slices.Equal(found, []string{"bytes", pagePlaceDictionary}) {
			t.Errorf("row groups of %d: tokens are in %q", group, found)
		}
	}
}

// TestTracesAreFound: the walk sees what it is there to see.
func TestTracesAreFound(t *testing.T) {
	t.Parallel()
	clear := readAll(t, nestedParquet(t), Options{Format: FormatParquet})
	cases := map[string]struct {
		data []byte
		text string
		want []string
	}{
		"our statistics": {
			writeAll(t, clear, 5, WriteOptions{Format: FormatParquet, NoStatistics: []string{"id", "queue", "attributes"}}), "+2",
			[]string{"bytes", pagePlaceValues, "footer", "statistics in the footer: sessions.list.element.ani", "statistics in the footer: sessions.list.element.seconds"},
		},
		"statistics in page headers": {
			foreign(t, clear, parquet.WithCompression(compress.Codecs.Zstd)), "+2",
			[]string{"bytes", pagePlaceDictionary, pagePlaceHeader, pagePlaceHasStat + "sessions.list.element.ani", pagePlaceHasStat + "sessions.list.element.seconds"},
		},
		"plain v2 pages": {
			foreign(t, clear, parquet.WithStats(false), parquet.WithDictionaryDefault(false), parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithCompression(compress.Codecs.Zstd)), "+2",
			[]string{"key-value metadata", pagePlaceValues},
		},
		"index and bloom filter": {
			foreign(t, clear, parquet.WithPageIndexEnabled(true), parquet.WithBloomFilterEnabledFor("id", true)), "+2",
			[]string{"bloom filter: id", "bytes outside the pages", "page index: sessions.list.element.ani"},
		},
		"unused dictionary entry": {
			foreign(t, unusedEntry(t), parquet.WithCompression(compress.Codecs.Zstd)), sentinel,
			[]string{pagePlaceDictionary},
		},
		"created by": {foreign(t, clear, parquet.WithCreatedBy(sentinel)), sentinel, []string{"footer"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := traces(t, c.data, c.text)
			for _, want := range c.want {
				if !slices.Contains(found, want) {
					t.Errorf("%q is not in %q", want, found)
				}
			}
		})
	}
}

func unusedEntry(t *testing.T) arrow.RecordBatch {
	return dictBatch(t, []string{sentinel, "a"}, []string{"a", "a"})
}

// TestInputMetadataStaysBehind: what a file says of itself does not pass to the
// file that is written of its rows.
func TestInputMetadataStaysBehind(t *testing.T) {
	t.Parallel()
	in := foreign(t, nestedBatch(t), parquet.WithCreatedBy(sentinel+" 1.0"))
	in = rewriteFooter(t, in, func(m *metadata.FileMetaData) {
		key := m.KeyValueMetadata()
		must(t, key.Append(sentinel, sentinel))
		m.FileMetaData.KeyValueMetadata = key
	})
	if found := traces(t, in, sentinel); !slices.Contains(found, "footer") {
		t.Fatalf("the input has no trace: %q", found)
	}
	out := writeAll(t, readAll(t, in, Options{Format: FormatParquet}), 5, WriteOptions{Format: FormatParquet})
	if bytes.Contains(out, []byte(sentinel)) || footerOf(t, out).KeyValueMetadata().Len() > 0 || footerOf(t, out).GetCreatedBy() != "maskrail" {
		t.Error("metadata of the input is in the output")
	}
}
