// Package duckdb is the sandbox in a DuckDB file, and the only door to DuckDB.
//
// The file is open during a load and closed between loads, so that analysts can open it with any DuckDB client.
// The tables have no primary key and no index: recovery of an index after a kill has open bugs, and a load finds
// what is there by an anti-join inside its transaction, which the lock on the file makes safe.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/objref"
)

// Config says where the sandbox is and what a load may use.
type Config struct {
	Path        string        // the database file; it is created by the first load
	TempDir     string        // private folder for intermediate results; "" is the file's name with ".work" added
	Memory      string        // DuckDB's memory limit, e.g. "400MB"; the process needs up to 200 MB beyond it
	Threads     int           // DuckDB's threads
	LockWait    time.Duration // how long a load waits for another process that has the file open
	Environment string        // tells the intermediate results of several sandboxes apart
}

// Default is the configuration for a sandbox file at path.
func Default(environment, path string) Config {
	return Config{Path: path, Memory: "400MB", Threads: 2, LockWait: 20 * time.Second, Environment: environment}
}

// Sink is a sandbox in a DuckDB file. One load runs at a time.
type Sink struct {
	c    Config
	temp string // c.TempDir or what stands for it, absolute
	mu   sync.Mutex
}

// New prepares the folders and removes what a killed process left in them. It does not open the file.
func New(c Config) (*Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, fmt.Errorf("sandbox file: %w", err)
	}
	c.Path = path
	c = c.WithTempDir()
	temp, err := filepath.Abs(c.TempDir)
	if err != nil {
		return nil, fmt.Errorf("temporary folder: %w", err)
	}
	s := &Sink{c: c, temp: temp}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the sandbox's folder: %w", err)
	}
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, fmt.Errorf("make the temporary folder: %w", err)
	}
	return s, s.clean()
}

// WithTempDir is c with the temporary folder that stands for an empty one.
func (c Config) WithTempDir() Config {
	if c.TempDir == "" {
		c.TempDir = c.Path + ".work"
	}
	return c
}

// Validate names the first setting that is wrong and what is right.
func (c Config) Validate() error {
	switch _, err := url.Parse(c.Path); {
	case c.Path == "":
		return errors.New("sandbox: no file is named; give the path of a DuckDB file")
	case strings.ContainsAny(c.Path, "?*[") || err != nil:
		return errors.New("sandbox: DuckDB cannot open a path with ? * [ or % in it; choose another folder")
	case strings.ContainsAny(c.TempDir, "?*["):
		return errors.New("temporary folder: DuckDB cannot read from a path with ? * or [ in it; choose another one")
	case c.Threads < 1:
		return fmt.Errorf("threads: %d, must be at least 1", c.Threads)
	case !memory.MatchString(c.Memory):
		return errors.New(`memory: must be a number and a unit, as in "400MB"`)
	case c.LockWait < 0:
		return errors.New("lock wait: must not be negative")
	}
	return nil
}

func (s *Sink) spill() string {
	return filepath.Join(s.temp, "spill-"+objref.Token(s.c.Environment))
}

// clean removes the intermediate results that a killed process left behind.
func (s *Sink) clean() error {
	if err := os.RemoveAll(s.spill()); err != nil {
		return fmt.Errorf("remove what an earlier load left in the temporary folder: %w", err)
	}
	return nil
}

// Ready reports whether the sandbox's folder can be used. It does not open the file: an analyst may have it.
func (s *Sink) Ready(context.Context) error {
	for _, dir := range []string{filepath.Dir(s.c.Path), s.temp} {
		if i, err := os.Stat(dir); err != nil || !i.IsDir() {
			return fmt.Errorf("folder %s is not there; make it or change the configuration", dir)
		}
	}
	return nil
}
