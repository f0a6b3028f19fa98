package keys

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
)

// Rotate appends to a key file the entry that next makes for an epoch, one after the last. What stands in the file
// stays as it is, and so do its owner and mode. When anything fails the file is as it was.
func Rotate(path string, next func(epoch int, last Entry) (Entry, error)) error {
	before, err := ReadPrivate(path)
	if err != nil {
		return fmt.Errorf("rotate key: %w", err)
	}
	if err := rotate(path, before, next); err != nil {
		return fmt.Errorf("rotate key: file %s: %w", path, err)
	}
	return nil
}

func rotate(path string, before []byte, next func(epoch int, last Entry) (Entry, error)) error {
	entries, err := parse(before)
	if err != nil {
		return err
	}
	last := entries[len(entries)-1]
	if last.Epoch == math.MaxInt32 {
		return fmt.Errorf("epoch %d is the last that there is: begin a new file", last.Epoch)
	}
	added, err := next(last.Epoch+1, last)
	if err != nil {
		return err
	}
	line := added.line()
	if before[len(before)-1] != '\n' {
		line = "\n" + line
	}
	// What would not load is not written. The limit on the size is that of reading.
	after := append(bytes.Clone(before), line...)
	if len(after) > maxFile {
		return fmt.Errorf("it would have %d bytes, a key file has at most %d: remove the lines of epochs that are out of use", len(after), maxFile)
	}
	if _, err := parse(after); err != nil {
		return err
	}
	// next may have taken a while.
	if now, err := ReadPrivate(path); err != nil || !bytes.Equal(now, before) {
		return errors.Join(errors.New("it was changed meanwhile, and nothing was added: look at it and try again"), err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line)
	if err = errors.Join(err, f.Sync()); err != nil {
		err = errors.Join(err, f.Truncate(int64(len(before))))
	}
	return errors.Join(err, f.Close())
}
