package chunkread

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	pqschema "github.com/apache/arrow-go/v18/parquet/schema"
)

// TestBounds: those of the values that rows show, in the order of the type.
func TestBounds(t *testing.T) {
	t.Parallel()
	plain, indices := parquet.Encodings.Plain, parquet.Encodings.RLEDict
	unsigned := column(t, arrow.PrimitiveTypes.Uint64, func() (*pqschema.PrimitiveNode, error) {
		return pqschema.NewPrimitiveNodeLogical("c", parquet.Repetitions.Required, pqschema.NewIntLogicalType(64, false), parquet.Types.Int64, 0, -1)
	})
	interval := column(t, arrow.BinaryTypes.Binary, func() (*pqschema.PrimitiveNode, error) {
		return pqschema.NewPrimitiveNode("c", parquet.Repetitions.Required, parquet.Types.ByteArray, -1, -1)
	})
	texts, numbers := textColumn(t, parquet.Repetitions.Required), numberColumn(t, parquet.Repetitions.Required)
	optional := textColumn(t, parquet.Repetitions.Optional)
	abc := dictionaryPage(3, plainTexts("zz", "b", "a"))
	cases := map[string]struct {
		column   Column
		rows     int64
		pages    [][]byte
		min, max []byte
	}{
		"entries that no row uses": {texts, 2, [][]byte{abc, dataPage(2, indices, []byte{1, 4, 1})}, []byte("b"), []byte("b")},
		"dictionary and plain":     {texts, 3, [][]byte{abc, dataPage(1, indices, []byte{1, 2, 1}), dataPage(2, plain, plainTexts("aa", "ab"))}, []byte("aa"), []byte("b")},
		"beyond eight bytes":       {texts, 3, [][]byte{dataPage(3, plain, plainTexts("same bytes2", "same bytes1", "same bytes"))}, []byte("same bytes"), []byte("same bytes2")},
		"zeros at the end":         {texts, 3, [][]byte{dataPage(3, plain, plainTexts("a\x00", "a", "a\x00\x00"))}, []byte("a"), []byte("a\x00\x00")},
		"empty":                    {texts, 2, [][]byte{dataPage(1, plain, plainTexts("")), dataPage(1, plain, plainTexts("\x7f"))}, []byte{}, []byte("\x7f")},
		"nulls alone":              {optional, 2, [][]byte{dataPage(2, plain, withLevels([]byte{4, 0}, nil))}, nil, nil},
		"no rows":                  {texts, 0, nil, nil, nil},
		"bytes without a sign":     {interval, 2, [][]byte{dataPage(2, plain, plainTexts("\xff", "\x01"))}, []byte{1}, []byte{255}},
		"numbers with a sign":      {numbers, 2, [][]byte{dataPage(2, plain, plainNumbers(-1, 1))}, plainNumbers(-1), plainNumbers(1)},
		"numbers without":          {unsigned, 2, [][]byte{dataPage(2, plain, plainNumbers(-1, 1))}, plainNumbers(1), plainNumbers(-1)},
		"the first and the last":   {numbers, 2, [][]byte{dataPage(2, plain, plainNumbers(math.MinInt64, math.MaxInt64))}, plainNumbers(math.MinInt64), plainNumbers(math.MaxInt64)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, chunk := chunkOf(t, c.column, compress.Codecs.Uncompressed, c.rows, 0, c.pages...)
			copied, err := Copy(bytes.NewReader(data), chunk, nil)
			must(t, err)
			if !bytes.Equal(copied.Min, c.min) || !bytes.Equal(copied.Max, c.max) || (copied.Min == nil) != (c.min == nil) {
				t.Errorf("%q to %q, want %q to %q", copied.Min, copied.Max, c.min, c.max)
			}
		})
	}
}

// TestNothingElseIsCopied: what a writer put into headers beside the values stays
// behind, and the footer learns what is there.
func TestNothingElseIsCopied(t *testing.T) {
	t.Parallel()
	const secret = "0612-secret"
	dict := dictionaryPage(1, plainTexts("a"))
	body := []byte{0, 4}
	page := dataPage(2, parquet.Encodings.RLEDict, body)
	head := page[:len(page)-len(body)]
	// After the four fields of the data page header a fifth, statistics with a
	// smallest value; and a field of the future.
	if !bytes.HasSuffix(head, []byte{0x00, 0x00}) {
		t.Fatalf("%x", head)
	}
	loud := slices.Clone(head[:len(head)-2])
	loud = append(loud, 0x1c, 0x68, byte(len(secret)))
	loud = append(loud, secret...)
	loud = append(loud, 0x00, 0x00, 0xf8, byte(len(secret)))
	loud = append(loud, secret...)
	loud = append(append(loud, 0x00), body...)
	index := rawPage(header{kind: 1}, []byte(secret)) // a page of a kind that is passed over
	data, c := chunkOf(t, textColumn(t, parquet.Repetitions.Required), compress.Codecs.Uncompressed, 2, int64(len(dict)), dict, loud, index)
	copied, err := Copy(bytes.NewReader(data), c, nil)
	must(t, err)
	got := bytes.Join(copied.Pages.Parts(), nil)
	if want := slices.Concat(dict, page); !bytes.Equal(got, want) {
		t.Errorf("copied %q\nwant %q", got, want)
	}
	kinds := []PageKind{{Dictionary: true, Encoding: parquet.Encodings.Plain, Pages: 1}, {Encoding: parquet.Encodings.RLEDict, Pages: 1}}
	if !slices.Equal(copied.PageKinds, kinds) || copied.Dictionary != int64(len(dict)) || copied.RawBytes != int64(len(got)) {
		t.Errorf("%+v", copied)
	}
}
