package rival

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/klauspost/compress/zstd"
)

// Recompress decompresses the pages of some columns and compresses them again. Nothing that masks these columns can do
// less, whatever it does to the values.
type Recompress struct {
	In, Out string
	Columns []string
}

// Run writes the compressed pages to Out one behind the other.
func (r Recompress) Run(ctx context.Context) (err error) {
	in, err := file.OpenParquetFile(r.In, false)
	if err != nil {
		return fmt.Errorf("open %s: %w", r.In, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.Create(r.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var leaves []int
	schema := in.MetaData().Schema
	for i := range schema.NumColumns() {
		if slices.Contains(r.Columns, schema.Column(i).Name()) {
			leaves = append(leaves, i)
		}
	}
	encoders := sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		if err != nil {
			panic(err) // constant options
		}
		return e
	}}
	return inOrder(ctx, in.NumRowGroups()*len(leaves), func(_ context.Context, i int) ([]byte, error) {
		e := encoders.Get().(*zstd.Encoder)
		defer encoders.Put(e)
		return recompress(in.RowGroup(i/len(leaves)), leaves[i%len(leaves)], e)
	}, out)
}

func recompress(group *file.RowGroupReader, leaf int, e *zstd.Encoder) ([]byte, error) {
	chunk, err := group.MetaData().ColumnChunk(leaf)
	if err != nil {
		return nil, err
	}
	pages, err := group.GetColumnPageReader(leaf)
	if err != nil {
		return nil, err
	}
	dst := make([]byte, 0, chunk.TotalCompressedSize()*5/4)
	for pages.Next() {
		dst = e.EncodeAll(pages.Page().Data(), dst)
	}
	return dst, pages.Err()
}

// Copy copies the bytes of a file.
type Copy struct{ In, Out string }

// Run writes Out.
func (c Copy) Run(context.Context) (err error) {
	in, err := os.Open(c.In)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(c.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	// Through memory, as any program that looks at what it copies.
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 1<<20))
	return err
}
