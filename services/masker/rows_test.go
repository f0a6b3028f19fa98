package masker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// TestDuplicatesOfLongFiles proves that a key is found again when its first row was moved to disk long ago.
func TestDuplicatesOfLongFiles(t *testing.T) {
	t.Parallel()
	p := testPlan(t, "key: [id]\ntenant: {path: tenant}\nfields: [{path: id, keep: true}, {path: tenant, keep: true}]\n")
	const rows, again, elsewhere = 600_000, 1000, 10
	var in strings.Builder
	in.WriteString("id,tenant\n")
	for i := range rows {
		fmt.Fprintf(&in, "%d,acme\n", i)
	}
	for i := range again {
		fmt.Fprintf(&in, "%d,acme\n", i*77)
	}
	for i := range elsewhere {
		fmt.Fprintf(&in, "%d,globex\n", i*77)
	}
	dir := t.TempDir()
	_, r, err := run(t, p, "x.csv", in.String(), Options{Format: columnar.FormatCSV, TempDir: dir})
	if err != nil || r.RowsOut != rows+elsewhere || r.Rejects[ClassDuplicateKey] != again {
		t.Errorf("got %+v, %v, want %d duplicates", r, err, again)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, error %v", len(left), err)
	}
	_, _, err = run(t, p, "x.csv", in.String(), Options{Format: columnar.FormatCSV, TempDir: dir + "/none"})
	if pe := (*fs.PathError)(nil); class(err) != "" || !errors.As(err, &pe) || !strings.Contains(err.Error(), "row ids: create temporary file") {
		t.Errorf("without a temporary directory: %v", err)
	}
}

// BenchmarkRowIDs makes the ids of 16,384 rows; the figure of interest is ns/row.
func BenchmarkRowIDs(b *testing.B) {
	p := testPlan(b, "key: [id]\ntenant: {path: t}\nfields: [{path: t, keep: true}, {path: id, keep: true}]\n")
	const rows = columnar.DefaultBatchRows
	tenants, keys := array.NewStringBuilder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator)
	for i := range rows {
		tenants.Append("acme")
		keys.Append(fmt.Sprintf("5f3c9a1e-7d2b-4c8e-9f10-%012x", i))
	}
	f := flatFrame(p, []arrow.Array{tenants.NewArray(), keys.NewArray()}, rows)
	if err := f.own(""); err != nil {
		b.Fatal(err)
	}
	s, h := newScratch(p), newRowHash()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.ids(s, f, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
