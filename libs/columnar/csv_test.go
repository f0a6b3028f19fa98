package columnar

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// cellsOf shows rows as text: null is ∅.
func cellsOf(batch arrow.RecordBatch) string {
	var b strings.Builder
	for i := range int(batch.NumRows()) {
		for c, col := range batch.Columns() {
			if c > 0 {
				b.WriteByte('|')
			}
			if col.IsNull(i) {
				b.WriteString("∅")
			} else {
				b.WriteString(col.(*array.String).Value(i))
			}
		}
		b.WriteByte(';')
	}
	return b.String()
}

func TestCSVCells(t *testing.T) {
	t.Parallel()
	headless := CSV{Delimiter: ','}
	ab := []Column{{"a", nil}, {"b", nil}}
	cases := map[string]struct {
		text string
		o    Options
		want string
	}{
		"null and empty":       {"a,b\n,\"\"\n", Options{}, "∅|;"},
		"header only":          {"a,b\n", Options{}, ""},
		"header without end":   {"a,b", Options{}, ""},
		"spaces stay":          {"a,b\n x , y\n", Options{}, " x | y;"},
		"quotes":               {"a,b\n\"x\"\"y\",\"\"\"\"\n", Options{}, "x\"y|\";"},
		"delimiter in quotes":  {"a,b\n\"x,y\",z\n", Options{}, "x,y|z;"},
		"newlines in quotes":   {"a,b\r\n\"x\r\ny\",\"z\n\"\r\n", Options{}, "x\r\ny|z\n;"},
		"blank lines":          {"\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n", Options{}, "1|2;3|4;"},
		"one column":           {"a\nx\n\n\"\"\ny", Options{}, "x;∅;;y;"},
		"no last newline":      {"a,b\n1,", Options{}, "1|∅;"},
		"tab":                  {"a\tb\n1,2\t3\n", Options{CSV: CSV{Delimiter: '\t', Header: true}}, "1,2|3;"},
		"no header":            {"1,2\n3,4\n", Options{CSV: headless, Columns: ab}, "1|2;3|4;"},
		"no header, empty":     {"", Options{CSV: headless, Columns: ab}, ""},
		"no header, bom":       {"\ufeff1,2\n", Options{CSV: headless, Columns: ab}, "1|2;"},
		"no header, one null":  {"\nx\n", Options{CSV: headless, Columns: ab[:1]}, "∅;x;"},
		"quoted bom is text":   {"a,b\n\"\ufeff\",2\n", Options{}, "\ufeff|2;"},
		"nul byte":             {"a,b\n\x00,2\n", Options{}, "\x00|2;"},
		"quoted header":        {"\"a\",\"b\"\n1,2\n", Options{}, "1|2;"},
		"undeclared stay text": {"a,b\n007,1e5\n", Options{Columns: []Column{{"zz", arrow.PrimitiveTypes.Int64}}}, "007|1e5;"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.Format, c.o.Allocator = FormatCSV, checkedMemory(t)
			if got := cellsOf(readAll(t, []byte(c.text), c.o)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestCSVErrors(t *testing.T) {
	t.Parallel()
	small := Limits{MaxCellBytes: 8, MaxRowBytes: 12, MaxColumns: 3}
	cases := map[string]struct {
		text   string
		o      Options
		want   string
		row    int64
		column string
	}{
		"empty file":          {"", Options{}, "empty, not even a header", 0, ""},
		"only blank lines":    {"\n\n", Options{}, "empty, not even a header", 0, ""},
		"short row":           {"a,b\n1,2\nSECRET\n", Options{}, "1 cells, not 2", 2, ""},
		"long row":            {"a,b\n1,2,SECRET\n", Options{}, "3 cells, not 2", 1, ""},
		"same column":         {"a,b,a\n", Options{}, "twice", 0, `"a"`},
		"same secret column":  {"1,SECRET@x,SECRET@x\n", Options{}, "twice", 0, "at position 3"},
		"no name":             {"a,,b\n", Options{}, "column 2 has no name", 0, ""},
		"open quote":          {"a,b\n1,\"SECRET\n", Options{}, "ends inside a quoted cell", 1, ""},
		"bare quote":          {"a,b\nSECRET\"x,2\n", Options{}, "a quote inside", 1, ""},
		"after quote":         {"a,b\n\"1\"SECRET,2\n", Options{}, "after a closing quote", 1, ""},
		"bare cr":             {"a,b\n1,2\r3,4\n", Options{}, "carriage return", 1, ""},
		"mac lines":           {"a,b\r1,2\r", Options{}, "carriage return", 0, ""},
		"not utf8":            {"a,b\n1,SECRET\xff\n", Options{}, "UTF-8", 1, `"b"`},
		"halves of a rune":    {"a,b\n\xc3,\xa9\n", Options{}, "UTF-8", 1, `"a"`},
		"header not utf8":     {"a,\xff\n", Options{}, "UTF-8", 0, ""},
		"int":                 {"a,b\n1,2\n1,SECRET\n", Options{Columns: []Column{{"b", arrow.PrimitiveTypes.Int64}}}, "64-bit integer", 2, `"b"`},
		"quoted empty int":    {"a,b\n1,\"\"\n", Options{Columns: []Column{{"b", arrow.PrimitiveTypes.Int64}}}, "64-bit integer", 1, `"b"`},
		"large cell":          {"a,b\n123456789,2\n", Options{Limits: small}, "cell is larger than 8", 1, ""},
		"large quoted cell":   {"a,b\n\"123456789\",2\n", Options{Limits: small}, "cell is larger than 8", 1, ""},
		"large row":           {"a,b\n1234567,1234567\n", Options{Limits: small}, "row is larger than 12", 1, ""},
		"many columns":        {"a,b,c,d\n", Options{Limits: small}, "more than 3 columns", 0, ""},
		"no header, repeated": {"a,b\n1,2\n", Options{CSV: CSV{Delimiter: ','}, Columns: []Column{{"a", nil}, {"b", nil}}}, "has a header", 0, ""},
		"no header, ragged":   {"1,2,SECRET\n", Options{CSV: CSV{Delimiter: ','}, Columns: []Column{{"a", nil}, {"b", nil}}}, "3 cells, not 2", 1, ""},
		"no header, no names": {"1,2\n", Options{CSV: CSV{Delimiter: ','}}, "needs declared columns", 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.Format, c.o.Allocator = FormatCSV, checkedMemory(t)
			_, err := tryRead(t.Context(), []byte(c.text), c.o)
			e := dataFault(t, err, c.want, "SECRET")
			if e.Row != c.row || e.Column != c.column {
				t.Errorf("column %q row %d, want %q and %d", e.Column, e.Row, c.column, c.row)
			}
		})
	}
}

// TestCSVAcrossReads: cells that straddle the reads of the source are whole.
func TestCSVAcrossReads(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a,b\n")
	cell := strings.Repeat("x\"\"y,\n", 9973)
	for range 20 {
		b.WriteString(`"` + cell + `",` + strings.Repeat("z", 70_001) + "\r\n")
	}
	batch := readAll(t, []byte(b.String()), Options{Format: FormatCSV})
	want := strings.ReplaceAll(cell, `""`, `"`)
	for i := range 20 {
		if batch.Column(0).(*array.String).Value(i) != want || batch.Column(1).(*array.String).Value(i) != strings.Repeat("z", 70_001) {
			t.Fatalf("row %d differs", i+1)
		}
	}
}

// TestDeclaredTypesAreStrict also covers JSON Lines: both use the same parsers.
func TestDeclaredTypesAreStrict(t *testing.T) {
	t.Parallel()
	cases := []struct {
		dt        arrow.DataType
		good, bad []string
	}{
		{arrow.PrimitiveTypes.Int64,
			[]string{"0", "-0", "007", "9223372036854775807", "-9223372036854775808"},
			[]string{"+1", "1.0", "1e3", " 1", "1 ", "-", "0x1", "1_0", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "١"}},
		{arrow.PrimitiveTypes.Float64,
			[]string{"0", "-0.0", "1e3", "1E-3", "00.5", "NaN", "Inf", "-Inf"},
			[]string{"+1", ".5", "5.", "1e", "nan", "inf", "Infinity", "0x1p3", "1_0", "1e999", "--1", "1 "}},
		{arrow.FixedWidthTypes.Boolean, []string{"true", "false"}, []string{"True", "1", "t", "yes", "true "}},
		{arrow.FixedWidthTypes.Date32,
			[]string{"1970-01-01", "2024-02-29", "0000-01-01", "9999-12-31"},
			[]string{"2023-02-29", "2024-13-01", "2024-00-01", "2024-1-1", "01.02.2024", "2024-01-01T00:00:00Z", "2024-01-00", "-001-01-01", "2024-01-32"}},
		{decimal92,
			[]string{"0", "-0", "1.5", "1.50", "1.5000", "-9999999.99", "0000000000001.00"},
			[]string{"1.005", "10000000", "+1", "1e2", ".5", "5.", "1.2.3", "-", ".", "1,5"}},
		{&arrow.Decimal128Type{Precision: 38, Scale: 0},
			[]string{strings.Repeat("9", 38), "-" + strings.Repeat("9", 38)}, []string{strings.Repeat("9", 39)}},
		{millis,
			[]string{"2024-01-02T03:04:05Z", "2024-01-02 03:04:05.5Z", "2024-01-02T03:04:05.123000+14:00", "2024-01-02T03:04:05-00:30"},
			[]string{"2024-01-02T03:04:05", "2024-01-02", "2024-01-02T03:04:05.0001Z", "2024-01-02T24:00:00Z", "2024-01-02T03:04:60Z", "2024-01-02T03:04:05.Z", "2024-01-02t03:04:05z", "1704164645", "2024-01-02T03:04:05+0100", "2024-01-02T03:04:05.0000000001Z"}},
		{micros, []string{"2024-01-02T03:04:05.123456Z"}, []string{"2024-01-02T03:04:05.1234567Z"}},
	}
	for _, c := range cases {
		for _, text := range c.good {
			if _, err := tryRead(t.Context(), []byte("c\n"+text+"\n"), Options{Format: FormatCSV, Columns: []Column{{"c", c.dt}}}); err != nil {
				t.Errorf("%s refused %q: %v", c.dt, text, err)
			}
		}
		for _, text := range c.bad {
			_, err := tryRead(t.Context(), []byte("c\n\""+text+"\"\n"), Options{Format: FormatCSV, Columns: []Column{{"c", c.dt}}})
			if err == nil {
				t.Errorf("%s accepted %q", c.dt, text)
				continue
			}
			if e := dataFault(t, err, ""); e.Row != 1 || e.Column != `"c"` {
				t.Errorf("%s %q: %v", c.dt, text, err)
			}
		}
	}
}
