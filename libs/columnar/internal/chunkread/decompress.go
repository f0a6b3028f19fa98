package chunkread

import (
	"sync"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// decompress fills dst with what src decompresses to, which must be as much. No
// codec allocates more for it: those of the library stop at the end of dst, but
// for snappy and zstd, which are called here without it.
func decompress(codec compress.Compression, dst, src []byte) error {
	const emptyBrotli = 4 // bytes at most of a stream of nothing, which the library does not take
	if codec == compress.Codecs.Brotli && len(dst) == 0 && len(src) <= emptyBrotli {
		return nil
	}
	var (
		out []byte
		err error
	)
	switch codec {
	case compress.Codecs.Zstd:
		dec := zstdPool.Get().(*zstd.Decoder)
		out, err = dec.DecodeAll(src, dst[:0:len(dst)])
		zstdPool.Put(dec)
	case compress.Codecs.Snappy:
		var n int
		if n, err = snappy.DecodedLen(src); err == nil && n == len(dst) {
			out, err = snappy.Decode(dst, src)
		}
	default:
		var c compress.Codec
		if c, err = compress.GetCodec(codec); err == nil {
			out, err = compress.Decode(c, dst, src)
		}
	}
	if err != nil || len(out) != len(dst) {
		return errDecompress // a codec's own words may quote the page
	}
	if len(out) > 0 && &out[0] != &dst[0] {
		copy(dst, out)
	}
	return nil
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
