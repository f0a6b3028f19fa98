package chunkwrite

import (
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

var codec = compress.Codecs.Zstd

// compressor makes zstd frames of pages. Equal pages are equal frames.
type compressor struct {
	page  []byte // that is being ended
	zstd  *zstd.Encoder
	out   []byte
	frame frame
}

func newCompressor() *compressor {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithZeroFrames(true),
		zstd.WithAllLitEntropyCompression(true), zstd.WithWindowSize(fileLimits.pageBytes))
	if err != nil {
		panic(err) // options out of range
	}
	return &compressor{zstd: z}
}

func (w *workshop) takeCompressor() *compressor {
	if c, ok := w.compressors.Take(); ok {
		return c
	}
	return newCompressor()
}

// compress returns the frame of a page, valid until the next call. choice is
// that of the pages before it in the chunk.
func (c *compressor) compress(page []byte, g grid, choice *choice) []byte {
	if g.stored {
		return c.frame.store(page)
	}
	if g.usable(page) {
		at, length := g.common(page)
		if length < g.stride && choice.composes(c, page, g, at, length) {
			return c.frame.compose(page, g, at, length)
		}
	}
	return c.general(page)
}

func (c *compressor) general(page []byte) []byte {
	c.out = c.zstd.EncodeAll(page, c.out[:0])
	return c.out
}

// choice is which encoder the texts of one length have in a chunk.
type choice struct {
	stride   int // of the rows it was made for; 0: it has not been
	composed bool
}

// A frame is composed where, of the first rows, it is not larger by more than
// this.
const (
	choiceBytes   = 64 << 10
	choicePercent = 2
)

func (ch *choice) composes(c *compressor, page []byte, g grid, at, length int) bool {
	if ch.stride != g.stride {
		rows := page[g.from:]
		rows = rows[:min(len(rows), choiceBytes/g.stride*g.stride)]
		searched := len(c.general(rows))
		composed := len(c.frame.compose(rows, grid{stride: g.stride}, at, length))
		*ch = choice{g.stride, 100*composed <= (100+choicePercent)*searched}
	}
	return ch.composed
}
