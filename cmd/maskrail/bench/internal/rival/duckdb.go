// Package rival is what else would do the masker's work, or a part of it: the tools that users would take, and the
// floors under any program that reads and writes these files.
package rival

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver's name is duckdb
)

// DuckDB masks interactions with SQL, as well as SQL can: it has no scrub of a row's own names and no tenant's keys.
type DuckDB struct {
	In, Out string // .parquet or .jsonl
	Threads int
	// Tuned puts a cheap test for a digit or an @ in front of each regular expression, and does not keep the rows in order.
	Tuned bool
}

// Run writes Out.
func (d DuckDB) Run(ctx context.Context) error {
	return session(ctx, "", func(ctx context.Context, db *sql.Conn) error {
		settings := []string{
			fmt.Sprintf("SET threads = %d", d.Threads), "SET TimeZone = 'UTC'",
			// Nothing is fetched from the network.
			"SET autoinstall_known_extensions = false",
		}
		if d.Tuned {
			settings = append(settings, "SET preserve_insertion_order = false")
		}
		return execute(ctx, db, append(settings, d.statement())...)
	})
}

func (d DuckDB) statement() string {
	format := "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 131072"
	if strings.HasSuffix(d.Out, ".jsonl") {
		format = "FORMAT json"
	}
	return fmt.Sprintf("COPY (SELECT * REPLACE (%s) FROM %s) TO %s (%s)",
		strings.Join(d.masked(), ", "), Relation(d.In, strings.HasSuffix(d.Out, ".jsonl")), literal(d.Out), format)
}

// masked are the columns that change. Telephone numbers and mail addresses have their spelling taken out first: without it
// one person would be several.
func (d DuckDB) masked() []string {
	return []string{
		token("right(translate(phoneNumber, '+()- ', ''), 10)") + " AS phoneNumber",
		token("lower(emailAddress)") + " AS emailAddress",
		token("externalId") + " AS externalId",
		"'User_' || " + token("firstName") + " AS firstName",
		"'User_' || " + token("lastName") + " AS lastName",
		"lpad(right(cardNumber, 4), length(translate(cardNumber, ' -', ''))::INTEGER, '*') AS cardNumber",
		"CASE WHEN ssn IS NOT NULL THEN '[MASKED]' END AS ssn",
		"date_trunc('year', dateOfBirth)::DATE AS dateOfBirth",
		d.notes() + " AS notes",
	}
}

// token has 132 bits, as many as the masker's: 33 hex digits.
func token(value string) string { return "left(sha256('" + salt + "' || " + value + "), 33)" }

const salt = "a salt that nobody else knows"

// Pattern is a class of what must not stay in notes, as a regular expression that a careful user would write.
type Pattern struct {
	Class, Expression, Label string
	test                     string // true wherever the expression matches, and cheaper
}

// Patterns are the four classes, in the order in which they are replaced: a card before a number, of which a part of it
// would look like.
var Patterns = []Pattern{
	{"email", `[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`, "[EMAIL]", "contains(%s, '@')"},
	{"card", `\b(?:\d{4}[ -]?){3}\d{4}\b|\b3[47]\d{13}\b`, "[CARD]", digits},
	{"ssn", `\b\d{3}-\d{2}-\d{4}\b`, "[SSN]", digits},
	{"phone", `(?:\+1[ .-]?\(?|\(|\b)\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b`, "[PHONE]", digits},
}

const digits = `regexp_matches(%s, '[0-9]{3}')`

func (d DuckDB) notes() string {
	notes := "notes"
	for _, p := range Patterns {
		replaced := fmt.Sprintf("regexp_replace(%s, %s, %s, 'g')", notes, literal(p.Expression), literal(p.Label))
		if d.Tuned {
			replaced = fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", fmt.Sprintf(p.test, "notes"), replaced, notes)
		}
		notes = replaced
	}
	return notes
}

// Relation reads a file of interactions. Where the output is JSON as well, times stay the texts that they are.
func Relation(path string, texts bool) string {
	if !strings.HasSuffix(path, ".jsonl") {
		return "read_parquet(" + literal(path) + ")"
	}
	clock := "TIMESTAMPTZ"
	if texts {
		clock = "VARCHAR"
	}
	var columns []string
	for _, c := range Columns {
		kind := map[string]string{"startTime": clock, "endTime": clock, "durationMs": "BIGINT", "dateOfBirth": "DATE"}[c]
		if kind == "" {
			kind = "VARCHAR"
		}
		columns = append(columns, c+": '"+kind+"'")
	}
	return "read_json(" + literal(path) + ", format = 'newline_delimited', columns = {" + strings.Join(columns, ", ") + "})"
}

// session runs work on the one connection of a database, which is in memory where path is empty.
func session(ctx context.Context, path string, work func(context.Context, *sql.Conn) error) (err error) {
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return fmt.Errorf("open DuckDB: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to DuckDB: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return work(ctx, conn)
}

func execute(ctx context.Context, db *sql.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("DuckDB: %w", err)
		}
	}
	return nil
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
