package columnar

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

// TestSkip: rows with a cell that does not parse are left out and told, one error
// a row; all other rows are there in order.
func TestSkip(t *testing.T) {
	t.Parallel()
	columns := []Column{{"id", nil}, {"n", arrow.PrimitiveTypes.Int64}, {"d", arrow.FixedWidthTypes.Date32}, {"many", listOf(fieldsOf(arrow.PrimitiveTypes.Int64, "n")...)}}
	csvColumns := columns[:3]
	cases := map[string]struct {
		format Format
		text   string
		good   string
		bad    string
	}{
		"csv":             {FormatCSV, "id,n,d\n1,1,\n2,x,x\n3,,2024-01-01\n4,4,x\n", "1 3", `2 "n";4 "d";`},
		"csv, first":      {FormatCSV, "id,n\n1,x\n2,2\n", "2", `1 "n";`},
		"csv, all":        {FormatCSV, "id,n\n1,x\n2,y\n", "", `1 "n";2 "n";`},
		"csv, none":       {FormatCSV, "id,n\n1,1\n2,2\n", "1 2", ""},
		"csv, many":       {FormatCSV, "id,n\n" + strings.Repeat("1,x\n", 9) + "2,2\n", "2", `1 "n";2 "n";3 "n";4 "n";5 "n";6 "n";7 "n";8 "n";9 "n";`},
		"json":            {FormatJSONL, `{"id":1,"n":1}{"id":2,"n":"x","d":"x"}{"n":"y","id":3}{"id":4,"d":null}`, "1 4", "2 n;3 n;"},
		"json, nested":    {FormatJSONL, `{"id":1,"many":[{"n":1},{"n":"x"},{"n":3}]}{"id":2,"many":[{"n":"2"}]}{"id":3,"many":[{"n":1.5}]}`, "2", "1 many[].n;3 many[].n;"},
		"json, last only": {FormatJSONL, `[{"id":1,"n":1},{"id":2,"n":[1]}]`, "shape", ""},
	}
	for name, c := range cases {
		for _, rows := range []int{0, 1, 2} {
			t.Run(fmt.Sprint(name, rows), func(t *testing.T) {
				t.Parallel()
				var told strings.Builder
				o := Options{Format: c.format, Columns: csvColumns, BatchRows: rows, Allocator: checkedMemory(t)}
				if c.format == FormatJSONL {
					o.Columns = columns
				}
				o.Skip = func(e *Error) { fmt.Fprintf(&told, "%d %s;", e.Row, e.Column) }
				batch, err := tryRead(t.Context(), []byte(c.text), o)
				if c.good == "shape" {
					dataFault(t, err, "is a list in the source")
					return
				}
				must(t, err)
				defer batch.Release()
				var good []string
				for i := range int(batch.NumRows()) {
					good = append(good, batch.Column(0).ValueStr(i))
				}
				if got := strings.Join(good, " "); got != c.good || told.String() != c.bad {
					t.Errorf("rows %q, told %q, want %q and %q", got, told.String(), c.good, c.bad)
				}
			})
		}
	}
}

// TestSkipKeepsRest: what stands beside the rows that are left out is as it is
// without them, and an early Close frees what is not yet delivered.
func TestSkipKeepsRest(t *testing.T) {
	t.Parallel()
	const bad = `{"id":"bad","many":[{"text":"x","deep":[{"n":1,"any":[1]},{"n":"x"}]}],"tags":["y"],"map":{"k":"v"}}`
	good := strings.ReplaceAll(bad, `"n":"x"`, `"n":2`)
	o := Options{Format: FormatJSONL, Columns: nestedColumns(), Allocator: checkedMemory(t)}
	want := readAll(t, []byte(good+strings.Repeat(cutText+"{}", 4)), o)
	o.Skip = func(*Error) {}
	text := []byte(good + bad + strings.Repeat(cutText+"{}"+bad+bad, 4))
	sameRows(t, readAll(t, text, o), want)

	r, err := Open(source(text), o)
	must(t, err)
	batch, err := r.Next(t.Context())
	must(t, err)
	batch.Release()
	must(t, r.Close())
	if _, err := r.Next(t.Context()); err == nil || err == io.EOF {
		t.Errorf("Next after Close: %v", err)
	}
	if r.Rows() != 1 {
		t.Errorf("%d rows delivered", r.Rows())
	}
}

// TestSkipForgivesNoFault: faults of syntax end the read, and their row is not
// told as well.
func TestSkipForgivesNoFault(t *testing.T) {
	t.Parallel()
	for text, format := range map[string]Format{
		"n\n1\n\"x\n":                      FormatCSV,
		"n,m\n1,1\nx\n":                    FormatCSV,
		`{"n":1}{"n":"x","m":}`:            FormatJSONL,
		`{"n":1}{"n":"x","m":{"a":01}}`:    FormatJSONL,
		`{"n":1}{"n":"x","m":1,"m":2}`:     FormatJSONL,
		"{\"n\":1}{\"n\":\"x\",\"m\":\"\n": FormatJSONL,
	} {
		o := Options{Format: format, Columns: []Column{{"n", arrow.PrimitiveTypes.Int64}}, Allocator: checkedMemory(t)}
		o.Skip = func(e *Error) { t.Errorf("%q: told %v", text, e) }
		_, err := tryRead(t.Context(), []byte(text), o)
		if e := dataFault(t, err, ""); e.Row != 2 || strings.Contains(err.Error(), "64-bit") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
