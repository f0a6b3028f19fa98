package stack

import (
	"fmt"
	"syscall"
)

// minSpace in bytes is what streams, keys and an empty sandbox take, with room to finish a write. A stack with less fails
// in odd places, so it does not start.
const minSpace = 8 << 20

// Space says which part of the folder is full, if one is.
func (d Dir) Space() error {
	for _, part := range []string{"", "s3", "nats", "tmp"} {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(d.path(part), &fs); err != nil {
			continue // not there yet, or no disk that tells
		}
		if free := int64(fs.Bavail) * int64(fs.Bsize); free < minSpace { //nolint:unconvert // the type differs by platform
			return fmt.Errorf("folder %s is full: %d KiB are free, and at least %d are needed: free some space or choose another folder with --dir",
				d.path(part), free>>10, minSpace>>10)
		}
	}
	return nil
}
