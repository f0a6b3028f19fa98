package attest

import (
	"fmt"

	"github.com/maskrail/maskrail/libs/keys"
)

// PublicSuffix is what CreateKeyPair adds to the private key's file name for the public key.
const PublicSuffix = keys.PublicSuffix

// CreateKeyPair makes a signing key: the private part in the new file path, mode 0600, the public part in path.pub. It
// replaces neither, and leaves nothing behind when it fails.
func CreateKeyPair(path string) error {
	err := keys.CreatePair(path, GenerateKey, func(path string) ([]byte, error) {
		s, err := LoadSigner(path)
		if err != nil {
			return nil, err
		}
		return s.PublicPEM(), nil
	})
	if err != nil {
		return fmt.Errorf("create signing key: %w", err)
	}
	return nil
}
