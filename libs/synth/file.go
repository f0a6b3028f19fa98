package synth

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/wholefile"
)

// File says what to write where.
type File struct {
	Path   string
	Entity string // one of Entities
	Notes  string // of interactions: one of Notes; "" is Plain
	Seed   uint64
	Rows   int64
}

// Check says what is wrong with the file's entity, its notes or the ending of its name.
func (f File) Check() error {
	_, err := f.layout()
	return err
}

// Write makes a file of rows [0, f.Rows) of the seed. The name's ending says the format: .parquet, .jsonl and, for what
// is flat, .csv; for what is nested also .json, which is one array. All but .parquet may have .gz or .zst behind it.
// The file appears under its name only when it is whole. progress, if not nil, is told the number of rows written so
// far.
func Write(ctx context.Context, f File, progress func(int64)) error {
	open, err := f.layout()
	if err != nil {
		return err
	}
	return wholefile.Write(ctx, f.Path, func(out io.Writer) error {
		if err := f.write(ctx, out, open, progress); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		return nil
	})
}

func (f File) write(ctx context.Context, out io.Writer, open layout, progress func(int64)) error {
	buf := bufio.NewWriterSize(out, 1<<20)
	w, err := open(buf)
	if err != nil {
		return err
	}
	for from := int64(0); from < f.Rows; from += w.step() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		to := min(from+w.step(), f.Rows)
		if err := w.add(f.Seed, from, to); err != nil {
			return err
		}
		if progress != nil {
			progress(to)
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return buf.Flush()
}

// layout begins a file.
type layout func(io.Writer) (rows, error)

// rows is a file that grows.
type rows interface {
	// step is how many rows are made at a time.
	step() int64
	// add makes rows [from, to) of the seed.
	add(seed uint64, from, to int64) error
	io.Closer
}

func (f File) layout() (layout, error) {
	e, err := f.entity()
	if err != nil {
		return nil, err
	}
	if e.record != nil {
		if codec, array, ok := jsonOf(f.Path); ok {
			return func(w io.Writer) (rows, error) { return newRecords(w, e, codec, array) }, nil
		}
	}
	format, codec, err := columnar.FormatOf(f.Path)
	if err != nil {
		return nil, err
	}
	if e.record != nil && format != columnar.FormatParquet {
		return nil, fmt.Errorf("a %s is nested: the name must end in .parquet, .jsonl or .json (the latter two also .gz or .zst)", f.Entity)
	}
	return func(w io.Writer) (rows, error) {
		c, err := columnar.NewWriter(w, e.schema(), columnar.WriteOptions{Format: format, Codec: codec, RowGroupRows: e.groupRows})
		return batches{c, e}, err
	}, nil
}

// batches is a file that is written in columns.
type batches struct {
	columnar.Writer
	entity
}

func (b batches) step() int64 { return b.batchRows }

func (b batches) add(seed uint64, from, to int64) error {
	batch := b.batch(seed, from, to)
	defer batch.Release()
	return b.Write(batch)
}
