package columnar

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/array"
)

var fuzzLimits = Limits{MaxMemory: 64 << 20, MaxFooter: 1 << 20, MaxColumns: 1000}

func FuzzParquet(f *testing.F) {
	f.Add(smallParquet(f))
	f.Add(nestedParquet(f))
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
	})
}

func FuzzJSONL(f *testing.F) {
	f.Add([]byte(mixedJSONL))
	f.Add([]byte(`{"a":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzRead(t, data, Options{Format: FormatJSONL, Columns: mixed(), Limits: fuzzLimits})
		fuzzText(t, data, FormatJSONL)
		compareJSON(t, data)
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

// compareJSON: a line that we take means to encoding/json what it means to us.
func compareJSON(t *testing.T, data []byte) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	batch, err := tryRead(t.Context(), line, Options{Format: FormatJSONL, Limits: fuzzLimits})
	if err != nil || batch.NumRows() == 0 {
		var any map[string]string
		if err != nil && utf8.Valid(line) && json.Unmarshal(line, &any) == nil && len(any) > 0 && !strings.Contains(string(line), `\`) && !strings.Contains(err.Error(), "twice") && !strings.Contains(err.Error(), "empty name") {
			t.Errorf("refused what encoding/json takes: %v", err)
		}
		if batch != nil {
			batch.Release()
		}
		return
	}
	defer batch.Release()
	var want map[string]any
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(line, utf8BOM)))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Fatalf("took what encoding/json refuses: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatal("took text after the object")
	}
	for i, f := range batch.Schema().Fields() {
		col := batch.Column(i).(*array.String)
		switch v := want[f.Name].(type) {
		case nil:
			if !col.IsNull(0) {
				t.Errorf("%q is not null", f.Name)
			}
		case string:
			if col.Value(0) != v {
				t.Errorf("%q is %q, want %q", f.Name, col.Value(0), v)
			}
		case json.Number:
			if col.Value(0) != v.String() {
				t.Errorf("%q is %q, want %q", f.Name, col.Value(0), v)
			}
		case bool:
			if col.Value(0) != map[bool]string{true: "true", false: "false"}[v] {
				t.Errorf("%q is %q, want %t", f.Name, col.Value(0), v)
			}
		}
	}
	if len(want) != batch.Schema().NumFields() {
		t.Errorf("%d members, want %d", batch.Schema().NumFields(), len(want))
	}
}
