package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Format is how rows are laid out.
type Format string

// The formats. A CSV object may use any one-byte delimiter.
const (
	FormatParquet Format = "parquet"
	FormatCSV     Format = "csv"
	FormatJSONL   Format = "jsonl"
)

// Codec is how a text format is compressed as a whole. Parquet compresses
// inside and has none.
type Codec string

// The codecs.
const (
	CodecNone Codec = ""
	CodecGzip Codec = "gzip"
	CodecZstd Codec = "zstd"
)

const sniffed = 4096 // bytes looked at

// ErrFormat is wrapped when content is none of the formats.
var ErrFormat = errors.New("not Parquet, JSON Lines (one object per line) or CSV (name ends in .csv), plain, gzip or zstd")

// Detect decides by content: the PAR1 magic, the gzip or zstd magic and what is
// inside, '{' after blanks for JSON Lines. What is text but begins otherwise is
// CSV if the name says .csv; an empty file is what its name says. The name may
// end in .gz or .zst after that.
func Detect(name string, src Source) (Format, Codec, error) {
	t := track(src)
	head, err := sniff(t.section())
	if err != nil {
		return "", "", t.blame("detect format", 0, err)
	}
	if bytes.HasPrefix(head, parquetMagic) || bytes.HasPrefix(head, parquetEncrypted) {
		return FormatParquet, CodecNone, nil
	}
	codec := magicCodec(head)
	if codec != CodecNone {
		s, err := openStream(t, codec, Limits{}.withDefaults())
		if err == nil {
			head, err = sniff(s)
			s.Close()
		}
		if err != nil {
			return "", "", t.blame("detect format", 0, err)
		}
	}
	format, err := textFormat(name, head)
	if err != nil {
		return "", "", &Error{Op: "detect format", Err: err}
	}
	return format, codec, nil
}

func sniff(r io.Reader) ([]byte, error) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(r, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF && n > 0 {
		err = nil
	}
	return head[:n], err
}

func magicCodec(head []byte) Codec {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return CodecGzip
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return CodecZstd
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}): // skippable frame
		return CodecZstd
	}
	return CodecNone
}

func textFormat(name string, head []byte) (Format, error) {
	head = bytes.TrimPrefix(head, utf8BOM)
	begin := bytes.TrimLeft(head, " \t\r\n")
	if len(begin) > 0 && begin[0] == '{' {
		return FormatJSONL, nil
	}
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		return "", fmt.Errorf("the text is UTF-16, convert it to UTF-8: %w", ErrFormat)
	}
	ext := nameFormat(name)
	if ext == FormatCSV && bytes.IndexByte(head, 0) < 0 {
		return FormatCSV, nil
	}
	if ext == FormatJSONL && len(begin) == 0 {
		return FormatJSONL, nil
	}
	return "", ErrFormat
}

func nameFormat(name string) Format {
	name = strings.ToLower(name)
	for _, suffix := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		if cut, ok := strings.CutSuffix(name, suffix); ok {
			name = cut
			break
		}
	}
	switch path.Ext(name) {
	case ".csv":
		return FormatCSV
	case ".jsonl", ".ndjson", ".json":
		return FormatJSONL
	}
	return ""
}
