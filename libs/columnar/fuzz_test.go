package columnar

import (
	"bytes"
	"encoding/csv"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
)

var fuzzLimits = Limits{MaxMemory: 64 << 20, MaxFooter: 1 << 20, MaxColumns: 1000}

func FuzzParquet(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzRead(t, data, Options{Format: FormatParquet, Limits: fuzzLimits}) })
}

// FuzzParquetBody keeps the footer, so that pages are reached.
func FuzzParquetBody(f *testing.F) {
	whole := nestedParquet(f)
	m := footerOf(f, whole)
	body := len(whole) - parquetTail - m.Size()
	f.Add(whole[:body])
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > body {
			data = data[:body]
		}
		fuzzRead(t, append(append(bytes.Clone(data), whole[len(data):body]...), whole[body:]...), Options{Format: FormatParquet, Limits: fuzzLimits})
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(mixedCSV))
	f.Add([]byte("a,b\r\n\"\",\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzRead(t, data, Options{Format: FormatCSV, Columns: mixed(), Limits: fuzzLimits})
		fuzzText(t, data, FormatCSV)
		compareCSV(t, data)
	})
}

func FuzzJSONL(f *testing.F) {
	f.Add([]byte(mixedJSONL))
	f.Add([]byte(`{"a":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzRead(t, data, Options{Format: FormatJSONL, Columns: mixed(), Limits: fuzzLimits})
		fuzzText(t, data, FormatJSONL)
	})
}

func FuzzCompressed(f *testing.F) {
	f.Add(zipped(f, CodecGzip, []byte(mixedCSV)), true)
	f.Add(zipped(f, CodecZstd, []byte(mixedCSV)), false)
	f.Fuzz(func(t *testing.T, data []byte, gz bool) {
		codec := CodecZstd
		if gz {
			codec = CodecGzip
		}
		fuzzRead(t, data, Options{Format: FormatCSV, Codec: codec, Limits: fuzzLimits})
	})
}

func FuzzDetect(f *testing.F) {
	f.Add("x.csv", []byte("a,b"))
	f.Add("x", zipped(f, CodecZstd, []byte("{}")))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		if _, _, err := Detect(name, source(data)); err != nil {
			dataFault(t, err, "")
		}
	})
}

func fuzzRead(t *testing.T, data []byte, o Options) {
	batch, err := tryRead(t.Context(), data, o)
	if err != nil {
		e := dataFault(t, err, "")
		if p, panicked := errors.AsType[*PanicError](e); panicked && o.Format != FormatParquet {
			t.Errorf("our own code panicked at %s", p.Place)
		}
		return
	}
	batch.Release()
}

// fuzzText: text that reads as strings writes and reads back the same.
func fuzzText(t *testing.T, data []byte, format Format) {
	batch, err := tryRead(t.Context(), data, Options{Format: format, Limits: fuzzLimits})
	if err != nil {
		return
	}
	defer batch.Release()
	again, err := tryRead(t.Context(), writeAll(t, batch, 3, WriteOptions{Format: format}), Options{Format: format})
	must(t, err)
	defer again.Release()
	if batch.NumRows() > 0 {
		sameRows(t, again, batch)
	}
}

// compareCSV: in the default dialect, a text that we take means to encoding/csv
// what it means to us, and what only encoding/csv takes we refuse for a reason
// that it has not.
func compareCSV(t *testing.T, data []byte) {
	text := bytes.TrimPrefix(data, utf8BOM)
	std := csv.NewReader(bytes.NewReader(text))
	std.FieldsPerRecord = -1
	want, stdErr := std.ReadAll()
	batch, err := tryRead(t.Context(), data, Options{Format: FormatCSV, Limits: fuzzLimits})
	if err != nil {
		if stdErr == nil && !strictReason.MatchString(err.Error()) {
			t.Errorf("refused what encoding/csv takes: %v", err)
		}
		return
	}
	defer batch.Release()
	if stdErr != nil {
		t.Fatalf("took what encoding/csv refuses: %v", stdErr)
	}
	var got [][]string
	for i := range int(batch.NumRows()) {
		if batch.NumCols() == 1 && batch.Column(0).IsNull(i) {
			continue // an empty line, which encoding/csv skips
		}
		row := make([]string, batch.NumCols())
		for c, col := range batch.Columns() {
			if col.IsValid(i) {
				row[c] = strings.ReplaceAll(col.(*array.String).Value(i), "\r\n", "\n")
			}
		}
		got = append(got, row)
	}
	if !slices.EqualFunc(got, want[1:], slices.Equal[[]string]) {
		t.Errorf("got %q, encoding/csv has %q", got, want[1:])
	}
}

// strictReason is what encoding/csv lets pass: rows of any length, any bytes, any
// header, and a carriage return anywhere.
var strictReason = regexp.MustCompile("cells, not|UTF-8|UTF-16|NUL|carriage return|header|twice|larger than|more than|memory")
