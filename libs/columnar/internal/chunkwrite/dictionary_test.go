package chunkwrite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/klauspost/compress/zstd"
)

// TestDictionariesAreTheirValues: the bytes are those of the values laid out,
// whatever entries a dictionary has beside them, however often it has one, and
// however many dictionaries there are.
func TestDictionariesAreTheirValues(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct{ windows, rows, entries int }{
		"few":                      {3, 5000, 20},
		"given up":                 {4, 9000, 30_000},
		"full":                     {9, 16_384, 9000},
		"given up at the last row": {1, 300, 100_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(5, 6))
			var coded, plain []arrow.Array
			var dictionary arrow.Array
			for w := range k.windows {
				if w%3 != 1 { // the second window has the dictionary of the first
					dictionary = entries(rnd, k.entries, w)
				}
				c := codes(t, rnd, dictionary, k.rows)
				coded = append(coded, c)
				plain = append(plain, valuesOf(c))
			}
			for _, statistics := range []func(int) bool{nil, always} {
				want := writeParts(t, plain, statistics)
				if !bytes.Equal(writeParts(t, coded, statistics), want) {
					t.Error("a dictionary gives other bytes than its values")
				}
			}
		})
	}
}

func entries(rnd *rand.Rand, n, salt int) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for i := range n {
		if rnd.IntN(10) == 0 {
			b.Append(fmt.Sprintf("the same for some, %d", i%7))
		} else {
			b.Append(fmt.Sprintf("entry %d of %d, drawn %x", i, salt/6, uint64(i)*0x9e3779b97f4a7c15))
		}
	}
	return b.NewArray()
}

// codes draws from half of the dictionary.
func codes(t *testing.T, rnd *rand.Rand, dictionary arrow.Array, n int) *array.Dictionary {
	b := array.NewInt32Builder(memory.DefaultAllocator)
	defer b.Release()
	for range n {
		if rnd.IntN(20) == 0 {
			b.AppendNull()
		} else {
			b.Append(int32(rnd.IntN((dictionary.Len()+1)/2)) * 2 % int32(dictionary.Len()))
		}
	}
	indices := b.NewArray()
	defer indices.Release()
	arr := array.NewDictionaryArray(textDictionary, indices, dictionary)
	t.Cleanup(arr.Release)
	return arr
}

func valuesOf(d *array.Dictionary) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	for i := range d.Len() {
		if d.IsNull(i) {
			b.AppendNull()
		} else {
			b.Append(d.Dictionary().(*array.String).Value(d.GetValueIndex(i)))
		}
	}
	return b.NewArray()
}

func writeParts(t *testing.T, parts []arrow.Array, statistics func(int) bool) []byte {
	t.Helper()
	var out bytes.Buffer
	f, err := NewFile(&out, arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), Options{Statistics: statistics})
	must(t, err)
	c := f.Column(0, false)
	rows := 0
	for _, p := range parts {
		must(t, c.Write(p))
		rows += p.Len()
	}
	chunks, err := c.Finish()
	must(t, err)
	must(t, f.Append(int64(rows), [][]Chunk{chunks}))
	must(t, f.Close())
	return out.Bytes()
}

// TestUnusedEntriesStayOut looks for one in the pages, and for a used one, so
// that the search is known to work.
func TestUnusedEntriesStayOut(t *testing.T) {
	t.Parallel()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues([]string{"CLEARVALUE", "MASKEDVALUE", "OTHERVALUE"}, nil)
	dictionary := b.NewArray()
	indices := array.NewInt32Builder(memory.DefaultAllocator)
	for i := range 100 {
		indices.Append(int32(1 + i%2))
	}
	arr := array.NewDictionaryArray(textDictionary, indices.NewArray(), dictionary)
	f, err := NewFile(new(bytes.Buffer), arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), Options{Statistics: always})
	must(t, err)
	c := f.Column(0, false)
	must(t, c.Write(arr))
	chunks, err := c.Finish()
	must(t, err)
	if chunks[0].Dictionary == 0 {
		t.Fatal("no dictionary")
	}
	page := bytes.Join(chunks[0].Pages, nil)
	from := bytes.Index(page, []byte{0x28, 0xb5, 0x2f, 0xfd})
	d, err := zstd.NewReader(bytes.NewReader(page[from:chunks[0].Dictionary]))
	must(t, err)
	defer d.Close()
	var raw bytes.Buffer
	_, err = raw.ReadFrom(d)
	must(t, err)
	if !bytes.Contains(raw.Bytes(), []byte("MASKEDVALUE")) {
		t.Error("a used entry is not in the dictionary")
	}
	if bytes.Contains(raw.Bytes(), []byte("CLEARVALUE")) || bytes.Contains(page, []byte("CLEARVALUE")) {
		t.Error("an unused entry is in the bytes")
	}
}

// TestReleasedDictionary: a dictionary that took another's place in memory is
// not taken for it.
func TestReleasedDictionary(t *testing.T) {
	t.Parallel()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	f, err := NewFile(new(bytes.Buffer), arrow.NewSchema([]arrow.Field{{Name: "c", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), Options{Allocator: mem})
	must(t, err)
	c := f.Column(0, false)
	for range 2 {
		b := array.NewDictionaryBuilder(mem, textDictionary).(*array.BinaryDictionaryBuilder)
		must(t, b.AppendString("x"))
		arr := b.NewArray()
		b.Release()
		must(t, c.Write(arr))
		arr.Release()
		if mem.CurrentAlloc() == 0 {
			t.Error("the dictionary is not held")
		}
	}
	c.Release()
	if err := c.Write(nil); err == nil {
		t.Error("a released column can be written")
	}
}

// TestSlowDictionaries: other indices, other values, and entries that are null.
func TestSlowDictionaries(t *testing.T) {
	t.Parallel()
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Append("a")
	b.AppendNull()
	b.Append("b")
	dictionary := b.NewArray()
	i8 := array.NewInt8Builder(memory.DefaultAllocator)
	i8.AppendValues([]int8{0, 1, 2, 0}, []bool{true, true, true, false})
	i32 := array.NewInt32Builder(memory.DefaultAllocator)
	i32.AppendValues([]int32{0, 1, 2, 0}, []bool{true, true, true, false})
	narrow, wide := i8.NewArray(), i32.NewArray()
	want := array.NewStringBuilder(memory.DefaultAllocator)
	want.AppendValues([]string{"a", "", "b", ""}, []bool{true, false, true, false})
	plain := writeParts(t, []arrow.Array{want.NewArray()}, always)
	for _, indices := range []arrow.Array{narrow, wide} {
		arr := array.NewDictionaryArray(&arrow.DictionaryType{IndexType: indices.DataType(), ValueType: arrow.BinaryTypes.String}, indices, dictionary)
		if !bytes.Equal(writeParts(t, []arrow.Array{arr}, always), plain) {
			t.Errorf("%s: other bytes than the values", arr.DataType())
		}
	}
}
