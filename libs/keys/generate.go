package keys

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// Generate writes a key file with one new random key of 32 bytes, epoch 1.
func Generate(w io.Writer) error {
	root := make([]byte, MinRoot)
	if _, err := io.ReadFull(rand.Reader, root); err != nil {
		return fmt.Errorf("generate key: %w", err)
	}
	_, err := fmt.Fprintf(w, "# root key: whoever has it can undo the masking; keep it out of the sandbox\n%s\n1:%s\n",
		header, base64.StdEncoding.EncodeToString(root))
	if err != nil {
		return fmt.Errorf("generate key: write: %w", err)
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
