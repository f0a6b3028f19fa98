package cli

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/maskrail/maskrail/libs/synth"
)

// Another reader's opinion: the files of a seed are the same rows, with the same types.
func TestSyntheticFilesAreTheSame(t *testing.T) {
	t.Parallel()
	const rows = 1100 // two batches
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "c.jsonl.gz"), filepath.Join(dir, "c.json")}
	parquet := filepath.Join(dir, "c.parquet")
	for _, path := range append(files, parquet) {
		if err := synth.Write(t.Context(), synth.File{Path: path, Entity: synth.Conversations, Seed: 5, Rows: rows}, nil); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var columns string
	if err := db.QueryRow(`SELECT string_agg('"' || column_name || '": ''' || column_type || '''', ', ') FROM (DESCRIBE FROM '` + parquet + `')`).Scan(&columns); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var n, other int
		q := fmt.Sprintf(`WITH a AS (FROM read_json('%s', columns = {%s})), b AS (FROM '%s') SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM
			(((FROM a) EXCEPT ALL (FROM b)) UNION ALL ((FROM b) EXCEPT ALL (FROM a))))`, file, columns, parquet)
		if err := db.QueryRow(q).Scan(&n, &other); err != nil || n != rows || other != 0 {
			t.Errorf("%s: %d rows, %d of them or of the Parquet file's are not in the other: %v", filepath.Base(file), n, other, err)
		}
	}
}
