package columnar

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

const nestedRows = 5

func nestedSchema() *arrow.Schema {
	session := arrow.StructOf(
		arrow.Field{Name: "ani", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "seconds", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	)
	return arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "queue", Type: arrow.StructOf(arrow.Field{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true}), Nullable: true},
		{Name: "sessions", Type: arrow.ListOf(session), Nullable: true},
		{Name: "attributes", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), Nullable: true},
	}, nil)
}

func nestedBatch(t testing.TB) arrow.RecordBatch {
	t.Helper()
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, nestedSchema(), strings.NewReader(`[
		{"id":"a","queue":{"name":"q"},"sessions":[{"ani":"+1","seconds":3},{"ani":null,"seconds":4}],"attributes":[{"key":"k","value":"v"}]},
		{"id":"b","queue":null,"sessions":[],"attributes":[]},
		{"id":"c","queue":{"name":null},"sessions":null,"attributes":null},
		{"id":"d","queue":{"name":"r"},"sessions":[null,{"ani":"+2","seconds":null}],"attributes":[{"key":"x","value":null},{"key":"y","value":"z"}]},
		{"id":"e","queue":{"name":"q"},"sessions":[{"ani":"+1","seconds":3}],"attributes":[]}]`))
	must(t, err)
	t.Cleanup(batch.Release)
	return batch
}

func nestedParquet(t testing.TB) []byte {
	return writeAll(t, nestedBatch(t), 5, WriteOptions{Format: FormatParquet, RowGroupRows: 3})
}

func TestParquetKeepsNestedTypes(t *testing.T) {
	t.Parallel()
	want := nestedBatch(t)
	for _, rows := range []int{0, 1, 2} {
		got := readAll(t, nestedParquet(t), Options{Format: FormatParquet, BatchRows: rows, Allocator: checkedMemory(t)})
		schema, err := RoundTrip(want.Schema())
		must(t, err)
		if !got.Schema().Equal(schema) {
			t.Errorf("schema\n got %v\nwant %v", got.Schema(), schema)
		}
		a, _ := got.MarshalJSON()
		b, _ := want.MarshalJSON()
		if !bytes.Equal(a, b) {
			t.Errorf("batches of %d\n got %s\nwant %s", rows, a, b)
		}
	}
}

// foreign writes a file as other writers do.
func foreign(t testing.TB, batch arrow.RecordBatch, opts ...parquet.WriterProperty) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := pqarrow.NewFileWriter(batch.Schema(), &buf, parquet.NewWriterProperties(opts...), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	must(t, err)
	must(t, w.Write(batch))
	must(t, w.Close())
	return buf.Bytes()
}

func TestForeignParquet(t *testing.T) {
	t.Parallel()
	want := manyRows(t, 3000)
	// The library's delta decoders keep 64 bytes each to the garbage collector.
	leaky := map[string]bool{"delta": true}
	variants := map[string][]parquet.WriterProperty{
		"default":      nil,
		"v2 pages":     {parquet.WithDataPageVersion(parquet.DataPageV2)},
		"v1 format":    {parquet.WithVersion(parquet.V1_0)},
		"snappy":       {parquet.WithCompression(compress.Codecs.Snappy)},
		"gzip":         {parquet.WithCompression(compress.Codecs.Gzip)},
		"brotli":       {parquet.WithCompression(compress.Codecs.Brotli)},
		"lz4raw":       {parquet.WithCompression(compress.Codecs.Lz4Raw)},
		"zstd v2":      {parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDataPageVersion(parquet.DataPageV2)},
		"small pages":  {parquet.WithDataPageSize(256), parquet.WithDictionaryPageSizeLimit(512)},
		"row groups":   {parquet.WithMaxRowGroupLength(700)},
		"page index":   {parquet.WithPageIndexEnabled(true)},
		"bloom filter": {parquet.WithBloomFilterEnabled(true)},
		"delta":        {parquet.WithDictionaryDefault(false), parquet.WithEncodingFor("unique", parquet.Encodings.DeltaByteArray), parquet.WithEncodingFor("amount", parquet.Encodings.DeltaBinaryPacked)},
	}
	for name, props := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := foreign(t, want, props...)
			o := Options{Format: FormatParquet, BatchRows: 999}
			if !leaky[name] {
				o.Allocator = checkedMemory(t)
			}
			sameRows(t, readAll(t, data, o), want)
		})
	}
}

// TestStoredArrowSchemaIsIgnored: the key-value metadata of a file cannot turn
// its columns into something else.
func TestStoredArrowSchemaIsIgnored(t *testing.T) {
	t.Parallel()
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "d", Type: dict, Nullable: true},
		{Name: "l", Type: arrow.BinaryTypes.LargeString, Nullable: true},
	}, nil))
	defer b.Release()
	must(t, b.Field(0).(*array.BinaryDictionaryBuilder).AppendString("x"))
	b.Field(1).(*array.LargeStringBuilder).Append("y")
	batch := b.NewRecordBatch()
	defer batch.Release()
	got := readAll(t, foreign(t, batch), Options{Format: FormatParquet})
	for i := range 2 {
		if got.Column(i).DataType().ID() != arrow.STRING {
			t.Errorf("column %d is %s", i, got.Column(i).DataType())
		}
	}
}

// rawParquet writes one column of one row group through the low-level writer.
func rawParquet(t testing.TB, node pqschema.Node, write func(file.ColumnChunkWriter) error) []byte {
	t.Helper()
	var buf bytes.Buffer
	root, err := pqschema.NewGroupNode("schema", parquet.Repetitions.Required, pqschema.FieldList{node}, -1)
	must(t, err)
	w := file.NewParquetWriter(&buf, root)
	rg := w.AppendRowGroup()
	col, err := rg.NextColumn()
	must(t, err)
	must(t, write(col))
	must(t, col.Close())
	must(t, rg.Close())
	must(t, w.Close())
	return buf.Bytes()
}

func TestINT96(t *testing.T) {
	t.Parallel()
	node := pqschema.NewInt96Node("at", parquet.Repetitions.Required, -1)
	write := func(values ...parquet.Int96) []byte {
		return rawParquet(t, node, func(w file.ColumnChunkWriter) error {
			_, err := w.(*file.Int96ColumnChunkWriter).WriteBatch(values, nil, nil)
			return err
		})
	}
	// 2000-01-01 12:00 UTC is Julian day 2,451,545 at noon.
	noon := parquet.NewInt96([3]uint32{0, 0, 2_451_545})
	noon.SetNanoSeconds(43_200_000_000_001)
	got := readAll(t, write(noon), Options{Format: FormatParquet, Allocator: checkedMemory(t)})
	if want := (&arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}); !arrow.TypeEqual(got.Column(0).DataType(), want) {
		t.Errorf("type %s, want %s", got.Column(0).DataType(), want)
	}
	if text, _, _ := AppendText(nil, got.Column(0), 0); string(text) != "2000-01-01T12:00:00.000000001Z" {
		t.Errorf("got %s", text)
	}
	// Year 9999 has no nanoseconds since 1970 in 64 bits: an error, not another date.
	far := parquet.NewInt96([3]uint32{0, 0, 5_373_484})
	_, err := tryRead(t.Context(), write(noon, far), Options{Format: FormatParquet})
	dataFault(t, err, "outside the Arrow nanosecond range")
}

func TestLogicalTypes(t *testing.T) {
	t.Parallel()
	text := func(w file.ColumnChunkWriter) error {
		_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{[]byte("ab"), []byte("")}, nil, nil)
		return err
	}
	uuid := func(w file.ColumnChunkWriter) error {
		_, err := w.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch([]parquet.FixedLenByteArray{[]byte("0123456789abcdef")}, nil, nil)
		return err
	}
	cases := map[string]struct {
		physical parquet.Type
		logical  pqschema.LogicalType
		length   int
		write    func(file.ColumnChunkWriter) error
		want     arrow.DataType
		text     string
	}{
		"string": {parquet.Types.ByteArray, pqschema.StringLogicalType{}, -1, text, arrow.BinaryTypes.String, "ab"},
		"json":   {parquet.Types.ByteArray, pqschema.JSONLogicalType{}, -1, text, arrow.BinaryTypes.String, "ab"},
		"enum":   {parquet.Types.ByteArray, pqschema.EnumLogicalType{}, -1, text, arrow.BinaryTypes.String, "ab"},
		"bytes":  {parquet.Types.ByteArray, pqschema.NoLogicalType{}, -1, text, arrow.BinaryTypes.Binary, "ab"},
		"uuid":   {parquet.Types.FixedLenByteArray, pqschema.UUIDLogicalType{}, 16, uuid, extensions.NewUUIDType(), "30313233-3435-3637-3839-616263646566"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node, err := pqschema.NewPrimitiveNodeLogical("c", parquet.Repetitions.Required, c.logical, c.physical, c.length, -1)
			must(t, err)
			got := readAll(t, rawParquet(t, node, c.write), Options{Format: FormatParquet, Allocator: checkedMemory(t)})
			if !arrow.TypeEqual(got.Column(0).DataType(), c.want) || !arrow.TypeEqual(got.Schema().Field(0).Type, c.want) {
				t.Errorf("type %s, want %s", got.Column(0).DataType(), c.want)
			}
			if out, ok, err := AppendText(nil, got.Column(0), 0); err != nil || !ok || string(out) != c.text {
				t.Errorf("text %q %v %v, want %q", out, ok, err, c.text)
			}
			again := readAll(t, writeAll(t, got, 1, WriteOptions{Format: FormatParquet}), Options{Format: FormatParquet})
			sameRows(t, again, got)
		})
	}
}

// TestBatchesStayInRowGroups: a batch never straddles row groups.
func TestBatchesStayInRowGroups(t *testing.T) {
	t.Parallel()
	data := writeAll(t, manyRows(t, 1000), 1000, WriteOptions{Format: FormatParquet, RowGroupRows: 300})
	r, err := Open(source(data), Options{Format: FormatParquet, BatchRows: 200})
	must(t, err)
	defer r.Close()
	for _, want := range []int64{200, 100, 200, 100, 200, 100, 100} {
		batch, err := r.Next(t.Context())
		must(t, err)
		if batch.NumRows() != want {
			t.Errorf("%d rows, want %d", batch.NumRows(), want)
		}
		batch.Release()
	}
}

// TestHostileFooter: claims are refused before anything is done about them.
func TestHostileFooter(t *testing.T) {
	t.Parallel()
	data := smallParquet(t)
	cases := map[string]struct {
		change func(*metadata.FileMetaData)
		want   string
	}{
		"rows of the file": {func(m *metadata.FileMetaData) { m.NumRows++ }, "claims 5 rows"},
		"rows of a group":  {func(m *metadata.FileMetaData) { m.RowGroups[0].NumRows++; m.NumRows++ }, "number of values"},
		"negative rows":    {func(m *metadata.FileMetaData) { m.RowGroups[0].NumRows = -1 }, "wrong number of rows"},
		"rows and values":  {claimRows(1 << 40), "more rows than its bytes could hold"},
		"a few rows more":  {claimRows(4), "fewer rows than the footer claims"},
		"a few rows less":  {claimRows(2), "more rows than the footer claims"},
		"chunk outside":    {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.DataPageOffset = 1 << 50 }, "outside the file"},
		"chunk before":     {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.DataPageOffset = -1 }, "outside the file"},
		"size":             {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.TotalCompressedSize = math.MaxInt64 }, "outside the file"},
		"negative size":    {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.TotalCompressedSize = -5 }, "negative"},
		"ratio": {func(m *metadata.FileMetaData) {
			m.RowGroups[0].Columns[1].MetaData.TotalUncompressedSize = math.MaxInt64
		}, "200 times its size"},
		"shared chunks":         {shareChunks, "more bytes than the file has"},
		"missing chunk":         {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns = m.RowGroups[0].Columns[1:] }, "column chunks"},
		"swapped chunks":        {func(m *metadata.FileMetaData) { c := m.RowGroups[0].Columns; c[0], c[1] = c[1], c[0] }, "another column"},
		"no metadata":           {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData = nil }, "metadata is missing"},
		"other file":            {func(m *metadata.FileMetaData) { p := "x"; m.RowGroups[0].Columns[1].FilePath = &p }, "another file"},
		"codec LZO":             {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.Codec = 3 }, "compression LZO is not supported"},
		"codec LZ4 of hadoop":   {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.Codec = 5 }, "compression LZ4 is not supported"},
		"unknown codec":         {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.Codec = 77 }, "not supported"},
		"encoding":              {func(m *metadata.FileMetaData) { m.RowGroups[0].Columns[2].MetaData.Encodings[0] = 7 }, "encoding DELTA_BYTE_ARRAY of INT64 values is not supported"},
		"same name":             {func(m *metadata.FileMetaData) { rename(m, "note", "id") }, "twice"},
		"lost rows of the file": {func(m *metadata.FileMetaData) { m.RowGroups = m.RowGroups[:1] }, "its row groups have 3"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := rewriteFooter(t, data, c.change)
			_, err := readRows(t, bad, Options{Format: FormatParquet})
			dataFault(t, err, c.want)
		})
	}
}

func claimRows(n int64) func(*metadata.FileMetaData) {
	return func(m *metadata.FileMetaData) {
		m.NumRows += n - m.RowGroups[0].NumRows
		m.RowGroups[0].NumRows = n
		for _, c := range m.RowGroups[0].Columns {
			c.MetaData.NumValues = n
		}
	}
}

// shareChunks lets many row groups read the same bytes.
func shareChunks(m *metadata.FileMetaData) {
	m.RowGroups = m.RowGroups[:1]
	for range 100 {
		m.RowGroups = append(m.RowGroups, m.RowGroups[0])
	}
	m.NumRows = 101 * m.RowGroups[0].NumRows
}

func rename(m *metadata.FileMetaData, from, to string) {
	for _, e := range m.FileMetaData.Schema {
		if e.Name == from {
			e.Name = to
		}
	}
	for _, rg := range m.RowGroups {
		for _, c := range rg.Columns {
			if c.MetaData.PathInSchema[0] == from {
				c.MetaData.PathInSchema[0] = to
			}
		}
	}
}

func footerOf(t testing.TB, data []byte) *metadata.FileMetaData {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	return r.MetaData()
}

func rewriteFooter(t testing.TB, data []byte, change func(*metadata.FileMetaData)) []byte {
	t.Helper()
	m := footerOf(t, data)
	body := bytes.Clone(data[:len(data)-parquetTail-m.Size()])
	change(m)
	out := bytes.NewBuffer(body)
	n, err := m.WriteTo(out, nil)
	must(t, err)
	out.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	out.Write(parquetMagic)
	return out.Bytes()
}

// TestDictionaryBomb: a few bytes that would decode to gigabytes are refused.
func TestDictionaryBomb(t *testing.T) {
	t.Parallel()
	const rows = 2000
	node := pqschema.NewByteArrayNode("bomb", parquet.Repetitions.Required, -1)
	value := parquet.ByteArray(bytes.Repeat([]byte("x"), 300_000))
	values := make([]parquet.ByteArray, rows)
	for i := range values {
		values[i] = value
	}
	data := rawParquet(t, node, func(w file.ColumnChunkWriter) error {
		_, err := w.(*file.ByteArrayColumnChunkWriter).WriteBatch(values, nil, nil)
		return err
	})
	_, err := readRows(t, data, Options{Format: FormatParquet, Limits: Limits{MaxMemory: 64 << 20}})
	dataFault(t, err, "memory that are allowed")
}

// TestInvalidTextIsNotQuoted: the library says what the damaged text is; nobody else must.
func TestInvalidTextIsNotQuoted(t *testing.T) {
	t.Parallel()
	schema := arrow.NewSchema([]arrow.Field{{Name: "note", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Field(0).(*array.StringBuilder).Append("\xff Anna Kowalska Baker Street")
	batch := b.NewRecordBatch()
	defer batch.Release()
	var file bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &file, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(batch), w.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = readRows(t, file.Bytes(), Options{Format: FormatParquet})
	if err == nil || strings.Contains(err.Error(), "Anna") || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("error %v: want one that says what is wrong and does not quote it", err)
	}
}

// TestHostileSchema: what the footer says of its own schema.
func TestHostileSchema(t *testing.T) {
	t.Parallel()
	flat, nested := smallParquet(t), nestedParquet(t)
	deep := func(levels int) func(*metadata.FileMetaData) {
		return func(m *metadata.FileMetaData) {
			s := m.FileMetaData.Schema
			root, leaf, one := *s[0], *s[1], int32(1)
			root.NumChildren = &one
			elements := s[:0:0]
			for range levels {
				elements = append(elements, &root)
			}
			m.FileMetaData.Schema = append(elements, &leaf)
			m.RowGroups, m.NumRows = nil, 0
		}
	}
	children := func(i int, n int32) func(*metadata.FileMetaData) {
		return func(m *metadata.FileMetaData) { m.FileMetaData.Schema[i].NumChildren = &n }
	}
	cases := map[string]struct {
		data   []byte
		change func(*metadata.FileMetaData)
		want   string
	}{
		"nested 500,000 deep":    {flat, deep(500_000), "nested more than"},
		"nested 101 deep":        {flat, deep(102), "nested more than"},
		"2^31 children":          {flat, children(0, math.MaxInt32), "children than elements"},
		"2^31 children of group": {nested, children(2, math.MaxInt32), "children than elements"},
		"negative children":      {flat, children(0, -1), "children than elements"},
		"one child too many":     {flat, children(0, 10), "children than elements"},
		"one child too few":      {flat, children(0, 8), "elements that belong to no group"},
		"leaf as a group":        {flat, children(9, 1), "children than elements"},
		"100,000 columns": {flat, func(m *metadata.FileMetaData) {
			n := int32(100_000)
			m.FileMetaData.Schema[0].NumChildren = &n
			leaf := m.FileMetaData.Schema[1]
			for i := len(m.FileMetaData.Schema) - 1; i < int(n); i++ {
				m.FileMetaData.Schema = append(m.FileMetaData.Schema, leaf)
			}
		}, "more than 10000 columns"},
		"decimal of negative scale": {flat, func(m *metadata.FileMetaData) {
			m.FileMetaData.Schema[4].LogicalType.DECIMAL.Scale = math.MinInt32
		}, "decimal"},
		"decimal of large scale": {flat, func(m *metadata.FileMetaData) { m.FileMetaData.Schema[4].LogicalType.DECIMAL.Scale = 1000 }, "decimal"},
		"decimal of precision 0": {flat, func(m *metadata.FileMetaData) { m.FileMetaData.Schema[4].LogicalType.DECIMAL.Precision = 0 }, "decimal"},
		"wide fixed values": {flat, func(m *metadata.FileMetaData) {
			n := int32(math.MaxInt32)
			m.FileMetaData.Schema[4].TypeLength = &n
		}, ""},
		"no schema": {flat, func(m *metadata.FileMetaData) { m.FileMetaData.Schema = nil }, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readRows(t, rewriteFooter(t, c.data, c.change), Options{Format: FormatParquet, Limits: Limits{MaxMemory: 64 << 20}})
			dataFault(t, err, c.want)
		})
	}
	if _, err := readRows(t, rewriteFooter(t, flat, deep(90)), Options{Format: FormatParquet}); err != nil {
		t.Errorf("90 levels: %v", err)
	}
}
