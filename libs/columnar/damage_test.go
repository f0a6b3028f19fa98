package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/metrics"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

// smallParquet has every declarable type, nulls, and several row groups.
func smallParquet(t testing.TB) []byte {
	batch := readAll(t, []byte(mixedCSV), Options{Format: FormatCSV, Columns: mixed()})
	return writeAll(t, batch, 4, WriteOptions{Format: FormatParquet, RowGroupRows: 3})
}

// readRows reads an object that may be damaged and counts its rows.
func readRows(t testing.TB, data []byte, o Options) (int64, error) {
	batch, err := tryRead(t.Context(), data, o)
	if err != nil {
		return 0, err
	}
	defer batch.Release()
	return batch.NumRows(), nil
}

// seed is a sound file that tests damage.
type seed struct {
	data []byte
	rows int64
}

// seeds have flat and nested columns in many encodings, codecs and page versions.
func seeds(t testing.TB) map[string]seed {
	t.Helper()
	few := columnsOf(t, everyBatch(t, 6), "bool", "u32", "f16", "d38", "d76", "t64us", "ns", "uuid", "struct", "map", "mapped")
	delta := []parquet.WriterProperty{
		parquet.WithDictionaryDefault(false), parquet.WithStats(false), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithEncodingFor("n", parquet.Encodings.DeltaBinaryPacked), parquet.WithEncodingFor("text", parquet.Encodings.DeltaByteArray),
		parquet.WithEncodingFor("legs.list.element.ani", parquet.Encodings.DeltaLengthByteArray),
	}
	calls := callPiece(t, 5, 14)
	t.Cleanup(calls.Release)
	return map[string]seed{
		"flat":           {smallParquet(t), 4},
		"nested":         {nestedParquet(t), nestedRows},
		"many types":     {writeAll(t, few, 6, WriteOptions{Format: FormatParquet, NoStatistics: names(few.Schema())}), 6},
		"delta v1":       {foreign(t, calls, delta...), 14},
		"delta v2":       {foreign(t, calls, append(delta, parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithCompression(compress.Codecs.Lz4Raw))...), 14},
		"split, small":   {foreign(t, calls, parquet.WithDictionaryDefault(false), parquet.WithDataPageSize(64), parquet.WithBatchSize(7), parquet.WithEncodingFor("n", parquet.Encodings.ByteStreamSplit), parquet.WithCompression(compress.Codecs.Snappy)), 14},
		"index and more": {foreign(t, calls, parquet.WithPageIndexEnabled(true), parquet.WithBloomFilterEnabled(true), parquet.WithMaxBloomFilterBytes(64), parquet.WithMaxRowGroupLength(8), parquet.WithCompression(compress.Codecs.Gzip)), 14},
	}
}

// columnsOf is a batch of some of the columns.
func columnsOf(t testing.TB, batch arrow.RecordBatch, names ...string) arrow.RecordBatch {
	t.Helper()
	var fields []arrow.Field
	var columns []arrow.Array
	for _, name := range names {
		i := batch.Schema().FieldIndices(name)[0]
		fields, columns = append(fields, batch.Schema().Field(i)), append(columns, batch.Column(i))
	}
	some := array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, batch.NumRows())
	t.Cleanup(some.Release)
	return some
}

func names(s *arrow.Schema) []string {
	var names []string
	for _, f := range s.Fields() {
		names = append(names, f.Name)
	}
	return names
}

func TestTruncatedParquet(t *testing.T) {
	t.Parallel()
	for name, s := range seeds(t) {
		for n := range s.data {
			if _, err := readRows(t, s.data[:n], Options{Format: FormatParquet}); err == nil {
				t.Fatalf("%s: %d of %d bytes were accepted", name, n, len(s.data))
			} else {
				dataFault(t, err, "")
			}
		}
	}
}

// TestFlippedParquet: whatever byte is wrong, a file gives an Error or the right
// number of rows, each cell of which can be read; no panic, no endless loop, no
// memory beyond the limit. It runs alone, to see what is allocated.
func TestFlippedParquet(t *testing.T) {
	const limit = 64 << 20
	for name, s := range seeds(t) {
		bad := bytes.Clone(s.data)
		for i := 0; i < len(bad); i += flipStep {
			mask := byte(1) << (i % 8)
			bad[i] ^= mask
			before := allocated()
			batch, err := tryRead(t.Context(), bad, Options{Format: FormatParquet, Limits: Limits{MaxMemory: limit}})
			switch {
			case err != nil:
				dataFault(t, err, "")
				if errors.Is(err, io.EOF) {
					t.Errorf("%s, byte %d: damage looks like the end of the file", name, i)
				}
			case batch.NumRows() != s.rows:
				t.Errorf("%s, byte %d: %d rows, want %d", name, i, batch.NumRows(), s.rows)
			default:
				touch(t, batch)
			}
			if batch != nil {
				batch.Release()
			}
			if used := allocated() - before; used > 4*limit {
				t.Errorf("%s, byte %d: %d MiB were allocated", name, i, used>>20)
			}
			bad[i] ^= mask
		}
	}
}

// allocated is how many bytes the process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// touch reads every cell, as a masker does.
func touch(t testing.TB, batch arrow.RecordBatch) {
	for _, col := range batch.Columns() {
		if col.Len() != int(batch.NumRows()) {
			t.Fatalf("a column has %d cells of %d", col.Len(), batch.NumRows())
		}
		for i := range col.Len() {
			cellText(t, col, i)
		}
	}
}

func TestTruncatedText(t *testing.T) {
	t.Parallel()
	formats := map[Format]string{FormatCSV: mixedCSV, FormatJSONL: mixedJSONL}
	for format, text := range formats {
		for _, codec := range []Codec{CodecGzip, CodecZstd} {
			t.Run(fmt.Sprint(format, codec), func(t *testing.T) {
				t.Parallel()
				data := zipped(t, codec, []byte(text))
				for n := range data {
					_, err := readRows(t, data[:n], Options{Format: format, Codec: codec, Columns: mixed()})
					if err == nil {
						t.Fatalf("%d of %d bytes were accepted", n, len(data))
					}
					dataFault(t, err, "")
				}
				for name, tail := range map[string][]byte{"garbage": []byte("tail"), "zeros": make([]byte, 9)} {
					if _, err := readRows(t, append(bytes.Clone(data), tail...), Options{Format: format, Codec: codec, Columns: mixed()}); err == nil {
						t.Errorf("trailing %s were accepted", name)
					}
				}
				twice := append(bytes.Clone(data), zipped(t, codec, []byte("\n"))...)
				if rows, err := readRows(t, twice, Options{Format: format, Codec: codec, Columns: mixed()}); err != nil || rows != 4 {
					t.Errorf("two streams: %d rows, %v", rows, err)
				}
			})
		}
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			for n := range len(text) {
				whole := int64(bytes.Count([]byte(text[:n]), []byte("\n")))
				rows, err := readRows(t, []byte(text[:n]), Options{Format: format, Columns: mixed()})
				if err == nil && rows > whole+1 {
					t.Errorf("%d bytes gave %d rows of %d lines", n, rows, whole)
				}
				if err != nil {
					dataFault(t, err, "")
				}
			}
		})
	}
}

// TestCutLine: a last line that stops in the middle is an error wherever it
// stops, for JSON Lines; for CSV wherever that can be seen.
func TestCutLine(t *testing.T) {
	t.Parallel()
	const line = `{"a":"x","b":12,"c":null}`
	for n := 1; n < len(line); n++ {
		_, err := readRows(t, []byte(line+"\n"+line[:n]), Options{Format: FormatJSONL})
		if err == nil {
			t.Errorf("%q was accepted", line[:n])
			continue
		}
		if e := dataFault(t, err, ""); e.Row != 2 {
			t.Errorf("row %d, want 2", e.Row)
		}
	}
	for _, cut := range []string{"1", "1,\"x", "1,\"x\",", "1,2,3\r"} {
		_, err := readRows(t, []byte("a,b,c,d\n1,2,3,4\n"+cut), Options{Format: FormatCSV})
		if e := dataFault(t, err, ""); e.Row != 2 {
			t.Errorf("%q: row %d, want 2", cut, e.Row)
		}
	}
}

// brokenSource fails from an offset on, as a disk does.
type brokenSource struct {
	Source
	from int64
	err  error
}

func (b brokenSource) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.from {
		return 0, b.err
	}
	return b.Source.ReadAt(p, off)
}

// TestSourceFailureIsNotTheDatas: a failing disk never rejects an object.
func TestSourceFailureIsNotTheDatas(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk on fire")
	big := manyRows(t, 40_000)
	for _, f := range []Format{FormatCSV, FormatJSONL, FormatParquet} {
		for _, c := range []Codec{CodecNone, CodecGzip, CodecZstd} {
			if f == FormatParquet && c != CodecNone {
				continue
			}
			data := writeAll(t, big, 40_000, WriteOptions{Format: f, Codec: c, RowGroupRows: 10_000})
			for _, at := range []int64{0, 10, int64(len(data)) / 3, int64(len(data)) - 9} {
				for name, failure := range map[string]error{"error": disk, "short": io.ErrUnexpectedEOF} {
					t.Run(fmt.Sprint(f, c, at, name), func(t *testing.T) {
						t.Parallel()
						err := drainSource(t, brokenSource{source(data), at, failure}, Options{Format: f, Codec: c})
						if _, isData := errors.AsType[*Error](err); isData || !errors.Is(err, failure) {
							t.Errorf("error %v (%T), want the source's", err, err)
						}
					})
				}
			}
		}
	}
}

func drainSource(t testing.TB, src Source, o Options) error {
	r, err := Open(src, o)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		batch, err := r.Next(t.Context())
		if err != nil {
			return err
		}
		batch.Release()
	}
}

// TestRandomDamage hits larger files in several places at once.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	data := writeAll(t, manyRows(t, 3000), 3000, WriteOptions{Format: FormatParquet, RowGroupRows: 1000})
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bad := bytes.Clone(data)
		for range 1 + rnd.IntN(4) {
			bad[rnd.IntN(len(bad))] = byte(rnd.Uint32())
		}
		rows, err := readRows(t, bad, Options{Format: FormatParquet, Limits: Limits{MaxMemory: 64 << 20}})
		if err == nil && rows != 3000 {
			t.Errorf("%d rows", rows)
		}
		if err != nil {
			dataFault(t, err, "")
		}
	}
}
