package columnar

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Column declares the type of a column of a text format. A nil Type is string.
// Declarable are string, int64, decimal128, float64, bool, date32,
// timestamp[ms or us, UTC], and arrow.json over string, which means any value and
// becomes a string: a JSON string as its text, null as null, anything else as its
// JSON text without insignificant blanks.
//
// JSON may also be declared as struct, list and map of string to string, nested to
// any depth up to 64. An object declared as a map may have any names; its items
// are any values. A value of another shape than declared is an Error.
type Column struct {
	Name string
	Type arrow.DataType
}

// Options say how to read a Source.
type Options struct {
	Format Format
	Codec  Codec // text formats only

	// Columns are the declared columns in the policy's order. The text formats
	// take types from them, Parquet ignores them. A declared column that the file
	// does not have is not in the schema, and neither is a declared member of a
	// struct; what the file has besides, at every level, is a string as arrow.json
	// makes it.
	Columns []Column
	CSV     CSV

	// BatchRows is the most rows of a batch, default 16,384: large enough that
	// the cost per batch vanishes, small enough that workers+1 batches of 100
	// columns stay in tens of MiB. Wide rows make smaller batches.
	BatchRows int

	// Skip, if not nil, is told of every row of a text format with a cell that is not
	// of its declared type, and the row is left out; nil makes it an error. Faults of
	// syntax and shape always are. Next calls it, with the first such cell of the row.
	Skip func(*Error)

	Allocator memory.Allocator // of the delivered batches; default memory.DefaultAllocator
	Limits    Limits
}

// Reader delivers the rows of one object in file order. It is not safe for
// concurrent use; delivered batches are, and may outlive the Reader.
type Reader interface {
	// Schema has every column of the file in file order. For JSON that is every
	// member name of any row, in order of first appearance, and so it is inside
	// declared structs; one without members in the file has no fields.
	Schema() *arrow.Schema
	// Next returns the next batch, never an empty one, and io.EOF at the end.
	// The caller releases it. After an error every call returns that error.
	Next(ctx context.Context) (arrow.RecordBatch, error)
	// Rows is the number of rows delivered so far, without those left out.
	Rows() int64
	// Close frees what the Reader holds. It does not close the Source.
	Close() error
}

// Open returns a Reader of src. What is wrong with the data is an *Error.
func Open(src Source, o Options) (Reader, error) {
	o.Limits = o.Limits.withDefaults()
	dialect, err := o.CSV.withDefaults()
	if err != nil {
		return nil, err
	}
	o.CSV = dialect
	if o.BatchRows < 0 {
		return nil, fmt.Errorf("columnar: batch rows must not be negative, got %d", o.BatchRows)
	}
	if err := checkDeclared(o.Columns); err != nil {
		return nil, err
	}
	switch o.Format {
	case FormatParquet:
		if o.Codec != CodecNone {
			return nil, fmt.Errorf("columnar: parquet compresses inside: codec must be empty, not %q", o.Codec)
		}
		return openParquet(src, o)
	case FormatCSV:
		return openCSV(src, o)
	case FormatJSONL:
		return openJSONL(src, o)
	}
	return nil, fmt.Errorf("columnar: unknown format %q: use parquet, csv or jsonl", o.Format)
}

func checkDeclared(columns []Column) error {
	seen := make(map[string]bool, len(columns))
	for i, c := range columns {
		if seen[c.Name] {
			return fmt.Errorf("columnar: column %s is declared twice", ShowName(c.Name, i))
		}
		seen[c.Name] = true
		if c.Type == nil {
			continue
		}
		if err := checkJSON(c.Type, 1); err != nil {
			return fmt.Errorf("columnar: column %s: %w", ShowName(c.Name, i), err)
		}
	}
	return nil
}

// declaredTypes maps names to types; a missing or nil one is string.
func declaredTypes(columns []Column) map[string]arrow.DataType {
	types := make(map[string]arrow.DataType, len(columns))
	for _, c := range columns {
		if c.Type != nil {
			types[c.Name] = c.Type
		}
	}
	return types
}
