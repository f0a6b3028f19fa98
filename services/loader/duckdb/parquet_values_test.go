package duckdb_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/maskrail/maskrail/libs/columnar"
)

// origins are files by many writers, which package columnar has for its own tests.
const origins = "../../../libs/columnar/testdata/parquet/"

// TestParquetValuesOfManyOrigins: DuckDB and package columnar read the same values, also after package columnar has
// written them.
func TestParquetValuesOfManyOrigins(t *testing.T) {
	t.Parallel()
	// What only one of the two reads.
	refused := map[string]string{ // by columnar
		"negative_page_size.parquet":      "a page header is damaged",
		"num_values_exceeds_data.parquet": "more rows than the footer claims",
		"repeated_no_annotation.parquet":  "wrong number of rows: 6, and the whole file 0",
		"variant.parquet":                 "VARIANT",
	}
	unread := map[string]string{} // by DuckDB
	files, err := filepath.Glob(origins + "*.parquet")
	must(t, err)
	if len(files) < 20 {
		t.Fatalf("%d files", len(files))
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if want, ok := refused[name]; ok {
				_, err := compareFile(t, path)
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("columnar: %v, want an error about %q", err, want)
				}
				return
			}
			if want, ok := unread[name]; ok {
				if _, err := rowsOf(t, path); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("duckdb: %v, want an error about %q", err, want)
				}
				return
			}
			again, err := compareFile(t, path)
			must(t, err)
			_, err = compareFile(t, again)
			must(t, err)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rowsOf reads a Parquet file with DuckDB.
func rowsOf(t testing.TB, path string) (rows [][]any, err error) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	must(t, err)
	defer db.Close()
	cursor, err := db.QueryContext(t.Context(), "SELECT * FROM read_parquet(?)", path)
	if err != nil {
		return nil, err
	}
	defer cursor.Close()
	names, err := cursor.Columns()
	must(t, err)
	for cursor.Next() {
		row, to := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			to[i] = &row[i]
		}
		must(t, cursor.Scan(to...))
		rows = append(rows, row)
	}
	return rows, cursor.Err()
}

// compareFile compares what the two read, and returns a file that columnar has written of it.
func compareFile(t testing.TB, path string) (again string, err error) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	r, err := columnar.Open(bytes.NewReader(data), columnar.Options{Format: columnar.FormatParquet, BatchRows: 1000})
	if err != nil {
		return "", err
	}
	defer r.Close()
	again = filepath.Join(t.TempDir(), "again.parquet")
	f, err := os.Create(again)
	must(t, err)
	defer f.Close()
	w, err := columnar.NewWriter(f, r.Schema(), columnar.WriteOptions{Format: columnar.FormatParquet, RowGroupRows: 5000})
	must(t, err)
	var want [][]any
	for first := true; ; first = false {
		batch, err := r.Next(t.Context())
		if err != nil && err != io.EOF {
			return "", err
		}
		if first { // columnar's complaint comes before DuckDB's
			want, err = rowsOf(t, path)
			must(t, err)
		}
		if batch == nil {
			break
		}
		from := r.Rows() - batch.NumRows()
		err = errors.Join(compareBatch(batch, want, from), w.Write(batch))
		batch.Release()
		if err != nil {
			return "", err
		}
	}
	if int64(len(want)) != r.Rows() {
		return "", fmt.Errorf("%d rows, duckdb has %d", r.Rows(), len(want))
	}
	return again, w.Close()
}

func compareBatch(batch arrow.RecordBatch, want [][]any, from int64) error {
	if int64(len(want)) < from+batch.NumRows() {
		return fmt.Errorf("more rows than duckdb's %d", len(want))
	}
	for i := range int(batch.NumRows()) {
		row := want[from+int64(i)]
		if len(row) != int(batch.NumCols()) {
			return fmt.Errorf("%d columns, duckdb has %d", batch.NumCols(), len(row))
		}
		for c, col := range batch.Columns() {
			if err := sameCell(col, i, row[c]); err != nil {
				return fmt.Errorf("row %d, column %s: %w", from+int64(i)+1, batch.ColumnName(c), err)
			}
		}
	}
	return nil
}

// everyType has each type that DuckDB writes to Parquet: its extremes, nulls, and repeated as well as new values.
const everyType = `WITH n AS (SELECT range AS i FROM range(%[1]d))
SELECT i, CASE WHEN i %% 7 <> 0 THEN i %% 2 = 0 END AS bool,
	(i %% 256 - 128)::TINYINT AS i8, (i * 17 %% 65536 - 32768)::SMALLINT AS i16, CASE WHEN i %% 3 = 0 THEN -(%[2]d // 2) ELSE %[2]d // 2 - i END::INTEGER AS i32,
	CASE WHEN i %% 5 = 0 THEN -9223372036854775808 WHEN i %% 5 = 1 THEN 9223372036854775807 WHEN i %% 5 < 4 THEN i * 1234567890123 END::BIGINT AS i64,
	(i %% 256)::UTINYINT AS u8, (i * 31 %% 65536)::USMALLINT AS u16, (%[2]d - i)::UINTEGER AS u32, (18446744073709551615 - i)::UBIGINT AS u64,
	(i::HUGEINT * 17014118346046923173168730371588410)::HUGEINT AS huge,
	CASE i %% 6 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' WHEN 2 THEN '-0.0' ELSE i / 7 END::FLOAT AS f32,
	CASE i %% 6 WHEN 0 THEN 'NaN' WHEN 1 THEN 'Infinity' WHEN 2 THEN '5e-324' ELSE i / 7 END::DOUBLE AS f64,
	(i %% 100)::DECIMAL(4,2) AS d4, -(i %% 1000000)::DECIMAL(9,3) AS d9, (i * 1000000007)::DECIMAL(18,5) AS d18,
	CASE WHEN i %% 2 = 0 THEN 99999999999999999999999999999999999999 ELSE -(i::HUGEINT) END::DECIMAL(38,0) AS d38, (i::DECIMAL(38,10) / 3)::DECIMAL(38,10) AS d38s,
	CASE WHEN i %% 11 = 0 THEN NULL WHEN i %% 11 = 1 THEN '' WHEN i %% 11 < 8 THEN 'q' || (i %% 9) ELSE 'ünïcödé 😀 ' || i END AS text,
	CASE WHEN i %% 4 <> 0 THEN ('b' || i)::BLOB END AS blob, ('\xFF\x00')::BLOB AS bytes,
	DATE '1970-01-01' + ((i * 137 %% 60000)::INTEGER - 30000) AS day, TIME '00:00:00' + to_microseconds(i * 17280007 %% 86400000000) AS clock,
	TIMESTAMP '1969-12-31 23:59:59.999999' + to_microseconds(i * 98765432123) AS ts, (TIMESTAMP '1677-09-22' + to_seconds(i))::TIMESTAMP_NS AS ts_ns,
	(TIMESTAMP '9999-12-31 23:00:00' + to_seconds(i %% 3000))::TIMESTAMP_MS AS ts_ms, (TIMESTAMP '0001-01-01' + to_seconds(i))::TIMESTAMP_S AS ts_s,
	TIMESTAMPTZ '2024-03-31 00:59:59.5+00' + to_seconds(i) AS tz,
	('00000000-0000-4000-8000-' || lpad(i::VARCHAR, 12, '0'))::UUID AS id, to_months(i %% 25) + to_days(i %% 40) + to_milliseconds(i) AS span,
	(CASE i %% 3 WHEN 0 THEN 'voice' WHEN 1 THEN 'chat' END)::ENUM('chat', 'voice') AS channel, ('{"k": ' || i || '}')::JSON AS doc,
	CASE WHEN i %% 5 = 0 THEN NULL WHEN i %% 5 = 1 THEN [] ELSE [i, NULL, -i] END AS list,
	CASE WHEN i %% 6 <> 0 THEN [['l' || i], [], NULL, [NULL, 'x' || i]] END AS lists,
	CASE WHEN i %% 4 <> 0 THEN {'a': i, 'b': CASE WHEN i %% 3 = 0 THEN NULL ELSE {'c': 'in ' || i, 'd': [i::DECIMAL(20,4), NULL]} END} END AS struct,
	CASE WHEN i %% 3 = 0 THEN MAP {} WHEN i %% 3 = 1 THEN MAP {'k' || i: i, 'null': NULL} END AS map,
	[MAP {i: {'ani': '+1555' || i, 'at': TIMESTAMP '2024-01-01' + to_seconds(i)}}] AS sessions
FROM n`

// TestParquetByDuckDB: what DuckDB writes, with many settings, package columnar reads bit for bit.
func TestParquetByDuckDB(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		rows     int
		settings string
	}{
		"defaults":        {2500, ""},
		"no rows":         {0, ""},
		"one row":         {1, "PARQUET_VERSION V2"},
		"uncompressed":    {1200, "CODEC 'uncompressed'"},
		"snappy v2":       {1200, "CODEC 'snappy', PARQUET_VERSION V2"},
		"gzip":            {1200, "CODEC 'gzip'"},
		"zstd v2":         {1200, "CODEC 'zstd', COMPRESSION_LEVEL 7, PARQUET_VERSION V2"},
		"brotli":          {300, "CODEC 'brotli'"},
		"lz4_raw v2":      {1200, "CODEC 'lz4_raw', PARQUET_VERSION V2"},
		"row groups":      {4500, "ROW_GROUP_SIZE 2048"},
		"no dictionaries": {2500, "DICTIONARY_SIZE_LIMIT 1, PARQUET_VERSION V2"},
		"dictionaries":    {2500, "DICTIONARY_SIZE_LIMIT 100000, PARQUET_VERSION V2"},
		"no bloom filter": {1200, "WRITE_BLOOM_FILTER false"},
		"field ids":       {1200, "FIELD_IDS 'auto'"},
		"own metadata":    {1200, "KV_METADATA {note: 'x'}"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := sql.Open("duckdb", "")
			must(t, err)
			defer db.Close()
			path := filepath.Join(t.TempDir(), "duckdb.parquet")
			settings := "FORMAT parquet"
			if c.settings != "" {
				settings += ", " + c.settings
			}
			_, err = db.ExecContext(t.Context(), fmt.Sprintf("COPY (%s) TO '%s' (%s)", fmt.Sprintf(everyType, c.rows, int64(math.MaxUint32)), path, settings))
			must(t, err)
			again, err := compareFile(t, path)
			must(t, err)
			_, err = compareFile(t, again)
			must(t, err)
		})
	}
}

// TestDuckDBWideDeltas: with PARQUET_VERSION V2, DuckDB writes deltas of more bits than a 32-bit column has. They are read
// as it reads them itself.
func TestDuckDBWideDeltas(t *testing.T) {
	t.Parallel()
	for name, column := range map[string]string{
		"large unsigned": "(4294967295 - range)::UINTEGER",
		"long jumps":     "(CASE WHEN range % 3 = 0 THEN range - 2147483648 ELSE 2147483647 - range END)::INTEGER",
	} {
		db, err := sql.Open("duckdb", "")
		must(t, err)
		defer db.Close()
		path := filepath.Join(t.TempDir(), "wide.parquet")
		_, err = db.ExecContext(t.Context(), "COPY (SELECT "+column+" AS c FROM range(5000)) TO '"+path+"' (FORMAT parquet, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1)")
		must(t, err)
		if _, err := compareFile(t, path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
