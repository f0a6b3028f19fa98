package rival

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// CompareNested holds masked conversations against their source and writes a Verdict to standard output. Nobody else
// masks them, so that what is kept is compared, and what is masked is looked for.
type CompareNested struct {
	Source, Ours string // .parquet or .jsonl
}

// Run compares.
func (c CompareNested) Run(ctx context.Context) error { return write(c.judge(ctx)) }

func (c CompareNested) judge(ctx context.Context) (Verdict, error) { return compare(ctx, c.rows) }

// documents reads a file of conversations as one JSON document a row.
func documents(path string) string {
	if strings.HasSuffix(path, ".jsonl") {
		return "(SELECT json AS d FROM read_json_objects(" + literal(path) + ", format = 'newline_delimited'))"
	}
	return "(SELECT to_json(r) AS d FROM read_parquet(" + literal(path) + ") AS r)"
}

func (c CompareNested) rows(ctx context.Context, db *sql.Conn, v *Verdict) error {
	query := "SELECT count(o.d), count(s.d), count(*) FILTER (WHERE contains(o.d::VARCHAR, '@example.') OR contains(o.d::VARCHAR, '@mail.example.'))"
	kept := []string{
		"$.conversationId", "$.originatingDirection", "$.conversationInitiator", "$.participants[*].purpose", "$.participants[*].sessions[*].mediaType",
		"$.participants[*].sessions[*].segments[*].segmentType", "$.participants[*].sessions[*].segments[*].queueId",
	}
	for _, path := range kept {
		texts := "list_filter(json_extract_string(%s.d, [" + literal(path) + "])[1:1], x -> x IS NOT NULL)"
		if strings.Contains(path, "*") {
			texts = "list_filter(json_extract_string(%s.d, " + literal(path) + "), x -> x IS NOT NULL)"
		}
		query += ", count(*) FILTER (WHERE " + fmt.Sprintf(texts, "o") + " IS DISTINCT FROM " + fmt.Sprintf(texts, "s") + ")"
	}
	query += fmt.Sprintf(" FROM %s o POSITIONAL JOIN %s s", documents(c.Ours), documents(c.Source))
	var source, addresses int64
	differ := make([]int64, len(kept))
	to := []any{&v.Rows, &source, &addresses}
	for i := range differ {
		to = append(to, &differ[i])
	}
	if err := db.QueryRowContext(ctx, query).Scan(to...); err != nil {
		return fmt.Errorf("compare conversations: %w", err)
	}
	if v.Rows != source {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%d conversations, the source has %d", v.Rows, source))
	}
	if addresses > 0 {
		v.Wrong = append(v.Wrong, fmt.Sprintf("a customer's mail address is left in %d conversations", addresses))
	}
	for i, n := range differ {
		if n > 0 {
			v.Wrong = append(v.Wrong, fmt.Sprintf("%s is not what it was in %d conversations", kept[i], n))
		}
	}
	return nil
}
