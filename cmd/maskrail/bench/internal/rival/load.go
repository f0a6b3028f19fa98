package rival

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/maskrail/maskrail/services/loader/duckdb"
	"github.com/maskrail/maskrail/services/loader/sink"
)

const loadedTable = "interaction"

// Loader loads a masked file into a new sandbox as the pipeline does, with ledger and limits.
type Loader struct {
	File, Database string
	Rows           int64
}

// Run loads.
func (l Loader) Run(ctx context.Context) error {
	s, err := duckdb.New(duckdb.Default("bench", l.Database))
	if err != nil {
		return err
	}
	r, err := s.Load(ctx, sink.Batch{
		File: l.File, Rows: l.Rows, Columns: Columns, Tenant: "tenant_id", Key: []string{"interactionId"},
		Line: sink.Line{
			Entity: loadedTable, Environment: "bench", Run: "bench", Tenant: "_", SHA256: "bench", Object: "bench", Source: "bench",
			Policy: "bench", KeyFingerprint: "bench", KeyEpoch: 1, Masker: "bench", Validator: "bench",
		},
	})
	if err == nil && r.Loaded != l.Rows {
		err = fmt.Errorf("%d rows are loaded, of %d", r.Loaded, l.Rows)
	}
	return err
}

// Insert loads the same file with one statement in a session of DuckDB with its own settings.
type Insert struct {
	File, Database string
	Rows           int64
}

// Run inserts.
func (i Insert) Run(ctx context.Context) error {
	return session(ctx, i.Database, func(ctx context.Context, db *sql.Conn) error {
		from := Relation(i.File, false)
		if err := execute(ctx, db, fmt.Sprintf("SET threads = %d", threads), "SET TimeZone = 'UTC'",
			"CREATE TABLE "+loadedTable+" AS FROM "+from+" LIMIT 0",
			"INSERT INTO "+loadedTable+" BY NAME SELECT s.* FROM "+from+" AS s ANTI JOIN "+loadedTable+
				" AS t ON s.tenant_id IS NOT DISTINCT FROM t.tenant_id AND s.interactionId IS NOT DISTINCT FROM t.interactionId"); err != nil {
			return err
		}
		var n int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+loadedTable).Scan(&n); err != nil {
			return err
		}
		if n != i.Rows {
			return fmt.Errorf("%d rows are inserted, of %d", n, i.Rows)
		}
		return nil
	})
}
