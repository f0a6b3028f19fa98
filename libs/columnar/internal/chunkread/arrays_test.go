package chunkread

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

// TestNothingUnderNulls: the buffers of an array hold nothing where no row shows
// it, neither under nulls nor behind the last row's bit.
func TestNothingUnderNulls(t *testing.T) {
	t.Parallel()
	for _, typ := range types {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			b := array.NewBuilder(memory.DefaultAllocator, typ)
			defer b.Release()
			for i := range 100 {
				if i%3 == 1 || i > 90 {
					b.AppendNull()
				} else {
					appendValue(b, uint64(i)*0x0101010101010101|1, 20)
				}
			}
			arr := b.NewArray()
			defer arr.Release()
			for _, dict := range []bool{true, false} {
				data := written(t, arr, true, parquet.WithDictionaryDefault(dict), parquet.WithStoreDecimalAsInteger(true))
				c := chunks(t, data, 0)[0]
				c.Dictionary = true
				r, err := Open(bytes.NewReader(data), c)
				must(t, err)
				for _, rows := range []int{71, 29} {
					got, err := r.Next(rows)
					must(t, err)
					checkNulls(t, got)
					got.Release()
				}
				must(t, r.Close())
			}
		})
	}
}

// TestNothingUnderNullsOfFallback: nor where indices turn to text half way.
func TestNothingUnderNullsOfFallback(t *testing.T) {
	t.Parallel()
	dict := dictionaryPage(1, plainTexts("abc"))
	data, c := chunkOf(t, textColumn(t, parquet.Repetitions.Optional), compress.Codecs.Uncompressed, 3, int64(len(dict)), dict,
		dataPage(2, parquet.Encodings.RLEDict, withLevels([]byte{3, 1}, []byte{0, 2})), dataPage(1, parquet.Encodings.Plain, withLevels([]byte{2, 1}, plainTexts("x"))))
	c.Dictionary = true
	r, err := Open(bytes.NewReader(data), c)
	must(t, err)
	got, err := r.Next(3)
	must(t, err)
	checkNulls(t, got)
	checkHandmade(t, got, r.Close(), `["abc" (null) "x"]`)
}

func checkNulls(t *testing.T, arr arrow.Array) {
	t.Helper()
	buffers := arr.Data().Buffers()
	if valid := buffers[0].Bytes(); arr.Len()%8 > 0 && valid[arr.Len()/8]>>(arr.Len()%8) != 0 {
		t.Errorf("bits behind the last row: %08b", valid[arr.Len()/8])
	}
	width := 0
	switch typ := arr.DataType().(type) {
	case *arrow.BooleanType:
		for i := range arr.Len() {
			if arr.IsNull(i) && bitAt(buffers[1].Bytes(), i) == 1 {
				t.Errorf("row %d: a bit under a null", i)
			}
		}
		return
	case *arrow.StringType, *arrow.BinaryType:
		ends := arrow.Int32Traits.CastFromBytes(buffers[1].Bytes())
		for i := range arr.Len() {
			if arr.IsNull(i) && ends[i] != ends[i+1] {
				t.Errorf("row %d: text under a null", i)
			}
		}
		if int(ends[arr.Len()]) != buffers[2].Len() {
			t.Errorf("%d bytes of text, %d in the buffer", ends[arr.Len()], buffers[2].Len())
		}
		return
	case *arrow.DictionaryType:
		width = 4
	case arrow.FixedWidthDataType:
		width = typ.Bytes()
	}
	for i := range arr.Len() {
		if v := buffers[1].Bytes()[i*width : (i+1)*width]; arr.IsNull(i) && !bytes.Equal(v, make([]byte, width)) {
			t.Errorf("row %d: a value under a null", i)
		}
	}
}

// TestUncompressedPages: version 2 may leave a page of a compressed chunk as it
// is, and says so.
func TestUncompressedPages(t *testing.T) {
	t.Parallel()
	body := plainNumbers(1, 2, 3)
	page := rawPage(header{kind: pageDataV2, values: 3, rows: 3, encoding: parquet.Encodings.Plain, uncompressed: true}, body)
	data, c := chunkOf(t, numberColumn(t, parquet.Repetitions.Required), compress.Codecs.Zstd, 3, 0, page)
	got, err := readAll(data, c, 3)
	checkHandmade(t, got, err, "[1 2 3]")
	copied, err := Copy(bytes.NewReader(data), c, nil)
	must(t, err)
	if !bytes.Equal(bytes.Join(copied.Pages.Parts(), nil), page) {
		t.Errorf("copied %x, want %x", copied.Pages.Parts(), page)
	}
}
