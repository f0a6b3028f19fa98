package keys

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
)

// Generate writes a key file with one new random key of 32 bytes, epoch 1.
func Generate(w io.Writer) error { return Write(w, NewEntry(1)) }

// NewEntry makes a plain random root of 32 bytes.
func NewEntry(epoch int) Entry {
	root := make([]byte, MinRoot)
	_, _ = rand.Read(root) // never fails: it ends the program first
	return Entry{Epoch: epoch, Root: NewSecret(root)}
}

// Write writes a key file with these entries, whose epochs must ascend.
func Write(w io.Writer, entries ...Entry) error {
	// No comma: in MASKRAIL_KEY it ends the line.
	text := "# wrapped root key: only who may decrypt with its key in AWS KMS can use it\n"
	for _, e := range entries {
		if e.Scheme == "" {
			text = "# root key: whoever has it can undo the masking; keep it out of the sandbox\n"
		}
	}
	text += header + "\n"
	for _, e := range entries {
		text += e.line()
	}
	if _, err := parse([]byte(text)); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return nil
}

// Create makes the file path, mode 0600, with what write puts into it. It refuses to replace a file: a key that is lost
// cannot be made again.
func Create(path string, write func(io.Writer) error) error {
	f, err := createPrivate(path)
	if err != nil {
		return fmt.Errorf("create key file: %w", err)
	}
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("create key file %s: %w", path, err), removePartial(path))
	}
	return nil
}
