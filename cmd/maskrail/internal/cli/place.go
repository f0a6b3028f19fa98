package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/maskrail/maskrail/libs/app"
)

// writable is W_OK of access(2).
const writable = 2

// checkFolder says before any work whether a folder can be used, or made. It changes nothing.
func checkFolder(flag, path string) error {
	there := path
	for {
		info, err := os.Stat(there)
		if err == nil && !info.IsDir() {
			return app.Usage(fmt.Errorf("%s %s: %s is a file, not a folder: choose another", flag, path, there))
		}
		if err == nil {
			break
		}
		parent := filepath.Dir(there)
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) || parent == there {
			return app.Usage(fmt.Errorf("%s %s: %w: choose another", flag, path, err))
		}
		there = parent
	}
	if err := syscall.Access(there, writable); err != nil {
		return app.Usage(fmt.Errorf("%s %s: no right to write to %s (%w): choose another", flag, path, there, err))
	}
	return nil
}

// checkOut says before any work whether a file can be written: its folder must be there.
func checkOut(flag, path string) error {
	if path == "" {
		return app.Usage(fmt.Errorf("%s is empty: name a file", flag))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return app.Usage(fmt.Errorf("%s %s is a folder: name a file", flag, path))
	}
	folder := filepath.Dir(path)
	if _, err := os.Stat(folder); err != nil {
		return app.Usage(fmt.Errorf("%s %s: the folder is not there: make it, or choose another (%w)", flag, path, err))
	}
	return checkFolder(flag, folder)
}

// checkInput says before any work whether a file can be read.
func checkInput(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return app.Usage(fmt.Errorf("%s is not there: name a file that is (%w)", path, err))
	}
	if err != nil {
		return app.Usage(err)
	}
	if info.IsDir() {
		return app.Usage(fmt.Errorf("%s is a folder: name the files in it", path))
	}
	if !info.Mode().IsRegular() {
		return app.Usage(fmt.Errorf("%s is no regular file: write it to one first", path))
	}
	f, err := os.Open(path)
	if err != nil {
		return app.Usage(err)
	}
	return f.Close()
}

// openInput opens a file that checkInput has nothing against.
func openInput(path string) (*os.File, fs.FileInfo, error) {
	if err := checkInput(path); err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, app.Usage(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// shown is a path as people read it best: from where they stand, when it lies below.
func shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// itself is the command by which the program can be called again.
func itself() string {
	if filepath.IsAbs(os.Args[0]) {
		return shown(os.Args[0])
	}
	return os.Args[0]
}
