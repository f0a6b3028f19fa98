package chunkread

import "github.com/apache/arrow-go/v18/parquet/compress"

// decompress fills dst with what src decompresses to, which must be as much. No
// codec allocates more for it: they stop at the end of dst.
func decompress(codec compress.Compression, dst, src []byte) error {
	const emptyBrotli = 4 // bytes at most of a stream of nothing, which the library does not take
	if codec == compress.Codecs.Brotli && len(dst) == 0 && len(src) <= emptyBrotli {
		return nil
	}
	c, err := compress.GetCodec(codec)
	if err != nil {
		return errDecompress
	}
	out, err := compress.Decode(c, dst, src)
	if err != nil || len(out) != len(dst) {
		return errDecompress // a codec's own words may quote the page
	}
	if len(out) > 0 && &out[0] != &dst[0] {
		copy(dst, out)
	}
	return nil
}
