package wholefile

import (
	"os"
	"syscall"
)

// startSync asks the system to write a part of the file to the disk, and does not wait for it.
func startSync(f *os.File, from, n int64) {
	const syncFileRangeWrite = 2 // SYNC_FILE_RANGE_WRITE, see sync_file_range(2)
	c, err := f.SyscallConn()
	if err != nil {
		return
	}
	// A disk that is full or broken says so to Sync.
	_ = c.Control(func(fd uintptr) { _ = syscall.SyncFileRange(int(fd), from, n, syncFileRangeWrite) })
}
