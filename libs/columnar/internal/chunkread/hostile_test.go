package chunkread

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

func plainTexts(values ...string) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	return b
}

func plainNumbers(values ...int64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return b
}

// deltaLengths are lengths of one miniblock of width 8 above the smallest, and
// bytes behind them.
func deltaLengths(text string, lengths ...int64) []byte {
	b := []byte{128, 1, 4, byte(len(lengths))}
	b = binary.AppendVarint(b, lengths[0])
	if len(lengths) > 1 {
		smallest := int64(-100)
		b = binary.AppendVarint(b, smallest)
		b = append(b, 8, 0, 0, 0)
		mini := make([]byte, 32)
		for i := 1; i < len(lengths); i++ {
			mini[i-1] = byte(lengths[i] - lengths[i-1] - smallest)
		}
		b = append(b, mini...)
	}
	return append(b, text...)
}

func withLevels(levels []byte, values []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(levels)))
	return append(append(b, levels...), values...)
}

func dataPage(values int32, e parquet.Encoding, body []byte) []byte {
	return rawPage(header{kind: pageData, values: values, encoding: e}, body)
}

func dictionaryPage(values int32, body []byte) []byte {
	return rawPage(header{kind: pageDictionary, values: values, encoding: parquet.Encodings.Plain}, body)
}

// TestHandmadeChunks: pages made by hand, sound ones and those that lie.
func TestHandmadeChunks(t *testing.T) {
	t.Parallel()
	const (
		required = "text"
		optional = "optional text"
		number   = "number"
	)
	plain, indices, sized := parquet.Encodings.Plain, parquet.Encodings.RLEDict, parquet.Encodings.DeltaLengthByteArray
	ab := dictionaryPage(2, plainTexts("a", "bc"))
	v2 := func(h header, body []byte) []byte {
		h.kind, h.encoding = pageDataV2, plain
		return rawPage(h, body)
	}
	cases := map[string]struct {
		column string
		rows   int64
		pages  [][]byte
		want   any // an error, or the text of the array
	}{
		"texts":                       {required, 3, [][]byte{dataPage(3, plain, plainTexts("a", "", "é"))}, `["a" "" "é"]`},
		"two pages":                   {required, 3, [][]byte{dataPage(1, plain, plainTexts("a")), dataPage(2, plain, plainTexts("b", "c"))}, `["a" "b" "c"]`},
		"an empty page":               {required, 1, [][]byte{dataPage(0, plain, nil), dataPage(1, plain, plainTexts("a")), dataPage(0, plain, nil)}, `["a"]`},
		"no rows":                     {required, 0, nil, `[]`},
		"a run of indices":            {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 6, 1})}, `["bc" "bc" "bc"]`},
		"packed indices":              {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 3, 0b101})}, `["bc" "a" "bc"]`},
		"indices of no bits":          {required, 3, [][]byte{ab, dataPage(3, indices, []byte{0, 6})}, `["a" "a" "a"]`},
		"a group without its padding": {required, 3, [][]byte{ab, dataPage(3, indices, []byte{8, 3, 1, 0, 1})}, `["bc" "a" "bc"]`},
		"zeros behind the indices":    {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 3, 0b101, 0, 0})}, `["bc" "a" "bc"]`},
		"fallback":                    {required, 3, [][]byte{ab, dataPage(1, indices, []byte{1, 2, 1}), dataPage(2, plain, plainTexts("x", "y"))}, `["bc" "x" "y"]`},
		"fallback of nulls":           {optional, 3, [][]byte{ab, dataPage(2, indices, withLevels([]byte{3, 1}, []byte{1, 2, 1})), dataPage(1, plain, withLevels([]byte{2, 1}, plainTexts("x")))}, `["bc" (null) "x"]`},
		"nulls alone, no entries":     {optional, 2, [][]byte{dictionaryPage(0, nil), dataPage(2, indices, withLevels([]byte{4, 0}, nil))}, `[(null) (null)]`},
		"lengths apart":               {required, 3, [][]byte{dataPage(3, sized, deltaLengths("aé", 1, 0, 2))}, `["a" "" "é"]`},
		"levels that are not needed":  {required, 1, [][]byte{v2(header{values: 1, rows: 1, repetition: 1}, append([]byte{2}, plainTexts("a")...))}, `["a"]`},
		"numbers":                     {number, 2, [][]byte{dataPage(2, plain, plainNumbers(-1, 7))}, `[-1 7]`},

		"index beyond, packed":       {required, 3, [][]byte{ab, dataPage(3, indices, []byte{2, 3, 0b100001, 0})}, errIndex},
		"index beyond, run":          {required, 3, [][]byte{ab, dataPage(3, indices, []byte{2, 6, 2})}, errIndex},
		"index of 2^31 and more":     {required, 3, [][]byte{ab, dataPage(3, indices, []byte{32, 6, 0, 0, 0, 0x80})}, errIndex},
		"no dictionary":              {required, 3, [][]byte{dataPage(3, indices, []byte{1, 6, 1})}, errDictionary},
		"width of 33":                {required, 3, [][]byte{ab, dataPage(3, indices, []byte{33, 6, 0, 0, 0, 0, 0})}, errValues},
		"no indices":                 {required, 3, [][]byte{ab, dataPage(3, indices, nil)}, errValues},
		"too few indices":            {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 4, 1})}, errValues},
		"a run beyond the page":      {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 8, 1})}, errTrailing},
		"bytes behind the indices":   {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 6, 1, 1})}, errTrailing},
		"nine zeros behind":          {required, 3, [][]byte{ab, dataPage(3, indices, []byte{1, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})}, errTrailing},
		"two dictionaries":           {required, 1, [][]byte{ab, ab, dataPage(1, indices, []byte{1, 2, 0})}, errPageOrder},
		"a dictionary after data":    {required, 2, [][]byte{dataPage(1, plain, plainTexts("a")), ab, dataPage(1, plain, plainTexts("a"))}, errPageOrder},
		"a dictionary at the end":    {required, 1, [][]byte{dataPage(1, plain, plainTexts("a")), ab}, errPageOrder},
		"too many entries claimed":   {required, 1, [][]byte{dictionaryPage(3, plainTexts("a", "bc")), dataPage(1, indices, []byte{1, 2, 0})}, errors.Join(errDictionary, errValues)},
		"too few entries claimed":    {required, 1, [][]byte{dictionaryPage(1, plainTexts("a", "bc")), dataPage(1, indices, []byte{1, 2, 0})}, errDictionary},
		"entry that is not UTF-8":    {required, 1, [][]byte{dictionaryPage(1, plainTexts("\xff")), dataPage(1, indices, []byte{0, 2})}, errUTF8},
		"text that is not UTF-8":     {required, 1, [][]byte{dataPage(1, plain, plainTexts("a\xc3"))}, errUTF8},
		"a rune in two values":       {required, 2, [][]byte{dataPage(2, plain, plainTexts("a\xc3", "\xa9b"))}, errUTF8},
		"a rune in two values apart": {required, 2, [][]byte{dataPage(2, sized, deltaLengths("a\xc3\xa9b", 2, 2))}, errUTF8},
		"a negative length":          {required, 2, [][]byte{dataPage(2, sized, deltaLengths("ab", 3, -1))}, errValues},
		"lengths beyond the page":    {required, 2, [][]byte{dataPage(2, sized, deltaLengths("ab", 2, 1))}, errValues},
		"bytes behind the lengths":   {required, 2, [][]byte{dataPage(2, sized, deltaLengths("abc", 1, 1))}, errValues},
		"a length for no row":        {required, 1, [][]byte{dataPage(1, sized, deltaLengths("ab", 1, 1))}, errValues},
		"text beyond the page":       {required, 1, [][]byte{dataPage(1, plain, []byte{2, 0, 0, 0, 'a'})}, errValues},
		"text of 2^32":               {required, 1, [][]byte{dataPage(1, plain, []byte{255, 255, 255, 255, 'a'})}, errValues},
		"a value behind":             {required, 1, [][]byte{dataPage(1, plain, plainTexts("a", ""))}, errTrailing},
		"too few numbers":            {number, 3, [][]byte{dataPage(3, plain, plainNumbers(-1, 7))}, errValues},
		"half a number":              {number, 2, [][]byte{dataPage(2, plain, plainNumbers(-1, 7)[:15])}, errValues},
		"a number behind":            {number, 1, [][]byte{dataPage(1, plain, plainNumbers(-1, 7))}, errTrailing},
		"booleans' encoding":         {number, 1, [][]byte{dataPage(1, parquet.Encodings.RLE, plainNumbers(-1))}, errEncoding},
		"an encoding of the future":  {number, 1, [][]byte{dataPage(1, 77, plainNumbers(-1))}, errEncoding},
		"fewer rows":                 {number, 3, [][]byte{dataPage(2, plain, plainNumbers(-1, 7))}, errTooFew},
		"more rows":                  {number, 1, [][]byte{dataPage(2, plain, plainNumbers(-1, 7))}, errTooMany},
		"a page too many":            {number, 1, [][]byte{dataPage(1, plain, plainNumbers(-1)), dataPage(1, plain, plainNumbers(7))}, errTooMany},
		"bytes behind the pages":     {number, 1, [][]byte{dataPage(1, plain, plainNumbers(-1)), []byte("behind the pages")}, errors.Join(errBehind, errHeader, errPageSize)},
		"a page larger than allowed": {number, 1 << 18, [][]byte{dataPage(1<<18, plain, make([]byte, 1<<21))}, errPageSize},
		"no levels":                  {optional, 1, [][]byte{dataPage(1, plain, []byte{1, 0, 0})}, errLevels},
		"too few levels":             {optional, 3, [][]byte{dataPage(3, plain, withLevels([]byte{4, 1}, plainTexts("a", "b")))}, errLevels},
		"levels beyond the page":     {optional, 3, [][]byte{dataPage(3, plain, withLevels([]byte{8, 1}, plainTexts("a", "b", "c")))}, errLevels},
		"levels of two":              {optional, 3, [][]byte{dataPage(3, plain, withLevels([]byte{6, 2}, plainTexts("a", "b", "c")))}, errLevels},
		"more levels than values":    {optional, 3, [][]byte{dataPage(3, plain, withLevels([]byte{6, 1}, plainTexts("a", "b")))}, errValues},
		"more values than levels":    {optional, 3, [][]byte{dataPage(3, plain, withLevels([]byte{3, 0b011}, plainTexts("a", "b", "c")))}, errTrailing},
		"another number of nulls":    {optional, 2, [][]byte{v2(header{values: 2, rows: 2, nulls: 0, definition: 2}, append([]byte{3, 1}, plainTexts("a")...))}, errNulls},
		"nulls where none can be":    {required, 1, [][]byte{v2(header{values: 1, rows: 1, nulls: 1}, plainTexts("a"))}, errNulls},
		"another number of rows":     {required, 1, [][]byte{v2(header{values: 1, rows: 2}, plainTexts("a"))}, errHeader},
		"levels of lists":            {required, 1, [][]byte{v2(header{values: 1, rows: 1, repetition: 2}, append([]byte{2, 1}, plainTexts("a")...))}, errLevels},
		"levels longer than a page":  {required, 1, [][]byte{v2(header{values: 1, rows: 1, repetition: 200}, plainTexts("a"))}, errLevels},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := numberColumn(t, parquet.Repetitions.Required)
			switch c.column {
			case required:
				kind = textColumn(t, parquet.Repetitions.Required)
			case optional:
				kind = textColumn(t, parquet.Repetitions.Optional)
			}
			dictionary := int64(0)
			if len(c.pages) > 0 && bytes.HasPrefix(c.pages[0], ab[:2]) {
				dictionary = int64(len(c.pages[0]))
			}
			data, chunk := chunkOf(t, kind, compress.Codecs.Uncompressed, c.rows, dictionary, c.pages...)
			chunk.MaxPage, chunk.Allocator = 1<<20, checkedMemory(t)
			for _, chunk.Dictionary = range []bool{false, true} {
				for _, window := range []int{1, 2, 1 << 20} {
					got, err := readAll(data, chunk, window)
					checkHandmade(t, got, err, c.want)
				}
			}
			copied, err := Copy(bytes.NewReader(data), chunk, nil)
			if want, bad := c.want.(error); bad {
				checkHandmade(t, nil, err, want)
				return
			}
			must(t, err)
			if got := bytes.Join(copied.Pages.Parts(), nil); !bytes.Equal(got, data[4:]) {
				t.Errorf("copied %x\nwant %x", got, data[4:])
			}
		})
	}
}

// checkHandmade compares with the text of an array, or one of joined errors.
func checkHandmade(t *testing.T, got any, err error, want any) {
	t.Helper()
	wanted, bad := want.(error)
	switch {
	case !bad && err != nil:
		t.Error(err)
	case !bad:
		if text := got.(interface{ String() string }).String(); text != want {
			t.Errorf("got %s, want %s", text, want)
		}
	case err == nil:
		t.Errorf("no error, want %v", wanted)
	default:
		all, several := wanted.(interface{ Unwrap() []error })
		if !several {
			all = errors.Join(wanted).(interface{ Unwrap() []error })
		}
		for _, e := range all.Unwrap() {
			if errors.Is(err, e) {
				return
			}
		}
		t.Errorf("error %v, want %v", err, wanted)
	}
}

// TestBitPackedLevels: the old encoding is told apart, not misread.
func TestBitPackedLevels(t *testing.T) {
	t.Parallel()
	body := withLevels([]byte{2, 1}, plainTexts("a"))
	page := dataPage(1, parquet.Encodings.Plain, body)
	at := len(page) - len(body) - 5 // the encoding of definition levels
	if page[at] != 6 {
		t.Fatalf("%x", page[:at+5])
	}
	page[at] = 8
	data, c := chunkOf(t, textColumn(t, parquet.Repetitions.Optional), compress.Codecs.Uncompressed, 1, 0, page)
	if _, err := readAll(data, c, 1); !errors.Is(err, errLevelKind) {
		t.Error(err)
	}
}

// smallMemory panics as the allocator of a reader with a budget does.
type smallMemory struct {
	memory.Allocator
	left int
}

type overBudget struct{}

func (m *smallMemory) Allocate(n int) []byte {
	if m.left -= n; m.left < 0 {
		m.left += n
		panic(overBudget{})
	}
	return m.Allocator.Allocate(n)
}

func (m *smallMemory) Reallocate(n int, old []byte) []byte {
	if m.left -= n - len(old); m.left < 0 {
		m.left += n - len(old)
		panic(overBudget{})
	}
	return m.Allocator.Reallocate(n, old)
}

func (m *smallMemory) Free(old []byte) {
	m.left += len(old)
	m.Allocator.Free(old)
}

// TestDictionaryBomb: a run of a large value is small as a dictionary, and asks
// the allocator before it is anything else.
func TestDictionaryBomb(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	dict := dictionaryPage(1, plainTexts(strings.Repeat("x", 10_000)))
	run := append([]byte{0}, binary.AppendUvarint(nil, rows<<1)...)
	data, c := chunkOf(t, textColumn(t, parquet.Repetitions.Required), compress.Codecs.Uncompressed, rows, int64(len(dict)), dict,
		dataPage(rows, parquet.Encodings.RLEDict, run))
	mem := &smallMemory{checkedMemory(t), 2 << 20}
	c.Allocator = mem
	r, err := Open(bytes.NewReader(data), c)
	must(t, err)
	func() {
		defer func() {
			if _, ok := recover().(overBudget); !ok {
				t.Error("the allocator was not asked")
			}
		}()
		_, err = r.Next(rows)
		t.Error(err)
	}()
	if _, err := r.Next(1); err == nil {
		t.Error("a reader whose allocator refused goes on")
	}
	must(t, r.Close())

	c.Dictionary = true
	r, err = Open(bytes.NewReader(data), c)
	must(t, err)
	var first any
	for range 2 {
		arr, err := r.Next(rows / 2)
		must(t, err)
		dict := arr.Data().Dictionary()
		if _, ok := arr.(*array.Dictionary); !ok || first != nil && first != any(dict) {
			t.Errorf("%T, another dictionary", arr)
		}
		first = dict
		arr.Release()
	}
	must(t, r.Close())
	if _, err := Copy(bytes.NewReader(data), c, nil); err != nil {
		t.Error(err)
	}
	if mem.left != 2<<20 {
		t.Errorf("%d bytes not freed", 2<<20-mem.left)
	}
}
