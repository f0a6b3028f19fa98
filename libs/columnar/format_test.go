package columnar

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	pq := smallParquet(t)
	cases := map[string]struct {
		name   string
		data   []byte
		format Format
		codec  Codec
	}{
		"parquet":              {"x.csv", pq, FormatParquet, CodecNone},
		"csv":                  {"dir.jsonl/X.CSV", []byte("a,b\n"), FormatCSV, CodecNone},
		"empty csv":            {"x.csv", nil, FormatCSV, CodecNone},
		"jsonl":                {"x", []byte(" \n\t{\"a\":1}"), FormatJSONL, CodecNone},
		"jsonl by content":     {"x.csv", []byte("{\"a\":1}"), FormatJSONL, CodecNone},
		"jsonl bom":            {"x", []byte("\ufeff{}"), FormatJSONL, CodecNone},
		"empty jsonl":          {"x.ndjson", nil, FormatJSONL, CodecNone},
		"blank jsonl":          {"x.jsonl", []byte("\n\n"), FormatJSONL, CodecNone},
		"csv gzip":             {"x.csv.gz", zipped(t, CodecGzip, []byte("a,b\n")), FormatCSV, CodecGzip},
		"csv gzip, plain name": {"x.csv", zipped(t, CodecGzip, []byte("a,b\n")), FormatCSV, CodecGzip},
		"jsonl zstd":           {"x", zipped(t, CodecZstd, []byte("{}")), FormatJSONL, CodecZstd},
		"empty jsonl gzip":     {"x.jsonl.gz", zipped(t, CodecGzip, nil), FormatJSONL, CodecGzip},
		"skippable frame":      {"x.csv", append([]byte{0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0}, zipped(t, CodecZstd, []byte("a\n"))...), FormatCSV, CodecZstd},
		"json array":           {"x", []byte("\n[ {}]"), FormatJSONL, CodecNone},
		"array of others":      {"x.json", []byte("[1]"), FormatJSONL, CodecNone},
		"array by content":     {"x.csv", []byte("[\n{}]"), FormatJSONL, CodecNone},
		"bracket in csv":       {"x.csv", []byte("[id],b\n"), FormatCSV, CodecNone},
		"long blanks":          {"x.jsonl", []byte(strings.Repeat(" ", 2*sniffed) + "{}"), FormatJSONL, CodecNone},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			format, codec, err := Detect(c.name, source(c.data))
			if err != nil || format != c.format || codec != c.codec {
				t.Errorf("%q %q %v, want %q %q", format, codec, err, c.format, c.codec)
			}
		})
	}
}

func TestDetectErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		name string
		data []byte
		want string
	}{
		"text":           {"x.txt", []byte("SECRET,1\n"), "not Parquet"},
		"empty":          {"x", nil, "not Parquet"},
		"zip":            {"x.csv", []byte("PK\x03\x04SECRET\x00\x00"), "not Parquet"},
		"jsonl by name":  {"x.jsonl", []byte("SECRET"), "not Parquet"},
		"utf16":          {"x.jsonl", []byte("\xff\xfea\x00,\x00"), "UTF-16"},
		"damaged gzip":   {"x.csv", []byte{0x1f, 0x8b, 8, 0, 0}, "gzip data is cut off"},
		"damaged zstd":   {"x.csv", []byte{0x28, 0xb5, 0x2f, 0xfd, 0xff}, "zstd data"},
		"parquet zipped": {"x.parquet.gz", zipped(t, CodecGzip, []byte("PAR1SECRET")), "not Parquet"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := Detect(c.name, source(c.data))
			dataFault(t, err, c.want, "SECRET", c.name)
		})
	}
	disk := errors.New("disk")
	if _, _, err := Detect("x.csv", brokenSource{source([]byte("a,b")), 0, disk}); !errors.Is(err, disk) {
		t.Errorf("%v, want the source's error", err)
	}
}

// TestBombs: text that grows out of proportion is refused long before it is
// whole.
func TestBombs(t *testing.T) {
	t.Parallel()
	zeros := append([]byte("a\n"), bytes.Repeat([]byte("x\n"), 2<<20)...)
	for _, codec := range []Codec{CodecGzip, CodecZstd} {
		t.Run(string(codec), func(t *testing.T) {
			t.Parallel()
			_, err := readRows(t, zipped(t, codec, zeros), Options{Format: FormatCSV, Codec: codec, Limits: Limits{RatioFree: 1 << 20}})
			dataFault(t, err, "200 times its size")
		})
	}
}

func TestShowName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 40)
	cases := map[string]string{
		"phoneNumber":     `"phoneNumber"`,
		"line2_2024":      `"line2_2024"`,
		"a\nb\"":          `"a\nb\""`,
		"12345":           "at position 4",
		"x98765y":         "at position 4",
		"jane@example":    "at position 4",
		"+1 555-12 34 99": "at position 4",
		"":                `""`,
		long:              `"` + strings.Repeat("é", 32) + `"…`,
	}
	for name, want := range cases {
		if got := ShowName(name, 3); got != want {
			t.Errorf("%q is shown as %s, want %s", name, got, want)
		}
	}
}

func TestScrub(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"snappy: corrupt input":                           "snappy corrupt input",
		`cannot parse "SECRET" as int`:                    "cannot parse … int",
		"value 5551234567 for jane@example at page 3":     "value … for … at page 3",
		"string at index 0 is not valid utf8: Anna Baker": "string at index 0 is not valid utf8 …",
		"didn't work: é":                                  "…",
		"unexpected EOF":                                  "unexpected EOF",
	}
	for in, want := range cases {
		if got := scrub(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if n := len(scrub(strings.Repeat("x", 1000))); n > 170 {
		t.Errorf("%d bytes", n)
	}
}
