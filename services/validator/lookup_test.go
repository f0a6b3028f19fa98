package validator

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/maskrail/maskrail/libs/sketch"
)

// BenchmarkLookUp is what a candidate costs once it is in its canonical form: the hash, and the look whether the sketch has
// it. The digits are written anew for each, as those of a cell are. It reports nanoseconds of processor time.
func BenchmarkLookUp(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			key := sketch.Key{1}
			try := newCandidates(newWanted(setOf(b, key, n), key, "US"))
			kind, _ := sketch.Number(11)
			digits := []byte("14150000000")
			from := cpu(b)
			i := uint64(0)
			for b.Loop() {
				i++
				binary.LittleEndian.PutUint64(digits[3:], i) // digits or not, which is the same to the hash
				try.tryForm(kind, digits)
			}
			try.settle()
			b.ReportMetric(float64(cpu(b)-from)/float64(b.N), "ns/candidate")
			if try.err != nil || try.hits[kind] > 0 || try.tried[kind] != int64(b.N) {
				b.Errorf("%d candidates, %d of them found, error %v", try.tried[kind], try.hits[kind], try.err)
			}
		})
	}
}

// setOf is a sketch of n numbers that no candidate has.
func setOf(b *testing.B, key sketch.Key, n int) *sketch.Set {
	b.Helper()
	temp := func() (sketch.File, error) { return os.Create(filepath.Join(b.TempDir(), "sketch")) }
	c, hasher := sketch.NewCollector(temp), key.Hasher()
	kind, _ := sketch.Number(11)

	var some []sketch.Hash
	for i := range n {
		if some = append(some, kind.Of(hasher.Sum(fmt.Appendf(nil, "raw%08d", i)))); len(some) == 1024 || i == n-1 {
			if err := c.Add(some); err != nil {
				b.Fatal(err)
			}
			some = some[:0]
		}
	}
	var out bytes.Buffer
	if err := errors.Join(c.Encode(&out, nil), c.Close()); err != nil {
		b.Fatal(err)
	}
	s, err := sketch.Read(io.Reader(&out), int64(out.Len()), temp)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// cpu are the nanoseconds of processor time that this process has had.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
