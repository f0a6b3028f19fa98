package loader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/objref"
)

// temp is the folder of the objects that are being loaded. A database reads from a path, so that, other than
// elsewhere, the files have names: a killed process leaves one behind, with masked data, and the next one of the
// same environment removes it.
type temp struct {
	dir, prefix string
}

func openTemp(dir, environment string) (temp, error) {
	t := temp{dir: dir, prefix: "load-" + objref.Token(environment) + "."}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return t, fmt.Errorf("make the temporary folder: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return t, fmt.Errorf("list the temporary folder: %w", err)
	}
	for _, e := range entries {
		if ours, _ := filepath.Match(t.prefix+"*.parquet", e.Name()); ours {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	if err != nil {
		return t, fmt.Errorf("remove what a killed loader left: %w", err)
	}
	return t, nil
}

// fetch copies the object into a private file and returns its path and its SHA-256 in hex. The caller removes it.
func (t temp) fetch(ctx context.Context, store blob.Store, o objref.Object) (path, digest string, err error) {
	body, _, err := store.Get(ctx, o.Location(), blob.Range{})
	if err != nil {
		return "", "", err
	}
	defer body.Close()
	f, err := os.CreateTemp(t.dir, t.prefix+"*.parquet") // mode 0600
	if err != nil {
		return "", "", t.fail(err)
	}
	h := sha256.New()
	_, err = io.CopyBuffer(onlyWriter{io.MultiWriter(f, h)}, body, make([]byte, 256<<10))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", "", errors.Join(t.fail(err), os.Remove(f.Name()))
	}
	return f.Name(), hex.EncodeToString(h.Sum(nil)), nil
}

// fail names the folder when it is what failed; an error of the store passes through.
func (t temp) fail(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("temporary folder %s: %w; free some space there or name another folder", t.dir, p.Err)
	}
	return err
}

// onlyWriter hides ReadFrom, which would go around the digest.
type onlyWriter struct{ io.Writer }
