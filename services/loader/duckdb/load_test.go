package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/duckdb"
	"github.com/maskrail/maskrail/services/loader/sink"
)

const three = `SELECT * FROM (VALUES ('acme', 'i1', 'one'), ('acme', 'i2', 'two'), ('acme', 'i3', 'three')) v(tenant_id, interactionId, note)`

func TestLoadOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, three)
	s.load(b, sink.Result{Loaded: 3})
	s.expect(`SELECT * FROM interaction ORDER BY ALL`, "acme|i1|one\nacme|i2|two\nacme|i3|three")
	s.expect(`SELECT entity, environment, run, tenant, object, source, rows, loaded, skipped, policy, key_fingerprint, key_epoch, masker, validator,
		object_sha256 = '`+b.Line.SHA256+`', abs(epoch(loaded_at) - `+fmt.Sprint(time.Now().Unix())+`) < 3600 FROM maskrail_ledger`, // UTC, whatever zone the session is in
		"interaction|box|run-1|acme|box/interaction/acme/0.parquet|srcid|3|3|0|sha256:aa|k1|1|m|v|true|true")
	s.load(b, sink.Result{Loaded: 3}) // the same run again tells what the first time did
	again := b
	again.Line.Run = "run-2"
	s.load(again, sink.Result{Skipped: 3, Known: true})
	again = b
	again.Line.Source = "another object of the same bytes"
	s.load(again, sink.Result{Skipped: 3, Known: true})
	s.expect(`SELECT count(*) FROM interaction`, "3")
	s.expect(`SELECT count(*) FROM maskrail_ledger`, "1")
}

func TestLoadByIdentity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, second string
		want         sink.Result
		rows         string
	}{
		{"half is there", `SELECT * FROM (VALUES ('acme', 'i3', 'changed'), ('acme', 'i4', 'four')) v(tenant_id, interactionId, note)`,
			sink.Result{Loaded: 1, Skipped: 1}, "acme|i1|one\nacme|i2|two\nacme|i3|three\nacme|i4|four"},
		{"all is there", `SELECT * FROM (VALUES ('acme', 'i3', 'x'), ('acme', 'i1', 'y')) v(tenant_id, interactionId, note)`,
			sink.Result{Skipped: 2}, "acme|i1|one\nacme|i2|two\nacme|i3|three"},
		{"equal ids of another tenant", `SELECT * FROM (VALUES ('globex', 'i1', 'theirs')) v(tenant_id, interactionId, note)`,
			sink.Result{Loaded: 1}, "acme|i1|one\nacme|i2|two\nacme|i3|three\nglobex|i1|theirs"},
		{"twice in one object", `SELECT * FROM (VALUES ('acme', 'i5', 'first'), ('acme', 'i5', 'second')) v(tenant_id, interactionId, note)`,
			sink.Result{Loaded: 1, Skipped: 1}, "acme|i1|one\nacme|i2|two\nacme|i3|three\nacme|i5|first"},
		{"no rows", `SELECT 'a' AS tenant_id, 'b' AS interactionId, 'c' AS note WHERE false`,
			sink.Result{}, "acme|i1|one\nacme|i2|two\nacme|i3|three"},
		{"another order of columns", `SELECT 'acme' AS tenant_id, 'i9' AS interactionId, 'nine' AS note`,
			sink.Result{Loaded: 1}, "acme|i1|one\nacme|i2|two\nacme|i3|three\nacme|i9|nine"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.load(object(t, s.dir, three), sink.Result{Loaded: 3})
			s.load(object(t, s.dir, test.second), test.want)
			s.expect(`SELECT tenant_id, interactionId, note FROM interaction ORDER BY ALL`, test.rows)
			s.expect(`SELECT sum(rows) = sum(loaded) + sum(skipped) FROM maskrail_ledger`, "true")
		})
	}
}

func TestNullsInIdentityMatch(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.load(object(t, s.dir, `SELECT NULL::VARCHAR AS tenant_id, 'i1' AS interactionId`), sink.Result{Loaded: 1})
	s.load(object(t, s.dir, `SELECT NULL::VARCHAR AS tenant_id, 'i1' AS interactionId, 2 AS extra`), sink.Result{Skipped: 1})
}

func TestEmptyObjectMakesTheTable(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, `SELECT 'a' AS tenant_id, 'b' AS interactionId WHERE false`)
	s.load(b, sink.Result{})
	s.expect(`SELECT count(*) FROM interaction`, "0")
	s.load(b, sink.Result{})
	b.Line.Run = "run-2"
	s.load(b, sink.Result{Known: true})
}

func TestAnalystsRowsStay(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.query(`CREATE TABLE interaction (tenant_id VARCHAR, interactionId VARCHAR, note VARCHAR, mine INTEGER)`)
	s.query(`INSERT INTO interaction VALUES ('acme', 'i1', 'mine', 7)`)
	s.load(object(t, s.dir, three), sink.Result{Loaded: 2, Skipped: 1})
	s.expect(`SELECT * FROM interaction ORDER BY ALL`, "acme|i1|mine|7\nacme|i2|two|<nil>\nacme|i3|three|<nil>")
}

func TestColumnsOfALaterPolicy(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.load(object(t, s.dir, three), sink.Result{Loaded: 3})
	s.load(object(t, s.dir, `SELECT 'acme' AS tenant_id, 'i4' AS interactionId, {'a': 1, 'b "q"': [1.5::DECIMAL(9,2)]} AS "new ""one"""`), sink.Result{Loaded: 1})
	s.expect(`SELECT interactionId, note, "new ""one"""::VARCHAR FROM interaction ORDER BY ALL`,
		"i1|one|<nil>\ni2|two|<nil>\ni3|three|<nil>\n"+`i4|<nil>|{'a': 1, 'b "q"': [1.50]}`)
	s.load(object(t, s.dir, `SELECT 'acme' AS tenant_id, 'i5' AS interactionId, {'a': 1, 'b "q"': [2.5::DECIMAL(9,2)]} AS "new ""one"""`), sink.Result{Loaded: 1})
}

func TestOddNames(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, `SELECT 'acme' AS "order", 1 AS "se""lect", 2 AS "a b", 3 AS "group", 4 AS "x;DROP TABLE y", 5 AS "position", 'ü' AS "名前"`)
	b.Line.Entity = `table "x"; DROP`
	s.load(b, sink.Result{Loaded: 1})
	s.expect(`SELECT * FROM "table ""x""; DROP"`, "acme|1|2|3|4|5|ü")
	b.Line.SHA256 = "other"
	s.load(b, sink.Result{Skipped: 1})
	b = object(t, s.dir, `SELECT "tenant", position FROM (VALUES ('a', 1), ('a', 2), ('a', 1)) v("tenant", position)`)
	b.Line.Entity = "order"
	s.load(b, sink.Result{Loaded: 2, Skipped: 1})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		prepare      string
		change       func(*sink.Batch)
		object       string
		class, field string
		says         []string
	}{
		{name: "type conflict", object: `SELECT 'acme' AS tenant_id, 'i9' AS interactionId, 5 AS note`,
			class: "schema-conflict", field: "note", says: []string{"INTEGER", "VARCHAR"}},
		{name: "type conflict in the key", object: `SELECT 'acme' AS tenant_id, 9 AS interactionId`, class: "schema-conflict", field: "interactionId"},
		{name: "our own table", change: func(b *sink.Batch) { b.Line.Entity = "MaskRail_Ledger" }, class: "table-conflict"},
		{name: "a view in its place", prepare: `CREATE VIEW calls AS SELECT 1`, change: func(b *sink.Batch) { b.Line.Entity = "Calls" }, class: "table-conflict", says: []string{"view"}},
		{name: "another case", change: func(b *sink.Batch) { b.Line.Entity = "INTERACTION" }, class: "table-conflict"},
		{name: "columns that SQL does not tell apart", change: func(b *sink.Batch) { b.Columns = []string{"tenant_id", "interactionId", "Tenant_ID"} },
			class: "schema-conflict", field: "Tenant_ID"},
		{name: "not the attested columns", change: func(b *sink.Batch) { b.Columns = []string{"tenant_id", "interactionId", "remark"} }, class: "schema-conflict"},
		{name: "a name that DuckDB needs", object: `SELECT 'acme' AS tenant_id, 'i9' AS interactionId, 1 AS File_Row_Number`,
			class: "schema-conflict", field: "File_Row_Number"},
		{name: "no key", change: func(b *sink.Batch) { b.Key = nil }, class: "no-key"},
		{name: "no tenant", change: func(b *sink.Batch) { b.Tenant = "" }, class: "no-tenant"},
		{name: "key not in the object", change: func(b *sink.Batch) { b.Key = []string{"id"} }, class: "schema-conflict", field: "id"},
		{name: "another key epoch", change: func(b *sink.Batch) { b.Line.KeyEpoch = 2 }, class: "key-mismatch", says: []string{"epoch 1", "epoch 2", "replay"}},
		{name: "another key", change: func(b *sink.Batch) { b.Line.KeyFingerprint = "k2" }, class: "key-mismatch", says: []string{"drop the table"}},
		{name: "another environment with the same key", change: func(b *sink.Batch) { b.Line.Environment = "other" }, class: "environment-mismatch", says: []string{"box", "sandbox file of its own"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.load(object(t, s.dir, three), sink.Result{Loaded: 3})
			if test.prepare != "" {
				s.query(test.prepare)
			}
			q := test.object
			if q == "" {
				q = `SELECT 'acme' AS tenant_id, 'i9' AS interactionId, 'nine' AS note`
			}
			b := object(t, s.dir, q)
			if test.change != nil {
				test.change(&b)
			}
			_, err := s.Load(t.Context(), b)
			reason, ok := stage.Rejected(err)
			if !ok || reason.Class != test.class || reason.Field != test.field {
				t.Fatalf("load: %v, want a rejection of class %q, field %q", err, test.class, test.field)
			}
			for _, word := range test.says {
				if !strings.Contains(reason.Detail, word) {
					t.Errorf("detail %q does not say %q", reason.Detail, word)
				}
			}
			s.expect(`SELECT count(*) FROM interaction`, "3")
			s.expect(`SELECT count(*) FROM maskrail_ledger`, "1")
			s.expect(`SELECT count(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE'`, "2")
		})
	}
}

func TestDroppedTableIsLoadedAnew(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, three)
	s.load(b, sink.Result{Loaded: 3})
	s.query(`DROP TABLE interaction`)
	b.Line.KeyEpoch = 2
	s.load(b, sink.Result{Loaded: 3})
	s.expect(`SELECT key_epoch, superseded FROM maskrail_ledger ORDER BY ALL`, "1|true\n2|false")
}

func TestEmptiedTableIsLoadedAnew(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, three)
	s.load(b, sink.Result{Loaded: 3})
	s.query(`DELETE FROM interaction`)
	b.Line.Run = "replay"
	s.load(b, sink.Result{Loaded: 3})
	s.expect(`SELECT count(*) FROM interaction`, "3")
	s.expect(`SELECT run, superseded FROM maskrail_ledger ORDER BY ALL`, "replay|false\nrun-1|true")
}

func TestCountsMustAgree(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, three)
	b.Rows = 4
	if _, err := s.Load(t.Context(), b); !stage.IsPermanent(err) || !strings.Contains(err.Error(), "3 rows and not the 4") {
		t.Errorf("load: %v", err)
	}
	s.expect(`SELECT count(*) FROM information_schema.tables`, "0")
}

func TestErrorsHoldNoValue(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.query(`CREATE TABLE interaction (tenant_id VARCHAR, interactionId VARCHAR, note VARCHAR CHECK (note <> 'two'))`)
	_, err := s.Load(t.Context(), object(t, s.dir, three))
	if err == nil || strings.Contains(err.Error(), "two") || !strings.Contains(err.Error(), "constraint") {
		t.Errorf("load: %v", err)
	}
	s.query(`DROP TABLE interaction`)
	s.query(`CREATE TABLE interaction (tenant_id VARCHAR, interactionId VARCHAR UNIQUE)`)
	s.query(`INSERT INTO interaction VALUES ('globex', 'i2')`)
	_, err = s.Load(t.Context(), object(t, s.dir, three))
	if err == nil || strings.Contains(err.Error(), "i2") {
		t.Errorf("load: %v", err)
	}
}

func TestStopping(t *testing.T) {
	t.Parallel()
	s := setup(t)
	stop := errors.New("stopping")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := s.Load(ctx, object(t, s.dir, three)); !errors.Is(err, stop) {
		t.Errorf("load: %v, want the cause", err)
	}
}

func TestNotADatabase(t *testing.T) {
	t.Parallel()
	s := setup(t)
	if err := os.WriteFile(s.path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Load(t.Context(), object(t, s.dir, three))
	if err == nil || !strings.Contains(err.Error(), "not a DuckDB database") || !strings.Contains(err.Error(), s.path) {
		t.Errorf("load: %v", err)
	}
}

func TestLeftoversAreRemoved(t *testing.T) {
	t.Parallel()
	s := setup(t)
	work := s.path + ".work"
	other := filepath.Join(work, "spill-other")
	spill := filepath.Join(work, "spill-box")
	if err := errors.Join(os.MkdirAll(other, 0o700), os.MkdirAll(filepath.Join(spill, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := duckdb.New(config(s.path)); err != nil {
		t.Fatal(err)
	}
	for path, there := range map[string]bool{spill: false, other: true} {
		if _, err := os.Stat(path); (err == nil) != there {
			t.Errorf("%s: %v, want there = %v", filepath.Base(path), err, there)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, says string
		change     func(*duckdb.Config)
	}{
		{"no file", "no file is named", func(c *duckdb.Config) { c.Path = "" }},
		{"a question mark", "? * [", func(c *duckdb.Config) { c.Path = "/tmp/a?b.duckdb" }},
		{"a percent sign", "%", func(c *duckdb.Config) { c.Path = "/tmp/100%/b.duckdb" }},
		{"a glob", "another one", func(c *duckdb.Config) { c.TempDir = "/tmp/*" }},
		{"threads", "at least 1", func(c *duckdb.Config) { c.Threads = 0 }},
		{"memory", `"400MB"`, func(c *duckdb.Config) { c.Memory = "a lot" }},
		{"wait", "not be negative", func(c *duckdb.Config) { c.LockWait = -1 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := duckdb.Default("box", filepath.Join(t.TempDir(), "x.duckdb"))
			test.change(&c)
			if _, err := duckdb.New(c); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("New: %v, want it to say %q", err, test.says)
			}
		})
	}
}
