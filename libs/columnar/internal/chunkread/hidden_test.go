package chunkread

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// TestNothingIsHiddenInPages: bytes of a page that no value comes from are not copied.
func TestNothingIsHiddenInPages(t *testing.T) {
	t.Parallel()
	secret := []byte("+1 415 555 0132 jane.roe@example.com 219-09-9999 ")
	raw := plainTexts("a")
	z, _ := zstd.NewWriter(nil)
	skippable := binary.LittleEndian.AppendUint32([]byte{0x50, 0x2a, 0x4d, 0x18}, uint32(len(secret)))
	body := z.EncodeAll(raw, append(skippable, secret...))
	h := header{kind: pageData, values: 1, encoding: parquet.Encodings.Plain, raw: int32(len(raw)), packed: int32(len(body))}
	frame := append(h.bytes(), body...)
	// One row, whose index is the first of a bit-packed run of 8 * len(secret): one bit each.
	run := append([]byte{1}, binary.AppendUvarint(nil, uint64(len(secret))<<1|1)...)
	run = append(run, secret...)
	run[len(run)-len(secret)] = 0
	dict := dictionaryPage(2, plainTexts("a", "b"))
	for name, c := range map[string]struct {
		codec compress.Compression
		pages [][]byte
		dict  int64
	}{
		"skippable zstd frame": {compress.Codecs.Zstd, [][]byte{frame}, 0},
		"bit-packed padding":   {compress.Codecs.Uncompressed, [][]byte{dict, dataPage(1, parquet.Encodings.RLEDict, run)}, int64(len(dict))},
	} {
		data, column := chunkOf(t, textColumn(t, parquet.Repetitions.Required), c.codec, 1, c.dict, c.pages...)
		copied, err := Copy(bytes.NewReader(data), column, nil)
		if err == nil && !copied.Unused && bytes.Contains(bytes.Join(copied.Pages.Parts(), nil), secret[1:]) {
			t.Errorf("%s: copied with bytes that are no value's", name)
		} else {
			t.Log(name, err)
		}
	}
}
