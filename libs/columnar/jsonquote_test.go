package columnar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TestIsPlain puts every byte at every place of texts of many lengths.
func TestIsPlain(t *testing.T) {
	t.Parallel()
	for length := range 40 {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte{'x'}, length)
				text[at] = byte(c)
				want := c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\'
				if got := isPlain(text); got != want {
					t.Fatalf("byte %#x at %d of %d: plain is %t", c, at, length, got)
				}
			}
		}
	}
}

func FuzzJSONString(f *testing.F) {
	f.Add("plain text, longer than a word", "\x00\x1f\x7f\"\\/<>&")
	f.Add("é", "a\u2028b\n")
	f.Add("1234567\"", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		batch := stringsBatch(t, a, b)
		defer batch.Release()
		var out bytes.Buffer
		w, err := NewWriter(&out, batch.Schema(), WriteOptions{Format: FormatJSONL})
		must(t, err)
		err = w.Write(batch)
		if valid := utf8.ValidString(a) && utf8.ValidString(b); (err == nil) != valid {
			t.Fatalf("valid UTF-8 is %t, the error %v", valid, err)
		}
		if err != nil {
			return
		}
		must(t, w.Close())
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		for i, want := range []string{a, b} {
			var got struct{ Text string }
			must(t, json.Unmarshal([]byte(lines[i]), &got))
			if got.Text != want {
				t.Errorf("%q became %q", want, got.Text)
			}
		}
	})
}

func stringsBatch(t testing.TB, values ...string) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}}, nil))
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues(values, nil)
	return b.NewRecordBatch()
}

// TestJSONOfParts writes rows of a larger batch one by one. What is around a part,
// or stands in another order than its lists, must not decide how it is written.
func TestJSONOfParts(t *testing.T) {
	t.Parallel()
	texts := []string{"plain", "a \"quote\" in it", "", "plain again", "two\nlines", "é"}
	quoted := make([]string, len(texts))
	for i, s := range texts {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		must(t, e.Encode(s))
		quoted[i] = strings.TrimSpace(b.String())
	}
	mem := memory.DefaultAllocator
	cases := map[string]struct {
		typ  arrow.DataType
		fill func(b array.Builder, i int)
		want func(i int) string
	}{
		"text": {arrow.BinaryTypes.String, func(b array.Builder, i int) { b.(*array.StringBuilder).Append(texts[i]) }, func(i int) string { return quoted[i] }},
		"dictionary": {&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String},
			func(b array.Builder, i int) { must(t, b.(*array.BinaryDictionaryBuilder).AppendString(texts[i])) }, func(i int) string { return quoted[i] }},
		"list": {arrow.ListOf(arrow.BinaryTypes.String), func(b array.Builder, i int) {
			b.(*array.ListBuilder).Append(true)
			b.(*array.ListBuilder).ValueBuilder().(*array.StringBuilder).AppendValues(texts[:i], nil)
		}, func(i int) string { return "[" + strings.Join(quoted[:i], ",") + "]" }},
		"list view, last first": {arrow.ListViewOf(arrow.BinaryTypes.String), func(b array.Builder, i int) {
			values := b.(*array.ListViewBuilder).ValueBuilder().(*array.StringBuilder)
			if i == 0 {
				values.AppendValues(texts, nil)
			}
			b.(*array.ListViewBuilder).AppendWithSize(true, 1)
		}, func(i int) string { return "[" + quoted[len(texts)-1-i] + "]" }},
		"struct": {arrow.StructOf(arrow.Field{Name: "a", Type: arrow.BinaryTypes.String}, arrow.Field{Name: "b", Type: arrow.BinaryTypes.String, Nullable: true}),
			func(b array.Builder, i int) {
				s := b.(*array.StructBuilder)
				s.Append(true)
				s.FieldBuilder(0).(*array.StringBuilder).Append(texts[i])
				s.FieldBuilder(1).AppendNull()
			}, func(i int) string { return `{"a":` + quoted[i] + `,"b":null}` }},
		"map": {arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), func(b array.Builder, i int) {
			m := b.(*array.MapBuilder)
			m.Append(true)
			m.KeyBuilder().(*array.StringBuilder).Append(texts[i])
			m.ItemBuilder().(*array.StringBuilder).Append(texts[i])
		}, func(i int) string { return "{" + quoted[i] + ":" + quoted[i] + "}" }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := array.NewBuilder(mem, c.typ)
			defer b.Release()
			for i := range texts {
				c.fill(b, i)
			}
			arr := b.NewArray()
			defer arr.Release()
			if view, ok := arr.(*array.ListView); ok {
				arr = reversed(view)
				defer arr.Release()
			}
			schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: c.typ, Nullable: true}}, nil)
			batch := array.NewRecordBatch(schema, []arrow.Array{arr}, int64(len(texts)))
			defer batch.Release()
			var want strings.Builder
			for i := range texts {
				fmt.Fprintf(&want, "{\"x\":%s}\n", c.want(i))
			}
			for _, rows := range []int64{1, 2, 6} {
				if got := string(writeAll(t, batch, rows, WriteOptions{Format: FormatJSONL})); got != want.String() {
					t.Errorf("%d rows at a time:\n%swant\n%s", rows, got, want.String())
				}
			}
		})
	}
}

// reversed is a list view whose first list is the last value.
func reversed(v *array.ListView) arrow.Array {
	n := v.Len()
	offsets, sizes := memory.NewResizableBuffer(memory.DefaultAllocator), memory.NewResizableBuffer(memory.DefaultAllocator)
	defer offsets.Release()
	defer sizes.Release()
	offsets.Resize(4 * n)
	sizes.Resize(4 * n)
	for i := range n {
		arrow.Int32Traits.CastFromBytes(offsets.Bytes())[i] = int32(n - 1 - i)
		arrow.Int32Traits.CastFromBytes(sizes.Bytes())[i] = 1
	}
	data := array.NewData(v.DataType(), n, []*memory.Buffer{nil, offsets, sizes}, []arrow.ArrayData{v.ListValues().Data()}, 0, 0)
	defer data.Release()
	return array.NewListViewData(data)
}

// TestAppendPlain copies names and texts of all lengths around a block, with and without room behind them.
func TestAppendPlain(t *testing.T) {
	t.Parallel()
	letters := []byte(strings.Repeat("abcdefghijklmnopqrstuvwxyz0123456789", 4))
	for n := range 2*block + 3 {
		for _, room := range []int{0, block - 1, block} {
			lead, text := letters[:n:n+room], letters[5:5+n:5+n+room]
			for _, dst := range [][]byte{nil, append(make([]byte, 0, 4*block), "so far"...)} {
				want := string(dst) + string(lead) + `"` + string(text) + `"`
				if got := string(appendPlain(dst, lead, text)); got != want {
					t.Fatalf("%d bytes with %d behind: %q, want %q", n, room, got, want)
				}
			}
		}
	}
}
