package columnar

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compress returns a writer to w through the codec, with one goroutine and no
// time stamp: equal input is equal bytes. Its Close ends the stream and leaves w
// open.
func Compress(w io.Writer, codec Codec) (io.WriteCloser, error) {
	switch codec {
	case CodecNone:
		return plain{w}, nil
	case CodecGzip:
		return gzip.NewWriter(w), nil
	case CodecZstd:
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithZeroFrames(true))
		if err != nil {
			return nil, fmt.Errorf("columnar: zstd: %w", err)
		}
		return z, nil
	}
	return nil, fmt.Errorf("columnar: unknown codec %q: use gzip, zstd or none", codec)
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
