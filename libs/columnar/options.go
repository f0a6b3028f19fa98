package columnar

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Column declares the type of a column of a text format. A nil Type is string.
// Declarable are string, int64, decimal128, float64, bool, date32 and
// timestamp[ms or us, UTC].
type Column struct {
	Name string
	Type arrow.DataType
}

// CSV is the dialect of RFC 4180. The zero value means DefaultCSV; with a
// Delimiter set, Header means what it says.
type CSV struct {
	Delimiter rune // one ASCII character other than quote, CR and LF
	Header    bool // the first record names the columns; otherwise Options.Columns do, in order
}

// DefaultCSV is comma separated with a header.
func DefaultCSV() CSV { return CSV{Delimiter: ',', Header: true} }

func (c CSV) withDefaults() (CSV, error) {
	if c.Delimiter == 0 {
		return DefaultCSV(), nil
	}
	if c.Delimiter >= utf8.RuneSelf || c.Delimiter == '"' || c.Delimiter == '\r' || c.Delimiter == '\n' {
		return c, errors.New("columnar: csv delimiter must be one ASCII character other than quote, CR and LF")
	}
	return c, nil
}

// Options say how to read a Source.
type Options struct {
	Format Format
	Codec  Codec // text formats only

	// Columns are the declared columns in the policy's order. The text formats
	// take types from them, Parquet ignores them. A declared column that the file
	// does not have is not in the schema.
	Columns []Column
	CSV     CSV

	// BatchRows is the most rows of a batch, default 16,384: large enough that
	// the cost per batch vanishes, small enough that workers+1 batches of 100
	// columns stay in tens of MiB. Wide rows make smaller batches.
	BatchRows int

	Allocator memory.Allocator // of the delivered batches; default memory.DefaultAllocator
	Limits    Limits
}

// Reader delivers the rows of one object in file order. It is not safe for
// concurrent use; delivered batches are, and may outlive the Reader.
type Reader interface {
	// Schema has every column of the file in file order. For JSON Lines that is
	// every member name of any row, in order of first appearance.
	Schema() *arrow.Schema
	// Next returns the next batch, never an empty one, and io.EOF at the end.
	// The caller releases it. After an error every call returns that error.
	Next(ctx context.Context) (arrow.RecordBatch, error)
	// Rows is the number of rows delivered so far.
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
		if c.Type != nil && parserFor(c.Type) == nil {
			return fmt.Errorf("columnar: column %s: %s cannot be read from text: declare string, int64, decimal128, float64, bool, date32 or timestamp[ms or us, UTC]",
				ShowName(c.Name, i), c.Type)
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

func textType(types map[string]arrow.DataType, name string) arrow.DataType {
	if t, ok := types[name]; ok {
		return t
	}
	return arrow.BinaryTypes.String
}
