package columnar

import (
	"bufio"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	opWriteCSV   = "write csv"
	opWriteJSONL = "write jsonl"

	flushAt = 64 << 10 // bytes of finished rows that go on
)

// rowFormat lays out the rows of a text format.
type rowFormat interface {
	// header prepares for the schema and returns what stands before the rows.
	header(*arrow.Schema) ([]byte, error)
	// cell appends the text of column i, which is text unless null.
	cell(dst []byte, i int, text []byte, null bool) ([]byte, error)
	// end ends a row.
	end(dst []byte) []byte
}

type textWriter struct {
	op     string
	out    *sink
	w      *bufio.Writer
	codec  io.Closer
	schema *arrow.Schema
	rows   rowFormat
	buf    []byte
	text   []byte
	row    int64
	err    error
}

func newTextWriter(w io.Writer, schema *arrow.Schema, o WriteOptions, op string, rows rowFormat) (Writer, error) {
	for i, f := range schema.Fields() {
		if !hasText(f.Type) {
			return nil, fmt.Errorf("columnar: %s: column %s: %s cannot be written as text: write Parquet", op, ShowName(f.Name, i), f.Type.Name())
		}
	}
	t := &textWriter{op: op, out: &sink{w: w}, schema: schema, rows: rows}
	head, err := rows.header(schema)
	if err != nil {
		return nil, err
	}
	plain, err := t.compress(o.Codec)
	if err != nil {
		return nil, err
	}
	t.w = bufio.NewWriterSize(plain, flushAt)
	t.buf = head
	return t, nil
}

// compress sets up the codec with one goroutine and no time stamp: equal rows
// are equal bytes.
func (t *textWriter) compress(codec Codec) (io.Writer, error) {
	switch codec {
	case CodecNone:
		return t.out, nil
	case CodecGzip:
		z := gzip.NewWriter(t.out)
		t.codec = z
		return z, nil
	case CodecZstd:
		z, err := zstd.NewWriter(t.out, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithZeroFrames(true))
		if err != nil {
			return nil, fmt.Errorf("columnar: zstd: %w", err)
		}
		t.codec = z
		return z, nil
	}
	return nil, fmt.Errorf("columnar: unknown codec %q: use gzip, zstd or none", codec)
}

func hasText(t arrow.DataType) bool {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return hasText(t.ValueType)
	case arrow.ExtensionType:
		return hasText(t.StorageType())
	case arrow.NestedType:
		return false
	}
	switch t.ID() {
	case arrow.DURATION, arrow.INTERVAL_MONTHS, arrow.INTERVAL_DAY_TIME, arrow.INTERVAL_MONTH_DAY_NANO:
		return false
	}
	return true
}

func (t *textWriter) Write(batch arrow.RecordBatch) error {
	if t.err != nil {
		return t.err
	}
	if err := sameTypes(t.schema, batch.Schema()); err != nil {
		return t.fail(err)
	}
	columns := batch.Columns()
	for i := range int(batch.NumRows()) {
		t.row++
		for c, col := range columns {
			text, ok, err := AppendText(t.text[:0], col, i)
			t.text = text
			if err == nil {
				t.buf, err = t.rows.cell(t.buf, c, text, !ok)
			}
			if err != nil {
				return t.fail(&Error{Op: t.op, Column: ShowName(t.schema.Field(c).Name, c), Row: t.row, Err: err})
			}
		}
		t.buf = t.rows.end(t.buf)
		if len(t.buf) >= flushAt {
			if err := t.drain(); err != nil {
				return t.fail(err)
			}
		}
	}
	return nil
}

func (t *textWriter) drain() error {
	_, err := t.w.Write(t.buf)
	t.buf = t.buf[:0]
	return err
}

func (t *textWriter) fail(err error) error {
	t.err = errFinished
	return err
}

func (t *textWriter) Close() error {
	if t.err != nil {
		return t.err
	}
	t.err = errFinished
	if err := t.drain(); err != nil {
		return err
	}
	if err := t.w.Flush(); err != nil {
		return err
	}
	if t.codec != nil {
		if err := t.codec.Close(); err != nil {
			return fmt.Errorf("columnar: write: %w", err)
		}
	}
	return t.out.err
}
