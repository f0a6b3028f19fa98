package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/maskrail/maskrail/libs/synth"
)

// data is a file of records.
type data struct {
	Path   string
	Entity string
	Notes  string
	Rows   int64
	Seed   uint64 // 0 is seed
	// Odd is a Parquet file in the encodings that few writers use: V2 pages, deltas.
	Odd bool
}

// The kinds of data, without path and rows.
var (
	plain        = data{Entity: synth.Interactions, Notes: synth.Plain}
	rich         = data{Entity: synth.Interactions, Notes: synth.Rich}
	odd          = data{Entity: synth.Interactions, Notes: synth.Plain, Odd: true}
	conversation = data{Entity: synth.Conversations}
)

const seed = 1

// Run makes the file.
func (d *data) Run(ctx context.Context) error {
	f := synth.File{Path: d.Path, Entity: d.Entity, Notes: d.Notes, Seed: max(d.Seed, seed), Rows: d.Rows}
	if d.Odd {
		return writeOdd(ctx, d.Path, seed, d.Rows)
	}
	return synth.Write(ctx, f, nil)
}

// file is the path of data of a kind, which is made where it is not there yet.
func (b *bench) file(ctx context.Context, kind data, ending string, rows int64) (string, error) {
	name := kind.Entity
	if kind.Notes != "" {
		name += "-" + kind.Notes
	}
	if kind.Odd {
		name += "-odd"
	}
	if kind.Seed > seed {
		name += fmt.Sprintf("-%d", kind.Seed)
	}
	kind.Rows, kind.Path = rows, filepath.Join(b.data, fmt.Sprintf("%s-%d%s", name, rows, ending))
	if _, err := os.Stat(kind.Path); err == nil {
		return kind.Path, nil
	}
	b.say("%6.0fs  make %s\n", time.Since(b.began).Seconds(), filepath.Base(kind.Path))
	_, _, err := b.play("data", &kind).Run(ctx)
	return kind.Path, err
}

// findData says where the data is. What synth made before it or the Parquet writer changed is of no use any more, and
// removed.
func (b *bench) findData(ctx context.Context) error {
	_, out, err := b.play("stamp", stamp{}).Run(ctx)
	if err != nil {
		return err
	}
	var id string
	if err := json.Unmarshal(out, &id); err != nil {
		return fmt.Errorf("stamp: %w", err)
	}
	b.data = filepath.Join(b.dir, "data-"+id)
	old, err := filepath.Glob(filepath.Join(b.dir, "data-*"))
	if err != nil {
		return err
	}
	for _, dir := range old {
		if dir != b.data {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return os.MkdirAll(b.data, 0o755)
}

// stamp reports a digest of a little data of every kind: it changes with whatever makes the data.
type stamp struct{}

func (stamp) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "maskrail-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	h := sha256.New()
	for i, kind := range []data{plain, rich, odd, conversation} {
		for _, ending := range []string{".parquet", ".jsonl"} {
			if kind.Odd && ending != ".parquet" {
				continue
			}
			kind.Path, kind.Rows = filepath.Join(dir, fmt.Sprint(i)+ending), 500
			if err := kind.Run(ctx); err != nil {
				return err
			}
			if err := digest(h, kind.Path); err != nil {
				return err
			}
		}
	}
	return report(hex.EncodeToString(h.Sum(nil))[:12])
}

func digest(h io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(h, f)
	return err
}

// sum is the digest of a file's bytes.
func sum(path string) (string, error) {
	h := sha256.New()
	if err := digest(h, path); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
