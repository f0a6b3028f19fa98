package columnar

import (
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
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
