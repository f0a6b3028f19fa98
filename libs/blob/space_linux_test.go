package blob

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

// The device takes no byte, as a full disk.
func TestDownloadToFullDisk(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := &File{File: full, Object: Object{Bytes: 5}}
	t.Cleanup(func() { f.Close() })
	err = newArrival(f).copy(strings.NewReader("hello"), "/var/tmp")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("%v, want ENOSPC", err)
	}
	for _, want := range []string{"/var/tmp", "5 bytes", "MASKRAIL_TEMP_DIR"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}
