// Package e2e runs the real binaries as a user does and looks at what they leave behind.
package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

// bin holds maskrail and the four workers, built once for all tests.
var bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "maskrail-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		bin = dir
		for name, pkg := range map[string]string{
			"maskrail":  "github.com/maskrail/maskrail/cmd/maskrail",
			"exporter":  "github.com/maskrail/maskrail/services/exporter/cmd/exporter",
			"masker":    "github.com/maskrail/maskrail/services/masker/cmd/masker",
			"validator": "github.com/maskrail/maskrail/services/validator/cmd/validator",
			"loader":    "github.com/maskrail/maskrail/services/loader/cmd/loader",
		} {
			build := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg)
			build.Stdout, build.Stderr = os.Stderr, os.Stderr
			if err := build.Run(); err != nil {
				fmt.Fprintf(os.Stderr, "build %s: %v\n", name, err)
				return 1
			}
		}
		return m.Run()
	}())
}

// result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// limit is far beyond what anything takes, also where other tests have the machine; a hang shall fail and not stall.
const limit = 5 * time.Minute

// maskrail runs a command line to its end.
func maskrail(t *testing.T, args ...string) result {
	t.Helper()
	return maskrailEnv(t, nil, args...)
}

func maskrailEnv(t *testing.T, env []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "maskrail"), args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("maskrail %s: %v", args[0], err)
	}
	if ctx.Err() != nil {
		t.Fatalf("maskrail %s did not end within %v\n%s", strings.Join(args, " "), limit, errs.String())
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// ok fails the test unless the command succeeded.
func (r result) ok(t *testing.T) result {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", r.code, r.stdout, r.stderr)
	}
	return r
}

// report is the last line of --json output.
type report struct {
	Run                                       string
	Rows                                      int64
	Loaded                                    int64
	Skipped                                   int64
	Rejected                                  int64
	Sandbox, Table, Raw, Masked, Trace, Error string
	Seconds                                   float64
	Stages                                    []struct {
		Stage   string
		Objects int
		Rows    int64
		Seconds float64
	}
	Objects []struct {
		File, State, Masked, Trace string
		Reason                     *struct{ Service, Class, Field, Detail string }
	}
	Again *report
}

func (r result) report(t *testing.T) report {
	t.Helper()
	lines := strings.Split(strings.TrimRight(r.stdout, "\n"), "\n")
	var out report
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &out); err != nil {
		t.Fatalf("last line of --json output is no JSON object: %v\nstdout: %s\nstderr: %s", err, r.stdout, r.stderr)
	}
	return out
}

// query returns the rows of a query on a DuckDB file, each cell as text.
func query(t *testing.T, file, q string, args ...any) [][]string {
	t.Helper()
	db, err := sql.Open("duckdb", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), q, args...)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		cells, into := make([]any, len(cols)), make([]any, len(cols))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(cols))
		for i, c := range cells {
			if c != nil {
				line[i] = fmt.Sprint(c)
			}
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// one is the only cell of a query.
func one(t *testing.T, file, q string, args ...any) string {
	t.Helper()
	rows := query(t, file, q, args...)
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s: want one cell, got %v", q, rows)
	}
	return rows[0][0]
}

// tree maps each file under dir to the digest of its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		sum := sha256.Sum256(b)
		out[rel] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// policyFile is the ready-made policy that the demo uses.
func policyFile(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../../policies/guide-interaction.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// keyFile makes a root key.
func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "root.key")
	maskrail(t, "keygen", "--out", path).ok(t)
	return path
}

// synth makes a file of interactions.
func synth(t *testing.T, name string, rows int, seed int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	maskrail(t, "synth", "--rows", fmt.Sprint(rows), "--seed", fmt.Sprint(seed), "--out", path).ok(t)
	return path
}
