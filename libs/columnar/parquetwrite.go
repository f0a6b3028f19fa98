package columnar

import (
	"cmp"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/maskrail/maskrail/libs/columnar/internal/chunkwrite"
)

const opWriteParquet = "write parquet"

// parquetWriter encodes the columns of a row group side by side as rows come in
// and keeps their encoded, compressed pages until the row group is full.
type parquetWriter struct {
	*GroupWriter
	given    *arrow.Schema // of the batches
	workers  int
	perGroup int64

	columns []*chunkwrite.Column // of the row group in work; none before its first row
	leaves  []leafOf             // of all columns
	inGroup int64                // rows in the row group in work
}

// leafOf is a leaf of a column. Leaves are what goroutines share out: one nested
// column may be nearly all of a file.
type leafOf struct{ column, leaf int }

func newParquetWriter(w io.Writer, given *arrow.Schema, o WriteOptions) (Writer, error) {
	g, err := NewGroupWriter(w, given, o)
	if err != nil {
		return nil, err
	}
	return &parquetWriter{
		GroupWriter: g, given: given, workers: o.Workers,
		perGroup: int64(cmp.Or(o.RowGroupRows, rowGroupRows(g.file.Schema()))),
	}, nil
}

// GroupRows is how many rows each row group has but the last.
func (p *parquetWriter) GroupRows() int64 { return p.perGroup }

// rowGroupRows is the default for a schema: DefaultRowGroupRows, or 2Mi rows
// times columns where there are lists, in whole thousands. So a writer of 200
// columns of nested records of 8 kB stays below 100 MB. It depends on the schema
// alone, so that equal rows are equal bytes.
func rowGroupRows(pq *pqschema.Schema) int {
	columns := pq.NumColumns()
	for i := range columns {
		if pq.Column(i).MaxRepetitionLevel() > 0 {
			rows := (1 << 21) / columns / 1024 * 1024
			return min(max(rows, 1024), DefaultRowGroupRows)
		}
	}
	return DefaultRowGroupRows
}

func (p *parquetWriter) Write(batch arrow.RecordBatch) error {
	if p.err != nil {
		return p.err
	}
	if err := sameTypes(p.given, batch.Schema()); err != nil {
		p.abort()
		return err
	}
	err := guard(func() error {
		for from := int64(0); from < batch.NumRows(); {
			n := min(p.perGroup-p.inGroup, batch.NumRows()-from)
			part := batch.NewSlice(from, from+n)
			err := p.add(part)
			part.Release()
			if err != nil {
				return err
			}
			from += n
		}
		return nil
	})
	if err != nil {
		p.abort()
		return p.failed(-1, err)
	}
	return nil
}

// add encodes rows that the row group has room for.
func (p *parquetWriter) add(rows arrow.RecordBatch) error {
	if len(p.columns) == 0 {
		p.begin()
	}
	err := Spread(len(p.columns), p.workers, func(i int) error {
		return p.failed(i, p.columns[i].Begin(rows.Column(i)))
	})
	if err != nil {
		return err
	}
	err = Spread(len(p.leaves), p.workers, func(i int) error {
		at := p.leaves[i]
		return p.failed(at.column, p.columns[at.column].Add(at.leaf))
	})
	if err != nil {
		return err
	}
	if p.inGroup += rows.NumRows(); p.inGroup == p.perGroup {
		return p.end()
	}
	return nil
}

// begin begins a row group.
func (p *parquetWriter) begin() {
	p.leaves = p.leaves[:0]
	for i := range p.schema.NumFields() {
		c := p.file.Column(i, false)
		p.columns = append(p.columns, c)
		for leaf := range c.Leaves() {
			p.leaves = append(p.leaves, leafOf{i, leaf})
		}
	}
}

// end writes the row group.
func (p *parquetWriter) end() error {
	chunks := make([][]chunkwrite.Chunk, len(p.columns))
	for i, c := range p.columns {
		chunks[i] = make([]chunkwrite.Chunk, c.Leaves())
	}
	err := Spread(len(p.leaves), p.workers, func(i int) (err error) {
		at := p.leaves[i]
		chunks[at.column][at.leaf], err = p.columns[at.column].End(at.leaf)
		return p.failed(at.column, err)
	})
	if err != nil {
		return err
	}
	err = p.file.Append(p.inGroup, chunks)
	p.release()
	return err
}

// release gives up the row group in work.
func (p *parquetWriter) release() {
	for _, c := range p.columns {
		c.Release()
	}
	p.columns, p.inGroup = p.columns[:0], 0
}

// abort ends the writer, finished or not.
func (p *parquetWriter) abort() {
	p.release()
	p.err = errFinished
}

func (p *parquetWriter) Close() error {
	if p.err != nil {
		return p.err
	}
	err := guard(func() error {
		if p.inGroup > 0 {
			if err := p.end(); err != nil {
				return err
			}
		}
		return p.file.Close()
	})
	p.abort()
	return p.failed(-1, err)
}
