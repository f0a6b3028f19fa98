package analytics

import "crypto/sha256"

// seen are the conversations that a job has delivered: its pages can overlap. It takes some 40 bytes for each, and does not
// outlive the process.
type seen map[[16]byte]uint64

type sighting uint8

const (
	first   sighting = iota
	again            // with the same content
	changed          // with other content
)

// add notes a conversation by the hash of its id.
func (s seen) add(id string, sum uint64) sighting {
	h := sha256.Sum256([]byte(id))
	key := [16]byte(h[:16])
	before, found := s[key]
	switch {
	case !found:
		s[key] = sum
		return first
	case before != sum:
		return changed
	}
	return again
}
