package rival

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Compare holds our output against another's, row for row, and writes a Verdict to standard output. Both have the rows in
// the source's order.
type Compare struct {
	Source, Ours, Theirs string
}

// Verdict is what is wrong with an output, without a value of it.
type Verdict struct {
	Rows  int64    `json:"rows"`
	Wrong []string `json:"wrong,omitempty"`
}

// tokens are compared by the groups that they make, within a tenant: equal where theirs are equal, and nowhere else.
var tokens = []string{"phoneNumber", "emailAddress", "externalId", "firstName", "lastName"}

// Run compares.
func (c Compare) Run(ctx context.Context) error { return write(c.judge(ctx)) }

func write(v Verdict, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(v)
}

func (c Compare) judge(ctx context.Context) (Verdict, error) {
	return compare(ctx, c.rows, c.groups, c.cards)
}

// compare takes steps, each of which adds what it finds to the verdict.
func compare(ctx context.Context, steps ...func(context.Context, *sql.Conn, *Verdict) error) (v Verdict, err error) {
	err = session(ctx, "", func(ctx context.Context, db *sql.Conn) error {
		if err := execute(ctx, db, fmt.Sprintf("SET threads = %d", threads), "SET TimeZone = 'UTC'", "SET memory_limit = '3GB'"); err != nil {
			return err
		}
		for _, step := range steps {
			if err := step(ctx, db, &v); err != nil {
				return err
			}
		}
		return nil
	})
	return v, err
}

// from joins the three files by position; interactionId says whether that is right.
func (c Compare) from() string {
	return fmt.Sprintf(" FROM %s o POSITIONAL JOIN %s t POSITIONAL JOIN %s s",
		Relation(c.Ours, false), Relation(c.Theirs, false), Relation(c.Source, false))
}

// count is a condition that no row may meet.
type count struct{ what, where string }

func (c Compare) rows(ctx context.Context, db *sql.Conn, v *Verdict) error {
	counts := []count{}
	for _, column := range Columns {
		if slices.Contains(tokens, column) {
			counts = append(counts, count{column + " is null in one of both", fmt.Sprintf("(o.%[1]s IS NULL) <> (t.%[1]s IS NULL)", column)},
				count{column + " is what it was", fmt.Sprintf("o.%[1]s = s.%[1]s", column)})
		} else if column != "notes" {
			counts = append(counts, count{column + " is not what theirs is", fmt.Sprintf("o.%[1]s IS DISTINCT FROM t.%[1]s", column)})
		}
	}
	counts = append(counts, count{"notes are null in one of both", "(o.notes IS NULL) <> (s.notes IS NULL)"})
	for _, p := range Patterns {
		if p.Class != "card" { // of which a check digit tells more
			counts = append(counts, count{"notes have something left of class " + p.Class,
				fmt.Sprintf("%s AND regexp_matches(o.notes, %s)", fmt.Sprintf(p.test, "o.notes"), literal(p.Expression))})
		}
	}
	own := []string{}
	for _, column := range []string{"firstName", "lastName", "phoneNumber", "emailAddress"} {
		own = append(own, fmt.Sprintf("contains(lower(s.notes), coalesce(lower(s.%s), chr(0)))", column))
	}
	counts = append(counts, count{"notes have changed where neither theirs have nor the row's own names stand in them",
		"o.notes <> s.notes AND t.notes = s.notes AND NOT (" + strings.Join(own, " OR ") + ")"})

	query := "SELECT count(o.interactionId), count(t.interactionId), count(s.interactionId)"
	for _, c := range counts {
		query += ", count(*) FILTER (WHERE " + c.where + ")"
	}
	ours, theirs, source, found := int64(0), int64(0), int64(0), make([]int64, len(counts))
	to := []any{&ours, &theirs, &source}
	for i := range found {
		to = append(to, &found[i])
	}
	if err := db.QueryRowContext(ctx, query+c.from()).Scan(to...); err != nil {
		return fmt.Errorf("compare rows: %w", err)
	}
	v.Rows = ours
	if ours != source || theirs != source {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%d rows, theirs has %d and the source %d", ours, theirs, source))
	}
	for i, n := range found {
		if n != 0 {
			v.Wrong = append(v.Wrong, fmt.Sprintf("%s: %d rows", counts[i].what, n))
		}
	}
	return nil
}

func (c Compare) groups(ctx context.Context, db *sql.Conn, v *Verdict) error {
	for _, column := range tokens {
		var pairs, ours, theirs int64
		query := fmt.Sprintf(`SELECT count(*), count(DISTINCT (g, o)), count(DISTINCT (g, t)) FROM
			(SELECT DISTINCT s.tenant_id AS g, o.%[1]s AS o, t.%[1]s AS t %[2]s)`, column, c.from())
		if err := db.QueryRowContext(ctx, query).Scan(&pairs, &ours, &theirs); err != nil {
			return fmt.Errorf("compare groups of %s: %w", column, err)
		}
		if pairs != ours || pairs != theirs {
			v.Wrong = append(v.Wrong, fmt.Sprintf("%s has %d different tokens where theirs has %d, in %d pairs", column, ours, theirs, pairs))
		}
	}
	return nil
}

// cards looks at what is left in notes that has a card's length. It may fail a card's check digit, or be a part of the
// interaction's id, which notes quote.
func (c Compare) cards(ctx context.Context, db *sql.Conn, v *Verdict) error {
	i := slices.IndexFunc(Patterns, func(p Pattern) bool { return p.Class == "card" })
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT number FROM
		(SELECT interactionId, unnest(regexp_extract_all(notes, %s)) AS number FROM %s WHERE regexp_matches(notes, '[0-9]{3}'))
		WHERE NOT contains(interactionId, number)`,
		literal(Patterns[i].Expression), Relation(c.Ours, false)))
	if err != nil {
		return fmt.Errorf("look for cards: %w", err)
	}
	defer rows.Close()
	left := 0
	for rows.Next() {
		var number string
		if err := rows.Scan(&number); err != nil {
			return err
		}
		if luhn(number) {
			left++
		}
	}
	if left > 0 {
		v.Wrong = append(v.Wrong, fmt.Sprintf("notes have %d cards left", left))
	}
	return rows.Err()
}

// luhn says whether the digits of s pass the check of card numbers (ISO/IEC 7812-1, annex B).
func luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		n := int(s[i] - '0')
		if double {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum, double = sum+n, !double
	}
	return sum%10 == 0
}
