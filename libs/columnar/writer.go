package columnar

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Writer writes batches of one schema. It is not safe for concurrent use. The
// bytes depend on the rows alone and not on how batches divide them. After an
// error what has been written is of no use.
type Writer interface {
	// Write borrows the batch: the caller still releases it.
	Write(arrow.RecordBatch) error
	// Close writes what is left and the footer, and does not close the underlying
	// writer. Without Close there is no valid object.
	Close() error
}

// DefaultRowGroupRows is the number of rows of a Parquet row group. Where rows
// hold lists, a row is many values, and a row group has fewer rows the more
// columns there are.
const DefaultRowGroupRows = 131_072

// WriteOptions say how to write.
type WriteOptions struct {
	Format Format
	Codec  Codec // text formats only; Parquet pages are zstd level 1 always
	CSV    CSV

	// RowGroupRows is the rows of every Parquet row group but the last; 0 is
	// DefaultRowGroupRows, or fewer where rows hold lists.
	RowGroupRows int

	// NoStatistics names top-level columns for which the footer gets no statistics:
	// minimum and maximum are values of the data. No column has statistics in page
	// headers, a page index or a bloom filter.
	NoStatistics []string

	// Workers are the goroutines that encode the columns of a Parquet file; 0 and 1
	// are the caller's own. The bytes are the same for every number.
	Workers int

	Allocator memory.Allocator // default memory.DefaultAllocator
}

// NewWriter returns a Writer to w. Each Write and Close must have returned nil
// for the object to be whole.
func NewWriter(w io.Writer, schema *arrow.Schema, o WriteOptions) (Writer, error) {
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	if o.RowGroupRows < 0 {
		return nil, fmt.Errorf("columnar: row group rows must be positive, got %d", o.RowGroupRows)
	}
	dialect, err := o.CSV.withDefaults()
	if err != nil {
		return nil, err
	}
	o.CSV = dialect
	if o.Format == FormatCSV && o.CSV.Encoding != "" && o.CSV.Encoding != "utf-8" {
		return nil, errors.New("columnar: write csv: the encoding must be utf-8")
	}
	for i, name := range o.NoStatistics {
		if !schema.HasField(name) {
			return nil, fmt.Errorf("columnar: no statistics: the schema has no column %s", ShowName(name, i))
		}
	}
	switch o.Format {
	case FormatParquet:
		if o.Codec != CodecNone {
			return nil, fmt.Errorf("columnar: parquet compresses inside: codec must be empty, not %q", o.Codec)
		}
		return newParquetWriter(w, schema, o)
	case FormatCSV:
		return newTextWriter(w, schema, o, opWriteCSV, &cellRows{cellFormat: newCSVRows(o.CSV)})
	case FormatJSONL:
		return newTextWriter(w, schema, o, opWriteJSONL, &jsonObjects{})
	}
	return nil, fmt.Errorf("columnar: unknown format %q: use parquet, csv or jsonl", o.Format)
}

// sink keeps the first error of the underlying writer, which libraries may
// lose, and hides that it can be closed.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.err = fmt.Errorf("columnar: write: %w", err)
		return n, s.err
	}
	return n, nil
}

// sameTypes says whether batches of schema got can be written where want is
// expected; nullability and metadata do not matter.
func sameTypes(want, got *arrow.Schema) error {
	if want.NumFields() != got.NumFields() {
		return fmt.Errorf("columnar: the batch has %d columns, the writer %d", got.NumFields(), want.NumFields())
	}
	for i, f := range want.Fields() {
		g := got.Field(i)
		if f.Name != g.Name || !arrow.TypeEqual(f.Type, g.Type) {
			return fmt.Errorf("columnar: column %d of the batch is %s %s, of the writer %s %s",
				i+1, ShowName(g.Name, i), g.Type, ShowName(f.Name, i), f.Type)
		}
	}
	return nil
}

var errFinished = errors.New("columnar: writer is closed or has failed")
