package columnar

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Page codecs get a buffer of the size the page header claims. The library's
// snappy and zstd allocate whatever the compressed bytes ask for instead, up to
// gigabytes, before the two sizes are compared; these stop at the buffer. All
// else is theirs.

var errPageSize = errors.New("a page is larger than its header claims")

type boundedSnappy struct{ streamingCodec }

func (boundedSnappy) DecodeWithError(dst, src []byte) ([]byte, error) {
	n, err := snappy.DecodedLen(src)
	if err != nil {
		return nil, err
	}
	if n > len(dst) {
		return nil, errPageSize
	}
	return snappy.Decode(dst, src)
}

type boundedZstd struct {
	streamingCodec
	dec *zstd.Decoder
}

func (z boundedZstd) DecodeWithError(dst, src []byte) ([]byte, error) {
	return z.dec.DecodeAll(src, dst[:0:len(dst)])
}

// streamingCodec is what the library's snappy and zstd are.
type streamingCodec interface {
	compress.Codec
	compress.StreamingCodec
}

func init() {
	bound(compress.Codecs.Snappy, func(c streamingCodec) compress.Codec { return boundedSnappy{c} })
	bound(compress.Codecs.Zstd, func(c streamingCodec) compress.Codec {
		dec, err := zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
		if err != nil {
			panic(err) // constant options
		}
		return boundedZstd{c, dec}
	})
}

func bound(typ compress.Compression, wrap func(streamingCodec) compress.Codec) {
	c, err := compress.GetCodec(typ)
	if err != nil {
		panic(err)
	}
	s, ok := c.(streamingCodec)
	if !ok {
		panic(fmt.Sprintf("columnar: the parquet library's %s codec has changed", typ))
	}
	compress.RegisterCodec(typ, wrap(s))
}
