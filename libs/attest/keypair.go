package attest

import (
	"errors"
	"fmt"
	"os"

	"github.com/maskrail/maskrail/libs/keys"
)

// PublicSuffix is what CreateKeyPair adds to the private key's file name for the public key.
const PublicSuffix = ".pub"

// CreateKeyPair makes a signing key: the private part in the new file path, mode 0600, the public part in path.pub. It
// replaces neither, and leaves nothing behind when it fails.
func CreateKeyPair(path string) error {
	if err := keys.Create(path, GenerateKey); err != nil {
		return fmt.Errorf("create signing key: %w", err)
	}
	if err := writePublic(path); err != nil {
		return errors.Join(fmt.Errorf("create signing key: public part: %w", err), os.Remove(path))
	}
	return nil
}

func writePublic(path string) error {
	s, err := LoadSigner(path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path+PublicSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s%s exists and is not replaced: choose another name or move it away", path, PublicSuffix)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(s.PublicPEM())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+PublicSuffix))
	}
	return nil
}
