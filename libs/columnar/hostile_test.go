package columnar

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// TestHostileCSV: text made to cost much gives an error, or its rows, in every
// dialect.
func TestHostileCSV(t *testing.T) {
	t.Parallel()
	const small, mega = 64 << 10, 1 << 20
	dialects := map[string]CSV{
		"default":   DefaultCSV(),
		"escapes":   {Delimiter: '\t', Header: true, Escape: '\\', Null: []string{`\N`}},
		"no quotes": {Delimiter: ';', Header: true, Quote: NoQuote},
		"utf-16":    {Delimiter: ',', Header: true, Encoding: "utf-16le"},
	}
	cases := map[string]struct {
		text string // with , as the delimiter
		want string // of the error, "" for rows
		rows int64
	}{
		"100,000 columns":     {strings.Repeat("x,", 100_000) + "\n", "more than 10000 columns", 0},
		"100,000 cells":       {"a,b\n" + strings.Repeat(",", 100_000) + "\n", "more than 10000 columns", 0},
		"cell of 10 MB":       {"a,b\n" + strings.Repeat("é", 5*mega) + ",x\n", "", 1},
		"cell, small":         {"a,b\n" + strings.Repeat("x", 2*small) + ",x\n", "a cell is larger than", 0},
		"name, small":         {strings.Repeat("x", 2*small) + ",b\n", "a cell is larger than", 0},
		"row, small":          {"a,b,c,d,e,f,g,h,i,j\n" + strings.Repeat(strings.Repeat("x", small/2)+",", 9) + "x\n", "a row is larger than", 0},
		"many blanks":         {strings.Repeat("\n", mega/4) + "a,b\n" + strings.Repeat("\n", mega/4) + "1,2\n", "", 1},
		"many short rows":     {"a,b\n" + strings.Repeat(",\n", mega/8), "", mega / 8},
		"no line end, small":  {"a,b\n1,2\n" + strings.Repeat("x", 2*small), "a cell is larger than", 0},
		"10,000 columns wide": {wideCSV(10_000, 30), "", 30},
	}
	for name, c := range cases {
		for dialectName, dialect := range dialects {
			t.Run(name+"/"+dialectName, func(t *testing.T) {
				text := strings.ReplaceAll(c.text, ",", string(dialect.Delimiter))
				data := []byte(text)
				if dialect.Encoding != "" {
					data = utf16Of(text)
				}
				limits := Limits{MaxMemory: 256 << 20}
				if strings.HasSuffix(name, "small") {
					limits.MaxCellBytes, limits.MaxRowBytes = small, 4*small
				}
				rows, err := readRows(t, data, Options{Format: FormatCSV, CSV: dialect, Limits: limits})
				switch {
				case c.want != "":
					dataFault(t, err, c.want)
				case err != nil || rows != c.rows:
					t.Errorf("%d rows, %v, want %d", rows, err, c.rows)
				}
			})
		}
	}
	t.Run("quotes and escapes alone", func(t *testing.T) {
		for _, unit := range []string{`"`, `""`, `\`, `\"`, `"\`} {
			_, err := readRows(t, []byte("a\n\""+strings.Repeat(unit, mega/len(unit))+"\n"), Options{Format: FormatCSV, CSV: CSV{Escape: '\\'}})
			if err != nil {
				dataFault(t, err, "")
			}
		}
	})
}

// wideCSV has n columns and some rows of empty cells.
func wideCSV(columns, rows int) string {
	var b strings.Builder
	for i := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "c%d", i)
	}
	b.WriteByte('\n')
	b.WriteString(strings.Repeat(strings.Repeat(",", columns-1)+"\n", rows))
	return b.String()
}

// utf16Of encodes text of the first 256 characters, little endian.
func utf16Of(text string) []byte {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

// TestBombsInEveryEncoding: the ratio is that of the bytes before they are decoded.
func TestBombsInEveryEncoding(t *testing.T) {
	t.Parallel()
	text := utf16Of("a\n" + strings.Repeat("x\n", 1<<20))
	for _, codec := range []Codec{CodecGzip, CodecZstd} {
		_, err := readRows(t, zipped(t, codec, text), Options{Format: FormatCSV, Codec: codec, CSV: CSV{Encoding: "utf-16le"}, Limits: Limits{RatioFree: 1 << 20}})
		dataFault(t, err, "200 times its size")
	}
}

// TestTruncatedDialects: wherever a file ends, there are no more rows than lines,
// and what is wrong is an Error.
func TestTruncatedDialects(t *testing.T) {
	t.Parallel()
	const text = "näme,b\n1,\"x\ny\\\"\"\n\\N,\\,\n\"\"\"\",3\n"
	dialects := map[string]CSV{
		"escapes":      {Delimiter: ',', Header: true, Escape: '\\', Null: []string{`\N`}},
		"no quotes":    {Delimiter: ',', Header: true, Quote: NoQuote, Escape: '\\', Null: []string{`\N`}},
		"utf-16le":     {Escape: '\\', Null: []string{`\N`}, Encoding: "utf-16le"},
		"windows-1252": {Escape: '\\', Null: []string{`\N`}, Encoding: "windows-1252"},
	}
	for name, dialect := range dialects {
		data := []byte(text)
		if dialect.Encoding == "utf-16le" {
			data = utf16Of(text)
		}
		for n := range data {
			rows, err := readRows(t, data[:n], Options{Format: FormatCSV, CSV: dialect})
			if lines := int64(bytes.Count(data[:n], []byte("\n"))); err == nil && rows > lines+1 {
				t.Errorf("%s: %d bytes gave %d rows of %d lines", name, n, rows, lines)
			}
			if err != nil {
				dataFault(t, err, "")
			}
		}
	}
}

// TestLargeCells: Parquet cells of 10 MB are read where memory allows, one by one
// if need be, and refused where it does not.
func TestLargeCells(t *testing.T) {
	t.Parallel()
	const rows = 3
	rnd := rand.NewChaCha8([32]byte{1})
	cells := make([][]string, rows)
	for i := range cells {
		noise := make([]byte, 5<<20)
		_, err := rnd.Read(noise)
		must(t, err)
		cells[i] = []string{hex.EncodeToString(noise)}
	}
	want := textBatch(t, []string{"big"}, cells...)
	data := writeAll(t, want, rows, WriteOptions{Format: FormatParquet})
	got := readAll(t, data, Options{Format: FormatParquet, Limits: Limits{MaxMemory: 256 << 20}})
	if !array.Equal(got.Column(0), want.Column(0)) {
		t.Error("cells differ")
	}
	_, err := readRows(t, data, Options{Format: FormatParquet, Limits: Limits{MaxMemory: 8 << 20}})
	dataFault(t, err, "memory that are allowed")
}
