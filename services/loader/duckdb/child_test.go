package duckdb_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/maskrail/maskrail/services/loader/duckdb"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// children are the parts this binary can play as another process.
var children = map[string]func() error{"load": childLoad, "hold": childHold}

// order is what a child is told on its standard input.
type order struct {
	Config  duckdb.Config
	Batches []sink.Batch
	MaxFile uint64 // limit on the size of a file; 0 means none
}

// start runs this binary as another process. Its output comes line by line from the scanner's reader.
func start(t testing.TB, part string, o order) (*exec.Cmd, io.ReadCloser) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), child+"="+part)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(in)), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func orders() (o order, err error) {
	err = json.NewDecoder(os.Stdin).Decode(&o)
	return o, err
}

// childLoad loads every batch in turn, writes a line for each, and the most memory that the process had.
func childLoad() error {
	o, err := orders()
	if err != nil {
		return err
	}
	if o.MaxFile > 0 {
		signal.Ignore(syscall.SIGXFSZ)
		limit := syscall.Rlimit{Cur: o.MaxFile, Max: o.MaxFile}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
	}
	s, err := duckdb.New(o.Config)
	if err != nil {
		return err
	}
	for _, b := range o.Batches {
		r, err := s.Load(context.Background(), b)
		switch {
		case errors.Is(err, sink.ErrFull):
			fmt.Printf("full: %v\n", err)
		case err != nil:
			return err
		default:
			fmt.Printf("loaded %d skipped %d\n", r.Loaded, r.Skipped)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(status)) {
			if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				fmt.Println("peak", strings.Fields(kb)[0])
			}
		}
	}
	return nil
}

// childHold keeps the file open, as an analyst's shell does, until its standard output is closed on the other side.
func childHold() error {
	o, err := orders()
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", o.Config.Path)
	if err != nil {
		return err
	}
	if err := db.Ping(); err != nil {
		return err
	}
	fmt.Println("open")
	select {} // until it is killed
}
