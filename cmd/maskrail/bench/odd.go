package main

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/synth"
	"github.com/maskrail/maskrail/libs/wholefile"
)

// writeOdd makes a Parquet file of interactions in V2 pages, with deltas of numbers and of texts and with few dictionaries.
func writeOdd(ctx context.Context, path string, seed uint64, rows int64) error {
	return wholefile.Write(ctx, path, func(out io.Writer) error {
		// The library would close the file.
		w, err := pqarrow.NewFileWriter(synth.Schema(), struct{ io.Writer }{out}, oddProperties(), pqarrow.DefaultWriterProps())
		if err != nil {
			return err
		}
		const step = 16_384
		for from := int64(0); from < rows; from += step {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			batch := synth.Batch(seed, from, min(from+step, rows))
			err := w.WriteBuffered(batch)
			batch.Release()
			if err != nil {
				return err
			}
		}
		return w.Close()
	})
}

func oddProperties() *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithMaxRowGroupLength(columnar.DefaultRowGroupRows),
	}
	for column, encoding := range map[string]parquet.Encoding{
		"interactionId": parquet.Encodings.DeltaLengthByteArray, "startTime": parquet.Encodings.DeltaBinaryPacked,
		"endTime": parquet.Encodings.DeltaBinaryPacked, "durationMs": parquet.Encodings.DeltaBinaryPacked,
		"dateOfBirth": parquet.Encodings.DeltaBinaryPacked, "phoneNumber": parquet.Encodings.DeltaByteArray,
		"emailAddress": parquet.Encodings.DeltaByteArray, "externalId": parquet.Encodings.DeltaByteArray,
		"cardNumber": parquet.Encodings.DeltaByteArray, "ssn": parquet.Encodings.DeltaByteArray,
		"notes": parquet.Encodings.DeltaLengthByteArray,
	} {
		props = append(props, parquet.WithDictionaryFor(column, false), parquet.WithEncodingFor(column, encoding))
	}
	return parquet.NewWriterProperties(props...)
}
