package duckdb_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	"go.uber.org/goleak"

	"github.com/maskrail/maskrail/services/loader/duckdb"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// child names the part that this test binary plays when a test starts it again as another process.
const child = "MASKRAIL_TEST_CHILD"

func TestMain(m *testing.M) {
	if part := os.Getenv(child); part != "" {
		if err := children[part](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// sandbox is a sink on a file of its own.
type sandbox struct {
	*duckdb.Sink
	t    testing.TB
	dir  string
	path string
}

func setup(t testing.TB) sandbox {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "box.duckdb")
	s, err := duckdb.New(config(path))
	if err != nil {
		t.Fatal(err)
	}
	return sandbox{Sink: s, t: t, dir: dir, path: path}
}

func config(path string) duckdb.Config {
	c := duckdb.Default("box", path)
	c.LockWait = 100 * time.Millisecond
	return c
}

// object writes the rows of a query as a Parquet file and describes it as attested. The first column is the
// tenant, the second the key.
func object(t testing.TB, dir, query string) sink.Batch {
	t.Helper()
	file := filepath.Join(dir, fmt.Sprintf("%x.parquet", sha256.Sum256([]byte(query)))[:16]+".parquet")
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`COPY (` + query + `) TO '` + file + `' (FORMAT parquet)`); err != nil {
		t.Fatal(err)
	}
	b := sink.Batch{File: file}
	rows, err := db.Query(`SELECT column_name FROM (DESCRIBE FROM '` + file + `')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		b.Columns = append(b.Columns, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`SELECT num_rows FROM parquet_file_metadata('` + file + `')`).Scan(&b.Rows); err != nil {
		t.Fatal(err)
	}
	b.Tenant, b.Key = b.Columns[0], b.Columns[1:2]
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	b.Line = sink.Line{
		Entity: "interaction", Environment: "box", Run: "run-1", Tenant: "acme", SHA256: hex.EncodeToString(sum[:]),
		Object: "box/interaction/acme/0.parquet", Source: "srcid", Policy: "sha256:aa", KeyFingerprint: "k1", KeyEpoch: 1,
		Masker: "m", Validator: "v",
	}
	return b
}

// load expects a result.
func (s sandbox) load(b sink.Batch, want sink.Result) {
	s.t.Helper()
	got, err := s.Load(s.t.Context(), b)
	if err != nil {
		s.t.Fatalf("load: %v", err)
	}
	if got != want {
		s.t.Fatalf("load = %+v, want %+v", got, want)
	}
}

// query reads the file as an analyst does and returns one line a row.
func (s sandbox) query(q string) string {
	s.t.Helper()
	db, err := sql.Open("duckdb", s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(q)
	if err != nil {
		s.t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			s.t.Fatal(err)
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = fmt.Sprint(*c.(*any))
		}
		out = append(out, strings.Join(line, "|"))
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

func (s sandbox) expect(query, want string) {
	s.t.Helper()
	if got := s.query(query); got != want {
		s.t.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}
