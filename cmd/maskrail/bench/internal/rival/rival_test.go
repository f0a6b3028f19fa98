package rival

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/klauspost/compress/zstd"

	"github.com/maskrail/maskrail/libs/synth"
)

const rows = 3000

func source(t *testing.T, ending, entity string, rows int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "source"+ending)
	if err := synth.Write(t.Context(), synth.File{Path: path, Entity: entity, Seed: 4, Rows: rows}, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// The tuned statement and that for JSON do the same to the same rows.
func TestDuckDBAgreesWithItself(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{".parquet", ".jsonl"} {
		in, dir := source(t, ending, synth.Interactions, rows), t.TempDir()
		a, b := filepath.Join(dir, "a"+ending), filepath.Join(dir, "b"+ending)
		// One thread keeps the order, which the tuned statement does not promise.
		for _, d := range []DuckDB{{In: in, Out: a, Threads: 2}, {In: in, Out: b, Threads: 1, Tuned: true}} {
			if err := d.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		v := verdict(t, Compare{Source: in, Ours: a, Theirs: b}.judge)
		if v.Rows != rows || len(v.Wrong) > 0 {
			t.Errorf("%s: %+v", ending, v)
		}
	}
}

// faults are what can be wrong with an output, as a change of a right one, and what the comparison says of each.
var faults = map[string]struct{ change, says string }{
	"a row is missing":           {"SELECT * FROM o LIMIT 2999", "2999 rows"},
	"two rows change places":     {"SELECT * FROM o ORDER BY file_row_number // 2, file_row_number DESC", "interactionId is not"},
	"a kept column changes":      {"SELECT * REPLACE (durationMs + 1 AS durationMs) FROM o", "durationMs is not"},
	"a kept column is lost":      {"SELECT * REPLACE (NULL::VARCHAR AS queueId) FROM o", "queueId is not"},
	"a number stays":             {"SELECT o.* REPLACE (s.phoneNumber AS phoneNumber) FROM o POSITIONAL JOIN s", "phoneNumber is what it was"},
	"a token for nothing":        {"SELECT * REPLACE (coalesce(emailAddress, 'x') AS emailAddress) FROM o", "emailAddress is null"},
	"two persons become one":     {"SELECT * REPLACE ('User_' || length(lastName) AS lastName) FROM o", "lastName has"},
	"a person becomes several":   {"SELECT * REPLACE (phoneNumber || channel AS phoneNumber) FROM o", "phoneNumber has"},
	"a card stays":               {"SELECT o.* REPLACE (s.cardNumber AS cardNumber) FROM o POSITIONAL JOIN s", "cardNumber is not"},
	"a security number stays":    {"SELECT o.* REPLACE (s.ssn AS ssn) FROM o POSITIONAL JOIN s", "ssn is not"},
	"a date stays":               {"SELECT o.* REPLACE (s.dateOfBirth AS dateOfBirth) FROM o POSITIONAL JOIN s", "dateOfBirth is not"},
	"notes stay":                 {"SELECT o.* REPLACE (s.notes AS notes) FROM o POSITIONAL JOIN s", "of class email"},
	"a number in notes":          {"SELECT * REPLACE (notes || ' 415-555-0142' AS notes) FROM o", "of class phone"},
	"a security number in notes": {"SELECT * REPLACE (notes || ' 536-22-8145' AS notes) FROM o", "of class ssn"},
	"a card in notes":            {"SELECT * REPLACE (notes || ' 4111 1111 1111 1111' AS notes) FROM o", "cards left"},
	"notes are lost":             {"SELECT * REPLACE (NULL::VARCHAR AS notes) FROM o", "notes are null"},
	"notes change for no reason": {"SELECT * REPLACE (replace(notes, 'Customer', '[NAME]') AS notes) FROM o", "notes have changed"},
}

func TestCompareFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	in, right := source(t, ".parquet", synth.Interactions, rows), filepath.Join(t.TempDir(), "right.parquet")
	if err := (DuckDB{In: in, Out: right, Threads: 2}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := verdict(t, Compare{Source: in, Ours: right, Theirs: right}.judge); v.Rows != rows || len(v.Wrong) > 0 {
		t.Fatalf("a right output: %+v", v)
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong := filepath.Join(t.TempDir(), "wrong.parquet")
			err := session(t.Context(), "", func(ctx context.Context, db *sql.Conn) error {
				return execute(ctx, db, "SET threads = 1",
					fmt.Sprintf("CREATE VIEW o AS FROM read_parquet(%s, file_row_number = true)", literal(right)),
					fmt.Sprintf("CREATE VIEW s AS FROM read_parquet(%s)", literal(in)),
					fmt.Sprintf("COPY (SELECT * EXCLUDE (file_row_number) FROM (%s)) TO %s (FORMAT parquet)", fault.change, literal(wrong)))
			})
			if err != nil {
				t.Fatal(err)
			}
			v := verdict(t, Compare{Source: in, Ours: wrong, Theirs: right}.judge)
			if !strings.Contains(strings.Join(v.Wrong, "\n"), fault.says) {
				t.Errorf("found %q, want %q", v.Wrong, fault.says)
			}
		})
	}
}

func TestCompareNestedFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	in := source(t, ".jsonl", synth.Conversations, 60)
	text, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	right := strings.NewReplacer("@example.", "@masked.", "@mail.example.", "@masked.").Replace(string(text))
	for name, c := range map[string]struct{ text, says string }{
		"right":             {right, ""},
		"an address stays":  {string(text), "mail address"},
		"a row is missing":  {right[:strings.LastIndexByte(strings.TrimSuffix(right, "\n"), '\n')+1], "59 conversations"},
		"a purpose changes": {strings.Replace(right, `"purpose":"customer"`, `"purpose":"agent"`, 1), "purpose"},
		"an id changes":     {strings.Replace(right, `"conversationId":"`, `"conversationId":"x`, 1), "conversationId"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ours.jsonl")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			v := verdict(t, CompareNested{Source: in, Ours: path}.judge)
			if found := strings.Join(v.Wrong, "\n"); c.says == "" && found != "" || !strings.Contains(found, c.says) {
				t.Errorf("found %q, want %q", found, c.says)
			}
		})
	}
}

// verdict is what a comparison finds.
func verdict(t *testing.T, judge func(context.Context) (Verdict, error)) Verdict {
	t.Helper()
	v, err := judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The floors do the work that they stand for.
func TestFloors(t *testing.T) {
	t.Parallel()
	in, dir := source(t, ".parquet", synth.Interactions, rows), t.TempDir()
	read := func(path string) *file.Reader {
		r, err := file.OpenParquetFile(path, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r
	}
	for name, a := range map[string]Arrow{
		"one by one":    {In: in, Out: filepath.Join(dir, "a")},
		"by row groups": {In: in, Out: filepath.Join(dir, "b"), Tuned: true, HighCardinality: []string{"notes"}}, // one row group: one file
	} {
		if err := a.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := read(a.Out); r.NumRows() != rows || r.MetaData().Schema.NumColumns() != len(Columns) {
			t.Errorf("%s: %d rows, %d columns", name, r.NumRows(), r.MetaData().Schema.NumColumns())
		}
	}
	pages := filepath.Join(dir, "pages")
	if err := (Recompress{In: in, Out: pages, Columns: Masked}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(pages)
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	all, err := d.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for i := range Columns {
		if c, err := read(in).MetaData().RowGroup(0).ColumnChunk(i); err != nil {
			t.Fatal(err)
		} else if name := c.PathInSchema().String(); strings.Contains(strings.Join(Masked, " "), name) {
			want += c.TotalUncompressedSize()
		}
	}
	if n := int64(len(all)); n > want || n < want*98/100 { // but for the pages' headers
		t.Errorf("%d bytes of pages, the footer says %d with headers", n, want)
	}
}

func TestLoads(t *testing.T) {
	t.Parallel()
	in, dir := source(t, ".parquet", synth.Interactions, rows), t.TempDir()
	if err := (Loader{File: in, Database: filepath.Join(dir, "a.duckdb"), Rows: rows}).Run(t.Context()); err != nil {
		t.Error(err)
	}
	if err := (Insert{File: in, Database: filepath.Join(dir, "b.duckdb"), Rows: rows}).Run(t.Context()); err != nil {
		t.Error(err)
	}
	if err := (Insert{File: in, Database: filepath.Join(dir, "c.duckdb"), Rows: rows + 1}).Run(t.Context()); err == nil {
		t.Error("a row that is missing is no error")
	}
}

// A part is told what to do as JSON.
func TestPartsSurviveJSON(t *testing.T) {
	t.Parallel()
	want := Arrow{In: "a", Out: "b", Tuned: true, HighCardinality: []string{"c"}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Arrow
	if err := json.Unmarshal(text, &got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v, %v", got, err)
	}
}
