package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// TestParquetBytesDoNotDependOnBatches: equal rows are equal bytes, however
// batches divide them, and whether they were read or built.
func TestParquetBytesDoNotDependOnBatches(t *testing.T) {
	t.Parallel()
	batch := manyRows(t, 50_000)
	for _, group := range []int{7, 1000, 16_384, 20_000, 0} {
		t.Run(fmt.Sprint(group), func(t *testing.T) {
			t.Parallel()
			o := WriteOptions{Format: FormatParquet, RowGroupRows: group, Allocator: checkedMemory(t)}
			rows := batch
			if group == 7 {
				rows = batch.NewSlice(0, 400)
				defer rows.Release()
			}
			want := writeAll(t, rows, rows.NumRows(), o)
			for _, size := range []int64{333, 16_384, 16_385} {
				if !bytes.Equal(writeAll(t, rows, size, o), want) {
					t.Errorf("batches of %d rows give other bytes", size)
				}
			}
			if !bytes.Equal(writeUnevenly(t, rows, o), want) {
				t.Error("uneven batches give other bytes")
			}
			again := readAll(t, want, Options{Format: FormatParquet, BatchRows: 501})
			sameRows(t, again, rows)
			if !bytes.Equal(writeAll(t, again, 4096, o), want) {
				t.Error("what was read gives other bytes")
			}
			if group > 0 {
				wantGroups(t, want, int(rows.NumRows()), group)
			}
		})
	}
}

func wantGroups(t *testing.T, data []byte, rows, group int) {
	t.Helper()
	m := footerOf(t, data)
	for i, rg := range m.RowGroups {
		if n := min(group, rows-i*group); rg.NumRows != int64(n) {
			t.Errorf("row group %d has %d rows, want %d", i, rg.NumRows, n)
		}
	}
}

func writeUnevenly(t *testing.T, batch arrow.RecordBatch, o WriteOptions) []byte {
	t.Helper()
	rnd := rand.New(rand.NewPCG(3, 4))
	var buf bytes.Buffer
	w, err := NewWriter(&buf, batch.Schema(), o)
	must(t, err)
	for from := int64(0); from < batch.NumRows(); {
		n := min(rnd.Int64N(9000), batch.NumRows()-from) // zero now and then
		part := batch.NewSlice(from, from+n)
		err := w.Write(part)
		part.Release()
		must(t, err)
		from += n
	}
	must(t, w.Close())
	return buf.Bytes()
}

// TestParquetBytesDoNotDependOnChance: what other writers of the process do, the
// order of maps and the number of goroutines do not show.
func TestParquetBytesDoNotDependOnChance(t *testing.T) {
	t.Parallel()
	batch := manyRows(t, 50_000)
	want := writeAll(t, batch, 16_384, WriteOptions{Format: FormatParquet})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 3 {
				noise := batch.NewSlice(int64(g*1000+i*777), 40_000)
				writeAll(t, noise, 5000, WriteOptions{Format: FormatParquet, RowGroupRows: 900 + g})
				noise.Release()
				if !bytes.Equal(writeAll(t, batch, 16_384, WriteOptions{Format: FormatParquet, Workers: g}), want) {
					t.Error("equal rows gave other bytes")
				}
			}
		})
	}
	wg.Wait()
}

// TestNestedParquetBytesDoNotDependOnBatches covers levels and child offsets.
func TestNestedParquetBytesDoNotDependOnBatches(t *testing.T) {
	t.Parallel()
	o := WriteOptions{Format: FormatParquet, RowGroupRows: 4}
	batch := nestedBatch(t)
	want := writeAll(t, batch, 5, o)
	for size := int64(1); size < 5; size++ {
		o.Workers = int(size)
		if !bytes.Equal(writeAll(t, batch, size, o), want) {
			t.Errorf("batches of %d rows give other bytes", size)
		}
	}
}

// TestDictionariesAreLaidOutPlain: a dictionary's unused entries and its order
// do not reach the file.
func TestDictionariesAreLaidOutPlain(t *testing.T) {
	t.Parallel()
	want := writeAll(t, dictBatch(t, []string{"b", "a"}, []string{"b", "a", "b"}), 3, WriteOptions{Format: FormatParquet})
	got := writeAll(t, dictBatch(t, []string{"secret", "a", "b"}, []string{"b", "a", "b"}), 1, WriteOptions{Format: FormatParquet})
	if !bytes.Equal(got, want) {
		t.Error("bytes depend on the dictionary")
	}
	plain := readAll(t, got, Options{Format: FormatParquet})
	if plain.Column(0).DataType().ID() != arrow.STRING || plain.Column(0).(*array.String).Value(0) != "b" {
		t.Errorf("read %v", plain.Column(0))
	}
}

func dictBatch(t *testing.T, dictionary, values []string) arrow.RecordBatch {
	t.Helper()
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, dt).(*array.BinaryDictionaryBuilder)
	defer b.Release()
	entries := array.NewStringBuilder(memory.DefaultAllocator)
	defer entries.Release()
	entries.AppendValues(dictionary, nil)
	arr := entries.NewStringArray()
	defer arr.Release()
	must(t, b.InsertStringDictValues(arr))
	for _, v := range values {
		must(t, b.AppendString(v))
	}
	col := b.NewDictionaryArray()
	defer col.Release()
	schema := arrow.NewSchema([]arrow.Field{{Name: "d", Type: dt, Nullable: true}}, nil)
	batch := array.NewRecordBatch(schema, []arrow.Array{col}, -1)
	t.Cleanup(batch.Release)
	return batch
}

// TestNoStatistics: of a column without statistics the file holds no value
// outside the compressed pages, and of one with them it does (so that the search
// is known to work).
func TestNoStatistics(t *testing.T) {
	t.Parallel()
	text := "quiet,loud,number\n"
	for i := range 5000 {
		text += fmt.Sprintf("QUIETVALUE%04d,LOUDVALUE%04d,%d\n", i, i, 7_777_777_000_000_000+i)
	}
	batch := readAll(t, []byte(text), Options{Format: FormatCSV, Columns: []Column{{"number", arrow.PrimitiveTypes.Int64}}})
	data := writeAll(t, batch, 5000, WriteOptions{Format: FormatParquet, RowGroupRows: 2000, NoStatistics: []string{"quiet", "number"}})

	if !bytes.Contains(data, []byte("LOUDVALUE0000")) {
		t.Fatal("the search finds no statistics where there are some")
	}
	for _, secret := range []string{"QUIETVALUE", "QUIETVAL"} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("%s is in the file in clear", secret)
		}
	}

	r, err := file.NewParquetReader(bytes.NewReader(data))
	must(t, err)
	m := r.MetaData()
	if m.GetCreatedBy() != "maskrail" || m.KeyValueMetadata().Len() != 0 {
		t.Errorf("created by %q, %d key-value pairs", m.GetCreatedBy(), m.KeyValueMetadata().Len())
	}
	for g := range r.NumRowGroups() {
		for c := range 3 {
			chunk := m.RowGroups[g].Columns[c]
			loud := c == 1
			if chunk.MetaData.IsSetStatistics() != loud {
				t.Errorf("row group %d column %d: statistics in the footer: %t", g, c, !loud)
			}
			if chunk.IsSetColumnIndexOffset() || chunk.IsSetOffsetIndexOffset() || chunk.MetaData.IsSetBloomFilterOffset() {
				t.Errorf("row group %d column %d: an index or a bloom filter", g, c)
			}
			if pageStatistics(t, r, g, c) {
				t.Errorf("row group %d column %d: statistics in page headers", g, c)
			}
		}
	}
}

// pageStatistics says whether any page header of a chunk has statistics.
func pageStatistics(t *testing.T, r *file.Reader, group, column int) bool {
	t.Helper()
	pages, err := r.RowGroup(group).GetColumnPageReader(column)
	must(t, err)
	found, data := false, 0
	for pages.Next() {
		page, ok := pages.Page().(file.DataPage)
		if !ok {
			continue
		}
		data++
		s := page.Statistics()
		found = found || s.HasMin || s.HasMax || s.HasNullCount || s.HasDistinctCount
	}
	must(t, pages.Err())
	must(t, pages.Close())
	if data == 0 {
		t.Fatal("no data page")
	}
	return found
}

// TestNoStatisticsNested: the leaves below a named column are meant as well.
func TestNoStatisticsNested(t *testing.T) {
	t.Parallel()
	data := writeAll(t, nestedBatch(t), 5, WriteOptions{Format: FormatParquet, NoStatistics: []string{"sessions", "attributes"}})
	for _, c := range footerOf(t, data).RowGroups[0].Columns {
		path := strings.Join(c.MetaData.PathInSchema, ".")
		loud := !strings.HasPrefix(path, "sessions") && !strings.HasPrefix(path, "attributes")
		if c.MetaData.IsSetStatistics() != loud {
			t.Errorf("%s: statistics %t", path, !loud)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	given := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.BinaryTypes.LargeString, Nullable: true, Metadata: arrow.NewMetadata([]string{"k"}, []string{"v"})},
		{Name: "d", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}},
		{Name: "t", Type: &arrow.TimestampType{Unit: arrow.Second, TimeZone: "Europe/Berlin"}, Nullable: true},
		{Name: "naive", Type: &arrow.TimestampType{Unit: arrow.Microsecond}, Nullable: true},
		{Name: "n", Type: &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}, Nullable: true},
		{Name: "day", Type: arrow.FixedWidthTypes.Date64, Nullable: true},
		{Name: "dec", Type: &arrow.Decimal128Type{Precision: 38, Scale: 10}, Nullable: true},
		{Name: "u", Type: arrow.PrimitiveTypes.Uint32, Nullable: true},
		{Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
	}, nil)
	got, err := RoundTrip(given)
	must(t, err)
	golden(t, "roundtrip.txt", []byte(got.String()+"\n"))
	again, err := RoundTrip(got)
	must(t, err)
	if !again.Equal(got) {
		t.Errorf("a second round trip differs: %v", again)
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, given)
	defer b.Release()
	batch := b.NewRecordBatch()
	defer batch.Release()
	for _, rows := range []int64{0, 1} {
		if rows == 1 {
			for _, f := range b.Fields() {
				f.AppendEmptyValue()
			}
			batch = b.NewRecordBatch()
			defer batch.Release()
		}
		read := readAll(t, writeAll(t, batch, 1, WriteOptions{Format: FormatParquet}), Options{Format: FormatParquet})
		if !read.Schema().Equal(got) {
			t.Errorf("%d rows: read\n%v\npredicted\n%v", rows, read.Schema(), got)
		}
		if read.NumRows() != rows {
			t.Errorf("%d rows, want %d", read.NumRows(), rows)
		}
	}
}

// fullDisk fails from a byte on.
type fullDisk struct{ left int }

var errDiskFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		n := d.left
		d.left = 0
		return n, errDiskFull
	}
	d.left -= len(p)
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	batch := manyRows(t, 20_000)
	for _, f := range []Format{FormatParquet, FormatCSV, FormatJSONL} {
		for _, c := range []Codec{CodecNone, CodecGzip, CodecZstd} {
			if f == FormatParquet && c != CodecNone {
				continue
			}
			o := WriteOptions{Format: f, Codec: c, RowGroupRows: 5000}
			size := len(writeAll(t, batch, 3000, o))
			for _, room := range []int{0, 3, 1000, size / 2, size - 1} {
				err := writeTo(&fullDisk{room}, batch, o)
				if _, isData := errors.AsType[*Error](err); isData || !errors.Is(err, errDiskFull) {
					t.Errorf("%s %s with room for %d: %v", f, c, room, err)
				}
			}
			must(t, writeTo(&fullDisk{size}, batch, o))
		}
	}
}

func writeTo(d *fullDisk, batch arrow.RecordBatch, o WriteOptions) error {
	w, err := NewWriter(d, batch.Schema(), o)
	if err != nil {
		return err
	}
	if err := w.Write(batch); err != nil {
		return err
	}
	return w.Close()
}

func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	batch := manyRows(t, 3)
	cases := map[string]WriteOptions{
		"format":            {Format: "orc"},
		"codec of parquet":  {Format: FormatParquet, Codec: CodecZstd},
		"codec":             {Format: FormatCSV, Codec: "lz4"},
		"negative groups":   {Format: FormatParquet, RowGroupRows: -1},
		"unknown statistic": {Format: FormatParquet, NoStatistics: []string{"phone"}},
	}
	for name, o := range cases {
		if _, err := NewWriter(new(bytes.Buffer), batch.Schema(), o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	nested := nestedBatch(t)
	if _, err := NewWriter(new(bytes.Buffer), nested.Schema(), WriteOptions{Format: FormatCSV}); err == nil || !strings.Contains(err.Error(), `column "queue": a cell holds one value and no struct: write JSON Lines or Parquet`) {
		t.Errorf("nested columns in a csv: %v", err)
	}
	for _, f := range []Format{FormatCSV, FormatJSONL, FormatParquet} {
		w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: f})
		must(t, err)
		if err := w.Write(nested); err == nil {
			t.Errorf("%s: a batch of another schema was accepted", f)
		}
		if err := w.Close(); err == nil {
			t.Errorf("%s: Close after a failed Write gives no error", f)
		}
	}
}

// TestNullsWhereNoneMayBe: a column declared without nulls would be written
// without its nulls, one row short.
func TestNullsWhereNoneMayBe(t *testing.T) {
	t.Parallel()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.Append("x")
	b.AppendNull()
	arr := b.NewArray()
	defer arr.Release()
	batch := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String}}, nil), []arrow.Array{arr}, -1)
	defer batch.Release()
	w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: FormatParquet, Allocator: checkedMemory(t)})
	must(t, err)
	dataFault(t, w.Write(batch), "without nulls")
	if err := w.Close(); err == nil {
		t.Error("Close after a failed Write gives no error")
	}
}
