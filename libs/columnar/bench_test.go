package columnar

import (
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

func BenchmarkRead(b *testing.B) {
	batch := manyRows(b, 100_000)
	for _, f := range []Format{FormatParquet, FormatCSV, FormatJSONL} {
		data := writeAll(b, batch, 100_000, WriteOptions{Format: f})
		b.Run(fmt.Sprint(f), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := drainSource(b, source(data), Options{Format: f, Columns: declared(batch.Schema())}); err != io.EOF {
					b.Fatal(err)
				}
			}
			b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	batch := manyRows(b, 100_000)
	for _, f := range []Format{FormatParquet, FormatCSV, FormatJSONL} {
		b.Run(fmt.Sprint(f), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, err := NewWriter(io.Discard, batch.Schema(), WriteOptions{Format: f})
				must(b, err)
				must(b, writeSlices(w, batch))
				must(b, w.Close())
			}
			b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func writeSlices(w Writer, batch arrow.RecordBatch) error {
	for from := int64(0); from < batch.NumRows(); from += DefaultBatchRows {
		part := batch.NewSlice(from, min(from+DefaultBatchRows, batch.NumRows()))
		err := w.Write(part)
		part.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkWriteNested writes 20,000 conversations in batches, with this
// package's writer and with the library's as it was used before.
func BenchmarkWriteNested(b *testing.B) {
	text := conversations(5000)
	batch := readAll(b, text, Options{Format: FormatJSONL, Columns: conversationColumns()})
	write := func(b *testing.B, w Writer) {
		for range 4 {
			must(b, writeSlices(w, batch))
		}
		must(b, w.Close())
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			b.SetBytes(4 * int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				w, err := NewWriter(io.Discard, batch.Schema(), WriteOptions{Format: FormatParquet, Workers: workers})
				must(b, err)
				write(b, w)
			}
		})
	}
	b.Run("library", func(b *testing.B) {
		b.SetBytes(4 * int64(len(text)))
		b.ReportAllocs()
		schema, err := plainSchema(batch.Schema())
		must(b, err)
		props := parquet.NewWriterProperties(parquet.WithVersion(parquet.V2_LATEST), parquet.WithCompression(compress.Codecs.Zstd),
			parquet.WithCompressionLevel(1), parquet.WithStats(true), parquet.WithMaxRowGroupLength(1<<14))
		for b.Loop() {
			w, err := pqarrow.NewFileWriter(schema, io.Discard, props, pqarrow.DefaultWriterProps())
			must(b, err)
			write(b, libraryWriter{w})
		}
	})
}

type libraryWriter struct{ *pqarrow.FileWriter }

func (w libraryWriter) Write(batch arrow.RecordBatch) error { return w.WriteBuffered(batch) }
