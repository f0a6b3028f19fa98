package stack

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Dir is the folder of a stack. Everything that a stack keeps lies in it:
//
//	s3/<bucket>/<key>   the buckets, as plain folders
//	nats/               the streams
//	keys/               private keys of masker and validator, the demo's root key, the token for refreshes
//	trust/              the public ones, and which policies an environment allows (attest.TrustFolder)
//	<env>.duckdb        the sandbox of an environment
//	logs/               what the workers say
//	s3-credentials      access key and secret, in the format of an AWS shared credentials file
//	stack.json          the addresses of the stack that runs here
//	lock                held while it runs
type Dir string

func (d Dir) path(parts ...string) string {
	return filepath.Join(append([]string{string(d)}, parts...)...)
}

// Bucket is the folder of a bucket.
func (d Dir) Bucket(name string) string { return d.path("s3", name) }

// Sandbox is the DuckDB file of an environment.
func (d Dir) Sandbox(environment string) string { return d.path(environment + ".duckdb") }

// Credentials is the file with the S3 access key.
func (d Dir) Credentials() string { return d.path("s3-credentials") }

// RootKey is where the demo keeps its key.
func (d Dir) RootKey() string { return d.path("keys", "root.key") }

// Log is the file that the workers of an environment write to.
func (d Dir) Log(environment string) string { return d.path("logs", environment+".jsonl") }

// Environments are those that workers have worked for on the folder, by their logs and sandboxes.
func (d Dir) Environments() (names []string) {
	for _, pattern := range []string{d.Log("*"), d.Sandbox("*")} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			continue // a folder's own name can be a pattern that is none
		}
		for _, f := range files {
			names = append(names, strings.TrimSuffix(filepath.Base(f), filepath.Ext(f)))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// refreshToken is the file with the token of those who may ask the stack for an export, unless it is configured. It is made
// once.
func (d Dir) refreshToken() (string, error) {
	path := d.path("keys", "refresh.token")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	return path, writeFile(path, []byte(rand.Text()+rand.Text()+"\n"))
}

// ErrInUse means that another process runs a stack on the folder.
var ErrInUse = errors.New("in use by another process")

// make creates the folder and its parts, private to the user.
func (d Dir) make() error {
	for _, p := range []string{"", "s3", "nats", "keys", "logs", "tmp"} {
		if err := os.MkdirAll(d.path(p), 0o700); err != nil {
			return fmt.Errorf("create folder: %w (choose another with --dir)", err)
		}
	}
	return nil
}

// lock takes the folder for this process.
func (d Dir) lock() (*fileLock, error) {
	l, err := lockFile(d.path("lock"))
	if err != nil {
		return nil, fmt.Errorf("lock folder %s: %w", d, err)
	}
	return l, nil
}

// Info is what a running stack tells others on the same machine.
type Info struct {
	PID          int                    `json:"pid"`
	S3           string                 `json:"s3"`
	NATS         string                 `json:"nats"`
	HTTP         string                 `json:"http"`
	Credentials  string                 `json:"credentials"`
	Environments map[string]Environment `json:"environments"`
	Sources      []string               `json:"sources,omitempty"`      // that are exported
	RefreshToken string                 `json:"refreshToken,omitempty"` // file with the token of those who may ask for an export
}

// Environment is what the workers of an environment work with.
type Environment struct {
	Policies map[string]string `json:"policies"` // entity → digest
	Key      string            `json:"key"`      // fingerprint
	Epoch    int               `json:"epoch"`
	Sandbox  string            `json:"sandbox"`
}

// Info reads the addresses of the stack that runs on the folder.
func (d Dir) Info() (Info, error) {
	var i Info
	b, err := os.ReadFile(d.path("stack.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return i, fmt.Errorf("no stack runs on %s: start one with maskrail up --dir %s", d, d)
	}
	if err != nil {
		return i, fmt.Errorf("read stack.json: %w", err)
	}
	if err := json.Unmarshal(b, &i); err != nil {
		return i, fmt.Errorf("read %s: %w", d.path("stack.json"), err)
	}
	return i, nil
}

func (d Dir) writeInfo(i Info) error {
	b, err := json.MarshalIndent(i, "", "  ")
	if err != nil {
		return fmt.Errorf("write stack.json: %w", err)
	}
	return writeFile(d.path("stack.json"), append(b, '\n'))
}

// writeFile replaces a private file whole or not at all.
func writeFile(path string, b []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
