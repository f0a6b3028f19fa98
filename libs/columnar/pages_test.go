package columnar

import (
	"testing"

	"github.com/apache/arrow-go/v18/parquet/compress"
)

// TestPageCodecsStopAtTheirBuffer: a page that holds more than its header
// claims is refused, and not decompressed into memory of its own.
func TestPageCodecsStopAtTheirBuffer(t *testing.T) {
	t.Parallel()
	for _, typ := range []compress.Compression{
		compress.Codecs.Snappy, compress.Codecs.Zstd, compress.Codecs.Gzip, compress.Codecs.Brotli, compress.Codecs.Lz4Raw,
	} {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			codec, err := compress.GetCodec(typ)
			must(t, err)
			page := make([]byte, 32<<20)
			packed := codec.Encode(nil, page)
			whole, err := compress.Decode(codec, make([]byte, len(page)), packed)
			if err != nil || len(whole) != len(page) {
				t.Fatalf("%d bytes, %v", len(whole), err)
			}
			small := make([]byte, 1000)
			if got, err := compress.Decode(codec, small, packed); err == nil {
				t.Errorf("%d bytes into a buffer of %d", len(got), len(small))
			}
		})
	}
}
