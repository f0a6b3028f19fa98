package columnar

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	decimal92 = &arrow.Decimal128Type{Precision: 9, Scale: 2}
	millis    = &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
	micros    = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
)

// mixed has a column of every declarable type.
func mixed() []Column {
	return []Column{
		{"id", nil},
		{"note", arrow.BinaryTypes.String},
		{"count", arrow.PrimitiveTypes.Int64},
		{"price", decimal92},
		{"ratio", arrow.PrimitiveTypes.Float64},
		{"open", arrow.FixedWidthTypes.Boolean},
		{"born", arrow.FixedWidthTypes.Date32},
		{"started", millis},
		{"ended", micros},
	}
}

const mixedCSV = `id,note,count,price,ratio,open,born,started,ended
r1,plain,1,1.50,0.5,true,1931-01-01,2024-01-02T03:04:05Z,2024-01-02T03:04:05.000001Z
r2,"",-9223372036854775808,-0.01,1e-7,false,0001-01-01,1969-12-31T23:59:59.999Z,2024-01-02T05:04:05.5+02:00
r3,,,,,,,,
r4,"a,""b""
c\d	é😀",9223372036854775807,9999999.99,-1.5e300,true,9999-12-31,9999-12-31T23:59:59.999Z,0000-01-01T00:00:00Z
`

const mixedJSONL = `{"id":"r1","note":"plain","count":1,"price":1.50,"ratio":0.5,"open":true,"born":"1931-01-01","started":"2024-01-02T03:04:05Z","ended":"2024-01-02T03:04:05.000001Z"}
 { "note" : "", "id" : "r2", "count" : "-9223372036854775808", "price":"-0.01", "ratio":1e-7, "open":"false", "born":"0001-01-01", "started":"1969-12-31T23:59:59.999Z", "ended":"2024-01-02 03:04:05.5Z" }

{"id":"r3","note":null,"count":null}
{"\u0069d":"r4","note":"a,\"b\"\nc\\d\té\ud83d\ude00","count":9223372036854775807,"price":9999999.99,"ratio":-1.5e300,"open":true,"born":"9999-12-31","started":"9999-12-31T23:59:59.999Z","ended":"0000-01-01T00:00:00Z"}`

func source(data []byte) Source { return bytes.NewReader(data) }

func zipped(t testing.TB, codec Codec, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	switch codec {
	case CodecNone:
		return data
	case CodecGzip:
		w = gzip.NewWriter(&buf)
	case CodecZstd:
		z, err := zstd.NewWriter(&buf)
		must(t, err)
		w = z
	}
	_, err := w.Write(data)
	must(t, err)
	must(t, w.Close())
	return buf.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// checked gives an allocator that must be balanced at the end of the test.
func checkedMemory(t testing.TB) memory.Allocator {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	t.Cleanup(func() { mem.AssertSize(t, 0) })
	return mem
}

// readAll joins all rows of an object into one batch.
func readAll(t testing.TB, data []byte, o Options) arrow.RecordBatch {
	t.Helper()
	batch, err := tryRead(t.Context(), data, o)
	must(t, err)
	t.Cleanup(batch.Release)
	return batch
}

func tryRead(ctx context.Context, data []byte, o Options) (arrow.RecordBatch, error) {
	r, err := Open(source(data), o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var rows int64
	parts := make([][]arrow.Array, r.Schema().NumFields())
	defer func() {
		for _, p := range parts {
			for _, a := range p {
				a.Release()
			}
		}
	}()
	for {
		batch, err := r.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if batch.NumRows() == 0 {
			return nil, errors.New("an empty batch")
		}
		rows += batch.NumRows()
		for i, col := range batch.Columns() {
			col.Retain()
			parts[i] = append(parts[i], col)
		}
		batch.Release()
	}
	if r.Rows() != rows {
		return nil, fmt.Errorf("Rows() = %d, delivered %d", r.Rows(), rows)
	}
	return join(r.Schema(), parts, rows)
}

func join(schema *arrow.Schema, parts [][]arrow.Array, rows int64) (arrow.RecordBatch, error) {
	columns := make([]arrow.Array, len(parts))
	for i, p := range parts {
		if len(p) == 0 {
			b := array.NewBuilder(memory.DefaultAllocator, schema.Field(i).Type)
			columns[i] = b.NewArray()
			b.Release()
		} else {
			joined, err := array.Concatenate(p, memory.DefaultAllocator)
			if err != nil {
				return nil, err
			}
			columns[i] = joined
		}
	}
	batch := array.NewRecordBatch(schema, columns, rows)
	for _, c := range columns {
		c.Release()
	}
	return batch, nil
}

// writeAll writes a batch in slices of the given size.
func writeAll(t testing.TB, batch arrow.RecordBatch, slice int64, o WriteOptions) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := NewWriter(&buf, batch.Schema(), o)
	must(t, err)
	for from := int64(0); from < batch.NumRows(); from += slice {
		part := batch.NewSlice(from, min(from+slice, batch.NumRows()))
		err := w.Write(part)
		part.Release()
		must(t, err)
	}
	must(t, w.Close())
	return buf.Bytes()
}

func sameRows(t testing.TB, got, want arrow.RecordBatch) {
	t.Helper()
	if !got.Schema().Equal(want.Schema()) {
		t.Fatalf("schema\n got %v\nwant %v", got.Schema(), want.Schema())
	}
	if got.NumRows() != want.NumRows() {
		t.Fatalf("%d rows, want %d", got.NumRows(), want.NumRows())
	}
	for i := range int(want.NumCols()) {
		if !array.Equal(got.Column(i), want.Column(i)) {
			t.Errorf("column %s\n got %v\nwant %v", want.ColumnName(i), got.Column(i), want.Column(i))
		}
	}
}

// dataFault fails unless err is an *Error whose text holds want and no secret.
func dataFault(t testing.TB, err error, want string, secrets ...string) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error %v (%T), want an *Error about %q", err, err, want)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q, want %q in it", err, want)
	}
	for _, s := range secrets {
		if strings.Contains(err.Error(), s) {
			t.Errorf("error %q repeats data", err)
		}
	}
	return e
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs\n got %s\nwant %s", path, got, want)
	}
}
