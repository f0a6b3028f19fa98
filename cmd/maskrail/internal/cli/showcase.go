package cli

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the sandbox is a DuckDB file
)

// cells are the columns of an interaction that show what masking does.
var cells = []string{"startTime", "phoneNumber", "emailAddress", "firstName", "cardNumber", "dateOfBirth", "notes"}

// cellWidth lets a cell end before the 80th column of a terminal.
const cellWidth = 62

// showcase prints interactions of one caller from the sandbox, as an analyst sees them: who called is gone, that it
// was the same person is not.
func (s *session) showcase(ctx context.Context, r Report) error {
	db, err := sql.Open("duckdb", r.Sandbox+"?access_mode=read_only")
	if err != nil {
		return fmt.Errorf("open sandbox %s: %w", r.Sandbox, err)
	}
	defer db.Close()
	columns, rows, err := queryCaller(ctx, db, r.Table)
	if err != nil {
		return fmt.Errorf("query sandbox: %w", err)
	}
	if len(rows) == 0 {
		return nil // a policy of the user's own has other columns
	}
	s.t.say("\nWhat an analyst sees: a caller's tokens, equal in every row of the tenant.")
	for _, row := range rows {
		s.t.say("")
		for i, cell := range row {
			s.t.say("  %-12s  %s", columns[i], clip(cell, cellWidth))
		}
	}
	return nil
}

// queryCaller finds up to two rows of the caller with the most rows, those with most to show first, and which of the cells
// the table has.
func queryCaller(ctx context.Context, db *sql.DB, table string) (columns []string, rows [][]string, err error) {
	there := map[string]bool{}
	names, err := db.QueryContext(ctx, "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", table)
	if err != nil {
		return nil, nil, err
	}
	defer names.Close()
	for names.Next() {
		var name string
		if err := names.Scan(&name); err != nil {
			return nil, nil, err
		}
		there[name] = true
	}
	if err := names.Err(); err != nil || !there["tenant_id"] || !there["interactionId"] || !there["phoneNumber"] {
		return nil, nil, err
	}
	var texts []string
	shown := "0" // how many cells of a row are worth a look
	for _, c := range cells {
		if !there[c] {
			continue
		}
		columns, texts = append(columns, c), append(texts, "coalesce(CAST("+c+" AS VARCHAR), '(empty)')")
		if c == "notes" {
			shown += " + 3 * coalesce(CAST(notes LIKE '%[%' AS INT), 0)"
		} else {
			shown += " + CAST(" + c + " IS NOT NULL AS INT)"
		}
	}
	found, err := db.QueryContext(ctx, `WITH caller AS (
			SELECT tenant_id, phoneNumber FROM `+table+` WHERE phoneNumber IS NOT NULL GROUP BY ALL
			ORDER BY least(count(*), 2) DESC, max(`+shown+`) DESC, tenant_id, phoneNumber LIMIT 1)
		SELECT `+strings.Join(texts, ", ")+` FROM `+table+` JOIN caller USING (tenant_id, phoneNumber)
		ORDER BY `+shown+` DESC, interactionId LIMIT 2`)
	if err != nil {
		return nil, nil, err
	}
	defer found.Close()
	for found.Next() {
		row := make([]string, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return columns, rows, found.Err()
}

// clip shortens text to a number of characters, and shows that it did.
func clip(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}

// whereabouts says where everything lies, and what to try next.
func (s *session) whereabouts(r Report) {
	s.t.say(`
policy   %s
raw      %s
masked   %s (two signed statements and a report beside each object)
sandbox  %s
trace    %s

Check the proof:
  %s verify --dir %s
Query it with the DuckDB shell (https://duckdb.org):
  duckdb %s "SELECT tenant_id, count(*) FROM %s GROUP BY 1"`,
		shown(string(s.cfg.Dir)+"/policy.yaml"), shown(r.Raw), shown(r.Masked), shown(r.Sandbox), r.Trace, itself(), shown(string(s.cfg.Dir)), shown(r.Sandbox), r.Table)
}
