package wholefile

import "os"

// earlyBytes are written to the disk at a time, while the next ones are made: little is left to wait for at the end.
const earlyBytes = 8 << 20

// early is a file whose bytes begin to go to the disk as they are written. It promises nothing: that is what Sync is for.
type early struct {
	file    *os.File
	at      int64 // written
	started int64 // on their way to the disk
}

func (e *early) Write(p []byte) (int, error) {
	n, err := e.file.Write(p)
	e.at += int64(n)
	if end := e.at - e.at%earlyBytes; end > e.started { // not the page that is being filled
		startSync(e.file, e.started, end-e.started)
		e.started = end
	}
	return n, err
}
