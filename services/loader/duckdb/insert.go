package duckdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// position is the column that DuckDB adds to a numbered source: the row's place in the file.
const position = "file_row_number"

// fresh is a temporary table with the positions of the rows that are to be inserted.
const fresh = "temp.main.maskrail_fresh"

// source is the table function that reads the file, as it is and whatever its path looks like.
func source(file string, numbered bool) string {
	return fmt.Sprintf("read_parquet(%s, hive_partitioning = false, union_by_name = false, filename = false, file_row_number = %t)",
		literal(file), numbered)
}

// insert adds the rows whose identity is not in the table, each identity once.
//
// It decides by the identities alone and by position, and then reads the rows it needs: a join of whole rows with a
// large table would keep all of them in memory, and a replay needs none.
func (l *load) insert(ctx context.Context) (sink.Result, error) {
	rows, err := l.count(ctx, l.source)
	if err != nil {
		return sink.Result{}, err
	}
	if rows != l.Rows {
		return sink.Result{}, stage.Permanent(fmt.Errorf("the object has %d rows and not the %d that were attested; run the masker on it again", rows, l.Rows))
	}
	wanted, err := l.choose(ctx)
	if err != nil {
		return sink.Result{}, err
	}
	from := l.source
	switch wanted {
	case 0:
		return sink.Result{Skipped: rows}, nil
	case rows:
	default:
		from = `(SELECT s.* EXCLUDE (` + position + `) FROM ` + l.numbered + ` AS s SEMI JOIN ` + fresh + ` AS f ON s.` + position + ` = f.maskrail_position)`
	}
	if err := l.merging(ctx, wanted); err != nil {
		return sink.Result{}, err
	}
	done, err := l.tx.ExecContext(ctx, `INSERT INTO main.`+identifier(l.Line.Entity)+` BY NAME SELECT * FROM `+from)
	if err != nil {
		return sink.Result{}, l.s.fail("insert the object's rows", err)
	}
	loaded, err := done.RowsAffected()
	if err != nil {
		return sink.Result{}, l.s.fail("count the inserted rows", err)
	}
	if loaded != wanted {
		return sink.Result{}, fmt.Errorf("insert the object's rows: %d of %d arrived; nothing was loaded", loaded, wanted)
	}
	return sink.Result{Loaded: loaded, Skipped: rows - loaded}, nil
}

// rowGroup is the number of rows in a row group of DuckDB's tables.
const rowGroup = 122_880

// merging says whether DuckDB merges short row groups when the file is closed. Each object brings one. A small object's must
// not stay alone; beside the full ones of a large object it does no harm, and to merge it would write a few of those anew:
// longer than the load itself.
func (l *load) merging(ctx context.Context, rows int64) error {
	q := `RESET max_vacuum_tasks`
	if rows >= rowGroup {
		q = `SET max_vacuum_tasks = 0`
	}
	_, err := l.tx.ExecContext(ctx, q)
	return l.s.fail("say what is merged", err)
}

// choose fills the table of fresh positions and counts them. The validator refuses an object that has one identity
// twice; if it happens all the same, the first row of the file stays.
func (l *load) choose(ctx context.Context) (int64, error) {
	columns := identifiers(append([]string{l.Tenant}, l.Key...))
	same := make([]string, len(columns))
	for i, c := range columns {
		same[i] = "s." + c + " IS NOT DISTINCT FROM t." + c
	}
	_, err := l.tx.ExecContext(ctx, `CREATE OR REPLACE TEMP TABLE maskrail_fresh AS SELECT maskrail_position FROM
		(SELECT `+strings.Join(columns, ", ")+`, min(`+position+`) AS maskrail_position FROM `+l.numbered+` GROUP BY ALL) AS s
		ANTI JOIN main.`+identifier(l.Line.Entity)+` AS t ON `+strings.Join(same, " AND "))
	if err != nil {
		return 0, l.s.fail("compare the object's rows with the table's", err)
	}
	return l.count(ctx, fresh)
}

func (l *load) count(ctx context.Context, relation string) (n int64, err error) {
	err = l.tx.QueryRowContext(ctx, `SELECT count(*) FROM `+relation).Scan(&n)
	return n, l.s.fail("count rows", err)
}

// taken refuses a column whose name the load needs for itself.
func taken(columns []string) error {
	for _, c := range columns {
		if strings.EqualFold(c, position) {
			return stage.Reject(objref.Reason{Class: "schema-conflict", Field: c, Detail: "is a name that DuckDB needs for itself; drop the field in the policy, or rename it in the source"})
		}
	}
	return nil
}
