package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func TestDialectCells(t *testing.T) {
	t.Parallel()
	mysql := CSV{Delimiter: '\t', Header: true, Quote: NoQuote, Escape: '\\', Null: []string{`\N`}}
	hive := CSV{Delimiter: 1, Header: true, Quote: NoQuote, Escape: '\\', Null: []string{`\N`}}
	spark := CSV{Delimiter: ',', Header: true, Escape: '\\', Null: []string{"NULL", "n/a"}}
	cases := map[string]struct {
		text    string
		dialect CSV
		want    string
	}{
		"single quotes":         {"a;b\n'x;y';'it''s \"q\"'\n", CSV{Delimiter: ';', Header: true, Quote: '\''}, `x;y|it's "q";`},
		"empty in own quotes":   {"a;b\n'';\"\"\n", CSV{Delimiter: ';', Header: true, Quote: '\''}, `|"";`},
		"no quotes":             {"a,b\n\"x\",y\"z\n", CSV{Delimiter: ',', Header: true, Quote: NoQuote}, `"x"|y"z;`},
		"no quotes, null":       {"a,b\n,\"\"\n", CSV{Delimiter: ',', Header: true, Quote: NoQuote}, `∅|"";`},
		"null texts":            {"a,b\nNULL,n/a\n\"NULL\",null\n", spark, "∅|∅;NULL|null;"},
		"name like null":        {"NULL,b\nNULL,2\n", spark, "∅|2;"},
		"escaped quote":         {"a,b\n\"x\\\"y\",\"z\"\"\"\n", spark, `x"y|z";`},
		"escaped escape":        {"a,b\n\"x\\\\\",\\\\\n", spark, `x\|\;`},
		"escaped delimiter":     {"a,b\nx\\,y,\"p\\,q\"\n", spark, "x,y|p,q;"},
		"escaped line break":    {"a,b\nx\\\ny,2\n", spark, "x\ny|2;"},
		"mysql null":            {"a\tb\n\\N\t\\\\N\n", mysql, `∅|\N;`},
		"mysql tab and break":   {"a\tb\nx\\\ty\tp\\\nq\n", mysql, "x\ty|p\nq;"},
		"control delimiter":     {"a\x01b\nx\x01\\N\n", hive, "x|∅;"},
		"escape is the quote":   {"a,b\n\"x\"\"y\",2\n", CSV{Delimiter: ',', Header: true, Escape: '"'}, `x"y|2;`},
		"only an encoding":      {"a,b\n1,2\n", CSV{Encoding: "utf-8"}, "1|2;"},
		"letters as marks":      {"axb\nqxyqxz\n", CSV{Delimiter: 'x', Header: true, Quote: 'q'}, "xy|z;"},
		"escape between chars":  {"a,b\n\"é\\\"é\",2\n", spark, `é"é|2;`},
		"quoted text with null": {"a,b\n\"x NULL\",NULLS\n", spark, "x NULL|NULLS;"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := readAll(t, []byte(c.text), Options{Format: FormatCSV, CSV: c.dialect, Allocator: checkedMemory(t)})
			if got := cellsOf(batch); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			plain := c.dialect
			plain.Encoding = ""
			if again := cellsOf(readAll(t, writeAll(t, batch, 1, WriteOptions{Format: FormatCSV, CSV: plain}), Options{Format: FormatCSV, CSV: plain})); again != c.want {
				t.Errorf("written and read again: %q, want %q", again, c.want)
			}
		})
	}
}

func TestDialectErrors(t *testing.T) {
	t.Parallel()
	spark := CSV{Delimiter: ',', Header: true, Escape: '\\', Null: []string{`\N`}}
	cases := map[string]struct {
		text    string
		dialect CSV
		want    string
		row     int64
		column  string
	}{
		"stray escape":        {"a,b\n1,SECRET\\d\n", spark, "before a character that needs none", 1, `"b"`},
		"stray quoted escape": {"a,b\n1,\"SECRET\\d\"\n", spark, "before a character that needs none", 1, `"b"`},
		"quoted null text":    {"a,b\n1,\"\\N\"\n", spark, "before a character that needs none", 1, `"b"`},
		"stray in the header": {"a,SECRET\\d\n", spark, "before a character that needs none", 0, ""},
		"escape at the end":   {"a,b\n1,SECRET\\", spark, "ends after an escape", 1, ""},
		"escaped last quote":  {"a,b\n1,\"SECRET\\\"", spark, "ends inside a quoted cell", 1, ""},
		"escape after quote":  {"a,b\n1,\"SECRET\"\\,\n", spark, "after a closing quote", 1, ""},
		"utf-16 unannounced":  {"\xff\xfea\x00\n\x00", CSV{}, "set source.csv.encoding to utf-16", 0, ""},
		"utf-16 without mark": {"a\x00\n\x00", CSV{Encoding: "utf-16"}, "utf-16le or utf-16be", 0, ""},
		"utf-16 as utf-8":     {"a\x00,\x00b\x00\n\x00", CSV{}, "utf-16le or utf-16be", 0, ""},
		"other byte order":    {"\xfe\xff\x00a\x00\n", CSV{Encoding: "utf-16le"}, "other byte order", 0, ""},
		"utf-8 as latin":      {"\ufeffa\n", CSV{Encoding: "windows-1252"}, "leave source.csv.encoding out", 0, ""},
		"half a unit":         {"a\x00\n\x00b\x00\n", CSV{Encoding: "utf-16le"}, "not valid UTF-16", 1, ""},
		"lone first half":     {"a\x00\n\x00\x3d\xd8b\x00\n\x00", CSV{Encoding: "utf-16le"}, "not valid UTF-16", 1, ""},
		"lone second half":    {"\x00a\x00\n\xde\x00\x00\n", CSV{Encoding: "utf-16be"}, "not valid UTF-16", 1, ""},
		"two first halves":    {"\x00a\x00\n\xd8\x3d\xd8\x3d\xde\x00\x00\n", CSV{Encoding: "utf-16be"}, "not valid UTF-16", 1, ""},
		"first half at end":   {"\x00a\x00\n\x00x\x00\n\xd8\x3d", CSV{Encoding: "utf-16be"}, "not valid UTF-16", 2, ""},
		"undefined byte":      {"a\nx\n\x81\n", CSV{Encoding: "windows-1252"}, "does not define", 2, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tryRead(t.Context(), []byte(c.text), Options{Format: FormatCSV, CSV: c.dialect, Allocator: checkedMemory(t)})
			e := dataFault(t, err, c.want, "SECRET")
			if e.Row != c.row || e.Column != c.column {
				t.Errorf("column %q row %d, want %q and %d", e.Column, e.Row, c.column, c.row)
			}
		})
	}
}

func TestDialectsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	cases := map[string]CSV{
		"quote is delimiter":    {Delimiter: ',', Quote: ','},
		"default quote taken":   {Delimiter: '"'},
		"wide quote":            {Quote: '«'},
		"negative quote":        {Quote: -2},
		"line break as quote":   {Quote: '\n'},
		"escape is delimiter":   {Delimiter: ',', Escape: ','},
		"wide escape":           {Escape: '→'},
		"unknown encoding":      {Encoding: "UTF-8"},
		"null with delimiter":   {Null: []string{"a,b"}},
		"null with quote":       {Null: []string{`"`}},
		"null with line break":  {Null: []string{"x\n"}},
		"null with escape":      {Escape: '\\', Null: []string{`\\`}},
		"null that is no UTF-8": {Null: []string{"\xff"}},
	}
	for name, dialect := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(source([]byte("a\n1\n")), Options{Format: FormatCSV, CSV: dialect})
			if _, isData := errors.AsType[*Error](err); err == nil || isData {
				t.Errorf("reading: %v", err)
			}
			if _, err := NewWriter(new(bytes.Buffer), textSchema("a"), WriteOptions{Format: FormatCSV, CSV: dialect}); err == nil {
				t.Error("accepted for writing")
			}
		})
	}
	for _, name := range csvEncodings[2:] {
		if _, err := NewWriter(new(bytes.Buffer), textSchema("a"), WriteOptions{Format: FormatCSV, CSV: CSV{Encoding: name}}); err == nil {
			t.Errorf("%s: writing was accepted", name)
		}
	}
}

func textSchema(names ...string) *arrow.Schema {
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		fields[i] = arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// textBatch has one row per slice of cells; "∅" is null.
func textBatch(t testing.TB, names []string, rows ...[]string) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, textSchema(names...))
	defer b.Release()
	for _, row := range rows {
		for i, cell := range row {
			if cell == "∅" {
				b.Field(i).AppendNull()
			} else {
				b.Field(i).(*array.StringBuilder).Append(cell)
			}
		}
	}
	batch := b.NewRecordBatch()
	t.Cleanup(batch.Release)
	return batch
}

// TestDialectCannotWrite: what would not read back equal is refused.
func TestDialectCannotWrite(t *testing.T) {
	t.Parallel()
	bare := CSV{Delimiter: ',', Header: true, Quote: NoQuote, Null: []string{"NULL"}}
	escaping := CSV{Delimiter: ',', Header: true, Quote: NoQuote, Escape: '\\', Null: []string{"NULL"}}
	cases := map[string]struct {
		dialect CSV
		names   []string
		row     []string
		want    string
	}{
		"delimiter":          {bare, []string{"a", "b"}, []string{"SECRET,", "x"}, "needs quotes"},
		"line break":         {bare, []string{"a", "b"}, []string{"SECRET\n", "x"}, "needs quotes"},
		"empty":              {bare, []string{"a", "b"}, []string{"", "x"}, "needs quotes"},
		"escaping empty":     {escaping, []string{"a", "b"}, []string{"", "x"}, "needs quotes"},
		"null text":          {bare, []string{"a", "b"}, []string{"NULL", "x"}, "needs quotes"},
		"escaping null text": {escaping, []string{"a", "b"}, []string{"NULL", "x"}, "needs quotes"},
		"byte order mark":    {CSV{Delimiter: ',', Quote: NoQuote}, []string{"a", "b"}, []string{"\ufeffSECRET", "x"}, "needs quotes"},
		"like the names":     {CSV{Delimiter: ','}, []string{"a", "b"}, []string{"a", "b"}, "reads as a header"},
		"name with NUL":      {CSV{}, []string{"a\x00", "b"}, []string{"1", "2"}, "NUL"},
		"no name":            {CSV{}, []string{"a", ""}, []string{"1", "2"}, "no name"},
		"same name":          {CSV{}, []string{"a", "a"}, []string{"1", "2"}, "twice"},
		"name with break":    {bare, []string{"a\n", "b"}, []string{"1", "2"}, "needs quotes"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := textBatch(t, c.names, c.row)
			w, err := NewWriter(new(bytes.Buffer), batch.Schema(), WriteOptions{Format: FormatCSV, CSV: c.dialect})
			if err == nil {
				err = w.Write(batch)
			}
			dataFault(t, err, c.want, "SECRET")
		})
	}
	// The mark is text anywhere but at the beginning of the file.
	batch := textBatch(t, []string{"a", "b"}, []string{"x", "\ufeff"}, []string{"\ufeff", "y"})
	sameRows(t, readAll(t, writeAll(t, batch, 2, WriteOptions{Format: FormatCSV, CSV: bare}), Options{Format: FormatCSV, CSV: bare}), batch)
}

// TestEncodings: the same rows from every encoding that has their characters,
// plain and compressed, also where characters straddle reads.
func TestEncodings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é\"\"x", 50_001)
	cases := map[string]struct {
		name string // of CSV.Encoding
		enc  encoding.Encoding
		mark string
		wide string // characters beyond the western ones
	}{
		"utf-8":           {"utf-8", unicode.UTF8, "\ufeff", "😀 ł"},
		"utf-16":          {"utf-16", unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), "", "😀 ł"},
		"utf-16 big":      {"utf-16", unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), "", "😀 \ufffd"},
		"utf-16le":        {"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "", "😀 \ufeff"},
		"utf-16le marked": {"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "", "😀 ł"},
		"utf-16be":        {"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "", "😀 ł"},
		"windows-1252":    {"windows-1252", charmap.Windows1252, "", "€ ž"},
		"iso-8859-1":      {"iso-8859-1", charmap.ISO8859_1, "", "ÿ \u0081"},
	}
	for name, c := range cases {
		for _, codec := range []Codec{CodecNone, CodecGzip, CodecZstd} {
			t.Run(fmt.Sprint(name, codec), func(t *testing.T) {
				t.Parallel()
				text := "näme,b\n" + c.wide + ",\"" + long + "\"\n,\"\"\n"
				data, err := c.enc.NewEncoder().Bytes([]byte(c.mark + text))
				must(t, err)
				data = zipped(t, codec, data)
				format, detected, err := Detect("x.csv", source(data))
				if err != nil || format != FormatCSV || detected != codec {
					t.Errorf("detected %s %s %v", format, detected, err)
				}
				batch := readAll(t, data, Options{Format: FormatCSV, Codec: codec, CSV: CSV{Encoding: c.name}, Allocator: checkedMemory(t)})
				if want := c.wide + "|" + strings.ReplaceAll(long, `""`, `"`) + ";∅|;"; cellsOf(batch) != want || batch.ColumnName(0) != "näme" {
					t.Errorf("%s: cells differ", batch.ColumnName(0))
				}
			})
		}
	}
}

// TestEveryByteOfACharacterSet: each byte is its character, or refused.
func TestEveryByteOfACharacterSet(t *testing.T) {
	t.Parallel()
	undefined := map[string]string{"windows-1252": "\x81\x8d\x8f\x90\x9d", "iso-8859-1": ""}
	sets := map[string]*charmap.Charmap{"windows-1252": charmap.Windows1252, "iso-8859-1": charmap.ISO8859_1}
	for name, set := range sets {
		for c := range 256 {
			batch, err := tryRead(t.Context(), append([]byte("a,b\nx,\""), byte(c), '"', '\n'), Options{Format: FormatCSV, CSV: CSV{Encoding: name}})
			switch bad := strings.IndexByte(undefined[name], byte(c)) >= 0; {
			case c == '"':
			case bad != (err != nil):
				t.Errorf("%s %#02x: %v", name, c, err)
			case err == nil && cellsOf(batch) != "x|"+string(set.DecodeByte(byte(c)))+";":
				t.Errorf("%s %#02x is %q", name, c, cellsOf(batch))
			}
			if batch != nil {
				batch.Release()
			}
		}
	}
}

// dialectOf makes a dialect of fuzzed bytes, one that makes no sense now and then.
func dialectOf(delimiter, quote, escape byte, header bool, null string) CSV {
	d := CSV{Delimiter: rune(delimiter % 128), Header: header, Quote: rune(quote % 128), Escape: rune(escape % 128), Null: []string{null}}
	if quote >= 128 {
		d.Quote = NoQuote
	}
	return d
}

// FuzzDialect: rows that are written read back equal, in every dialect.
func FuzzDialect(f *testing.F) {
	f.Add(byte(','), byte('"'), byte(0), true, "", "a", "b\"c", "d,e\nf", true)
	f.Add(byte('\t'), byte(255), byte('\\'), true, `\N`, `\N`, "x\\", "\t\r\n", false)
	f.Add(byte(';'), byte('\''), byte('\\'), false, "NULL", "NULL", "", "it's", true)
	f.Add(byte('n'), byte('q'), byte('e'), false, "N", "\ufeff", "nqe", "a", false)
	f.Fuzz(func(t *testing.T, delimiter, quote, escape byte, header bool, null, a, b, c string, second bool) {
		dialect := dialectOf(delimiter, quote, escape, header, null)
		if d, err := dialect.withDefaults(); err != nil || !utf8.ValidString(a) || !utf8.ValidString(b) || !utf8.ValidString(c) {
			return
		} else {
			dialect = d
		}
		names := []string{"a", "b"}
		rows := [][]string{{a, b}, {c, "∅"}, {"∅", a}, {b, c}}
		if !second {
			names = names[:1]
			rows = [][]string{{a}, {"∅"}, {b}, {c}}
		}
		want := textBatch(t, names, rows...)
		var buf bytes.Buffer
		w, err := NewWriter(&buf, want.Schema(), WriteOptions{Format: FormatCSV, CSV: dialect})
		if err == nil {
			err = errors.Join(w.Write(want), w.Close())
		}
		if err != nil {
			if dialect.Quote != NoQuote && !strings.Contains(err.Error(), "reads as a header") {
				t.Fatalf("a dialect with quotes cannot write: %v", err)
			}
			return
		}
		sameRows(t, readAll(t, buf.Bytes(), Options{Format: FormatCSV, CSV: dialect, Columns: declared(want.Schema())}), want)
	})
}

// FuzzEncoding: what decodes encodes back to the bytes it was, so that nothing
// was replaced on the way.
func FuzzEncoding(f *testing.F) {
	codes := map[string]encoding.Encoding{
		"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
		"windows-1252": charmap.Windows1252,
		"iso-8859-1":   charmap.ISO8859_1,
	}
	for name := range codes {
		f.Add(name, []byte("\x3d\xd8\x00\xde"))
		f.Add(name, []byte("a\x00\xff\xfd"))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		code, ok := codes[name]
		if !ok {
			return
		}
		s, err := openBytes(track(source(data)), CodecNone, DefaultLimits())
		must(t, err)
		r, err := decodeCSV(s, name)
		if err != nil {
			return
		}
		text, err := io.ReadAll(iotest.OneByteReader(r))
		if err != nil {
			return
		}
		again, err := code.NewEncoder().Bytes(text)
		must(t, err)
		switch name {
		case "utf-16le":
			data = bytes.TrimPrefix(data, utf16LE)
		case "utf-16be":
			data = bytes.TrimPrefix(data, utf16BE)
		}
		if !bytes.Equal(again, data) {
			t.Errorf("%x decodes to %q, which is %x", data, text, again)
		}
	})
}
