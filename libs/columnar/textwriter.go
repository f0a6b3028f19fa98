package columnar

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
)

const (
	opWriteCSV   = "write csv"
	opWriteJSONL = "write jsonl"

	flushAt = 128 << 10 // bytes of finished rows that go on: whole pages, which the system takes over faster
)

// rowFormat lays out the rows of a text format.
type rowFormat interface {
	// header prepares for the schema and returns what stands before the rows.
	header(*arrow.Schema) ([]byte, error)
	// bind takes the batch of the rows that follow.
	bind(arrow.RecordBatch)
	// row appends row i of the batch; column is where err is.
	row(dst []byte, i int) (out []byte, column int, err error)
}

// cellFormat lays out rows whose cells are texts.
type cellFormat interface {
	header(*arrow.Schema) ([]byte, error)
	// cell appends the text of column i, which is text unless null.
	cell(dst []byte, i int, text []byte, null bool) ([]byte, error)
	// end ends a row.
	end(dst []byte) []byte
}

// cellRows is the rowFormat of a cellFormat.
type cellRows struct {
	cellFormat
	columns []arrow.Array
	text    []byte
}

func (r *cellRows) header(s *arrow.Schema) ([]byte, error) {
	for i, f := range s.Fields() {
		if _, nested := f.Type.(arrow.NestedType); nested {
			return nil, fmt.Errorf("columnar: %s: column %s: a cell holds one value and no %s: write JSON Lines or Parquet", opWriteCSV, ShowName(f.Name, i), f.Type.Name())
		}
		if !hasText(f.Type) {
			return nil, fmt.Errorf("columnar: %s: column %s: %s cannot be written as text: write Parquet", opWriteCSV, ShowName(f.Name, i), f.Type.Name())
		}
	}
	return r.cellFormat.header(s)
}

func (r *cellRows) bind(batch arrow.RecordBatch) { r.columns = batch.Columns() }

func (r *cellRows) row(dst []byte, i int) ([]byte, int, error) {
	for c, col := range r.columns {
		text, ok, err := AppendText(r.text[:0], col, i)
		r.text = text
		if err == nil {
			dst, err = r.cell(dst, c, text, !ok)
		}
		if err != nil {
			return dst, c, err
		}
	}
	return r.end(dst), 0, nil
}

type textWriter struct {
	op     string
	out    *sink
	w      io.WriteCloser
	schema *arrow.Schema
	rows   rowFormat
	buf    []byte
	row    int64
	err    error
}

func newTextWriter(w io.Writer, schema *arrow.Schema, o WriteOptions, op string, rows rowFormat) (Writer, error) {
	t := &textWriter{op: op, out: &sink{w: w}, schema: schema, rows: rows}
	head, err := rows.header(schema)
	if err != nil {
		return nil, err
	}
	codec, err := Compress(t.out, o.Codec)
	if err != nil {
		return nil, err
	}
	t.w = codec
	t.buf = append(make([]byte, 0, flushAt+flushAt/4), head...)
	return t, nil
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
	t.rows.bind(batch)
	for i := range int(batch.NumRows()) {
		t.row++
		var column int
		var err error
		if t.buf, column, err = t.rows.row(t.buf, i); err != nil {
			return t.fail(&Error{Op: t.op, Column: ShowName(t.schema.Field(column).Name, column), Row: t.row, Err: err})
		}
		if len(t.buf) >= flushAt {
			if err := t.drain(len(t.buf) / flushAt * flushAt); err != nil {
				return t.fail(err)
			}
		}
	}
	return nil
}

// drain passes on the first n bytes.
func (t *textWriter) drain(n int) error {
	_, err := t.w.Write(t.buf[:n])
	t.buf = t.buf[:copy(t.buf, t.buf[n:])]
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
	if err := t.drain(len(t.buf)); err != nil {
		return err
	}
	if err := t.w.Close(); err != nil {
		return fmt.Errorf("columnar: write: %w", err)
	}
	return t.out.err
}
