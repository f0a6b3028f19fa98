package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/maskrail/maskrail/libs/retry"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/sink"
)

var (
	memory = regexp.MustCompile(`^[1-9][0-9]*(\.[0-9]+)? ?([KMGT]i?B)$`)
	// holder is how DuckDB names the process that has the file.
	holder = regexp.MustCompile(`Conflicting lock is held in (.+?) \(PID (\d+)\)`)
	locked = regexp.MustCompile(`Could not set lock on file|being used by another process`)
)

// busyPause is the rest between two loads that found the file in use: short, because an analyst's query ends soon,
// and a message is not used up by it.
const busyPause = 15 * time.Second

// session is the open file.
type session struct {
	db   *sql.DB
	conn *sql.Conn
}

func (s *session) Close() error { return errors.Join(s.conn.Close(), s.db.Close()) }

// open waits for the file and sets the limits. While the session is open no other process can open the file.
func (s *Sink) open(ctx context.Context, threads int) (*session, error) {
	var connector *driver.Connector
	wait, cancel := context.WithTimeout(ctx, s.c.LockWait)
	defer cancel()
	var lastErr error
	err := retry.Do(wait, retry.Policy{Initial: 50 * time.Millisecond, Max: time.Second}, func(context.Context) (err error) {
		connector, err = driver.NewConnector(s.c.Path, nil)
		if lastErr = err; err != nil && !locked.MatchString(err.Error()) {
			return retry.Permanent(err)
		}
		return err
	})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case lastErr == nil:
		return nil, stage.RetryAfter(fmt.Errorf("%w: no time to wait for sandbox file %s", sink.ErrBusy, s.c.Path), busyPause)
	case locked.MatchString(lastErr.Error()):
		return nil, stage.RetryAfter(s.busy(lastErr), busyPause)
	default:
		return nil, s.fail("open sandbox file "+s.c.Path, lastErr)
	}
	db := sql.OpenDB(connector) // closes the connector
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(s.fail("connect to sandbox file "+s.c.Path, err), db.Close())
	}
	ses := &session{db: db, conn: conn}
	if err := s.limit(ctx, conn, threads); err != nil {
		return nil, errors.Join(s.fail("set the sandbox's limits", err), ses.Close())
	}
	return ses, nil
}

// busy names the file and who has it.
func (s *Sink) busy(err error) error {
	who := "another process"
	if m := holder.FindStringSubmatch(err.Error()); m != nil {
		who = fmt.Sprintf("%s (process %s)", filepath.Base(m[1]), m[2])
	}
	return fmt.Errorf("%w: sandbox file %s is open in %s: a DuckDB shell, notebook or BI tool that stays connected, also for reading, "+
		"keeps loads waiting; disconnect it and the load goes on by itself", sink.ErrBusy, s.c.Path, who)
}

// limit applies to the database instance, which another connection of this process may share: what is set already
// is not set again, because DuckDB refuses to move a folder for intermediate results that is in use.
func (s *Sink) limit(ctx context.Context, conn *sql.Conn, threads int) error {
	var temp string
	if err := conn.QueryRowContext(ctx, `SELECT current_setting('temp_directory')`).Scan(&temp); err != nil {
		return err
	}
	settings := []string{
		`SET memory_limit = ` + literal(s.c.Memory),
		fmt.Sprintf(`SET threads = %d`, threads),
		// Row groups go to the disk one by one.
		`SET write_buffer_row_group_count = 1`,
		// Without it a load of any size streams, instead of keeping batches back to put them in order.
		`SET preserve_insertion_order = false`,
		// What a load needs is linked in; nothing is fetched from the network.
		`SET autoinstall_known_extensions = false`,
		`SET autoload_known_extensions = false`,
	}
	if spill := s.spill(); temp != spill {
		if err := os.MkdirAll(spill, 0o700); err != nil {
			return err
		}
		settings = append(settings, `SET temp_directory = `+literal(spill))
	}
	for _, q := range settings {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
