package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// Load is one transaction: ledger, table, rows, ledger line. See loader.Sink.
func (s *Sink) Load(ctx context.Context, b sink.Batch) (sink.Result, error) {
	if err := errors.Join(b.Check(), taken(b.Columns)); err != nil {
		return sink.Result{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.load(ctx, b, s.c.Threads)
	if errors.Is(err, errMemory) && s.c.Threads > 1 {
		// Each thread holds a row group of its own: what is too wide for several may fit one.
		return s.load(ctx, b, 1)
	}
	return r, err
}

func (s *Sink) load(ctx context.Context, b sink.Batch, threads int) (sink.Result, error) {
	ses, err := s.open(ctx, threads)
	if err != nil {
		return sink.Result{}, err
	}
	tx, err := ses.conn.BeginTx(ctx, nil)
	if err != nil {
		return sink.Result{}, errors.Join(s.fail("begin the load", err), ses.Close())
	}
	l := &load{Batch: b, s: s, tx: tx, source: source(b.File, false), numbered: source(b.File, true)}
	r, err := l.run(ctx)
	if err == nil {
		err = s.fail("commit the load", tx.Commit())
	} else {
		// A failed rollback says nothing new: the transaction is void either way once the file is closed.
		_ = tx.Rollback()
	}
	cerr := ses.Close()
	switch {
	case err == nil:
		// Committed. What closing could not write into the tables' pages is in the log beside the file, and the
		// next opening writes it.
		return r, nil
	case ctx.Err() != nil:
		return sink.Result{}, context.Cause(ctx)
	case cerr != nil:
		return sink.Result{}, errors.Join(err, s.fail("close the sandbox file", cerr))
	default:
		return sink.Result{}, err
	}
}

// load is one transaction on its way.
type load struct {
	sink.Batch
	s        *Sink
	tx       *sql.Tx
	source   string // the table function that reads the file
	numbered string // the same with the column position
}

func (l *load) run(ctx context.Context) (sink.Result, error) {
	steps := []func(context.Context) error{l.ledger, l.names}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return sink.Result{}, err
		}
	}
	exists, err := l.table(ctx)
	if err != nil {
		return sink.Result{}, err
	}
	if err := l.forget(ctx, exists); err != nil {
		return sink.Result{}, err
	}
	if exists {
		if r, known, err := l.known(ctx); err != nil || known {
			return r, err
		}
		if err := l.sameKey(ctx); err != nil {
			return sink.Result{}, err
		}
	}
	if err := l.schema(ctx, exists); err != nil {
		return sink.Result{}, err
	}
	r, err := l.insert(ctx)
	if err != nil {
		return sink.Result{}, err
	}
	return r, l.write(ctx, r)
}

const createLedger = `CREATE TABLE IF NOT EXISTS main.` + sink.Ledger + ` (
	entity VARCHAR, environment VARCHAR, run VARCHAR, tenant VARCHAR,
	object_sha256 VARCHAR, object VARCHAR, source VARCHAR,
	rows BIGINT, loaded BIGINT, skipped BIGINT,
	policy VARCHAR, key_fingerprint VARCHAR, key_epoch INTEGER,
	masker VARCHAR, validator VARCHAR,
	loaded_at TIMESTAMP,
	superseded BOOLEAN)`

// ledger makes the ledger's table when it is missing. superseded marks the lines of a table that was dropped
// or emptied since, whose rows are there no more.
func (l *load) ledger(ctx context.Context) error {
	_, err := l.tx.ExecContext(ctx, createLedger)
	return l.s.fail("make table "+sink.Ledger, err)
}

func (l *load) write(ctx context.Context, r sink.Result) error {
	n := l.Line
	_, err := l.tx.ExecContext(ctx, `INSERT INTO main.`+sink.Ledger+` (entity, environment, run, tenant, object_sha256, object, source,
		rows, loaded, skipped, policy, key_fingerprint, key_epoch, masker, validator, loaded_at, superseded)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, false)`,
		n.Entity, n.Environment, n.Run, n.Tenant, n.SHA256, n.Object, n.Source,
		l.Rows, r.Loaded, r.Skipped, n.Policy, n.KeyFingerprint, n.KeyEpoch, n.Masker, n.Validator, time.Now().UTC())
	return l.s.fail("write the ledger's line", err)
}

// known reports whether the object's bytes were loaded into this table before. What this very run loaded has the result
// that it had then: the process was killed after the commit and before anybody heard of it.
func (l *load) known(ctx context.Context) (r sink.Result, known bool, err error) {
	var same bool
	err = l.tx.QueryRowContext(ctx, `SELECT loaded, skipped, run = ? AND source = ? FROM main.`+sink.Ledger+`
		WHERE entity = ? AND object_sha256 = ? AND NOT superseded ORDER BY 3 DESC LIMIT 1`,
		l.Line.Run, l.Line.Source, l.Line.Entity, l.Line.SHA256).Scan(&r.Loaded, &r.Skipped, &same)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return sink.Result{}, false, nil
	case err != nil:
		return sink.Result{}, false, l.s.fail("read the ledger", err)
	case same:
		return r, true, nil
	}
	return sink.Result{Skipped: l.Rows, Known: true}, true, nil
}

// sameKey refuses tokens that would not match those in the table: of another key, or of the same for another
// environment.
func (l *load) sameKey(ctx context.Context) error {
	var epoch int
	var finger, environment string
	err := l.tx.QueryRowContext(ctx, `SELECT key_epoch, key_fingerprint, environment FROM main.`+sink.Ledger+`
		WHERE entity = ? AND loaded > 0 AND NOT superseded AND (key_epoch <> ? OR key_fingerprint <> ? OR environment <> ?) LIMIT 1`,
		l.Line.Entity, l.Line.KeyEpoch, l.Line.KeyFingerprint, l.Line.Environment).Scan(&epoch, &finger, &environment)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return l.s.fail("read the ledger", err)
	}
	if environment != l.Line.Environment {
		return stage.Reject(objref.Reason{Class: "environment-mismatch", Detail: fmt.Sprintf(
			"the rows in table %s are environment %s's, whose tokens match no other's; give each environment a sandbox file of its own", l.Line.Entity, environment)})
	}
	what := fmt.Sprintf("key epoch %d, the object's are of epoch %d", epoch, l.Line.KeyEpoch)
	if epoch == l.Line.KeyEpoch {
		what = "another key with the same epoch"
	}
	return stage.Reject(objref.Reason{Class: "key-mismatch", Detail: fmt.Sprintf(
		"the rows in table %s hold tokens of %s, and tokens of two keys never match; use the earlier key, "+
			"or drop the table (or name a new sandbox file) and replay everything under the new one", l.Line.Entity, what)})
}

// forget voids the lines whose rows are not there any more: all of a table that was dropped, and those with rows of one
// that was emptied. What the ledger says would otherwise keep a replay from bringing them back.
func (l *load) forget(ctx context.Context, exists bool) error {
	lines := ``
	if exists {
		lines = ` AND rows > 0 AND NOT EXISTS (FROM main.` + identifier(l.Line.Entity) + `)`
	}
	_, err := l.tx.ExecContext(ctx, `UPDATE main.`+sink.Ledger+` SET superseded = true WHERE entity = ? AND NOT superseded`+lines, l.Line.Entity)
	return l.s.fail("void the ledger's lines of a dropped or emptied table", err)
}
