package chunkread

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// TestFilesOfOthers compares every flat column of the files that other writers
// made with what pqarrow reads.
func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/parquet/*.parquet")
	must(t, err)
	if len(files) < 28 {
		t.Fatalf("%d files", len(files))
	}
	total := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		must(t, err)
		if shown, err := os.ReadFile(strings.TrimSuffix(name, "parquet") + "txt"); err != nil || bytes.HasPrefix(shown, []byte("refused")) {
			continue // one that cannot be read; tests of damage are for those
		}
		r, err := file.OpenParquetFile(name, false)
		if err != nil {
			continue // one of those that nobody can read
		}
		columns := r.MetaData().Schema.NumColumns()
		flat := r.MetaData().Schema.Root().NumFields() == columns
		_ = r.Close()
		if !flat {
			t.Logf("%s: nested", filepath.Base(name))
			continue
		}
		for col := range columns {
			for g, c := range chunks(t, data, col) {
				if !Supported(c) {
					t.Logf("%s: %s as %s not supported: %v", filepath.Base(name), c.Leaf.PhysicalType(), c.Type, c.Meta.Encodings())
					continue
				}
				total++
				for _, window := range []int{7, 1 << 20} {
					c.Dictionary = window == 7
					got, err := readAll(data, c, window)
					if err != nil {
						t.Errorf("%s: column %d: %v", name, col, err)
						continue
					}
					want := expected(t, data, g, col)
					if !array.Equal(got, want) {
						t.Errorf("%s: column %d\n got %v\nwant %v", name, col, got, want)
					}
				}
			}
		}
	}
	t.Log(total)
}
