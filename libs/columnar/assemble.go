package columnar

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// assembler turns the cells of a text format into batches. Columns that a row
// does not mention are filled with nulls when they are next needed, so that a
// row costs what it holds and not the number of columns.
type assembler struct {
	schema  *arrow.Schema
	columns []cells
	batch   int // rows of a full batch
	rows    int // rows in the batch so far
	bytes   int // text bytes in the batch so far
	total   int64
}

type cells struct {
	name  string
	build array.Builder
	parse parser
}

func newAssembler(names []string, types map[string]arrow.DataType, want int, mem memory.Allocator) *assembler {
	a := &assembler{columns: make([]cells, len(names)), batch: batchRows(want, len(names), 0)}
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		t := textType(types, name)
		fields[i] = arrow.Field{Name: name, Type: t, Nullable: true}
		a.columns[i] = cells{name, array.NewBuilder(mem, t), parserFor(t)}
	}
	a.schema = arrow.NewSchema(fields, nil)
	return a
}

// text appends a value to column i of the current row.
func (a *assembler) text(i int, text []byte) error {
	c := &a.columns[i]
	c.fill(a.rows)
	a.bytes += len(text)
	return c.parse(c.build, text)
}

func (c *cells) fill(rows int) {
	if missing := rows - c.build.Len(); missing > 0 {
		c.build.AppendNulls(missing)
	}
}

// endRow reports whether the batch is full.
func (a *assembler) endRow() bool {
	a.rows++
	a.total++
	return a.rows >= a.batch || a.bytes >= maxBatchBytes
}

func (a *assembler) flush() arrow.RecordBatch {
	arrays := make([]arrow.Array, len(a.columns))
	for i := range a.columns {
		a.columns[i].fill(a.rows)
		arrays[i] = a.columns[i].build.NewArray()
	}
	batch := array.NewRecordBatch(a.schema, arrays, int64(a.rows))
	for _, arr := range arrays {
		arr.Release()
	}
	a.rows, a.bytes = 0, 0
	return batch
}

func (a *assembler) release() {
	for _, c := range a.columns {
		c.build.Release()
	}
	a.columns = nil
}

func (a *assembler) failed(op string, i int, err error) *Error {
	return &Error{Op: op, Column: ShowName(a.columns[i].name, i), Row: a.total + 1, Err: err}
}
