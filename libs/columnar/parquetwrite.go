package columnar

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/compute"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

const (
	opWriteParquet = "write parquet"

	createdBy = "maskrail"
	zstdLevel = 1

	// writeStep is how many rows a column writer gets at a time. Pages end where
	// calls end, so equal files need equal calls whatever the batches are.
	writeStep = DefaultBatchRows
)

// parquetWriter encodes a row group's columns side by side as rows come in and
// keeps encoded, compressed pages until the row group is full: memory is the
// compressed row group, a page per column, and less than one step of rows.
type parquetWriter struct {
	out      *sink
	w        *pqarrow.FileWriter
	given    *arrow.Schema // of the batches
	schema   *arrow.Schema // of the file
	mem      memory.Allocator
	perGroup int64

	waiting []arrow.RecordBatch // slices that do not fill a step
	rows    int64               // rows in waiting
	inGroup int64               // rows already in the current row group
	written int64               // rows already in any row group
	err     error
}

func newParquetWriter(w io.Writer, given *arrow.Schema, o WriteOptions) (Writer, error) {
	schema, err := plainSchema(given)
	if err != nil {
		return nil, err
	}
	p := &parquetWriter{
		out: &sink{w: w}, given: given, schema: schema, mem: o.Allocator,
	}
	err = guard(func() error {
		pq, err := pqarrow.ToParquet(schema, parquetProperties(nil, o.Allocator), arrowProperties())
		if err != nil {
			return fmt.Errorf("columnar: schema has no parquet form: %w", library(err))
		}
		props := parquetProperties(silentLeaves(pq, o.NoStatistics), o.Allocator)
		p.perGroup = int64(cmp.Or(o.RowGroupRows, rowGroupRows(pq)))
		p.w, err = pqarrow.NewFileWriter(schema, p.out, props, arrowProperties())
		return p.failed(err)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// rowGroupRows is the default for a schema: DefaultRowGroupRows, or 1Mi rows
// times columns where there are lists, in whole thousands. It depends on the
// schema alone, so that equal rows are equal bytes.
func rowGroupRows(pq *pqschema.Schema) int {
	columns := pq.NumColumns()
	for i := range columns {
		if pq.Column(i).MaxRepetitionLevel() > 0 {
			rows := (1 << 20) / columns / 1024 * 1024
			return min(max(rows, 1024), DefaultRowGroupRows)
		}
	}
	return DefaultRowGroupRows
}

func arrowProperties() pqarrow.ArrowWriterProperties {
	return pqarrow.DefaultWriterProps() // stores no Arrow schema in the metadata
}

// parquetProperties fixes everything that the bytes depend on.
func parquetProperties(silent []string, mem memory.Allocator) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithDataPageVersion(parquet.DataPageV1),
		parquet.WithDataPageSize(1 << 20),
		parquet.WithDictionaryPageSizeLimit(1 << 20),
		parquet.WithBatchSize(1024),
		parquet.WithMaxRowGroupLength(1 << 40), // row groups end where this package says
		parquet.WithCreatedBy(createdBy),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(zstdLevel),
		parquet.WithDictionaryDefault(true),
		parquet.WithStats(true),
		parquet.WithPageIndexEnabled(false),
		parquet.WithBloomFilterEnabled(false),
	}
	if mem != nil {
		props = append(props, parquet.WithAllocator(mem))
	}
	for _, leaf := range silent {
		props = append(props, parquet.WithStatsFor(leaf, false))
	}
	return parquet.NewWriterProperties(props...)
}

// silentLeaves are the paths of the leaves below the named columns.
func silentLeaves(pq *pqschema.Schema, names []string) []string {
	var paths []string
	for i := range pq.NumColumns() {
		if slices.Contains(names, pq.ColumnRoot(i).Name()) {
			paths = append(paths, pq.Column(i).Path())
		}
	}
	return paths
}

// failed turns an error of the library into one of the underlying writer where
// that is the cause.
func (p *parquetWriter) failed(err error) error {
	if p.out.err != nil {
		return p.out.err
	}
	if err == nil {
		return nil
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	return &Error{Op: opWriteParquet, Err: library(err)}
}

func (p *parquetWriter) Write(batch arrow.RecordBatch) error {
	if p.err != nil {
		return p.err
	}
	if err := sameTypes(p.given, batch.Schema()); err != nil {
		return p.abort(err)
	}
	err := guard(func() error {
		for from := int64(0); from < batch.NumRows(); {
			n := min(p.step()-p.rows, batch.NumRows()-from)
			p.waiting = append(p.waiting, batch.NewSlice(from, from+n))
			p.rows += n
			from += n
			if p.rows == p.step() {
				if err := p.encode(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err = p.failed(err); err != nil {
		return p.abort(err)
	}
	return nil
}

// step is how many rows the next call to the column writers takes.
func (p *parquetWriter) step() int64 { return min(writeStep, p.perGroup-p.inGroup) }

// encode gives the waiting rows to the column writers.
func (p *parquetWriter) encode() error {
	defer p.drop()
	arrays := make([]arrow.Array, 0, p.schema.NumFields())
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	for i := range p.schema.NumFields() {
		arr, err := p.column(i)
		if err != nil {
			return &Error{Op: opWriteParquet, Column: ShowName(p.schema.Field(i).Name, i), Err: err}
		}
		arrays = append(arrays, arr)
	}
	if p.inGroup == 0 {
		if err := p.w.NewBufferedRowGroupChecked(); err != nil {
			return err
		}
	}
	batch := array.NewRecordBatch(p.schema, arrays, p.rows)
	defer batch.Release()
	if err := p.w.WriteBuffered(batch); err != nil {
		return err
	}
	p.written += p.rows
	if p.inGroup += p.rows; p.inGroup == p.perGroup {
		p.inGroup = 0
	}
	return nil
}

// column joins column i of the waiting rows. Dictionaries are laid out as plain
// values first: theirs may hold entries that no row uses, in any order.
func (p *parquetWriter) column(i int) (arrow.Array, error) {
	parts := make([]arrow.Array, 0, len(p.waiting))
	defer func() {
		for _, a := range parts {
			a.Release()
		}
	}()
	for _, b := range p.waiting {
		col := b.Column(i)
		if col.DataType().ID() == arrow.DICTIONARY {
			plain, err := compute.CastArray(compute.WithAllocator(context.Background(), p.mem), col, compute.SafeCastOptions(p.schema.Field(i).Type))
			if err != nil {
				return nil, library(err)
			}
			parts = append(parts, plain)
		} else {
			col.Retain()
			parts = append(parts, col)
		}
		if !p.schema.Field(i).Nullable && parts[len(parts)-1].NullN() > 0 {
			return nil, errors.New("a null in a column that is declared without nulls")
		}
	}
	if len(parts) == 1 {
		parts[0].Retain()
		return parts[0], nil
	}
	joined, err := array.Concatenate(parts, p.mem)
	if err != nil {
		return nil, library(err)
	}
	return joined, nil
}

func (p *parquetWriter) drop() {
	for _, b := range p.waiting {
		b.Release()
	}
	p.waiting, p.rows = p.waiting[:0], 0
}

// abort gives the object up.
func (p *parquetWriter) abort(err error) error {
	p.drop()
	p.free()
	p.err = errFinished
	return err
}

// free lets the library release its buffers. It writes a footer while it
// closes, which must not reach the file; what it says is of no interest.
func (p *parquetWriter) free() {
	p.out.discard = true
	_ = guard(p.w.Close)
}

func (p *parquetWriter) Close() error {
	if p.err != nil {
		return p.err
	}
	err := guard(func() error {
		if p.rows > 0 {
			if err := p.encode(); err != nil {
				return err
			}
		}
		return p.footer()
	})
	if err = p.failed(err); err != nil {
		return p.abort(err)
	}
	p.free()
	p.err = errFinished
	return nil
}

// footer ends the file. The library's own footer lists the encodings of a chunk
// in the random order of a map; here they are sorted. To end the last row group
// the library must begin another, which the footer leaves out.
func (p *parquetWriter) footer() error {
	var groups int
	if p.written > 0 {
		if err := p.w.NewBufferedRowGroupChecked(); err != nil {
			return err
		}
		groups = int((p.written + p.perGroup - 1) / p.perGroup)
	}
	m, err := p.w.FileMetadata()
	if err != nil {
		return err
	}
	m.RowGroups = m.RowGroups[:groups]
	for _, rg := range m.RowGroups {
		for _, chunk := range rg.Columns {
			sortByText(chunk.MetaData.EncodingStats)
		}
	}
	n, err := m.WriteTo(p.out, nil)
	if err != nil {
		return err
	}
	tail := binary.LittleEndian.AppendUint32(nil, uint32(n))
	_, err = p.out.Write(append(tail, parquetMagic...))
	return err
}

func sortByText[E fmt.Stringer](s []E) {
	slices.SortFunc(s, func(a, b E) int { return strings.Compare(a.String(), b.String()) })
}
