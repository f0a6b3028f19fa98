package rival

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// zstdLevel is the one of everybody here.
const zstdLevel = 1

// Arrow decodes a Parquet file and encodes it again, which is the least that a program on Arrow can do.
type Arrow struct {
	In, Out string
	// Tuned gives each of two goroutines a row group at a time, and makes no dictionary of the columns in HighCardinality. A row
	// group becomes a file of its own, one behind the other in Out: what puts them together is left out, in the floor's favour.
	Tuned           bool
	HighCardinality []string
}

// Run writes Out, which is no Parquet file where the work is Tuned.
func (a Arrow) Run(ctx context.Context) (err error) {
	in, err := file.OpenParquetFile(a.In, false)
	if err != nil {
		return fmt.Errorf("open %s: %w", a.In, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(a.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if a.Tuned {
		return a.parallel(ctx, in, out)
	}
	return a.serial(ctx, in, out)
}

func (a Arrow) properties() *parquet.WriterProperties {
	p := []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(zstdLevel)}
	if a.Tuned {
		for _, c := range a.HighCardinality {
			p = append(p, parquet.WithDictionaryFor(c, false))
		}
	}
	return parquet.NewWriterProperties(p...)
}

// serial reads all columns of a row group at a time and writes them with one writer.
func (a Arrow) serial(ctx context.Context, in *file.Reader, out *os.File) error {
	r, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{Parallel: true, BatchSize: 64 << 10}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	records, err := r.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return err
	}
	defer records.Release()
	// The library would close the file.
	w, err := pqarrow.NewFileWriter(records.Schema(), struct{ io.Writer }{out}, a.properties(), pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	for records.Next() {
		if err := w.WriteBuffered(records.RecordBatch()); err != nil {
			return err
		}
	}
	return errors.Join(records.Err(), w.Close())
}

func (a Arrow) parallel(ctx context.Context, in *file.Reader, out *os.File) error {
	leaves := make([]int, in.MetaData().Schema.NumColumns())
	for i := range leaves {
		leaves[i] = i
	}
	return inOrder(ctx, in.NumRowGroups(), func(ctx context.Context, group int) ([]byte, error) {
		r, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err != nil {
			return nil, err
		}
		table, err := r.ReadRowGroups(ctx, leaves, []int{group})
		if err != nil {
			return nil, err
		}
		defer table.Release()
		var buf bytes.Buffer
		w, err := pqarrow.NewFileWriter(withoutMetadata(table.Schema()), &buf, a.properties(), pqarrow.DefaultWriterProps())
		if err != nil {
			return nil, err
		}
		if err := errors.Join(w.WriteTable(table, max(table.NumRows(), 1)), w.Close()); err != nil {
			return nil, err
		}
		return buf.Bytes(), nil
	}, out)
}

func withoutMetadata(s *arrow.Schema) *arrow.Schema { return arrow.NewSchema(s.Fields(), nil) }
