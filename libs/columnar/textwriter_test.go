package columnar

import (
	"bytes"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// chunks keeps the sizes of what is written.
type chunks struct {
	bytes.Buffer
	sizes []int
}

func (c *chunks) Write(p []byte) (int, error) {
	c.sizes = append(c.sizes, len(p))
	return c.Buffer.Write(p)
}

// TestTextInWholePages holds the writer to writes that begin and end between pages.
func TestTextInWholePages(t *testing.T) {
	t.Parallel()
	long := string(bytes.Repeat([]byte("x"), 3*flushAt+5))
	values := []string{long, "short"}
	for range 40_000 {
		values = append(values, "some text", "")
	}
	batch := stringsBatch(t, values...)
	defer batch.Release()
	var out chunks
	w, err := NewWriter(&out, batch.Schema(), WriteOptions{Format: FormatJSONL})
	must(t, err)
	must(t, w.Write(batch))
	must(t, w.Close())
	for i, n := range out.sizes[:len(out.sizes)-1] {
		if n == 0 || n%flushAt != 0 {
			t.Errorf("write %d has %d bytes", i+1, n)
		}
	}
	back := readAll(t, out.Bytes(), Options{Format: FormatJSONL})
	defer back.Release()
	for i, want := range values {
		if got := back.Column(0).(*array.String).Value(i); got != want {
			t.Fatalf("row %d has %d bytes, want %d", i+1, len(got), len(want))
		}
	}
}
