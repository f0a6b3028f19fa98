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

// The formats. A CSV object may use any one-byte delimiter. FormatJSONL is
// written one object per line, and read as objects one after the other, with line
// breaks between or inside them or none, or as one array of objects.
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
var ErrFormat = errors.New("not Parquet, JSON (objects, or one array of them) or CSV (name ends in .csv), plain, gzip or zstd")

// Detect decides by content: the PAR1 magic, the gzip or zstd magic and what is
// inside, '{' after blanks for JSON, and '[' unless the name says .csv and no
// object follows it. What is text but begins otherwise is
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
		s, err := openBytes(t, codec, Limits{}.withDefaults())
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
	ext := nameFormat(name)
	if beginsJSON(begin, ext == FormatCSV) {
		return FormatJSONL, nil
	}
	if bytes.HasPrefix(head, utf16LE) || bytes.HasPrefix(head, utf16BE) {
		if ext == FormatCSV { // Options say the encoding
			return FormatCSV, nil
		}
		return "", fmt.Errorf("the text is UTF-16, convert it to UTF-8: %w", ErrFormat)
	}
	if ext == FormatCSV && (bytes.IndexByte(head, 0) < 0 || likeUTF16(head)) {
		return FormatCSV, nil
	}
	if ext == FormatJSONL && len(begin) == 0 {
		return FormatJSONL, nil
	}
	return "", ErrFormat
}

// likeUTF16 says whether NUL bytes stand where UTF-16 of western text has them:
// nearly all at odd positions, or nearly all at even ones.
func likeUTF16(head []byte) bool {
	var at [2]int
	for i, c := range head {
		if c == 0 {
			at[i%2]++
		}
	}
	return max(at[0], at[1]) > 4*min(at[0], at[1])
}

// beginsJSON: a CSV may begin with a bracket.
func beginsJSON(text []byte, csv bool) bool {
	if len(text) == 0 || text[0] != '[' {
		return len(text) > 0 && text[0] == '{'
	}
	inside := bytes.TrimLeft(text[1:], " \t\r\n")
	return !csv || len(inside) > 0 && (inside[0] == '{' || inside[0] == ']')
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
