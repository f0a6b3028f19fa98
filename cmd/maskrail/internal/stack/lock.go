package stack

import (
	"errors"
	"os"
	"syscall"
)

// fileLock is a lock on a file that the system releases when the process dies.
type fileLock struct{ f *os.File }

// lockFile takes the lock, or fails with ErrInUse when another holder has it.
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, err
	}
	return &fileLock{f}, nil
}

// Close releases the lock. Closing the file alone would leave it to a child process that is just being forked.
func (l *fileLock) Close() error {
	return errors.Join(syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close())
}
