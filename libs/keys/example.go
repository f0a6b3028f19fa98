package keys

import "crypto/sha256"

// Example is a ring that everybody knows: what examples in policies and documents are masked with, so that their results
// can be written down. It protects nothing and no command takes it for data.
func Example() *Ring {
	root := sha256.Sum256([]byte("maskrail: the key of examples, known to everybody"))
	return &Ring{roots: map[int]Secret{1: NewSecret(root[:])}, active: 1}
}
