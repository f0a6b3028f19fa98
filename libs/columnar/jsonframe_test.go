package columnar

import (
	"bytes"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

func TestJSONFraming(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		rows int64 // good, or the row of the error
		want string
	}{
		"empty":                  {"", 0, ""},
		"blanks":                 {" \n\t\r\n", 0, ""},
		"lines":                  {"{\"id\":1}\n{\"id\":2}\r\n\n{}", 3, ""},
		"concatenated":           {`{"id":1}{"id":2}{}`, 3, ""},
		"pretty":                 {"{\n  \"id\": 1,\n  \"one\": {\n    \"text\": \"a\"\n  }\n}\n{\n}\n", 2, ""},
		"array":                  {`[{"id":1},{"id":2}]`, 2, ""},
		"pretty array":           {"\n[\n {\"id\": 1}\n,\n {\"id\": 2}\n ]\n", 2, ""},
		"empty array":            {" [ ] ", 0, ""},
		"array open":             {`[{"id":1}`, 2, "array does not end"},
		"array just open":        {`[`, 1, "array does not end"},
		"array after comma":      {`[{"id":1},`, 2, "array does not end"},
		"array cut in object":    {`[{"id":1},{"id":`, 2, "object does not end"},
		"array without comma":    {`[{"id":1}{"id":2}]`, 2, "comma is missing"},
		"array with last comma":  {`[{"id":1},]`, 2, "comma after the last"},
		"array of lists":         {`[[{"id":1}]]`, 1, "every element"},
		"array with a number":    {`[{"id":1},2]`, 2, "every element"},
		"two arrays":             {`[{"id":1}][{"id":2}]`, 2, "text after the array"},
		"array then object":      {`[{"id":1}]{"id":2}`, 2, "text after the array"},
		"object then array":      {`{"id":1}[{"id":2}]`, 2, "no JSON object"},
		"commas":                 {`{"id":1},{"id":2}`, 2, "comma between objects"},
		"garbage":                {`{"id":1} x {"id":2}`, 2, "no JSON object"},
		"garbage first":          {`x`, 1, "objects one after the other"},
		"closing too often":      {`{"id":1}}`, 2, "no JSON object"},
		"nul after":              {"{\"id\":1}\x00", 2, "no JSON object"},
		"cut literal":            {`{"id":tru`, 1, "object does not end"},
		"cut":                    {`{"id":1}{"id":"x`, 2, "object does not end"},
		"array closed by object": {`[{"id":1}}`, 2, "comma is missing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, codec := range []Codec{CodecNone, CodecGzip} {
				rows, err := readRows(t, zipped(t, codec, []byte(c.text)), Options{Format: FormatJSONL, Codec: codec, Columns: nestedColumns()})
				if c.want == "" {
					if err != nil || rows != c.rows {
						t.Errorf("%d rows, %v, want %d", rows, err, c.rows)
					}
				} else if e := dataFault(t, err, c.want); e.Row != c.rows {
					t.Errorf("row %d, want %d", e.Row, c.rows)
				}
			}
		})
	}
}

const cutText = `{"id":"a\u00e9\ud83d\ude00","any":{"x":[1,-2.5e3]},"tags":["x",null],"map":{"k \"":"v","n":{}},"one":{"text":"é","deep":{"n":-12,"odd key":["y"]}},"many":[{"deep":[{"n":1}]},{}]}`

// TestTruncatedJSON: a cut file is an error, or has the rows that are whole.
func TestTruncatedJSON(t *testing.T) {
	t.Parallel()
	for _, between := range []string{"", "\n", " \n "} {
		text := strings.Repeat(cutText+between, 2)
		record := len(cutText) + len(between)
		for n := range len(text) + 1 {
			rows, err := readRows(t, []byte(text[:n]), Options{Format: FormatJSONL, Columns: nestedColumns(), Allocator: checkedMemory(t)})
			whole, rest := n/record, n%record
			switch {
			case rest == 0 || rest >= len(cutText):
				if want := int64(whole + min(1, rest)); err != nil || rows != want {
					t.Fatalf("%d bytes: %d rows, %v, want %d", n, rows, err, want)
				}
			case err == nil:
				t.Fatalf("%d of %d bytes were accepted", n, len(text))
			default:
				if e := dataFault(t, err, "does not end"); e.Row != int64(whole+1) {
					t.Fatalf("%d bytes: row %d, want %d", n, e.Row, whole+1)
				}
			}
		}
	}
	array := "[" + cutText + "," + cutText + "]"
	for n := 1; n < len(array); n++ {
		if _, err := readRows(t, []byte(array[:n]), Options{Format: FormatJSONL, Columns: nestedColumns()}); err == nil {
			t.Fatalf("%d bytes of an array were accepted", n)
		} else {
			dataFault(t, err, "does not end")
		}
	}
}

// TestDirtyMemory: an allocator need not clear what it gives.
func TestDirtyMemory(t *testing.T) {
	t.Parallel()
	o := Options{Format: FormatJSONL, Columns: nestedColumns()}
	text := []byte(strings.Repeat(cutText+"{}{}", 20))
	want := readAll(t, text, o)
	o.Allocator = dirtyAllocator{memory.DefaultAllocator}
	sameRows(t, readAll(t, text, o), want)
}

type dirtyAllocator struct{ memory.Allocator }

func (d dirtyAllocator) Allocate(n int) []byte {
	b := d.Allocator.Allocate(n)
	for i := range b {
		b[i] = 0xff
	}
	return b
}

func (d dirtyAllocator) Reallocate(n int, old []byte) []byte {
	b := d.Allocate(n)
	copy(b, old)
	return b
}

// TestFlippedJSON: whatever byte is wrong, the result is an Error or three rows.
func TestFlippedJSON(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat(cutText+"\n", 3))
	for i := range text {
		for _, mask := range []byte{0x01, 0x02, 0x10, 0x20, 0x80} {
			text[i] ^= mask
			rows, err := readRows(t, text, Options{Format: FormatJSONL, Columns: nestedColumns()})
			if err == nil && rows != 3 {
				t.Errorf("byte %d: %d rows", i, rows)
			}
			if err != nil {
				dataFault(t, err, "")
			}
			text[i] ^= mask
		}
	}
}

// TestBufferEnds: where the buffer ends has no influence.
func TestBufferEnds(t *testing.T) {
	t.Parallel()
	text := []byte("[" + strings.Repeat(cutText+" ,\n\n ", 4) + `{"id":"short"}` + "\n] \n")
	want := readAll(t, text, Options{Format: FormatJSONL, Columns: nestedColumns()})
	for size := 1; size < 3*len(cutText); size++ {
		frames := func() *jsonFrames {
			return newJSONFrames(bytes.NewReader(text), size)
		}
		names := &jsonNames{frames: frames(), root: newJSONTree(nestedColumns()), limits: DefaultLimits()}
		for range 5 {
			must(t, names.row())
		}
		rows := newJSONRows(frames(), names.root, Options{Limits: DefaultLimits()}, names.longest)
		for range 5 {
			if more, err := rows.read(); err != nil || !more {
				t.Fatal(more, err)
			}
			rows.out.endRow()
		}
		if more, err := rows.read(); more || err != nil {
			t.Fatal("text after the end", err)
		}
		got := rows.out.flush()[0]
		rows.out.release()
		sameRows(t, got, want)
		got.Release()
	}
}
