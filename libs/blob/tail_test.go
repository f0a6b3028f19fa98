package blob_test

import (
	"bytes"
	"sync"
	"testing"
)

// Two columns of the end of a large object are read at the same time while it arrives.
func TestTailGrowsWhileItIsRead(t *testing.T) {
	const size = 12 << 20
	for range 5 {
		a, _, content := fetch(t, size)
		check := func(from, n int) {
			p := make([]byte, n)
			if _, err := a.ReadAt(p, int64(from)); err != nil {
				t.Error(err)
			} else if !bytes.Equal(p, content[from:from+n]) {
				t.Errorf("other bytes at %d", from)
			}
		}
		check(size-8, 8) // the footer
		var g sync.WaitGroup
		for i := range 16 {
			g.Go(func() { check(size-1000-i*200, 900) })
			g.Go(func() { check(size-(64<<10)-(i+1)*(200<<10), 100<<10) })
		}
		g.Wait()
		_ = a.Close()
		if t.Failed() {
			return
		}
	}
}
