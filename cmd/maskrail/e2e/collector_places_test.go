package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// place is somewhere to look: a file, its name or its extended attributes, which hold an object's metadata.
type place struct {
	name    string // for messages
	path    string // inside the folder, with slashes
	content []byte
	mode    mode
}

// places are all that a folder holds, files and folders, hidden ones too.
func places(t *testing.T, dir string) []place {
	t.Helper()
	var out []place
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		attributes, err := extended(path)
		if err != nil {
			return fmt.Errorf("extended attributes of %s: %w", rel, err)
		}
		out = append(out, place{"name of " + rel, rel, []byte(rel), text}, place{"attributes of " + rel, rel, attributes, text})
		if !d.Type().IsRegular() {
			return nil
		}
		files++
		content, err := os.ReadFile(path)
		out = append(out, place{rel, rel, opened(content), textual(rel)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("no file in %s: there is nothing to look at", dir)
	}
	return out
}

// extended are the names and values of a file's extended attributes, none where the file system has none.
func extended(path string) ([]byte, error) {
	names := make([]byte, 64<<10)
	n, err := unix.Llistxattr(path, names)
	if errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := append([]byte{}, names[:n]...)
	for name := range strings.SplitSeq(strings.Trim(string(names[:n]), "\x00"), "\x00") {
		if name == "" {
			continue
		}
		value := make([]byte, 64<<10)
		n, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			return nil, err
		}
		out = append(append(out, '\n'), value[:n]...)
	}
	return out, nil
}

// textual says how a file is to be searched: the stores' own formats and Parquet are bytes, the rest is text.
func textual(rel string) mode {
	switch filepath.Ext(rel) {
	case ".json", ".jsonl", ".yaml", ".pem", ".key":
		return text
	}
	return binary
}

// opened is an attestation with its statement, which stands in it as base64, as text.
func opened(content []byte) []byte {
	var envelope struct{ Payload []byte }
	if json.Unmarshal(content, &envelope) == nil && len(envelope.Payload) > 0 {
		return append(append([]byte{}, content...), envelope.Payload...)
	}
	return content
}

// cells are all cells of a table as text, a row a line, with the columns' names first. A byte that no value holds
// stands between two cells.
func cells(t *testing.T, file, table string) []byte {
	t.Helper()
	var b strings.Builder
	for _, r := range query(t, file, "SELECT column_name FROM (DESCRIBE SELECT * FROM "+table+")") {
		b.WriteString(r[0] + "\x1f")
	}
	for _, r := range query(t, file, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "+table) {
		b.WriteString("\n" + strings.Join(r, "\x1f"))
	}
	return []byte(b.String())
}

// tables are the names of all tables and views of a DuckDB file.
func tables(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	for _, r := range query(t, file, `SELECT '"' || table_schema || '"."' || table_name || '"' FROM information_schema.tables`) {
		out = append(out, r[0])
	}
	return out
}

func raw(path string) bool {
	return path == "s3/maskrail-raw" || strings.HasPrefix(path, "s3/maskrail-raw/")
}

// searchDir looks at every place under a stack's folder where nothing sensitive may be: all but the raw bucket and the
// files in own, which the user laid there. It tells to of each find, and returns how many masked rows it read.
func (s *secrets) searchDir(t *testing.T, to teller, dir string, own ...string) (rows int) {
	t.Helper()
	skip := map[string]bool{}
	for _, path := range own {
		skip[path] = true
	}
	for _, p := range places(t, dir) {
		if raw(p.path) || skip[p.path] {
			continue
		}
		s.absent(to, p.name, p.content, p.mode)
		full := filepath.Join(dir, filepath.FromSlash(p.path))
		switch {
		case p.name != p.path: // not the file itself
		case strings.HasPrefix(p.path, "s3/") && strings.HasSuffix(p.path, ".parquet"):
			all := cells(t, "", fmt.Sprintf("read_parquet('%s')", full))
			rows += strings.Count(string(all), "\n")
			s.absent(to, "rows of "+p.path, all, text)
		case strings.HasSuffix(p.path, ".duckdb"):
			for _, table := range tables(t, full) {
				s.absent(to, p.path+" table "+table, cells(t, full, table), text)
			}
		}
	}
	return rows
}

// searchSpans looks at what was exported, as bytes and decoded.
func (s *secrets) searchSpans(t *testing.T, c *collector) {
	t.Helper()
	spans := c.spans(t)
	if len(spans) == 0 {
		t.Error("no spans were exported: nothing was looked at")
	}
	s.absent(t, "exported bytes", c.raw(), binary)
	for _, sp := range spans {
		s.absent(t, "span "+sp.name, []byte(sp.String()), text)
	}
}
