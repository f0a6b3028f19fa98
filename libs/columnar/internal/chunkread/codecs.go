package chunkread

import (
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Page codecs get a buffer of the size the page header claims. The library's
// snappy and zstd allocate whatever the compressed bytes ask for instead, up to
// gigabytes, before the two sizes are compared; these stop at the buffer. All
// else is theirs. They take the place of the library's own, for what it decodes
// itself as well.

var errClaimedSize = errors.New("a page is larger than its header claims")

type boundedSnappy struct{ streamingCodec }

func (boundedSnappy) DecodeWithError(dst, src []byte) ([]byte, error) {
	n, err := snappy.DecodedLen(src)
	if err != nil {
		return nil, err
	}
	if n > len(dst) {
		return nil, errClaimedSize
	}
	return snappy.Decode(dst, src)
}

type boundedZstd struct{ streamingCodec }

func (boundedZstd) DecodeWithError(dst, src []byte) ([]byte, error) {
	dec := zstdPool.Get().(*zstd.Decoder)
	defer zstdPool.Put(dec)
	return dec.DecodeAll(src, dst[:0:len(dst)])
}

// zstdPool has a decoder for each caller. They are as fast as one that is shared,
// which would let in four at most.
var zstdPool = sync.Pool{New: func() any {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err) // constant options
	}
	return dec
}}

// streamingCodec is what the library's snappy and zstd are.
type streamingCodec interface {
	compress.Codec
	compress.StreamingCodec
}

func init() {
	replaceCodec(compress.Codecs.Snappy, func(c streamingCodec) compress.Codec { return boundedSnappy{c} })
	replaceCodec(compress.Codecs.Zstd, func(c streamingCodec) compress.Codec { return boundedZstd{c} })
}

func replaceCodec(typ compress.Compression, wrap func(streamingCodec) compress.Codec) {
	c, err := compress.GetCodec(typ)
	if err != nil {
		panic(err)
	}
	s, ok := c.(streamingCodec)
	if !ok {
		panic(fmt.Sprintf("chunkread: the parquet library's %s codec has changed", typ))
	}
	compress.RegisterCodec(typ, wrap(s))
}
