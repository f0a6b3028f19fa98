package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/maskrail/maskrail/services/loader/sink"
)

// errMemory means that the load does not fit the memory limit.
var errMemory = errors.New("not enough memory")

// kind is the fixed word before the colon of a DuckDB message. What follows can quote a value from a row and is
// dropped, except for errors of the file system, which hold a path and the system's reason.
var kind = regexp.MustCompile(`^[A-Za-z-]+( [A-Za-z]+){0,2} (Error|error|Exception|exception)$`)

// noRoom are the system's words for a disk, a quota or a file that is full, and DuckDB's for its own folder.
var noRoom = []string{"No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size", "not enough space on the disk"}

// fail says what went wrong without a value from the data.
func (s *Sink) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", op, err)
	}
	for _, words := range noRoom {
		if strings.Contains(err.Error(), words) {
			return fmt.Errorf("%s: %w in %s or %s (%s); nothing was loaded: free some and the load is tried again",
				op, sink.ErrFull, filepath.Dir(s.c.Path), s.temp, words)
		}
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", op, p)
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		// Errors of opening are text alone; they quote paths and options.
		if _, text, ok := strings.Cut(err.Error(), "could not connect to database: "); ok {
			return s.message(op, text)
		}
		return fmt.Errorf("%s: the DuckDB driver failed (%T)", op, err)
	}
	return s.message(op, e.Msg)
}

func (s *Sink) message(op, msg string) error {
	word, rest, _ := strings.Cut(msg, ": ")
	switch {
	case strings.Contains(msg, "not a valid DuckDB database file"):
		return fmt.Errorf("%s: it is not a DuckDB database; move it away or name another file", op)
	case strings.Contains(msg, "storage version") || strings.Contains(msg, "newer version of DuckDB"):
		return fmt.Errorf("%s: it was written by a DuckDB that this one cannot read; move it away and reload by replay", op)
	case strings.Contains(rest, "temp_directory") || word == "Out of Memory Error":
		return fmt.Errorf("%s: %w: the limit is %s; raise it", op, errMemory, s.c.Memory)
	case word == "Constraint Error":
		return fmt.Errorf("%s: a constraint that somebody added to the table refuses a row; drop the constraint", op)
	case word == "Dependency Error":
		return fmt.Errorf("%s: an index that somebody made on the table stands in the way; drop the index", op)
	case word == "INTERRUPT Error":
		return fmt.Errorf("%s: %w", op, context.Canceled)
	case word == "IO Error":
		line, _, _ := strings.Cut(rest, "\n")
		return fmt.Errorf("%s: %s", op, line)
	case kind.MatchString(word):
		return fmt.Errorf("%s: DuckDB reports: %s", op, strings.ToLower(word))
	default:
		return fmt.Errorf("%s: DuckDB failed without a reason", op)
	}
}
