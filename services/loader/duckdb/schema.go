package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
)

// column is a name and its type.
type column struct {
	name string
	shape
}

// names holds the file against its attestation. DuckDB renames a column that another one equals without regard to
// case, so a difference here can also be one that only SQL makes.
func (l *load) names(ctx context.Context) error {
	have, err := l.describe(ctx, l.source)
	if err != nil {
		return err
	}
	names := make([]string, len(have))
	for i, c := range have {
		names[i] = c.name
	}
	if !slices.Equal(names, l.Columns) {
		return stage.Reject(objref.Reason{Class: "schema-conflict", Detail: fmt.Sprintf(
			"the object's %d columns are not the %d that were attested; run the masker on it again", len(names), len(l.Columns))})
	}
	for _, c := range have {
		if len(c.parts) > 0 && (c.name == l.Tenant || slices.Contains(l.Key, c.name)) {
			return stage.Reject(objref.Reason{Class: "schema-conflict", Field: c.name, Detail: fmt.Sprintf(
				"identifies the rows and is %s; name a column with one plain value a row in the policy", c.base)})
		}
	}
	return l.members(ctx, have)
}

// table reports whether the entity's table exists, and refuses what stands in its place.
func (l *load) table(ctx context.Context) (bool, error) {
	var name, what string
	rows, err := l.tx.QueryContext(ctx, `SELECT table_name, table_type FROM information_schema.tables
		WHERE table_catalog = current_database() AND table_schema = 'main' AND lower(table_name) = lower(?)`, l.Line.Entity)
	if err != nil {
		return false, l.s.fail("look for the table", err)
	}
	defer rows.Close()
	if !rows.Next() {
		return false, l.s.fail("look for the table", rows.Err())
	}
	if err := rows.Scan(&name, &what); err != nil {
		return false, l.s.fail("look for the table", err)
	}
	conflict := func(detail string) error {
		return stage.Reject(objref.Reason{Class: "table-conflict", Detail: fmt.Sprintf(detail, l.Line.Entity)})
	}
	switch {
	case what != "BASE TABLE":
		return false, conflict("a view called %s is in the sandbox, where the entity's table belongs; rename or drop the view")
	case name != l.Line.Entity:
		return false, conflict("the sandbox has a table whose name differs from %s by upper and lower case alone; rename the entity or the table")
	}
	return true, nil
}

// schema makes the table, or adds the columns and members that the object brings.
func (l *load) schema(ctx context.Context, exists bool) error {
	table := "main." + identifier(l.Line.Entity)
	if !exists {
		_, err := l.tx.ExecContext(ctx, `CREATE TABLE `+table+` AS SELECT * FROM `+l.source+` LIMIT 0`)
		return l.s.fail("make table "+l.Line.Entity, err)
	}
	have, err := l.describe(ctx, table)
	if err != nil {
		return err
	}
	there := make(map[string]column, len(have))
	for _, c := range have {
		there[strings.ToLower(c.name)] = c
	}
	want, err := l.describe(ctx, l.source)
	if err != nil {
		return err
	}
	for _, c := range want {
		if old, ok := there[strings.ToLower(c.name)]; ok {
			if err := l.column(ctx, old, c); err != nil {
				return err
			}
			continue
		}
		if _, err := l.tx.ExecContext(ctx, `ALTER TABLE `+table+` ADD COLUMN `+identifier(c.name)+` `+c.String()); err != nil {
			return l.s.fail("add column "+c.name, err)
		}
	}
	return nil
}

// describe lists the columns of a table or table function.
func (l *load) describe(ctx context.Context, relation string) ([]column, error) {
	rows, err := l.tx.QueryContext(ctx, `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM `+relation+`)`)
	if err != nil {
		return nil, l.s.fail("read the columns", err)
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var text string
		if err := rows.Scan(&c.name, &text); err != nil {
			return nil, l.s.fail("read the columns", err)
		}
		c.shape = shapeOf(text)
		columns = append(columns, c)
	}
	return columns, l.s.fail("read the columns", rows.Err())
}

// identifier quotes a name, so that keywords, spaces and quotes in it mean nothing.
func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func identifiers(names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = identifier(n)
	}
	return quoted
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
