package keys

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// PublicSuffix is what CreatePair adds to the private key's file name for the public key.
const PublicSuffix = ".pub"

// CreatePair makes a key pair: the private part, which private writes, in the new file path, mode 0600, and the public
// part, which public makes of that file, in path.pub. It replaces neither, and leaves nothing behind when it fails.
func CreatePair(path string, private func(io.Writer) error, public func(path string) ([]byte, error)) error {
	if err := Create(path, private); err != nil {
		return err
	}
	content, err := public(path)
	if err == nil {
		err = createPublic(path+PublicSuffix, content)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("public part: %w", err), os.Remove(path))
	}
	return nil
}

func createPublic(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists and is not replaced: choose another name or move it away", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
