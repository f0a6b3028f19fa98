package columnar

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// assembler turns the cells of a text format into batches.
type assembler struct {
	op      string
	schema  *arrow.Schema
	columns []column
	skip    func(*Error) // Options.Skip
	batch   int          // rows of a full batch
	rows    int          // rows in the batch so far
	bytes   int          // bytes of text in the batch so far
	inner   int          // cells inside nested columns in the batch so far
	total   int64
	bad     *Error // the first fault of this row that Skip forgives
	left    []int  // rows of the batch that are left out
}

type column struct {
	name  string
	typ   arrow.DataType
	cells cells
}

func newAssembler(op string, columns []column, o Options) *assembler {
	a := &assembler{op: op, columns: columns, skip: o.Skip, batch: batchRows(o.BatchRows, len(columns), 0)}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.typ, Nullable: true}
	}
	a.schema = arrow.NewSchema(fields, nil)
	return a
}

// newFlatAssembler is the assembler of a format whose cells are texts.
func newFlatAssembler(op string, names []string, o Options) (*assembler, error) {
	mem, _ := newBudgets(o.Allocator, o.Limits.MaxMemory)
	types := declaredTypes(o.Columns)
	columns := make([]column, len(names))
	for i, name := range names {
		t := plainType(types[name])
		c := newScalarCells(t, mem)
		if c == nil {
			return nil, &Error{Op: op, Column: ShowName(name, i), Err: fmt.Errorf("a cell of text cannot be %s: upload JSON or Parquet", t.Name())}
		}
		columns[i] = column{name, t, c}
	}
	return newAssembler(op, columns, o), nil
}

// text puts a value into column i of the current row, which must be of a flat
// assembler.
func (a *assembler) text(i int, text []byte) error {
	a.bytes += len(text)
	if err := a.columns[i].cells.(scalarCells).put(a.rows, text); err != nil {
		return a.forgive(a.failed(a.op, i, err))
	}
	return nil
}

// forgive returns the error of a cell that does not parse, or nil if its row is
// to be left out: the cell is null then.
func (a *assembler) forgive(err *Error) error {
	if a.skip == nil {
		return err
	}
	if a.bad == nil {
		a.bad = err
	}
	return nil
}

// endRow reports whether the batch is full.
func (a *assembler) endRow() bool {
	if a.bad != nil {
		a.skip(a.bad)
		a.left = append(a.left, a.rows)
		a.bad = nil
	}
	a.rows++
	a.total++
	return a.rows >= a.batch || a.bytes >= maxBatchBytes || a.inner >= maxBatchCells
}

// flush returns the rows so far: one batch, or the pieces of it between the rows
// that are left out.
func (a *assembler) flush() []arrow.RecordBatch {
	arrays := make([]arrow.Array, len(a.columns))
	for i, c := range a.columns {
		data := c.cells.finish(a.rows)
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	whole := array.NewRecordBatch(a.schema, arrays, int64(a.rows))
	for _, arr := range arrays {
		arr.Release()
	}
	rows := a.rows
	a.rows, a.bytes, a.inner = 0, 0, 0
	if len(a.left) == 0 {
		return []arrow.RecordBatch{whole}
	}
	defer whole.Release()
	var pieces []arrow.RecordBatch
	from := 0
	for _, gap := range append(a.left, rows) {
		if gap > from {
			pieces = append(pieces, whole.NewSlice(int64(from), int64(gap)))
		}
		from = gap + 1
	}
	a.left = a.left[:0]
	return pieces
}

func (a *assembler) release() {
	for _, c := range a.columns {
		c.cells.release()
	}
	a.columns = nil
}

func (a *assembler) failed(op string, i int, err error) *Error {
	return &Error{Op: op, Column: ShowName(a.columns[i].name, i), Row: a.total + 1, Err: err}
}
