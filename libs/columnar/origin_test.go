package columnar

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

const shownRows = 12 // of a golden file; the digest is of all

// TestParquetOfManyOrigins reads files of other writers, of which
// testdata/parquet/README.md tells, and compares with renderings that were
// checked by eye and, in services/loader, with DuckDB.
func TestParquetOfManyOrigins(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/parquet/*.parquet")
	must(t, err)
	if len(files) < 20 {
		t.Fatalf("%d files", len(files))
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(path)
			must(t, err)
			golden(t, filepath.Join("parquet", strings.TrimSuffix(filepath.Base(path), ".parquet")+".txt"), rendering(t, data))
		})
	}
}

// rendering is the schema and the rows of a Parquet file, or why it is refused.
func rendering(t *testing.T, data []byte) []byte {
	batch, err := tryRead(t.Context(), data, Options{Format: FormatParquet})
	if err != nil {
		dataFault(t, err, "")
		return fmt.Appendf(nil, "refused: %v\n", err)
	}
	defer batch.Release()
	var b strings.Builder
	fmt.Fprintf(&b, "layout: %s\n", layout(footerOf(t, data)))
	for _, f := range batch.Schema().Fields() {
		fmt.Fprintf(&b, "column %q: %s, nullable %t\n", f.Name, f.Type, f.Nullable)
	}
	fmt.Fprintf(&b, "rows: %d\n", batch.NumRows())
	digest := sha256.New()
	for i := range int(batch.NumRows()) {
		row := ""
		for c, col := range batch.Columns() {
			if c > 0 {
				row += " | "
			}
			row += cellText(t, col, i)
		}
		fmt.Fprintln(digest, row)
		if i < shownRows {
			fmt.Fprintln(&b, row)
		}
	}
	fmt.Fprintf(&b, "digest: %x\n", digest.Sum(nil))
	return []byte(b.String())
}

// layout names codecs, encodings and the number of row groups.
func layout(m *metadata.FileMetaData) string {
	seen := map[string]bool{}
	var words []string
	for _, rg := range m.RowGroups {
		for _, c := range rg.Columns {
			names := []string{c.MetaData.Codec.String()}
			for _, e := range c.MetaData.Encodings {
				names = append(names, e.String())
			}
			for _, name := range names {
				if !seen[name] {
					seen[name] = true
					words = append(words, name)
				}
			}
		}
	}
	return fmt.Sprintf("%d row groups, %s", len(m.RowGroups), strings.Join(words, ", "))
}

// cellText shows a cell so that no two values look alike.
func cellText(t testing.TB, col arrow.Array, i int) string {
	t.Helper()
	if col.IsNull(i) {
		return "∅"
	}
	var parts []string
	switch a := col.(type) {
	case *array.Map:
		from, to := a.ValueOffsets(i)
		for j := int(from); j < int(to); j++ {
			parts = append(parts, cellText(t, a.Keys(), j)+": "+cellText(t, a.Items(), j))
		}
		return "map(" + strings.Join(parts, ", ") + ")"
	case array.ListLike:
		from, to := a.ValueOffsets(i)
		for j := int(from); j < int(to); j++ {
			parts = append(parts, cellText(t, a.ListValues(), j))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *array.Struct:
		for j := range a.NumField() {
			parts = append(parts, a.DataType().(*arrow.StructType).Field(j).Name+": "+cellText(t, a.Field(j), i))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text, _, err := AppendText(nil, col, i)
	must(t, err)
	switch col.DataType().ID() {
	case arrow.STRING:
		return strconv.Quote(string(text))
	case arrow.BINARY, arrow.FIXED_SIZE_BINARY:
		return fmt.Sprintf("x'%x'", text)
	}
	return string(text)
}
